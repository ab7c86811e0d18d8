import Bytes
import NIOHTTP1

/// A request's headers in the form in which signatures see them: names in lower case, values without blanks at the
/// ends, all in one block of bytes, so that looking them up by name builds no strings.
///
/// Values are kept as they came, and lose their blanks when they are asked for: the longest are never signed.
struct HeaderTable {
    struct Entry {
        var nameStart: Int
        var nameEnd: Int
        var valueEnd: Int
        /// Set once a list of signed headers has named it.
        var isSigned = false
    }

    private(set) var entries: [Entry] = []
    private var bytes: [UInt8] = []
    private let collapsingBlanks: Bool

    /// - Parameter collapsingBlanks: whether a run of blanks inside a value counts as one space, as in version 4.
    init(_ headers: HTTPHeaders, collapsingBlanks: Bool) {
        self.collapsingBlanks = collapsingBlanks
        entries.reserveCapacity(headers.count)
        bytes.reserveCapacity(Self.usualBytes)
        for (name, value) in headers {
            let nameStart = bytes.count
            Self.append(name, to: &bytes)
            let nameEnd = bytes.count
            bytes.withUnsafeMutableBufferPointer { bytes in
                for index in nameStart..<nameEnd { bytes[index] = ASCII.lowercase(bytes[index]) }
            }
            Self.append(value, to: &bytes)
            entries.append(Entry(nameStart: nameStart, nameEnd: nameEnd, valueEnd: bytes.count))
        }
    }

    /// Names and values of a request signed in its headers.
    private static let usualBytes = 1024

    /// In one piece, where the characters' view would be walked.
    private static func append(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    /// Whether a value, as it came, holds blanks that do not count: hardly ever.
    private func hasExtraBlanks(_ value: Range<Int>) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            guard let first = value.first else { return false }
            if ASCII.isBlank(bytes[first]) || ASCII.isBlank(bytes[value.upperBound - 1]) { return true }
            guard collapsingBlanks else { return false }
            var isBehindBlank = false
            for index in value {
                let isBlank = ASCII.isBlank(bytes[index])
                if isBlank, isBehindBlank || bytes[index] == ASCII.tab { return true }
                isBehindBlank = isBlank
            }
            return false
        }
    }

    private func withoutExtraBlanks(_ value: Range<Int>) -> ArraySlice<UInt8> {
        let trimmed = ASCII.trimmed(bytes[value])
        guard collapsingBlanks else { return trimmed }
        return ArraySlice(trimmed.split(whereSeparator: ASCII.isBlank).joined(separator: [ASCII.space]))
    }

    func name(of entry: Entry) -> ArraySlice<UInt8> { bytes[entry.nameStart..<entry.nameEnd] }

    func value(of entry: Entry) -> ArraySlice<UInt8> {
        let value = entry.nameEnd..<entry.valueEnd
        return hasExtraBlanks(value) ? withoutExtraBlanks(value) : bytes[value]
    }

    /// The first value of a header named in lower case.
    func first(_ name: StaticString) -> ArraySlice<UInt8>? {
        name.withUTF8Buffer { wanted in
            for entry in entries where isNamed(entry, wanted) { return value(of: entry) }
            return nil
        }
    }

    /// The first value as text.
    func text(_ name: StaticString) -> String? {
        first(name).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Appends `name:value,value\n` for the header that `name` names (a signed header that did not come has no value),
    /// and marks it.
    mutating func appendSigned(_ name: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        output.append(contentsOf: name)
        output.append(UInt8(ascii: ":"))
        var isFirst = true
        for index in entries.indices where isNamed(entries[index], name) {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            output.append(contentsOf: value(of: entries[index]))
            entries[index].isSigned = true
            isFirst = false
        }
        output.append(ASCII.lineFeed)
    }

    /// The same headers with the port taken off the host; nil when there is none.
    func withHostOnly() -> HeaderTable? {
        guard let index = entries.firstIndex(where: { name(of: $0).elementsEqual("host".utf8) }) else { return nil }
        let value = entries[index].nameEnd..<entries[index].valueEnd
        guard let colon = bytes[value].lastIndex(of: UInt8(ascii: ":")), colon + 1 < value.upperBound,
            bytes[colon + 1..<value.upperBound].allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
        else { return nil }
        var table = self
        table.entries[index].valueEnd = colon
        return table
    }

    /// The names that the list of signed headers should have held: `host`, and all `x-amz-…` but the payload's digest
    /// when `exemptsContentSHA256` (its value is in the canonical request anyway).
    func unsignedNames(exemptingContentSHA256: Bool) -> [String] {
        var names: [String] = []
        for entry in entries where !entry.isSigned {
            let name = bytes[entry.nameStart..<entry.nameEnd]
            guard ASCII.hasPrefix(name, "x-amz-") || ASCII.isEqual(name, "host") else { continue }
            if exemptingContentSHA256, ASCII.isEqual(name, "x-amz-content-sha256") { continue }
            names.append(String(decoding: name, as: UTF8.self))
        }
        return names
    }

    @inline(__always)
    private func isNamed(_ entry: Entry, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard entry.nameEnd - entry.nameStart == name.count else { return false }
        return bytes.withUnsafeBufferPointer { bytes in
            for offset in 0..<name.count where bytes[entry.nameStart + offset] != name[offset] { return false }
            return true
        }
    }
}
