import LabClock

/// How far an export or an import has come in its life.
struct JobOutcome: Sendable {
    enum Status: String, Sendable {
        case inProgress = "IN_PROGRESS"
        case completed = "COMPLETED"
        case failed = "FAILED"
    }

    var status = Status.inProgress
    var ended: LabTime?
    /// In AWS's words.
    var failure: (code: String, message: String)?

    static let inProgress = JobOutcome()
}

extension RecordWriter {
    mutating func set(_ outcome: JobOutcome) {
        set("status", outcome.status.rawValue)
        set("ended", outcome.ended)
        set("failureCode", outcome.failure?.code)
        set("failureMessage", outcome.failure?.message)
    }
}

extension RecordReader {
    func outcome() throws(DynamoDBError) -> JobOutcome {
        guard let status = JobOutcome.Status(rawValue: try string("status")) else { throw .damagedRecord("status") }
        var outcome = JobOutcome(status: status, ended: optionalTime("ended"))
        if let code = optionalString("failureCode") { outcome.failure = (code, try string("failureMessage")) }
        return outcome
    }
}
