import Bytes
import Testing

@testable import DynamoDB

@Suite struct RequestFuzzTests {
    private func run(_ text: [UInt8]) async -> Int {
        // The bytes stay where they are while they are read: a copy of our own.
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: text.count, alignment: 1)
        defer { copy.deallocate() }
        copy.copyBytes(from: text)
        return await RequestFuzz.run(UnsafeRawBufferPointer(copy))
    }

    @Test func seedsNameEveryOperationAndAreTaken() async {
        var names: Set<String> = []
        for text in RequestFuzz.seeds {
            let lines = text.split(separator: "\n")
            names.formUnion(lines.map { String($0.prefix { $0 != " " }) })
            #expect(await run(Array(text.utf8)) > 0, "\(text)")
        }
        let implemented = DynamoDBOperation.allCases.filter { $0.support == .implemented }.map(\.rawValue)
        #expect(Set(implemented) == names)
    }

    @Test func aRequestOfEachOperationIsRead() {
        for text in ShapeFuzz.seeds where !text.hasPrefix("DescribeEndpoints") {
            let isRead = Array(text.utf8).withUnsafeBytes { ShapeFuzz.read($0) }
            #expect(isRead, "\(text)")
        }
    }

    @Test func requestsWithChangedBytesAreTakenOrRefused() async {
        var random = SeededRandom(seed: 5)
        func below(_ bound: Int) -> Int { Int(random.next(upperBound: UInt64(bound))) }
        let seeds = RequestFuzz.seeds.map { Array($0.utf8) }
        for _ in 0..<50 {
            var text = seeds[below(seeds.count)]
            for _ in 0...below(6) {
                let place = below(text.count)
                let count = min(text.count - place, below(12))
                switch below(4) {
                case 0: text[place] = UInt8(below(256))
                case 1: text.removeSubrange(place..<(place + count))
                case 2: text.insert(contentsOf: Array(text[place..<(place + count)]), at: place)
                default: text[place] = text[below(text.count)]
                }
            }
            _ = await run(text)
        }
    }
}
