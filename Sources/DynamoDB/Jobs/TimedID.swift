import Bytes
import LabClock

/// What a backup, an export or an import is known by: its table, and a text of its time and a random number. Records
/// that lie under such ids are in the order of their tables' names, then of time.
struct TimedID: Sendable, Hashable {
    /// The raw value stands in the ARN.
    enum Kind: String, Sendable {
        case backup
        case export
        case `import`

        /// The first byte of the record's key in the catalog.
        fileprivate var keyByte: UInt8 {
            switch self {
            case .backup: 0x2E
            case .export: 0x2F
            case .import: 0x30
            }
        }
    }

    private static let terminator: UInt8 = 0x00
    /// Of the time's milliseconds.
    private static let digitCount = 14
    /// Random bytes to be given.
    static let randomSize = 4

    let kind: Kind
    let table: TableName
    let text: String

    init(_ kind: Kind, of table: TableName, text: String) {
        self.kind = kind
        self.table = table
        self.text = text
    }

    /// - Parameter random: `randomSize` bytes.
    init(_ kind: Kind, of table: TableName, at time: LabTime, random: [UInt8]) {
        let number = String(max(0, time.millisecondsSinceEpoch))
        let zeros = String(repeating: "0", count: max(0, Self.digitCount - number.count))
        self.init(kind, of: table, text: zeros + number + "-" + Hex.encode(random))
    }

    /// - Throws: `ValidationException` for what is no ARN of the kind; `AccessDeniedException` for another account's.
    init(_ kind: Kind, arn: String, _ context: CallContext) throws(DynamoDBError) {
        let parts = arn.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard arn.hasPrefix("arn:"), parts.count == 4, parts[2] == kind.rawValue, Self.isText(parts[3]) else {
            throw .validation("The provided \(kind.rawValue) ARN is invalid: \(arn)")
        }
        self.init(kind, of: try TableName(parts[0] + "/" + parts[1], context), text: parts[3])
    }

    private static func isText(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count == 2 && parts[0].utf8.count >= digitCount && parts[0].utf8.allSatisfy(ASCII.isDigit)
            && parts[1].utf8.count == 2 * randomSize
    }

    var arn: String { "\(table.arn)/\(kind.rawValue)/\(text)" }

    // MARK: Keys

    /// Where the record lies in the catalog.
    var key: [UInt8] { Self.prefix(kind, of: table) + text.utf8 }

    /// The prefix of the records of an account in a region.
    static func prefix(_ kind: Kind, account: String, region: String) -> [UInt8] {
        [kind.keyByte] + account.utf8 + [terminator] + region.utf8 + [terminator]
    }

    /// The prefix of the records of a table's name.
    static func prefix(_ kind: Kind, of table: TableName) -> [UInt8] {
        prefix(kind, account: table.account, region: table.region) + table.table.utf8 + [terminator]
    }
}
