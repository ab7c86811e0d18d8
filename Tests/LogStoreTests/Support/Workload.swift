import Bytes
import Disk

@testable import LogStore

/// What a workload expects of a key.
enum Expected: Equatable {
    case value(head: [UInt8], content: [UInt8])
    case counter(Int64)
}

/// A place in the store.
struct Place: Hashable, Comparable {
    var keyspace: Keyspace
    var key: [UInt8]

    static func < (a: Place, b: Place) -> Bool {
        a.keyspace == b.keyspace ? precedes(a.key, b.key) : a.keyspace.rawValue < b.keyspace.rawValue
    }
}

extension Place {
    /// Whether it lies between two keys of one keyspace, the upper one excluded.
    func isIn(_ lower: Place, upTo upper: [UInt8]) -> Bool {
        keyspace == lower.keyspace && !precedes(key, lower.key) && precedes(key, upper)
    }
}

/// The whole content of a store, as a plain dictionary.
typealias Model = [Place: Expected]

/// One commit as a workload thinks of it: content apart, so that it can be written again for another try.
struct PlannedCommit {
    enum Change {
        case put(head: [UInt8], content: [UInt8], throughWriter: Bool)
        case delete
        case add(Int64)
        /// From the place's key up to and without this one.
        case deleteRange(upper: [UInt8])
    }

    var changes: [(place: Place, change: Change)] = []

    func apply(to model: inout Model) {
        for (place, change) in changes {
            switch change {
            case .put(let head, let content, _): model[place] = .value(head: head, content: content)
            case .delete: model[place] = nil
            case .deleteRange(let upper):
                for other in model.keys where other.isIn(place, upTo: upper) { model[other] = nil }
            case .add(let delta):
                if case .counter(let value) = model[place] {
                    model[place] = .counter(value &+ delta)
                } else {
                    model[place] = .counter(delta)
                }
            }
        }
    }

    func commit(to store: LogStore) async throws {
        let (batch, reserved) = try await prepare(on: store)
        try await store.commit(batch)
        withExtendedLifetime(reserved) {}
    }

    /// Writes large content, and returns the batch with what must be held until it is sequenced.
    func prepare(on store: LogStore) async throws -> (WriteBatch, [ReservedContent]) {
        var batch = WriteBatch()
        var reserved: [ReservedContent] = []
        for (place, change) in changes {
            switch change {
            case .delete: batch.delete(place.keyspace, place.key)
            case .deleteRange(let upper): batch.deleteRange(place.keyspace, from: place.key, to: upper)
            case .add(let delta): batch.add(place.keyspace, place.key, delta)
            case .put(let head, let content, let throughWriter):
                var stored = StoredValue(head: head, content: content.isEmpty ? .none : .inline(content))
                if throughWriter {
                    let writer = store.contentWriter()
                    try content.withUnsafeBytes { try writer.append($0) }
                    let finished = try await writer.finish()
                    reserved.append(finished)
                    stored.content = finished.content
                }
                batch.put(place.keyspace, place.key, stored)
            }
        }
        return (batch, reserved)
    }
}

/// Draws commits over a small set of keys, so that they meet each other often.
struct Workload {
    var random: SeededRandom
    /// Longest content that travels in the log.
    var inlineBytesMax = 12_000
    var writerBytesMax = 90_000
    var keyCount = 40
    /// Whether there are range deletes among the changes. (The stored fixture was drawn without.)
    var drawsRangeDeletes = false
    /// One in so many changes is one.
    var changesPerRangeDelete: UInt64 = 24

    private static let valueSpaces: [Keyspace] = [.catalog, .objects, .bodies]
    private static let counterSpace = Keyspace.items

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func nextCommit() -> PlannedCommit {
        var commit = PlannedCommit()
        let count = random.oneIn(3) ? Int.random(in: 2...6, using: &random) : 1
        for _ in 0..<count { commit.changes.append(nextChange()) }
        return commit
    }

    mutating func nextPlace() -> Place {
        let number = Int.random(in: 0..<keyCount, using: &random)
        let space = Self.valueSpaces[Int.random(in: 0..<Self.valueSpaces.count, using: &random)]
        return Place(keyspace: space, key: Self.key(number))
    }

    /// Keys of different lengths, some with a long prefix in common.
    static func key(_ number: Int) -> [UInt8] {
        number % 3 == 0 ? [UInt8]("k\(number)".utf8) : [UInt8]("a-long-prefix-that-many-share/\(number)".utf8)
    }

    private mutating func nextChange() -> (Place, PlannedCommit.Change) {
        if drawsRangeDeletes, random.oneIn(changesPerRangeDelete) { return nextRangeDelete() }
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<4:
            let place = Place(keyspace: Self.counterSpace, key: Self.key(Int.random(in: 0..<6, using: &random)))
            return (place, random.oneIn(12) ? .delete : .add(Int64.random(in: -9...9, using: &random)))
        case 4..<8: return (nextPlace(), .delete)
        case 8..<12: return (nextPlace(), put(length: 0, throughWriter: false))
        case 12..<18:
            let length = Int.random(in: 1...inlineBytesMax, using: &random)
            return (nextPlace(), put(length: length, throughWriter: false))
        default:
            let length = Int.random(in: 1...writerBytesMax, using: &random)
            return (nextPlace(), put(length: length, throughWriter: true))
        }
    }

    /// Of a few keys, or of half of a keyspace.
    mutating func nextRangeDelete() -> (Place, PlannedCommit.Change) {
        var place = nextPlace()
        if random.oneIn(6) { place.keyspace = Self.counterSpace }
        var upper = random.oneIn(2) ? nextPlace().key : place.key + [UInt8(ascii: "9")]
        if precedes(upper, place.key) { swap(&upper, &place.key) }
        return (place, .deleteRange(upper: upper))
    }

    private mutating func put(length: Int, throughWriter: Bool) -> PlannedCommit.Change {
        let head = bytes(Int.random(in: 0...40, using: &random), compressible: false)
        return .put(
            head: head, content: bytes(length, compressible: random.oneIn(2)), throughWriter: throughWriter)
    }

    /// Unlike any other bytes of the run, so that a wrong answer shows.
    private mutating func bytes(_ count: Int, compressible: Bool) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let period = compressible ? 32 : max(count, 1)
            var word: UInt64 = 0
            for index in 0..<count {
                if index >= period {
                    buffer[index] = buffer[index - period]
                    continue
                }
                if index % 8 == 0 { word = random.next() }
                buffer[index] = UInt8(truncatingIfNeeded: word >> UInt64(8 * (index % 8)))
            }
            filled = count
        }
    }
}

/// Everything that a store holds, read through cursors, content included.
func readAll(_ store: LogStore, at snapshot: Snapshot? = nil) async throws -> Model {
    var model: Model = [:]
    for keyspace in Keyspace.allCases {
        let cursor = store.cursor(keyspace, at: snapshot)
        while let (key, value) = try await cursor.next() {
            let place = Place(keyspace: keyspace, key: key)
            if keyspace == .items {
                model[place] = .counter(value.head.withUnsafeBytes { $0.counterDelta })
            } else {
                model[place] = .value(head: value.head, content: try store.bytes(value.content))
            }
        }
    }
    return model
}
