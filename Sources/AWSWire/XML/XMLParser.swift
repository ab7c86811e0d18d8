import Bytes

/// The parser behind `XMLDocument`: one pass over the bytes, a stack of open elements, no recursion.
struct XMLParser {
    private(set) var nodes: [XMLDocument.Node] = []
    /// Texts that are not one plain piece of the source.
    private(set) var decoded: [UInt8] = []

    private struct Open {
        var node: Int
        var lastChild = -1
        /// The qualified name, which the end tag must repeat.
        var qualifiedName: Range<Int>
        /// Whether anything but white space was seen in the text.
        var hasText = false
        var textPieces = 0
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private let depthMax: Int
    private var position = 0
    private var open: [Open] = []

    init(_ bytes: UnsafeBufferPointer<UInt8>, depthMax: Int) {
        self.bytes = bytes
        self.depthMax = depthMax
        nodes.reserveCapacity(bytes.count / 24)
    }

    mutating func parse() throws(XMLError) {
        if matches([0xef, 0xbb, 0xbf]) { position = 3 }
        while position < bytes.count {
            if bytes[position] != UInt8(ascii: "<") {
                try takeText()
            } else if matches("</".utf8) {
                try takeEndTag()
            } else if matches("<!--".utf8) {
                try skip(past: "-->", from: position + 4)
            } else if matches("<![CDATA[".utf8) {
                try takeCharacterData()
            } else if matches("<?".utf8) {
                try skip(past: "?>", from: position + 2)
            } else if matches("<!".utf8) {
                throw .forbidden(offset: position)
            } else {
                try takeStartTag()
            }
        }
        guard open.isEmpty, !nodes.isEmpty else { throw malformed }
    }

    // MARK: Tags

    private mutating func takeStartTag() throws(XMLError) {
        // One root, and nothing but it.
        guard !open.isEmpty || nodes.isEmpty else { throw malformed }
        guard open.count < depthMax else { throw .tooDeep }
        position += 1
        let qualifiedName = try takeName()
        let attributes = try takeAttributes()
        let isEmpty = position < bytes.count && bytes[position] == UInt8(ascii: "/")
        if isEmpty { position += 1 }
        guard position < bytes.count, bytes[position] == UInt8(ascii: ">") else { throw malformed }
        position += 1
        var node = XMLDocument.Node(
            nameStart: Self.localNameStart(qualifiedName, of: bytes), nameEnd: qualifiedName.upperBound)
        guard node.nameStart < node.nameEnd else { throw malformed }
        node.attributes = attributes
        try attach(node)
        if !isEmpty { open.append(Open(node: nodes.count - 1, qualifiedName: qualifiedName)) }
    }

    private mutating func attach(_ node: XMLDocument.Node) throws(XMLError) {
        let index = nodes.count
        nodes.append(node)
        guard let parent = open.indices.last else { return }
        // Text beside elements has no place in any of AWS's documents.
        guard !open[parent].hasText else { throw malformed }
        nodes[open[parent].node].text = 0..<0
        if open[parent].lastChild < 0 {
            nodes[open[parent].node].firstChild = index
        } else {
            nodes[open[parent].lastChild].nextSibling = index
        }
        open[parent].lastChild = index
    }

    private mutating func takeEndTag() throws(XMLError) {
        position += 2
        let name = try takeName()
        skipBlanks()
        guard position < bytes.count, bytes[position] == UInt8(ascii: ">"), let last = open.popLast(),
            name.count == last.qualifiedName.count
        else { throw malformed }
        for offset in 0..<name.count
        where bytes[name.lowerBound + offset] != bytes[last.qualifiedName.lowerBound + offset] {
            throw malformed
        }
        position += 1
    }

    private mutating func takeName() throws(XMLError) -> Range<Int> {
        let start = position
        while position < bytes.count, Self.isNameByte(bytes[position]) { position += 1 }
        guard position > start, !ASCII.isDigit(bytes[start]), bytes[start] != UInt8(ascii: "-"),
            bytes[start] != UInt8(ascii: ".")
        else { throw malformed }
        return start..<position
    }

    /// Checks the attributes' form and gives their range.
    private mutating func takeAttributes() throws(XMLError) -> Range<Int> {
        let start = position
        while true {
            let before = position
            skipBlanks()
            guard position < bytes.count else { throw malformed }
            if bytes[position] == UInt8(ascii: ">") || bytes[position] == UInt8(ascii: "/") { return start..<position }
            guard position > before else { throw malformed }
            _ = try takeName()
            skipBlanks()
            guard position < bytes.count, bytes[position] == UInt8(ascii: "=") else { throw malformed }
            position += 1
            skipBlanks()
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") || bytes[position] == UInt8(ascii: "'")
            else { throw malformed }
            let quote = bytes[position]
            position += 1
            while position < bytes.count, bytes[position] != quote {
                guard bytes[position] != UInt8(ascii: "<") else { throw malformed }
                position += 1
            }
            guard position < bytes.count else { throw malformed }
            position += 1
        }
    }

    // MARK: Text

    /// Text up to the next tag.
    private mutating func takeText() throws(XMLError) {
        let start = position
        var isPlain = true
        var isBlank = true
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "<") { break }
            if byte == UInt8(ascii: "&") || byte == ASCII.carriageReturn { isPlain = false }
            if !Self.isBlank(byte) {
                guard byte >= 0x20 else { throw malformed }
                isBlank = false
            }
            position += 1
        }
        try addText(start..<position, isPlain: isPlain, isBlank: isBlank, hasReferences: true)
    }

    private mutating func takeCharacterData() throws(XMLError) {
        let start = position + 9
        try skip(past: "]]>", from: start)
        let range = start..<(position - 3)
        for byte in bytes[range] where byte < 0x20 && !Self.isBlank(byte) { throw malformed }
        try addText(range, isPlain: false, isBlank: false, hasReferences: false)
    }

    private mutating func addText(
        _ range: Range<Int>, isPlain: Bool, isBlank: Bool, hasReferences: Bool
    ) throws(XMLError) {
        guard let top = open.indices.last else {
            guard isBlank else { throw .malformed(offset: range.lowerBound) }
            return
        }
        if open[top].lastChild >= 0 {
            guard isBlank else { throw .malformed(offset: range.lowerBound) }
            return
        }
        let node = open[top].node
        if !isBlank { open[top].hasText = true }
        open[top].textPieces += 1
        if open[top].textPieces == 1, isPlain {
            nodes[node].text = range
            return
        }
        // Decoded texts of one element lie behind each other, since it has no children between them.
        if open[top].textPieces == 1 {
            nodes[node].text = decoded.count..<decoded.count
        } else if !nodes[node].isTextDecoded {
            let earlier = nodes[node].text
            nodes[node].text = decoded.count..<(decoded.count + earlier.count)
            decoded.append(contentsOf: bytes[earlier])
        }
        nodes[node].isTextDecoded = true
        let start = nodes[node].text.lowerBound
        try decode(range, hasReferences: hasReferences)
        nodes[node].text = start..<decoded.count
    }

    /// Appends text with references replaced and line ends made line feeds.
    private mutating func decode(_ range: Range<Int>, hasReferences: Bool) throws(XMLError) {
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            if byte == UInt8(ascii: "&"), hasReferences {
                index = try decodeReference(at: index, end: range.upperBound)
            } else if byte == ASCII.carriageReturn {
                decoded.append(ASCII.lineFeed)
                let next = index + 1
                index = next < range.upperBound && bytes[next] == ASCII.lineFeed ? next + 1 : next
            } else {
                decoded.append(byte)
                index += 1
            }
        }
    }

    /// Appends what a reference stands for, and returns the index after it.
    private mutating func decodeReference(at start: Int, end: Int) throws(XMLError) -> Int {
        // The longest is `&#1114111;`.
        let limit = min(end, start + 12)
        guard let semicolon = bytes[start..<limit].firstIndex(of: UInt8(ascii: ";")) else {
            throw .malformed(offset: start)
        }
        let name = bytes[(start + 1)..<semicolon]
        if name.first == UInt8(ascii: "#") {
            guard let scalar = Self.scalar(name.dropFirst()) else { throw .malformed(offset: start) }
            decoded.append(contentsOf: String(scalar).utf8)
        } else if name.elementsEqual("lt".utf8) {
            decoded.append(UInt8(ascii: "<"))
        } else if name.elementsEqual("gt".utf8) {
            decoded.append(UInt8(ascii: ">"))
        } else if name.elementsEqual("amp".utf8) {
            decoded.append(UInt8(ascii: "&"))
        } else if name.elementsEqual("quot".utf8) {
            decoded.append(UInt8(ascii: "\""))
        } else if name.elementsEqual("apos".utf8) {
            decoded.append(UInt8(ascii: "'"))
        } else {
            throw .forbidden(offset: start)
        }
        return semicolon + 1
    }

    /// A character by its number. Zero and halves of surrogate pairs are none; control characters, which XML 1.0
    /// forbids but clients send for keys that hold them, are let through.
    private static func scalar(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> Unicode.Scalar? {
        let number: Int?
        if digits.first == UInt8(ascii: "x") {
            let hex = digits.dropFirst()
            guard !hex.isEmpty, hex.count <= 8 else { return nil }
            var value = 0
            for digit in hex {
                guard let nibble = ASCII.hexValue(digit) else { return nil }
                value = value << 4 | Int(nibble)
            }
            number = value
        } else {
            number = ASCII.decimal(digits)
        }
        guard let number, number > 0, let value = UInt32(exactly: number) else { return nil }
        return Unicode.Scalar(value)
    }

    // MARK: Helpers

    /// The decoded value of an attribute; references other than the five and numbers stay as they are.
    static func attribute(
        _ name: String, in range: Range<Int>, of bytes: UnsafeBufferPointer<UInt8>
    ) -> String? {
        var parser = XMLParser(UnsafeBufferPointer(rebasing: bytes[..<range.upperBound]), depthMax: 1)
        parser.position = range.lowerBound
        while true {
            parser.skipBlanks()
            guard let qualifiedName = try? parser.takeName() else { return nil }
            parser.skipBlanks()
            parser.position += 1
            parser.skipBlanks()
            let quote = bytes[parser.position]
            let start = parser.position + 1
            guard let end = bytes[start..<range.upperBound].firstIndex(of: quote) else { return nil }
            parser.position = end + 1
            let local = Self.localNameStart(qualifiedName, of: bytes)..<qualifiedName.upperBound
            guard bytes[local].elementsEqual(name.utf8) else { continue }
            guard (try? parser.decode(start..<end, hasReferences: true)) != nil else { return nil }
            return String(decoding: parser.decoded, as: UTF8.self)
        }
    }

    private static func localNameStart(_ name: Range<Int>, of bytes: UnsafeBufferPointer<UInt8>) -> Int {
        bytes[name].lastIndex(of: UInt8(ascii: ":")).map { $0 + 1 } ?? name.lowerBound
    }

    private var malformed: XMLError { .malformed(offset: position) }

    private func matches(_ text: some Collection<UInt8>) -> Bool {
        guard bytes.count - position >= text.count else { return false }
        var index = position
        for byte in text {
            if bytes[index] != byte { return false }
            index += 1
        }
        return true
    }

    private mutating func skip(past end: StaticString, from start: Int) throws(XMLError) {
        position = start
        let last = end.utf8Start[end.utf8CodeUnitCount - 1]
        while position < bytes.count {
            position += 1
            let length = end.utf8CodeUnitCount
            guard bytes[position - 1] == last, position - length >= start else { continue }
            var isEnd = true
            for offset in 0..<length where bytes[position - length + offset] != end.utf8Start[offset] { isEnd = false }
            if isEnd { return }
        }
        throw malformed
    }

    private mutating func skipBlanks() {
        while position < bytes.count, Self.isBlank(bytes[position]) { position += 1 }
    }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool {
        byte == ASCII.space || byte == ASCII.lineFeed || byte == ASCII.carriageReturn || byte == ASCII.tab
    }

    /// Letters, digits, `_ - . :` and everything beyond ASCII.
    @inline(__always)
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: ":"):
            true
        default: byte >= 0x80
        }
    }
}
