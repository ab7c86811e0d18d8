import Bytes
package import NIOCore

/// Writes an XML document front to back into one growing block of bytes. It does not check that what is opened is
/// closed.
///
/// Costs some tens of nanoseconds an element: a listing page of 1,000 keys is well under a millisecond.
package struct XMLWriter: Sendable {
    /// The document so far.
    package private(set) var bytes: [UInt8]

    /// The namespace of S3's results.
    package static let s3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

    /// Begins a document with its declaration.
    ///
    /// - Parameter capacity: how many bytes to reserve; more are added as needed.
    package init(capacity: Int = 1_024) {
        bytes = []
        bytes.reserveCapacity(capacity)
        bytes.append(contentsOf: #"<?xml version="1.0" encoding="UTF-8"?>"#.utf8)
        bytes.append(ASCII.lineFeed)
    }

    /// The document so far as a buffer; copies it.
    package var buffer: ByteBuffer { ByteBuffer(bytes: bytes) }

    /// Opens an element.
    package mutating func start(_ name: String) {
        bytes.append(UInt8(ascii: "<"))
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: ">"))
    }

    /// Opens an element that puts itself and its children into `namespace`.
    package mutating func start(_ name: String, namespace: String) {
        start(name, attributes: [("xmlns", namespace)])
    }

    /// Opens an element with attributes, whose values are escaped.
    package mutating func start(_ name: String, attributes: [(name: String, value: String)]) {
        bytes.append(UInt8(ascii: "<"))
        bytes.append(contentsOf: name.utf8)
        for attribute in attributes {
            bytes.append(ASCII.space)
            bytes.append(contentsOf: attribute.name.utf8)
            bytes.append(contentsOf: "=\"".utf8)
            append(escaping: attribute.value, isAttribute: true)
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: ">"))
    }

    /// Closes an element.
    package mutating func end(_ name: String) {
        bytes.append(UInt8(ascii: "<"))
        bytes.append(UInt8(ascii: "/"))
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: ">"))
    }

    /// An element with text, which is escaped.
    package mutating func element(_ name: String, _ text: String) {
        start(name)
        append(escaping: text, isAttribute: false)
        end(name)
    }

    /// An element with text, or nothing for nil.
    package mutating func element(_ name: String, ifPresent text: String?) {
        if let text { element(name, text) }
    }

    /// An element with a decimal number.
    package mutating func element(_ name: String, _ number: some BinaryInteger) {
        start(name)
        bytes.append(contentsOf: String(number).utf8)
        end(name)
    }

    /// An element with `true` or `false`.
    package mutating func element(_ name: String, _ flag: Bool) {
        element(name, flag ? "true" : "false")
    }

    /// An element whose children `content` writes.
    package mutating func element<Failure: Error>(
        _ name: String, _ content: (inout XMLWriter) throws(Failure) -> Void
    ) throws(Failure) {
        start(name)
        try content(&self)
        end(name)
    }

    /// Escaped text without an element around it.
    package mutating func text(_ text: String) { append(escaping: text, isAttribute: false) }

    /// A space, which keeps a connection alive while a long answer is computed: white space is allowed between
    /// elements.
    package mutating func whitespace() { bytes.append(ASCII.space) }

    private mutating func append(escaping text: String, isAttribute: Bool) {
        let utf8 = text.utf8
        guard let first = utf8.firstIndex(where: { Self.needsEscape($0, isAttribute: isAttribute) }) else {
            bytes.append(contentsOf: utf8)
            return
        }
        bytes.append(contentsOf: utf8[..<first])
        for byte in utf8[first...] {
            guard Self.needsEscape(byte, isAttribute: isAttribute) else {
                bytes.append(byte)
                continue
            }
            switch byte {
            case UInt8(ascii: "&"): bytes.append(contentsOf: "&amp;".utf8)
            case UInt8(ascii: "<"): bytes.append(contentsOf: "&lt;".utf8)
            case UInt8(ascii: ">"): bytes.append(contentsOf: "&gt;".utf8)
            case UInt8(ascii: "\""): bytes.append(contentsOf: "&quot;".utf8)
            default:
                // A reader turns a bare carriage return into a line feed, so it must be a reference to come back as it
                // was. The other control characters are no XML 1.0 at all; AWS writes them as references too.
                bytes.append(contentsOf: "&#".utf8)
                bytes.append(contentsOf: String(byte).utf8)
                bytes.append(UInt8(ascii: ";"))
            }
        }
    }

    @inline(__always)
    private static func needsEscape(_ byte: UInt8, isAttribute: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""): true
        case ASCII.tab, ASCII.lineFeed: isAttribute
        default: byte < 0x20 || byte == 0x7f
        }
    }
}
