/// What carries out requests, once it is known who asks for what.
package protocol DynamoDBExecutor: Sendable {
    /// Carries out one operation.
    ///
    /// - Parameters:
    ///   - body: the request's JSON; not empty.
    /// - Returns: the answer's JSON.
    func perform(
        _ operation: DynamoDBOperation, body: [UInt8], context: CallContext
    ) async throws(DynamoDBError) -> [UInt8]
}
