private import AWSWire
package import LabClock
package import NIOHTTP1

/// What the admin API is asked about the lab clock.
package enum ClockRequest: AdminCall, Equatable, Sendable {
    case show
    case freeze
    case run(speed: Double)
    /// Lab time is the machine's again.
    case follow
    /// Waits so long at most until what has become due is done.
    case set(LabTime, timeoutMilliseconds: Int64)
    case advance(milliseconds: Int64, timeoutMilliseconds: Int64)

    /// How long a step waits when nothing else is said: enough for months of a lab of ordinary size.
    package static let timeoutMilliseconds: Int64 = 60_000
    /// The longest wait, an hour.
    package static let timeoutMillisecondsMax: Int64 = 3_600_000

    /// - Parameters:
    ///   - path: what follows `/_varve/admin/clock`.
    ///   - query: as sent.
    package init(_ method: HTTPMethod, path: Substring, query: Substring) throws(AdminRefusal) {
        guard ["", "/freeze", "/run", "/follow", "/set", "/advance"].contains(path) else { throw .unknownPath }
        guard method == (path.isEmpty ? .GET : .POST) else { throw .wrongMethod }
        var parameters = try AdminParameters(query)
        switch path {
        case "": self = .show
        case "/freeze": self = .freeze
        case "/run": self = .run(speed: try parameters.take("speed", Self.speed) ?? 1)
        case "/follow": self = .follow
        case "/set":
            let time = try parameters.require("to", TimeText.parse)
            self = .set(time, timeoutMilliseconds: try parameters.takeTimeout())
        default:
            let length = try parameters.require("by", DurationText.parse)
            self = .advance(milliseconds: length, timeoutMilliseconds: try parameters.takeTimeout())
        }
        try parameters.refuseOthers()
    }

    package var target: (method: HTTPMethod, target: String) {
        let base = "/_varve/admin/clock"
        switch self {
        case .show: return (.GET, base)
        case .freeze: return (.POST, "\(base)/freeze")
        case .run(let speed): return (.POST, "\(base)/run?speed=\(speed)")
        case .follow: return (.POST, "\(base)/follow")
        case .set(let time, let timeout):
            return (.POST, "\(base)/set?to=\(URLCoding.encode(TimeText.describe(time)))&timeout=\(timeout)ms")
        case .advance(let length, let timeout): return (.POST, "\(base)/advance?by=\(length)ms&timeout=\(timeout)ms")
        }
    }

    package var waitMilliseconds: Int64 {
        switch self {
        case .show, .freeze, .run, .follow: 0
        case .set(_, let timeout), .advance(_, let timeout): timeout
        }
    }

    /// - Throws: `ValueError` when it is no number, or no speed that a clock can have.
    package static func speed(_ text: String) throws(ValueError) -> Double {
        guard let speed = Double(text), StoredLabClock.speeds.contains(speed) else {
            let speeds = StoredLabClock.speeds
            throw ValueError("must be a number from \(speeds.lowerBound) to \(Int(speeds.upperBound))")
        }
        return speed
    }

    /// - Throws: `ValueError` when it is no length of time, or more than an hour.
    package static func timeout(_ text: String) throws(ValueError) -> Int64 {
        let milliseconds = try DurationText.parse(text)
        guard milliseconds <= timeoutMillisecondsMax else { throw ValueError("must be an hour at most") }
        return milliseconds
    }
}

extension AdminParameters {
    fileprivate mutating func takeTimeout() throws(AdminRefusal) -> Int64 {
        try take("timeout", ClockRequest.timeout) ?? ClockRequest.timeoutMilliseconds
    }
}
