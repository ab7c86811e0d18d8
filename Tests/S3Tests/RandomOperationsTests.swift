import Bytes
import LogStore
import Testing

@testable import S3

/// Random operations against the service and against a dictionary give the same answers, across reopens.
struct RandomOperationsTests {
    @Test(arguments: [UInt64(1), 2, 3, 4]) func theServiceBehavesAsADictionary(seed: UInt64) async throws {
        let fixture = try await S3Fixture(seed: seed)
        var workload = Workload(seed: seed)
        for step in 0..<250 {
            let operation = workload.next()
            try await workload.run(operation, on: fixture)
            workload.apply(operation)
            if step % 60 == 59 {
                try fixture.reopen()
                try await workload.check(fixture)
            }
        }
        try await workload.check(fixture)
        for key in workload.model.keys.sorted() { try await fixture.delete(key) }
        #expect(try await fixture.count(.objects) == 0)
        #expect(try await fixture.count(.references) == 0)
        #expect(try await fixture.count(.bodies) == 0)
    }
}

/// A seeded sequence of S3 operations, and what a dictionary says of their effect.
struct Workload {
    enum Operation: Equatable {
        case put(String, size: Int, seed: UInt64)
        case multipart(String, sizes: [Int], seed: UInt64)
        case copy(String, to: String)
        case delete(String)
        /// Rewrites the record and leaves the content where it is.
        case tag(String, value: String)

        /// The key that changes.
        var key: String {
            switch self {
            case .put(let key, _, _), .multipart(let key, _, _), .delete(let key), .tag(let key, _): key
            case .copy(_, let key): key
            }
        }
    }

    private(set) var model: [String: [UInt8]] = [:]
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    private mutating func key() -> String { "k\(Int.random(in: 0..<12, using: &random))" }

    mutating func next() -> Operation {
        let seed = UInt64.random(in: 1...1_000_000, using: &random)
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<4: return .put(key(), size: Int.random(in: 0..<5000, using: &random), seed: seed)
        case 4..<7: return .put(key(), size: Int.random(in: 5000..<65_537, using: &random), seed: seed)
        case 7..<11: return .put(key(), size: Int.random(in: 65_000..<300_000, using: &random), seed: seed)
        case 11..<12:
            return .multipart(key(), sizes: [5 * mebibyte, Int.random(in: 0..<200_000, using: &random)], seed: seed)
        case 12..<13: return .multipart(key(), sizes: [Int.random(in: 1..<200_000, using: &random)], seed: seed)
        case 13..<17:
            let source = model.keys.sorted().randomElement(using: &random)
            let target = key()
            guard let source, source != target else { return .delete(target) }
            return .copy(source, to: target)
        case 17:
            guard let target = model.keys.sorted().randomElement(using: &random) else { return .delete(key()) }
            return .tag(target, value: "\(seed)")
        default: return .delete(key())
        }
    }

    /// What an operation makes of its key's value; nil for none.
    func outcome(_ operation: Operation) -> [UInt8]? {
        switch operation {
        case .put(_, let size, let seed): noise(size, seed: seed)
        case .multipart(_, let sizes, let seed):
            sizes.enumerated().flatMap { noise($0.element, seed: seed + UInt64($0.offset)) }
        case .copy(let source, _): model[source]
        case .tag(let key, _): model[key]
        case .delete: nil
        }
    }

    mutating func apply(_ operation: Operation) { model[operation.key] = outcome(operation) }

    func run(_ operation: Operation, on fixture: S3Fixture) async throws {
        switch operation {
        case .put(let key, let size, let seed): try await fixture.put(key, noise(size, seed: seed))
        case .multipart(let key, let sizes, let seed):
            let id = try await fixture.startUpload(key)
            var parts: [CompleteMultipartUploadInput.Part] = []
            for (index, size) in sizes.enumerated() {
                parts.append(try await fixture.part(key, id, index + 1, noise(size, seed: seed + UInt64(index))))
            }
            try await fixture.complete(key, id, parts)
        case .copy(let source, let key): try await fixture.copy(source, to: key)
        case .tag(let key, let value):
            try await fixture.service.putObjectTagging(
                bucket: S3Fixture.bucket, key: try ObjectKey(key), versionID: nil,
                tags: [S3.Tag(key: "t", value: value)], fixture.me)
        case .delete(let key): try await fixture.delete(key)
        }
    }

    /// Whether the service holds exactly the model.
    func check(_ fixture: S3Fixture) async throws {
        #expect(try await fixture.keys() == model.keys.sorted())
        for key in model.keys.sorted() {
            #expect(try await fixture.bytes(key) == model[key], "\(key)")
        }
    }
}
