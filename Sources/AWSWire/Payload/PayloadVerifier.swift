import Bytes
import Encryption
import NIOCore

/// Checks what a payload's head promised about its bytes: the SHA-256 of the whole, or the chain of chunk signatures.
/// It costs a SHA-256 over all bytes, so it is apart from reading them: it may run beside the event loop, piece after
/// piece.
// Safe to send, not to share: its owner hands it from thread to thread and never makes two calls at once.
package final class PayloadVerifier: @unchecked Sendable {
    private let form: PayloadForm
    private let signing: ChunkSigning?
    private var digest: StreamingDigest?
    private var previousSignature: [UInt8]

    /// - Parameter chunkSigning: nil leaves signatures of chunks unchecked, as in relaxed mode.
    package init(form: PayloadForm, chunkSigning: ChunkSigning?) {
        self.form = form
        signing = form.signsChunks ? chunkSigning : nil
        previousSignature = chunkSigning?.seedSignature ?? []
        switch form {
        case .signed: digest = StreamingDigest(algorithm: .sha256)
        case .streamingSigned, .streamingSignedTrailer:
            digest = signing == nil ? nil : StreamingDigest(algorithm: .sha256)
        case .empty, .unsigned, .streamingUnsignedTrailer: digest = nil
        }
    }

    /// Whether there is anything to check, so that reading can do without where there is not.
    package var isNeeded: Bool { digest != nil || form == .empty }

    /// Takes the pieces in order.
    ///
    /// - Throws: `.signatureMismatch`.
    package func consume(_ piece: PayloadPiece) throws(PayloadError) {
        switch piece {
        case .bytes(let buffer): buffer.withUnsafeReadableBytes { update($0) }
        case .chunkEnd(let signature): try endChunk(signature)
        case .trailer(let trailer): try verify(trailer)
        }
    }

    /// Takes bytes of the payload, as `consume(.bytes)`.
    package func update(_ bytes: UnsafeRawBufferPointer) {
        if form == .empty, digest == nil, !bytes.isEmpty { digest = StreamingDigest(algorithm: .sha256) }
        digest?.update(bytes)
    }

    /// All pieces have come.
    ///
    /// - Throws: `.sha256Mismatch`.
    package func finish() throws(PayloadError) {
        let declared: String
        switch form {
        case .signed(let sha256): declared = Hex.encode(sha256)
        case .empty: declared = PayloadForm.emptySHA256Hex
        default: return
        }
        guard let digest else { return }
        let computed = Hex.encode(digest.finalize())
        guard computed == declared else { throw .sha256Mismatch(declared: declared, computed: computed) }
    }

    /// Each chunk's signature covers the one before it, beginning with that of the request's head.
    private func endChunk(_ signature: [UInt8]) throws(PayloadError) {
        guard let signing, let digest else { return }
        var text = beginning(of: "AWS4-HMAC-SHA256-PAYLOAD", signing)
        text.append(contentsOf: PayloadForm.emptySHA256Hex.utf8)
        text.append(ASCII.lineFeed)
        text.append(contentsOf: Hex.encodeASCII(digest.finalize()))
        try compare(signature, text, signing)
    }

    /// The trailer's signature covers its fields as they were sent, one a line.
    private func verify(_ trailer: PayloadTrailer) throws(PayloadError) {
        guard let signing else { return }
        var fields: [UInt8] = []
        for field in trailer.fields {
            fields.append(contentsOf: field.name.utf8)
            fields.append(UInt8(ascii: ":"))
            fields.append(contentsOf: field.value.utf8)
            fields.append(ASCII.lineFeed)
        }
        var text = beginning(of: "AWS4-HMAC-SHA256-TRAILER", signing)
        text.append(contentsOf: Hex.encodeASCII(Digest.sha256(fields)))
        try compare(trailer.signature ?? [], text, signing)
    }

    private func beginning(of algorithm: String, _ signing: ChunkSigning) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(320)
        for part in [Array(algorithm.utf8), signing.timestamp, signing.scope, previousSignature] {
            text.append(contentsOf: part)
            text.append(ASCII.lineFeed)
        }
        return text
    }

    private func compare(_ signature: [UInt8], _ text: [UInt8], _ signing: ChunkSigning) throws(PayloadError) {
        let expected = Hex.encodeASCII(signing.key.authenticationCode(of: text))
        guard constantTimeEqual(expected, signature) else {
            throw .signatureMismatch(provided: String(decoding: signature, as: UTF8.self), stringToSign: text)
        }
        previousSignature = expected
    }
}
