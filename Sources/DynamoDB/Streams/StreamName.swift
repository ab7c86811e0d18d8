/// A stream's full name: what its ARN says.
struct StreamName: Sendable, Hashable {
    let table: TableName
    let label: String

    private static let separator = "/stream/"

    var arn: String { StreamDefinition.arn(of: table, label: label) }

    var notFound: DynamoDBError {
        DynamoDBError(.resourceNotFoundException, "Requested resource not found: Stream: \(arn) not found")
    }

    init(table: TableName, label: String) {
        self.table = table
        self.label = label
    }

    /// - Throws: `ValidationException` for what is no stream's ARN; `AccessDeniedException` for another account's;
    ///   `ResourceNotFoundException` for another region's.
    init(arn: String, _ context: CallContext) throws(DynamoDBError) {
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "dynamodb", parts[5].hasPrefix("table/") else {
            throw Self.invalid(arn)
        }
        let resource = parts[5].dropFirst("table/".count).split(separator: "/", omittingEmptySubsequences: false)
        guard resource.count == 3, resource[1] == "stream", !resource[0].isEmpty, !resource[2].isEmpty,
            !arn.utf8.contains(0)
        else { throw Self.invalid(arn) }
        table = TableName(account: parts[4], region: parts[3], table: String(resource[0]))
        label = String(resource[2])
        guard table.account == context.accountID else { throw .accessDenied(resource: arn) }
        guard table.region == context.region else { throw notFound }
    }

    private static func invalid(_ arn: String) -> DynamoDBError { .validation("Invalid StreamArn: \(arn)") }
}
