package import AWSWire
import NIOHTTP1

/// A refusal as the wire sends it: an error document, and headers that belong to it.
package struct S3WireError: Error, Sendable {
    package var error: AWSError
    /// Such as `Content-Range` of a 416, or `ETag` of a 304.
    package var headers: [(name: String, value: String)] = []

    /// A code of the catalogue.
    ///
    /// - Parameter message: nil for the catalogue's.
    package init(_ code: S3ErrorCode, _ message: String? = nil) {
        error = AWSError(
            code: code.rawValue, status: HTTPResponseStatus(statusCode: code.status), message: message ?? code.message)
    }

    /// What the layers below refused: signatures and payloads.
    package init(_ error: AWSError) { self.error = error }

    /// The catalogue's entry; nil for what is not an error there (304).
    package var code: S3ErrorCode? { S3ErrorCode(rawValue: error.code) }

    /// The same with one more detail in the document.
    package func with(_ name: String, _ value: some CustomStringConvertible) -> S3WireError {
        var copy = self
        copy.error.fields.append(.init(name, value.description))
        return copy
    }

    /// The same with a header.
    package func withHeader(_ name: String, _ value: String) -> S3WireError {
        var copy = self
        copy.headers.append((name, value))
        return copy
    }

    /// A request for something that is not built.
    package static func notImplemented(_ what: String) -> S3WireError {
        S3WireError(.notImplemented, "\(what) is not implemented by this server.")
    }

    /// `InvalidArgument` with the argument's name and value, as AWS sends them.
    package static func invalidArgument(_ name: String, _ value: String, _ message: String) -> S3WireError {
        S3WireError(.invalidArgument, message).with("ArgumentName", name).with("ArgumentValue", value)
    }
}
