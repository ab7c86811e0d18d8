import Bytes
import LabClock
import NIOHTTP1

extension SignatureError {
    /// The answer that AWS gives.
    package var awsError: AWSError {
        switch self {
        case .unknownAccessKey(let key):
            AWSError(
                code: "InvalidAccessKeyId", status: .forbidden,
                message: "The AWS Access Key Id you provided does not exist in our records.",
                fields: [.init("AWSAccessKeyId", key)])
        case .mismatch(let mismatch): mismatch.awsError
        case .invalidToken(let token):
            AWSError(
                code: "InvalidToken", status: .badRequest,
                message: "The provided token is malformed or otherwise invalid.", fields: [.init("Token-0", token)])
        case .headersNotSigned(let names):
            AWSError(
                code: "AccessDenied", status: .forbidden,
                message: "There were headers present in the request which were not signed",
                fields: [.init("HeadersNotSigned", names.joined(separator: ", "))])
        case .tooSkewed, .expired, .notYetValid, .malformedExpires, .dateMissing: timeError
        case .malformedHeader, .malformedQuery, .malformedV2Header, .missingV2Parameters: syntaxError
        case .unsupportedAuthorizationType, .asymmetricSignature, .severalMechanisms: mechanismError
        case .contentSHA256Missing, .contentSHA256Invalid: contentSHA256Error
        }
    }

    private var timeError: AWSError {
        switch self {
        case .tooSkewed(let requestTime, let serverTime):
            AWSError(
                code: "RequestTimeTooSkewed", status: .forbidden,
                message: "The difference between the request time and the current time is too large.",
                fields: [
                    .init("RequestTime", requestTime),
                    .init("ServerTime", ISO8601.extended(unixSeconds: serverTime)),
                    .init("MaxAllowedSkewMilliseconds", String(SignatureLimits.clockSkewSeconds * 1_000)),
                ])
        case .expired(let lifeSeconds, let expiresAt, let serverTime):
            AWSError(
                code: "AccessDenied", status: .forbidden, message: "Request has expired",
                fields: (lifeSeconds.map { [.init("X-Amz-Expires", String($0))] } ?? []) + [
                    .init("Expires", ISO8601.extended(unixSeconds: expiresAt)),
                    .init("ServerTime", ISO8601.extended(unixSeconds: serverTime)),
                ])
        case .malformedExpires(let text):
            .accessDenied("Invalid date (should be seconds since epoch): \(text)")
        case .notYetValid: .accessDenied("Request is not yet valid")
        default: .accessDenied("AWS authentication requires a valid Date or x-amz-date header")
        }
    }

    private var syntaxError: AWSError {
        switch self {
        case .malformedHeader(let reason, let region):
            AWSError(
                code: "AuthorizationHeaderMalformed", status: .badRequest,
                message: "The authorization header is malformed; \(reason)",
                fields: region.map { [.init("Region", $0)] } ?? [])
        case .malformedQuery(let reason, let region):
            AWSError(
                code: "AuthorizationQueryParametersError", status: .badRequest, message: reason,
                fields: region.map { [.init("Region", $0)] } ?? [])
        case .malformedV2Header(let value):
            .invalidArgument(
                "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature",
                name: "Authorization", value: value)
        default:
            .accessDenied("Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")
        }
    }

    private var mechanismError: AWSError {
        switch self {
        case .unsupportedAuthorizationType(let value):
            .invalidArgument("Unsupported Authorization Type", name: "Authorization", value: value)
        case .severalMechanisms(let value):
            .invalidArgument(
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string "
                    + "parameter or the Authorization header should be specified",
                name: "Authorization", value: value)
        default:
            AWSError(
                code: "NotImplemented", status: .notImplemented,
                message: "Signature version 4A (AWS4-ECDSA-P256-SHA256) is not implemented.")
        }
    }

    private var contentSHA256Error: AWSError {
        switch self {
        case .contentSHA256Invalid(let value):
            .invalidArgument(
                "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
                    + "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid "
                    + "sha256 value.",
                name: "x-amz-content-sha256", value: value)
        default:
            AWSError(
                code: "InvalidRequest", status: .badRequest,
                message: "Missing required header for this request: x-amz-content-sha256")
        }
    }
}

extension SignatureMismatch {
    /// `SignatureDoesNotMatch` with what the server signed, in text and in bytes.
    package var awsError: AWSError {
        var fields: [AWSError.Field] = [
            .init("AWSAccessKeyId", accessKey),
            .init("StringToSign", String(decoding: stringToSign, as: UTF8.self)),
            .init("SignatureProvided", provided),
            .init("StringToSignBytes", Self.spacedHex(stringToSign)),
        ]
        if let canonicalRequest {
            fields.append(.init("CanonicalRequest", String(decoding: canonicalRequest, as: UTF8.self)))
            fields.append(.init("CanonicalRequestBytes", Self.spacedHex(canonicalRequest)))
        }
        return AWSError(
            code: "SignatureDoesNotMatch", status: .forbidden,
            message: "The request signature we calculated does not match the signature you provided. "
                + "Check your key and signing method.",
            fields: fields)
    }

    /// `41 57 53`: two lower-case digits a byte, with spaces between.
    private static func spacedHex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count * 3)
        for (index, byte) in bytes.enumerated() {
            if index > 0 { output.append(ASCII.space) }
            output.append(digits[Int(byte >> 4)])
            output.append(digits[Int(byte & 0x0f)])
        }
        return String(decoding: output, as: UTF8.self)
    }
}

extension AWSError {
    static func accessDenied(_ message: String) -> AWSError {
        AWSError(code: "AccessDenied", status: .forbidden, message: message)
    }

    static func invalidArgument(_ message: String, name: String, value: String) -> AWSError {
        AWSError(
            code: "InvalidArgument", status: .badRequest, message: message,
            fields: [.init("ArgumentName", name), .init("ArgumentValue", value)])
    }
}
