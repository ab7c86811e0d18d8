/// A refusal as the wire sends it: a code of the catalogue, and the details that AWS's error documents carry for it.
package struct S3WireError: Error, Sendable {
    /// One element of the error document besides code, message, resource and request id.
    package struct Detail: Sendable, Equatable {
        package var name: String
        package var value: String
    }

    package var code: S3ErrorCode
    /// The catalogue's message, or one that says more about the occasion.
    package var message: String
    package var details: [Detail] = []
    /// Headers that belong to the refusal, such as `Content-Range` of a 416.
    package var headers: [Detail] = []

    /// - Parameter message: nil for the catalogue's.
    package init(_ code: S3ErrorCode, _ message: String? = nil) {
        self.code = code
        self.message = message ?? code.message
    }

    /// The same with one more detail.
    package func with(_ name: String, _ value: some CustomStringConvertible) -> S3WireError {
        var copy = self
        copy.details.append(Detail(name: name, value: value.description))
        return copy
    }

    /// The same with a header.
    package func withHeader(_ name: String, _ value: String) -> S3WireError {
        var copy = self
        copy.headers.append(Detail(name: name, value: value))
        return copy
    }

    /// A parameter that asks for a feature which is not built.
    package static func notImplemented(_ what: String) -> S3WireError {
        S3WireError(.notImplemented, "\(what) is not implemented by this server.")
    }

    /// `InvalidArgument` with the argument's name and value, as AWS sends them.
    package static func invalidArgument(_ name: String, _ value: String, _ message: String) -> S3WireError {
        S3WireError(.invalidArgument, message).with("ArgumentName", name).with("ArgumentValue", value)
    }
}
