package import NIOHTTP1

/// What came of a request to the admin API, for programs and for people.
package struct AdminOutcome: Sendable, Equatable {
    package var status: HTTPResponseStatus
    package var json: String
    /// Lines.
    package var text: String

    package init(status: HTTPResponseStatus, json: String, text: String) {
        self.status = status
        self.json = json
        self.text = text
    }

    /// An error, and why.
    static func refusal(_ status: HTTPResponseStatus, _ why: String) -> AdminOutcome {
        AdminOutcome(status: status, json: "{\"error\":\(JSONText.quoted(why))}", text: "\(why)\n")
    }
}
