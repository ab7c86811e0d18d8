package import LabClock

/// Moments as RFC 3339 writes them.
package enum TimeText {
    /// Reads `2027-01-01T00:00:00Z`, with a fraction or an offset if need be.
    ///
    /// - Throws: `ValueError` when it is no moment.
    package static func parse(_ text: String) throws(ValueError) -> LabTime {
        // A bare date is a day and not a moment.
        guard text.contains("T"), let milliseconds = ISO8601.parseExtended(text) else {
            throw ValueError("must be a time, as in 2027-01-01T00:00:00Z")
        }
        return LabTime(millisecondsSinceEpoch: milliseconds)
    }

    /// `2027-01-01T00:00:00.000Z`.
    package static func describe(_ time: LabTime) -> String {
        ISO8601.extended(unixMilliseconds: time.millisecondsSinceEpoch)
    }
}
