/// A service, as the setting `services` names it.
package enum ServiceName: String, CaseIterable, Sendable {
    case s3
    case dynamoDB = "dynamodb"

    /// What LocalStack calls it, and what is in it.
    var localStackNames: [String] {
        switch self {
        case .s3: ["s3"]
        case .dynamoDB: ["dynamodb", "dynamodbstreams"]
        }
    }
}
