/// What a setting's text may be, and how it is read. One parser serves flags, environment and file alike.
package enum SettingKind: Sendable, Equatable {
    case text
    case path
    /// `HOST:PORT`, IPv6 hosts in brackets; port 0 lets the system pick one.
    case endpoint
    case boolean
    /// A whole number within a range; the unit is for people.
    case count(ClosedRange<Int>, unit: String)
    /// A number of bytes: digits, then nothing or one of `B KiB MiB GiB TiB KB MB GB TB`.
    case bytes(ClosedRange<Int>)
    case choice([String])
    /// `always`, `never`, or `every(N)` with N milliseconds.
    case durability
    /// Any number of texts: the flag is repeated, the environment separates with commas, the file holds an array.
    case list

    /// Reads one text.
    ///
    /// - Throws: `ValueError` with a sentence that says what would have been right.
    package func parse(_ text: String) throws(ValueError) -> SettingValue {
        switch self {
        case .text, .path: return .text(text)
        case .endpoint: return .endpoint(try Endpoint(parsing: text))
        case .boolean: return .boolean(try Self.parseBoolean(text))
        case .count(let range, let unit): return .integer(try Self.parseCount(text, range, unit))
        case .bytes(let range): return .integer(try ByteCount.parse(text, within: range))
        case .choice(let names):
            guard names.contains(text) else { throw ValueError("must be one of \(names.joined(separator: ", "))") }
            return .text(text)
        case .durability: return .durability(try DurabilityText.parse(text))
        case .list:
            return .list(text.split(separator: ",").map { String($0.trimmingASCIISpace()) }.filter { !$0.isEmpty })
        }
    }

    /// What to write, in one phrase, for help and documentation.
    package var grammar: String {
        switch self {
        case .text: "text"
        case .path: "path"
        case .endpoint: "HOST:PORT"
        case .boolean: "on or off"
        case .count(let range, let unit): "\(range.lowerBound) to \(range.upperBound) \(unit)"
        case .bytes: "bytes, for example 256MiB"
        case .choice(let names): names.joined(separator: " or ")
        case .durability: "always, every(MILLISECONDS) or never"
        case .list: "list; repeat the flag, or separate with commas"
        }
    }

    private static func parseBoolean(_ text: String) throws(ValueError) -> Bool {
        switch text.lowercased() {
        case "on", "true", "yes", "1": true
        case "off", "false", "no", "0": false
        default: throw ValueError("must be on or off")
        }
    }

    private static func parseCount(
        _ text: String, _ range: ClosedRange<Int>, _ unit: String
    ) throws(ValueError) -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw ValueError("must be a whole number of \(unit) from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}

/// A setting's value once read.
package enum SettingValue: Sendable, Equatable {
    case text(String)
    case endpoint(Endpoint)
    case boolean(Bool)
    case integer(Int)
    case durability(DurabilityText)
    case list([String])
}

/// Why a text is not a value: the rest of a sentence that starts with the setting's name.
package struct ValueError: Error, Equatable, Sendable {
    package let problem: String

    package init(_ problem: String) { self.problem = problem }
}
