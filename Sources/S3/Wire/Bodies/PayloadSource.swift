import AWSWire
import HTTPFront
import NIOCore

/// The body of a write as the semantics pull it: framing taken off, digests and signatures left for them to check where
/// it costs least. What it throws is the wire's answer.
final class PayloadSource: ByteSource {
    private let reader: PayloadReader
    private let trailingAlgorithm: ChecksumAlgorithm?
    /// What was read and not taken for verification: slices of what was received, not copies.
    private var unverified: [PayloadPiece] = []
    private var hasEnded = false

    init(_ reader: PayloadReader, trailingAlgorithm: ChecksumAlgorithm?) {
        self.reader = reader
        self.trailingAlgorithm = trailingAlgorithm
    }

    var length: UInt64? { UInt64(reader.length) }

    func next() async throws -> ByteBuffer? {
        do throws(PayloadError) {
            while let piece = try await reader.nextPiece() {
                if reader.verifier.isNeeded { unverified.append(piece) }
                if case .bytes(let bytes) = piece { return bytes }
            }
        } catch {
            throw S3WireError(error.awsError)
        }
        hasEnded = true
        return nil
    }

    func takeVerification() -> BodyVerification? {
        guard reader.verifier.isNeeded, hasEnded || !unverified.isEmpty else { return nil }
        let verifier = reader.verifier
        let pieces = unverified
        let isLast = hasEnded
        unverified = []
        return {
            do throws(PayloadError) {
                for piece in pieces { try verifier.consume(piece) }
                if isLast { try verifier.finish() }
            } catch {
                throw S3WireError(error.awsError)
            }
        }
    }

    func trailingChecksum() throws -> Checksum? { try Self.checksum(reader.trailer, trailingAlgorithm) }

    /// The announced checksum out of a trailer; nil when none was announced.
    ///
    /// - Throws: `MalformedTrailerError` when it did not come, `InvalidRequest` when it is none.
    static func checksum(
        _ trailer: PayloadTrailer?, _ algorithm: ChecksumAlgorithm?
    ) throws(S3WireError) -> Checksum? {
        guard let algorithm else { return nil }
        guard let text = trailer?.first(name: "x-amz-checksum-\(algorithm.name.lowercased())") else {
            throw S3WireError(.malformedTrailerError)
        }
        do { return try Checksum(algorithm, text: text) } catch { throw S3WireError(error) }
    }
}

extension S3HTTPService {
    /// The body of PutObject and UploadPart. Nothing of it has been read yet.
    ///
    /// - Throws: `MissingContentLength`; `InvalidRequest` for an announced trailer in a form that has none.
    func bodySource(_ call: S3Call, _ checks: BodyChecks) throws(S3WireError) -> any ByteSource {
        PayloadSource(try payloadReader(call, checks), trailingAlgorithm: checks.trailingAlgorithm)
    }

    func payloadReader(_ call: S3Call, _ checks: BodyChecks) throws(S3WireError) -> PayloadReader {
        if checks.trailingAlgorithm != nil, !call.verified.payload.hasTrailer {
            throw S3WireError(
                .invalidRequest, "x-amz-trailer announces a trailer that the form of the body does not have.")
        }
        do { return try PayloadReader(call.request.body, of: call.verified) } catch {
            throw S3WireError(error.awsError)
        }
    }
}
