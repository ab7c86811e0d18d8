/// Which operation a request asks for.
enum DynamoDBTarget {
    /// The operations by what `X-Amz-Target` says.
    private static let operations: [String: DynamoDBOperation] = {
        var operations: [String: DynamoDBOperation] = [:]
        for operation in DynamoDBOperation.allCases {
            operations[operation.targetPrefix + "." + operation.rawValue] = operation
        }
        return operations
    }()

    /// The operation; nil for what the service has not, and for another version of it.
    static func operation(_ header: String) -> DynamoDBOperation? { operations[header] }

    /// Whether a header names an operation of this service, of whatever version, known or not.
    static func isOurs(_ header: String) -> Bool {
        header.utf8.starts(with: "DynamoDB_".utf8) || header.utf8.starts(with: "DynamoDBStreams_".utf8)
    }
}

extension DynamoDBOperation {
    /// What the access log and metrics call the service of the operation.
    var serviceLabel: String {
        switch self {
        case .describeStream, .getRecords, .getShardIterator, .listStreams: "dynamodbstreams"
        default: "dynamodb"
        }
    }
}
