package import NIOCore
package import NIOHTTP1

/// Errors that the front answers by itself, before or instead of the service.
package enum FrontFault: Error, Equatable, CaseIterable {
    /// The request breaks HTTP's grammar or its framing is ambiguous.
    case malformedRequest
    /// `FrontLimits.headerBytesMax` or `headerFieldsMax` exceeded.
    case headersTooLarge
    /// The head was begun and not completed within `FrontLimits.headerSeconds`.
    case requestTimeout
    /// `Content-Length` above `FrontLimits.bodyBytesMax`.
    case bodyTooLarge
    /// `FrontLimits.connectionsMax` exceeded.
    case tooManyConnections
    /// The service returned without a response.
    case internalError

    /// The status of the default rendering.
    package var status: HTTPResponseStatus {
        switch self {
        case .malformedRequest: .badRequest
        case .headersTooLarge: .requestHeaderFieldsTooLarge
        case .requestTimeout: .requestTimeout
        case .bodyTooLarge: .payloadTooLarge
        case .tooManyConnections: .serviceUnavailable
        case .internalError: .internalServerError
        }
    }

    /// A short name for bodies and for the access log's error code.
    package var code: String {
        switch self {
        case .malformedRequest: "BadRequest"
        case .headersTooLarge: "RequestHeaderSectionTooLarge"
        case .requestTimeout: "RequestTimeout"
        case .bodyTooLarge: "EntityTooLarge"
        case .tooManyConnections: "ServiceUnavailable"
        case .internalError: "InternalError"
        }
    }

    /// One sentence for people.
    package var message: String {
        switch self {
        case .malformedRequest: "The request is not well-formed HTTP/1.1."
        case .headersTooLarge: "The request line and headers exceed the allowed size."
        case .requestTimeout: "The request was not sent within the allowed time."
        case .bodyTooLarge: "The request body exceeds the allowed size."
        case .tooManyConnections: "Too many connections are open."
        case .internalError: "The request was not answered."
        }
    }
}

/// What is sent for a `FrontFault`.
package struct FrontFaultAnswer: Sendable, Equatable {
    /// May differ from the fault's own: S3 answers oversized headers with 400.
    package var status: HTTPResponseStatus
    /// Value of `Content-Type`.
    package var contentType: String
    /// The whole body.
    package var body: ByteBuffer

    /// An answer in full.
    package init(status: HTTPResponseStatus, contentType: String, body: ByteBuffer) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}

/// Renders a fault in the wire language of whatever is served; the second parameter is the request id.
package typealias FrontFaultRenderer = @Sendable (FrontFault, String) -> FrontFaultAnswer

extension FrontFault {
    /// The default renderer: one line of plain text.
    package static func plainText(_ fault: FrontFault, requestID: String) -> FrontFaultAnswer {
        FrontFaultAnswer(
            status: fault.status, contentType: "text/plain; charset=utf-8",
            body: ByteBuffer(string: "\(fault.code): \(fault.message) (request \(requestID))\n"))
    }
}
