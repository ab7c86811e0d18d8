import Items

/// One call of an operation: its input, read and checked against the model.
struct Call<Input: APIInput>: Sendable {
    let input: Input
    /// What the input's items and values lie in.
    let arena: RequestArena
    let context: CallContext
    /// What is wrong with the values.
    let valueProblem: ValueProblem
    /// The request as it came.
    let body: [UInt8]

    /// Refuses values that are not allowed. AWS looks at them after it has looked at how parameters go together.
    func checkValues() throws(DynamoDBError) {
        if let problem = valueProblem.first { throw .validation(problem) }
    }

    /// Refuses values of a start key that are not allowed.
    func checkStartKey() throws(DynamoDBError) {
        if let problem = valueProblem.ofStartKey { throw .validation(problem) }
    }

    /// Refuses values of KeyConditions that are not allowed.
    func checkKeyConditions() throws(DynamoDBError) {
        if let problem = valueProblem.ofKeyConditions { throw .validation(problem) }
    }

    /// The table that a parameter names: by its name, or by its ARN.
    func tableName(_ text: String?) throws(DynamoDBError) -> TableName {
        try TableName(text ?? "", context)
    }

    /// An item's views, which stay as long as the call.
    func item(_ ref: ItemRef) -> ItemView { arena.item(ref) }
}

extension TableName {
    private static let arnPrefix = "arn:"

    /// - Throws: for an ARN that is no table's, or another account's or region's.
    init(_ text: String, _ context: CallContext) throws(DynamoDBError) {
        guard text.hasPrefix(Self.arnPrefix) else {
            guard text.utf16.count >= 3, text.utf16.count <= 255 else {
                throw .validation(
                    "Invalid table/index name.  Table/index names must be between 3 and 255 characters long, "
                        + "and may contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'")
            }
            self.init(account: context.accountID, region: context.region, table: text)
            return
        }
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[2] == "dynamodb", parts[5].hasPrefix("table/") else {
            throw .validation("Invalid table ARN: \(text)")
        }
        guard parts[3] == context.region else {
            throw .validation("Invalid region in ARN: \(text)")
        }
        guard parts[4] == context.accountID else { throw .accessDenied(resource: text) }
        self.init(account: parts[4], region: parts[3], table: String(parts[5].dropFirst("table/".count)))
    }
}
