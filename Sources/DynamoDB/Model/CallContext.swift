/// Who calls, and where: what every operation needs besides its own input.
package struct CallContext: Sendable, Hashable {
    /// The twelve digits of the caller's account.
    package var accountID: String

    /// The region of the endpoint that was called (the credential scope's region).
    package var region: String

    /// The request's identifier, as the answer names it.
    package var requestID: String

    /// The host and port that were called, for `DescribeEndpoints`.
    package var host: String

    /// Where the answer finds room, if it is a long one.
    package var answerRoom = AnswerRoom()

    package init(
        accountID: String, region: String = "us-east-1", requestID: String = "", host: String = "localhost"
    ) {
        self.accountID = accountID
        self.region = region
        self.requestID = requestID
        self.host = host
    }
}
