internal import Bytes

/// The files of a store and their names: `docs/format/README.md`.
enum FileKind: String {
    case manifest = "man"
    case log = "log"
    case table = "tab"
    case extent = "ext"
}

struct FileName: Equatable {
    static let current = "CURRENT"
    static let newCurrent = "CURRENT.new"
    static let lock = "LOCK"

    var storeID: UInt64
    var number: UInt64
    var kind: FileKind

    init(storeID: UInt64, number: UInt64, kind: FileKind) {
        self.storeID = storeID
        self.number = number
        self.kind = kind
    }

    /// Nil when the name is not one of ours.
    init?(_ name: String) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let kind = FileKind(rawValue: String(parts[1])) else { return nil }
        let numbers = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard numbers.count == 2, numbers.allSatisfy({ $0.utf8.count == 16 }),
            let storeID = UInt64(numbers[0], radix: 16), let number = UInt64(numbers[1], radix: 16),
            number <= FormatLimits.numberMax
        else { return nil }
        self.init(storeID: storeID, number: number, kind: kind)
        guard self.string == name else { return nil }
    }

    var string: String { "\(Self.digits(storeID))-\(Self.digits(number)).\(kind.rawValue)" }

    private static func digits(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
