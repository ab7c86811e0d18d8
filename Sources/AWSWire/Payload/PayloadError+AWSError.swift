import HTTPFront
import NIOHTTP1

extension PayloadError {
    /// The answer that AWS gives.
    package var awsError: AWSError {
        switch self {
        case .lengthMissing:
            AWSError(
                code: "MissingContentLength", status: .lengthRequired,
                message: "You must provide the Content-Length HTTP header.")
        case .malformedDecodedLength(let text):
            .invalidArgument(
                "The value of x-amz-decoded-content-length is not a length.", name: "x-amz-decoded-content-length",
                value: text)
        case .lengthMismatch, .body(.incomplete):
            AWSError(
                code: "IncompleteBody", status: .badRequest,
                message: "You did not provide the number of bytes specified by the Content-Length HTTP header")
        case .malformedFraming:
            AWSError(
                code: "InvalidRequest", status: .badRequest, message: "The body is not well-formed aws-chunked content."
            )
        case .chunkTooSmall(let index, let byteCount):
            AWSError(
                code: "InvalidChunkSizeError", status: .forbidden,
                message: "Only the last chunk is allowed to have a size less than \(PayloadLimits.chunkBytesMin) bytes",
                fields: [.init("Chunk", String(index)), .init("BadChunkSize", String(byteCount))])
        case .malformedTrailer:
            AWSError(
                code: "MalformedTrailerError", status: .badRequest,
                message: "The request contained trailing data that was not well-formed or did not conform to our "
                    + "published schema.")
        case .signatureMismatch(let provided, let stringToSign):
            AWSError(
                code: "SignatureDoesNotMatch", status: .forbidden,
                message: "The request signature we calculated does not match the signature you provided. "
                    + "Check your key and signing method.",
                fields: [
                    .init("StringToSign", String(decoding: stringToSign, as: UTF8.self)),
                    .init("SignatureProvided", provided),
                ])
        case .sha256Mismatch(let declared, let computed):
            AWSError(
                code: "XAmzContentSHA256Mismatch", status: .badRequest,
                message: "The provided 'x-amz-content-sha256' header does not match what was computed.",
                fields: [
                    .init("ClientComputedContentSHA256", declared), .init("S3ComputedContentSHA256", computed),
                ])
        case .body(.timedOut):
            AWSError(
                code: "RequestTimeout", status: .badRequest,
                message: "Your socket connection to the server was not read from or written to within the timeout "
                    + "period. Idle connections will be closed.")
        case .body(.tooLarge(let limit)):
            AWSError(
                code: "MaxMessageLengthExceeded", status: .badRequest, message: "Your request was too large.",
                fields: [.init("MaxMessageLengthBytes", String(limit))])
        }
    }
}
