import Bytes
package import NIOCore

/// A parsed request body: its elements in one array, their names and texts as ranges of the bytes received. Parsing
/// builds no strings; 10,000 parts take about two milliseconds.
///
/// Namespaces are ignored (a name is what follows the colon), attributes and comments tolerated, document types
/// refused.
package final class XMLDocument: Sendable {
    /// One element, linked to its next sibling and its first child by index; -1 is none.
    struct Node {
        var nameStart: Int
        var nameEnd: Int
        /// A range of `source`, or of `decoded` when the text was not in one plain piece.
        var text: Range<Int> = 0..<0
        var isTextDecoded = false
        var attributes: Range<Int> = 0..<0
        var firstChild = -1
        var nextSibling = -1
    }

    let source: [UInt8]
    let decoded: [UInt8]
    let nodes: [Node]

    /// - Throws: `XMLError`.
    package init(parsing bytes: [UInt8], limits: XMLLimits = XMLLimits()) throws(XMLError) {
        guard bytes.count <= limits.byteCountMax else { throw .tooLarge }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .malformed(offset: 0) }
        let parsed = try bytes.withUnsafeBufferPointer { buffer throws(XMLError) in
            var parser = XMLParser(buffer, depthMax: limits.depthMax)
            try parser.parse()
            return (parser.nodes, parser.decoded)
        }
        source = bytes
        (nodes, decoded) = parsed
    }

    /// - Throws: `XMLError`.
    package convenience init(parsing buffer: ByteBuffer, limits: XMLLimits = XMLLimits()) throws(XMLError) {
        try self.init(parsing: Array(buffer.readableBytesView), limits: limits)
    }

    /// The outermost element.
    package var root: XMLElement { XMLElement(document: self, index: 0) }
}

/// One element of a document.
package struct XMLElement: Sendable {
    let document: XMLDocument
    let index: Int

    private var node: XMLDocument.Node { document.nodes[index] }

    /// The name without its prefix.
    package var name: String { String(decoding: document.source[node.nameStart..<node.nameEnd], as: UTF8.self) }

    /// Compares the name without building a string.
    package func isNamed(_ name: String) -> Bool {
        let node = node
        let wanted = name.utf8
        guard wanted.count == node.nameEnd - node.nameStart else { return false }
        var position = node.nameStart
        for byte in wanted {
            if document.source[position] != byte { return false }
            position += 1
        }
        return true
    }

    /// The text inside, exactly; empty for an element that has children.
    package var text: String {
        let node = node
        return String(decoding: (node.isTextDecoded ? document.decoded : document.source)[node.text], as: UTF8.self)
    }

    /// The text as a decimal number, blanks around it allowed; nil when it is none.
    package var integer: Int? {
        let node = node
        let bytes = (node.isTextDecoded ? document.decoded : document.source)[node.text]
        let isBlank = { (byte: UInt8) in XMLParser.isBlank(byte) }
        let trimmed = bytes.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
        if trimmed.first == UInt8(ascii: "-") { return ASCII.decimal(trimmed.dropFirst()).map { -$0 } }
        return ASCII.decimal(Array(trimmed))
    }

    /// The elements directly inside, in order.
    package var children: XMLChildren { XMLChildren(document: document, nextIndex: node.firstChild) }

    package var hasChildren: Bool { node.firstChild >= 0 }

    /// The first child of this name.
    package func first(_ name: String) -> XMLElement? {
        for child in children where child.isNamed(name) { return child }
        return nil
    }

    /// All children of this name, in order.
    package func all(_ name: String) -> [XMLElement] { children.filter { $0.isNamed(name) } }

    /// The text of the first child of this name.
    package func text(of name: String) -> String? { first(name)?.text }

    /// The value of an attribute by its name without prefix.
    package func attribute(_ name: String) -> String? {
        document.source.withUnsafeBufferPointer { XMLParser.attribute(name, in: node.attributes, of: $0) }
    }
}

/// The children of an element.
package struct XMLChildren: Sequence, IteratorProtocol, Sendable {
    let document: XMLDocument
    var nextIndex: Int

    /// The next child; nil after the last.
    package mutating func next() -> XMLElement? {
        guard nextIndex >= 0 else { return nil }
        defer { nextIndex = document.nodes[nextIndex].nextSibling }
        return XMLElement(document: document, index: nextIndex)
    }
}
