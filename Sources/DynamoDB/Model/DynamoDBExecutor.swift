/// What carries out requests, once it is known who asks for what.
package protocol DynamoDBExecutor: Sendable {
    /// Carries out one operation.
    ///
    /// - Parameter body: the request's JSON; not empty.
    /// - Returns: the answer's JSON.
    func perform(
        _ operation: DynamoDBOperation, _ body: [UInt8], _ context: CallContext
    ) async throws(DynamoDBError) -> [UInt8]
}

extension DynamoDBService: DynamoDBExecutor {}
