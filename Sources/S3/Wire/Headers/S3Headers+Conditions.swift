import AWSWire
import LabClock

extension S3Headers {
    /// The conditions of a read. Dates that cannot be read are ignored, as RFC 9110 asks.
    var readConditions: ReadConditions {
        ReadConditions(
            ifMatch: self["if-match"].map { ETagMatch(header: $0) },
            ifNoneMatch: self["if-none-match"].map { ETagMatch(header: $0) },
            ifModifiedSince: httpDate("if-modified-since"),
            ifUnmodifiedSince: httpDate("if-unmodified-since"))
    }

    /// The conditions of a write.
    var writeConditions: WriteConditions {
        WriteConditions(
            ifMatch: self["if-match"].map { ETagMatch(header: $0) },
            ifNoneMatch: self["if-none-match"].map { ETagMatch(header: $0) })
    }

    /// The conditions of a delete.
    ///
    /// - Throws: `InvalidArgument` for a size or a time that cannot be read: ignoring it would delete what should stay.
    func deleteConditions() throws(S3WireError) -> DeleteConditions {
        DeleteConditions(
            ifMatch: self["if-match"].map { ETagMatch(header: $0) },
            ifMatchLastModified: try time("x-amz-if-match-last-modified-time"),
            ifMatchSize: try unsigned("x-amz-if-match-size"))
    }

    /// The conditions that a copy puts on its source.
    var copySourceConditions: ReadConditions {
        ReadConditions(
            ifMatch: self["x-amz-copy-source-if-match"].map { ETagMatch(header: $0) },
            ifNoneMatch: self["x-amz-copy-source-if-none-match"].map { ETagMatch(header: $0) },
            ifModifiedSince: httpDate("x-amz-copy-source-if-modified-since"),
            ifUnmodifiedSince: httpDate("x-amz-copy-source-if-unmodified-since"))
    }

    /// A number that must be one when it is sent.
    ///
    /// - Throws: `InvalidArgument`.
    func unsigned(_ name: String) throws(S3WireError) -> UInt64? {
        guard let text = self[name] else { return nil }
        guard let value = UInt64(text) else { throw .invalidArgument(name, text, "The value is not a whole number.") }
        return value
    }

    /// A time that must be one when it is sent; HTTP's form or ISO 8601.
    ///
    /// - Throws: `InvalidArgument`.
    func time(_ name: String) throws(S3WireError) -> LabTime? {
        guard let text = self[name] else { return nil }
        if let time = httpDate(name) { return time }
        guard let milliseconds = ISO8601.parseExtended(text) else {
            throw .invalidArgument(name, text, "The value is not a time.")
        }
        return LabTime(millisecondsSinceEpoch: milliseconds)
    }

    private func httpDate(_ name: String) -> LabTime? {
        self[name].flatMap { HTTPDate.parse($0) }.map { LabTime(millisecondsSinceEpoch: $0 * 1000) }
    }
}
