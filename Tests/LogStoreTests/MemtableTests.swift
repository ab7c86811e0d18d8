import Bytes
import Testing

@testable import LogStore

@Suite struct MemtableTests {
    private func keys(_ memtable: Memtable, from start: [UInt8]) -> [[UInt8]] {
        var found: [[UInt8]] = []
        var entry = start.withUnsafeBytes { memtable.firstEntry(from: MemtablePosition(key: $0, sequence: .max >> 8)) }
        while let current = entry {
            found.append([UInt8](current.key))
            entry = memtable.firstEntry(from: MemtablePosition(key: current.key, sequence: 0))
        }
        return found
    }

    @Test(arguments: [1, 14, 15, 16, 200, 5_000])
    func itHoldsEveryKeyInOrder(count: Int) {
        for pattern in 0..<3 {
            let memtable = Memtable()
            var random = SeededRandom(seed: UInt64(count + pattern))
            var names: Set<[UInt8]> = []
            for index in 0..<count {
                let name: [UInt8] =
                    switch pattern {
                    case 0: key("prefix-shared-by-all/\(1_000_000 + index)")
                    case 1:
                        (0..<Int.random(in: 0...20, using: &random)).map { _ in UInt8.random(in: 0...3, using: &random)
                        }
                    default: key("\(UInt64.random(in: 0...UInt64.max, using: &random))")
                    }
                names.insert(name)
                name.withUnsafeBytes {
                    memtable.insert(
                        sequence: UInt64(index + 1), kind: .put, key: $0,
                        value: UnsafeRawBufferPointer(start: nil, count: 0))
                }
            }
            let sorted = names.sorted { precedes($0, $1) }
            #expect(keys(memtable, from: []) == sorted)
            for (index, name) in sorted.enumerated() where index % 7 == 0 {
                #expect(name.withUnsafeBytes { memtable.newestEntry(of: $0, upTo: .max >> 8) } != nil)
                #expect(keys(memtable, from: name + [0]).count == sorted.count - index - 1 || count > 500)
            }
        }
    }

    @Test func manyVersionsOfOneKeyAreFoundBySequence() {
        let memtable = Memtable()
        let name = key("hot")
        name.withUnsafeBytes { name in
            for sequence in 1...1_000 as ClosedRange<UInt64> {
                withUnsafeBytes(of: sequence) { memtable.insert(sequence: sequence, kind: .put, key: name, value: $0) }
            }
            for sequence in 1...1_000 as ClosedRange<UInt64> {
                #expect(memtable.newestEntry(of: name, upTo: sequence)?.sequence == sequence)
            }
            #expect(memtable.newestEntry(of: name, upTo: 0) == nil)
        }
    }
}
