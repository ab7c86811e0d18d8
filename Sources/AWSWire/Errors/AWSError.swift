package import NIOHTTP1

/// An answer that is an error, as an AWS service words it. Which codes a service knows, with their statuses and
/// messages, is the service's catalogue; this is one of them with the details of one request.
package struct AWSError: Error, Sendable, Equatable {
    /// A further element of the error document.
    package struct Field: Sendable, Equatable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// What clients branch on, such as `NoSuchKey`.
    package var code: String
    package var status: HTTPResponseStatus
    package var message: String
    /// In the order in which they are written, after `Message`.
    package var fields: [Field]
    /// The path that the error is about, if the service tells it.
    package var resource: String?

    package init(
        code: String, status: HTTPResponseStatus, message: String, fields: [Field] = [], resource: String? = nil
    ) {
        self.code = code
        self.status = status
        self.message = message
        self.fields = fields
        self.resource = resource
    }

    /// The same error with one more field at the end.
    package func with(_ name: String, _ value: String) -> AWSError {
        var copy = self
        copy.fields.append(Field(name, value))
        return copy
    }
}
