import Bytes
import LogStore

/// A place in the order of a stream's records: a commit, and a record's number in it.
struct StreamPosition: Hashable, Comparable, Sendable {
    var sequence: UInt64
    var ordinal: UInt32

    static let zero = StreamPosition(sequence: 0, ordinal: 0)

    init(sequence: UInt64, ordinal: UInt32) {
        self.sequence = sequence
        self.ordinal = ordinal
    }

    /// Before the first record of a commit.
    init(_ commit: SequenceNumber) { self.init(sequence: commit.rawValue, ordinal: 0) }

    /// Behind everything that a state shows, before everything else.
    static func behind(_ commit: SequenceNumber) -> StreamPosition {
        StreamPosition(sequence: commit.rawValue + 1, ordinal: 0)
    }

    static func < (a: Self, b: Self) -> Bool { (a.sequence, a.ordinal) < (b.sequence, b.ordinal) }

    /// Behind the record of this position.
    var next: StreamPosition { StreamPosition(sequence: sequence, ordinal: ordinal + 1) }

    // MARK: Bytes

    static let byteCount = 12

    /// As keys have it.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(sequence)
        bytes.appendBigEndian(ordinal)
        return bytes
    }

    /// Nil for a wrong count of bytes.
    init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        sequence = UInt64(bigEndianBytes: bytes)
        ordinal = bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt32($1) }
    }

    // MARK: Sequence numbers

    /// The sequence number that clients see: 27 digits without a leading zero, so that texts sort as numbers do.
    var text: String { "1" + Self.padded(String(sequence), Self.sequenceDigits) + ordinalText }

    private var ordinalText: String { Self.padded(String(ordinal), Self.ordinalDigits) }

    /// Nil for what is no sequence number of this service.
    init?(text: String) {
        let digits = text.utf8
        guard digits.count == 1 + Self.sequenceDigits + Self.ordinalDigits, digits.first == UInt8(ascii: "1"),
            digits.allSatisfy(ASCII.isDigit), let sequence = UInt64(text.dropFirst().prefix(Self.sequenceDigits)),
            let ordinal = UInt32(text.suffix(Self.ordinalDigits))
        else { return nil }
        self.init(sequence: sequence, ordinal: ordinal)
    }

    private static let sequenceDigits = 20
    /// A commit changes far fewer items than these can count.
    private static let ordinalDigits = 6

    private static func padded(_ digits: String, _ count: Int) -> String {
        String(repeating: "0", count: max(0, count - digits.count)) + digits
    }
}
