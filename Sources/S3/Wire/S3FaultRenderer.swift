import AWSWire
package import HTTPFront
import NIOHTTP1

/// Words what the front refuses by itself as S3 does.
package enum S3FaultRenderer {
    /// A `FrontFaultRenderer`.
    package static func render(_ fault: FrontFault, requestID: String) -> FrontFaultAnswer {
        let error = S3WireError(code(of: fault), fault.message).error
        return FrontFaultAnswer(
            status: error.status, contentType: "application/xml",
            body: error.xmlDocument(requestID: requestID, hostID: ""))
    }

    private static func code(of fault: FrontFault) -> S3ErrorCode {
        switch fault {
        case .malformedRequest: .badRequest
        case .headersTooLarge: .requestHeaderSectionTooLarge
        case .requestTimeout: .requestTimeout
        case .bodyTooLarge: .entityTooLarge
        case .tooManyConnections: .slowDown
        case .internalError: .internalError
        }
    }
}
