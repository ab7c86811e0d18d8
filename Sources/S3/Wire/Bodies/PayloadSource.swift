import AWSWire
import HTTPFront
import NIOCore

/// The body of a write as the semantics pull it: framing taken off, digests and signatures checked. What it throws is
/// the wire's answer.
final class PayloadSource: ByteSource {
    private let reader: PayloadReader
    private let trailingAlgorithm: ChecksumAlgorithm?

    init(_ reader: PayloadReader, trailingAlgorithm: ChecksumAlgorithm?) {
        self.reader = reader
        self.trailingAlgorithm = trailingAlgorithm
    }

    var length: UInt64? { UInt64(reader.length) }

    func next() async throws -> ByteBuffer? {
        do { return try await reader.next() } catch { throw S3WireError(error.awsError) }
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
