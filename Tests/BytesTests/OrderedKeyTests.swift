import Bytes
import Testing

private struct Tuple: Comparable {
    var text: [UInt8]
    var number: UInt64

    var key: [UInt8] {
        var key: [UInt8] = []
        OrderedKey.appendSegment(text, to: &key)
        OrderedKey.append(number, to: &key)
        return key
    }

    static func < (a: Tuple, b: Tuple) -> Bool {
        a.text == b.text ? a.number < b.number : a.text.lexicographicallyPrecedes(b.text)
    }
}

@Test func keysSortAsTheTuplesTheyCameFrom() {
    var random = SeededRandom(seed: 4)
    // Few distinct bytes, so that prefixes, zeros and equal texts come up often.
    let alphabet: [UInt8] = [0x00, 0x01, 0x02, 0x61, 0xFE, 0xFF]
    let tuples = (0..<400).map { _ in
        Tuple(
            text: (0..<Int.random(in: 0..<5, using: &random)).map { _ in alphabet.randomElement(using: &random)! },
            number: .random(in: 0..<3, using: &random))
    }
    for a in tuples {
        for b in tuples where (a < b) != a.key.lexicographicallyPrecedes(b.key) {
            Issue.record("\(a) and \(b) sort differently from their keys")
        }
    }
}

@Test func segmentsComeBack() throws {
    let texts: [[UInt8]] = [[], [0], [0, 0], [0, 1], [0, 0xFF], [0xFF], Array("a/b".utf8), [UInt8](0...255)]
    var key: [UInt8] = []
    for text in texts { OrderedKey.appendSegment(text, to: &key) }
    OrderedKey.appendDescending(17, to: &key)
    try key.withUnsafeBytes { (bytes) throws in
        var reader = ByteReader(bytes)
        for text in texts { #expect(try OrderedKey.readSegment(from: &reader) == text) }
        #expect(try OrderedKey.readDescending(from: &reader) == 17)
        #expect(reader.isAtEnd)
    }
}

@Test func descendingNumbersSortTheOtherWay() {
    let numbers: [UInt64] = [0, 1, 255, 256, .max - 1, .max]
    let keys = numbers.map { number in
        var key: [UInt8] = []
        OrderedKey.appendDescending(number, to: &key)
        return key
    }
    for index in keys.indices.dropFirst() {
        #expect(keys[index].lexicographicallyPrecedes(keys[index - 1]))
    }
}

@Test(
    arguments: [([0x61], .truncated), ([0x00], .truncated), ([0x00, 0x02], .malformed)] as [([UInt8], ByteReaderError)])
func brokenSegmentsAreRefused(bytes: [UInt8], expected: ByteReaderError) {
    #expect(throws: expected) {
        try bytes.withUnsafeBytes { (bytes) throws in
            var reader = ByteReader(bytes)
            _ = try OrderedKey.readSegment(from: &reader)
        }
    }
}

@Test func theEndOfAPrefixIsTheFirstKeyAfterIt() {
    #expect(OrderedKey.end(ofPrefix: [1, 2]) == [1, 3])
    #expect(OrderedKey.end(ofPrefix: [1, 0xFF, 0xFF]) == [2])
    #expect(OrderedKey.end(ofPrefix: [0xFF]) == nil)
    #expect(OrderedKey.end(ofPrefix: []) == nil)
}
