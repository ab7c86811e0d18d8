/// Why a request's text is refused.
package struct InputError: Error, Equatable, Sendable {
    /// AWS's exception.
    package enum Kind: Sendable {
        /// SerializationException: the text is no JSON, or a member has the wrong JSON type.
        case serialization
        /// ValidationException: the text is well formed, and what it says is not allowed.
        case validation
    }

    /// AWS's exception.
    package let kind: Kind

    /// AWS's message; empty where AWS answers with none.
    package let message: String

    /// A SerializationException.
    package static func serialization(_ message: String) -> InputError {
        InputError(kind: .serialization, message: message)
    }

    /// A ValidationException.
    package static func validation(_ message: String) -> InputError { InputError(kind: .validation, message: message) }

    /// The text is no JSON. AWS says no more.
    static let malformed = InputError(kind: .serialization, message: "")
}
