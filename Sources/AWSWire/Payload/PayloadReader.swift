import Bytes
package import HTTPFront
package import NIOCore
import NIOHTTP1

/// Reads a request's payload, whatever its form: plain or `aws-chunked`, signed or not. Used from the request's own
/// task only.
///
/// Either `next()`, which also verifies and is the simple way; or `nextPiece()` with the `verifier` run by the caller,
/// beside the event loop, for large payloads.
package final class PayloadReader {
    /// Bytes of the object: what is stored, and what `next()` will give in all.
    package let length: Int
    /// Checks digests and signatures. `next()` drives it; with `nextPiece()` the caller does.
    package let verifier: PayloadVerifier
    /// What came after the bytes; nil before the end, and where the form has none.
    package private(set) var trailer: PayloadTrailer?

    private let body: RequestBody
    private let announcedTrailers: [String]?
    private var decoder: AWSChunkedDecoder?
    private var bodyHasEnded = false
    private var receivedLength = 0

    /// - Throws: `.lengthMissing` (411), `.malformedDecodedLength`.
    package init(_ body: RequestBody, of request: VerifiedRequest) throws(PayloadError) {
        self.body = body
        verifier = PayloadVerifier(form: request.payload, chunkSigning: request.chunkSigning)
        if request.payload.isChunked {
            guard let text = request.headers.first(name: "x-amz-decoded-content-length") else { throw .lengthMissing }
            guard let declared = ASCII.decimal(Array(ASCII.trimmed(text).utf8)) else {
                throw .malformedDecodedLength(text)
            }
            length = declared
            decoder = AWSChunkedDecoder(form: request.payload, decodedLength: declared)
        } else {
            guard let declared = body.declaredLength else { throw .lengthMissing }
            length = declared
        }
        announcedTrailers =
            request.payload.hasTrailer
            ? request.headers[canonicalForm: "x-amz-trailer"].map { $0.lowercased() }.filter { !$0.isEmpty } : nil
    }

    /// The next bytes, verified as far as their form allows: of signed chunks the signature, and of a signed payload
    /// the digest, is known only at the end. Nil at the end.
    ///
    /// - Throws: any `PayloadError` but those of `init`.
    package func next() async throws(PayloadError) -> ByteBuffer? {
        while let piece = try await nextPiece() {
            if verifier.isNeeded { try verifier.consume(piece) }
            if case .bytes(let bytes) = piece { return bytes }
        }
        try verifier.finish()
        return nil
    }

    /// The next piece, unverified: all pieces must go to `verifier.consume`, and after nil its `finish` must be called.
    ///
    /// - Throws: `.body`, `.lengthMismatch`, and for chunked forms `.malformedFraming`, `.chunkTooSmall`,
    ///   `.malformedTrailer`.
    package func nextPiece() async throws(PayloadError) -> PayloadPiece? {
        if decoder == nil { return try await nextPlainPiece() }
        while true {
            if let piece = try decoder?.next() { return try noted(piece) }
            if bodyHasEnded { return nil }
            guard let bytes = try await readBody() else {
                bodyHasEnded = true
                guard let piece = try decoder?.finish() else { return nil }
                return try noted(piece)
            }
            decoder?.push(bytes)
        }
    }

    /// All of a small payload, verified: the way of XML and JSON bodies.
    ///
    /// - Throws: `.body(.tooLarge)` past `limit` bytes.
    package func collect(limit: Int) async throws(PayloadError) -> ByteBuffer {
        guard length <= limit else { throw .body(.tooLarge(limit: limit)) }
        do throws(BodyError) { try await body.takeRoom(for: length) } catch { throw .body(error) }
        var collected = ByteBuffer()
        while var bytes = try await next() {
            if collected.readableBytes == 0 {
                collected = bytes
            } else {
                collected.writeBuffer(&bytes)
            }
        }
        return collected
    }

    private func nextPlainPiece() async throws(PayloadError) -> PayloadPiece? {
        guard let bytes = try await readBody() else {
            guard receivedLength == length else {
                throw .lengthMismatch(declared: length, received: receivedLength)
            }
            return nil
        }
        receivedLength += bytes.readableBytes
        return .bytes(bytes)
    }

    private func readBody() async throws(PayloadError) -> ByteBuffer? {
        do {
            return try await body.next()
        } catch {
            throw .body(error)
        }
    }

    /// Keeps the trailer, which must hold what was announced and nothing else.
    private func noted(_ piece: PayloadPiece) throws(PayloadError) -> PayloadPiece {
        guard case .trailer(let trailer) = piece else { return piece }
        guard trailer.fields.map(\.name).sorted() == (announcedTrailers ?? []).sorted() else {
            throw .malformedTrailer
        }
        self.trailer = trailer
        return piece
    }
}
