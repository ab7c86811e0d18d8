import Testing

@testable import LogStore

/// Held keys: where outputs and range deletes are cut.
@Suite struct KeyRangesTests {
    private func shape(_ smallest: String, _ largest: String) -> TableShape {
        TableShape(
            file: 1, bytes: 1, entries: 1, deletes: 0, smallestKey: key(smallest), largestKey: key(largest))
    }

    @Test func aSectionIsHeldAsAWholeOrNotAtAll() {
        let ranges = KeyRanges([shape("t", "v"), shape("c", "g"), shape("f", "h"), shape("c", "d")])
        #expect(ranges.boundaries == [key("c"), key("f"), key("h") + [0], key("t"), key("v") + [0]])
        for text in ["", "a", "c", "d", "e", "f", "h", "ha", "s", "t", "u", "v", "w"] {
            let section = ranges.section(of: key(text))
            #expect(ranges.isHeld(section: section) == ranges.contains(key(text)), "\(text)")
        }
        #expect(KeyRanges().section(of: key("a")) == 0)
        #expect(!KeyRanges().isHeld(section: 0))
    }

    /// The parts hide the same keys, and none ends where another table begins.
    @Test func rangeDeletesAreDividedAtTheBoundaries() {
        let ranges = KeyRanges([shape("c", "f"), shape("t", "v")])
        func delete(_ lower: String, _ upper: String) -> RangeDelete {
            RangeDelete(lower: key(lower), upper: key(upper), sequence: 7)
        }
        let deletes = [delete("a", "c"), delete("d", "e"), delete("f", "u"), delete("x", "y")]
        let parts = ranges.divide(deletes)
        #expect(parts.map(\.lower) == ["a", "d", "f", "f\0", "t", "x"].map { key($0) })
        #expect(parts[0].largestKey == key("c").keyBefore)
        #expect(parts[2].largestKey == key("f"))
        #expect(parts[3].largestKey == key("t").keyBefore)
        #expect(parts[4].upper == key("u"))
        #expect(KeyRanges().divide(deletes) == deletes)
        for (one, next) in zip(parts, parts.dropFirst()) { #expect(precedes(one.largestKey, next.lower)) }
        for part in parts {
            let section = ranges.section(of: part.lower)
            #expect(ranges.section(of: part.largestKey) == section)
        }
    }

    @Test func theKeyBeforeAnotherIsTheNearest() {
        #expect([1, 0].keyBefore == [1])
        #expect([0].keyBefore == [])
        let before: [UInt8] = [5, 8].keyBefore
        #expect(before.prefix(3) == [5, 7, 0xFF])
        #expect(before.count == EngineLimits.keyBytesMax)
        #expect(before.allSatisfy { $0 == 5 || $0 == 7 || $0 == 0xFF })
        let long = [UInt8](repeating: 1, count: EngineLimits.keyBytesMax)
        #expect(long.keyBefore == long.dropLast() + [0])
    }
}
