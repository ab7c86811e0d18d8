/// The types of DynamoDB's attribute values, by the names that requests give them.
package enum AttributeType: UInt8, CaseIterable, Sendable {
    case string
    case number
    case binary
    case boolean
    case null
    case map
    case list
    case stringSet
    case numberSet
    case binarySet

    /// The member of an AttributeValue that holds a value of the type.
    package var name: StaticString {
        switch self {
        case .string: "S"
        case .number: "N"
        case .binary: "B"
        case .boolean: "BOOL"
        case .null: "NULL"
        case .map: "M"
        case .list: "L"
        case .stringSet: "SS"
        case .numberSet: "NS"
        case .binarySet: "BS"
        }
    }

    /// The type of that name.
    package init?(name: String) {
        guard let type = Self.allCases.first(where: { "\($0.name)" == name }) else { return nil }
        self = type
    }

    /// Whether values of the type are sets.
    package var isSet: Bool { self == .stringSet || self == .numberSet || self == .binarySet }

    /// The type of a set's elements; nil for what is no set.
    package var elementType: AttributeType? {
        switch self {
        case .stringSet: .string
        case .numberSet: .number
        case .binarySet: .binary
        default: nil
        }
    }
}
