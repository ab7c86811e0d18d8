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

    /// Why a request is none of them.
    package enum Refusal: Error, Equatable, Sendable {
        case unknownPath
        case wrongMethod
        /// A parameter is missing, unknown, or not what it must be.
        case malformed(String)
    }

    /// - Parameters:
    ///   - path: what follows `/_varve/admin/clock`.
    ///   - query: as sent.
    package init(_ method: HTTPMethod, path: Substring, query: Substring) throws(Refusal) {
        guard ["", "/freeze", "/run", "/follow", "/set", "/advance"].contains(path) else { throw .unknownPath }
        guard method == (path.isEmpty ? .GET : .POST) else { throw .wrongMethod }
        var parameters = try ClockParameters(query)
        switch path {
        case "": self = .show
        case "/freeze": self = .freeze
        case "/run": self = .run(speed: try parameters.take("speed", Self.speed) ?? 1)
        case "/follow": self = .follow
        case "/set":
            guard let time = try parameters.take("to", TimeText.parse) else { throw .malformed("to is missing") }
            self = .set(time, timeoutMilliseconds: try parameters.takeTimeout())
        default:
            guard let length = try parameters.take("by", DurationText.parse) else { throw .malformed("by is missing") }
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

/// The parameters of a query, each taken once.
private struct ClockParameters {
    private var values: [(name: String, value: String)] = []

    init(_ query: Substring) throws(ClockRequest.Refusal) {
        for piece in query.split(separator: "&") {
            let sides = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, let value = URLCoding.decode(sides[1], plusIsSpace: false) else {
                throw .malformed("\(piece) is no parameter")
            }
            values.append((String(sides[0]), value))
        }
    }

    /// The value of a parameter; nil when it was not sent.
    mutating func take<Value>(
        _ name: String, _ parse: (String) throws(ValueError) -> Value
    ) throws(ClockRequest.Refusal) -> Value? {
        guard let index = values.firstIndex(where: { $0.name == name }) else { return nil }
        let value = values.remove(at: index).value
        do throws(ValueError) { return try parse(value) } catch {
            throw .malformed("\(name) \(error.problem)")
        }
    }

    mutating func takeTimeout() throws(ClockRequest.Refusal) -> Int64 {
        try take("timeout", ClockRequest.timeout) ?? ClockRequest.timeoutMilliseconds
    }

    /// Nothing is accepted and ignored.
    func refuseOthers() throws(ClockRequest.Refusal) {
        if let other = values.first { throw .malformed("there is no parameter \(other.name) here, or it came twice") }
    }
}
