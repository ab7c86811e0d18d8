package import Items

/// Why an operation was refused or failed, as the client is told.
package struct DynamoDBError: Error, Equatable, Sendable {
    /// AWS's exception.
    package var code: DynamoDBErrorCode

    /// AWS's message; nil where AWS sends none.
    package var message: String?

    /// Further members of the answer (`CancellationReasons`, `Item`): JSON text of names and values with commas
    /// between, without braces; empty when there are none.
    package var members: [UInt8]

    /// The item that a condition does not hold of, where the request wants it: the answer's `Item`.
    package var item: [UInt8]?

    package init(_ code: DynamoDBErrorCode, _ message: String? = nil, members: [UInt8] = []) {
        self.code = code
        self.message = message
        self.members = members
    }

    /// What AWS answers with to input that cannot be read or is not allowed.
    package init(_ error: InputError) {
        switch error.kind {
        case .serialization:
            self.init(.serializationException, error.message.isEmpty ? nil : error.message)
        case .validation: self.init(.validationException, error.message)
        }
    }

    /// A ValidationException.
    package static func validation(_ message: String) -> DynamoDBError {
        DynamoDBError(.validationException, message)
    }
}
