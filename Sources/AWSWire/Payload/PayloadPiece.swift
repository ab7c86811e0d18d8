package import NIOCore

/// What a payload is made of, in order.
package enum PayloadPiece: Sendable, Equatable {
    /// Some bytes of the object: a slice of what was received, never empty.
    case bytes(ByteBuffer)
    /// The end of a signed chunk whose bytes came before, with the signature it claims; of the last, empty chunk too.
    case chunkEnd(signature: [UInt8])
    /// The trailer, after all bytes.
    case trailer(PayloadTrailer)
}

/// The lines after the last chunk.
package struct PayloadTrailer: Sendable, Equatable {
    package struct Field: Sendable, Equatable {
        /// In lower case.
        package var name: String
        /// Without blanks at the ends.
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// In the order sent, the signature excepted.
    package var fields: [Field]
    /// `x-amz-trailer-signature`; nil where trailers are not signed.
    package var signature: [UInt8]?

    package init(fields: [Field] = [], signature: [UInt8]? = nil) {
        self.fields = fields
        self.signature = signature
    }

    /// The value of a field named in lower case.
    package func first(name: String) -> String? { fields.first { $0.name == name }?.value }
}
