package import Items

/// A condition on an item: of ConditionExpression, FilterExpression or KeyConditionExpression.
///
/// It holds views of its values: they must stay where they are while it is in use.
package indirect enum Condition {
    case and(Condition, Condition)
    case or(Condition, Condition)
    case not(Condition)
    case comparison(Comparator, Operand, Operand)
    case between(Operand, Operand, Operand)
    case isIn(Operand, [Operand])
    case exists(DocumentPath)
    case doesNotExist(DocumentPath)
    case hasType(Operand, AttributeType)
    case beginsWith(Operand, Operand)
    case contains(Operand, Operand)

    /// What compares two operands.
    package enum Comparator: String, Sendable {
        case equal = "="
        case notEqual = "<>"
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="

        /// The comparator that says the same of the operands the other way round.
        package var mirrored: Comparator {
            switch self {
            case .less: .greater
            case .lessOrEqual: .greaterOrEqual
            case .greater: .less
            case .greaterOrEqual: .lessOrEqual
            default: self
            }
        }
    }

    /// What a condition looks at.
    package indirect enum Operand {
        case path(DocumentPath)
        case value(ValueView)
        /// The length of a string or binary in bytes, the number of elements of others.
        case size(Operand)
        /// Whether a condition holds. Only statements compare that with something.
        case truth(Condition)
    }
}

// MARK: What it looks at

extension Condition {
    /// The paths that the condition looks at, in the order of the text.
    package var paths: [DocumentPath] {
        switch self {
        case .and(let a, let b), .or(let a, let b): a.paths + b.paths
        case .not(let condition): condition.paths
        case .exists(let path), .doesNotExist(let path): [path]
        case .hasType(let operand, _): operand.paths
        case .comparison(_, let a, let b), .beginsWith(let a, let b), .contains(let a, let b): a.paths + b.paths
        case .between(let operand, let low, let high): operand.paths + low.paths + high.paths
        case .isIn(let operand, let candidates): operand.paths + candidates.flatMap(\.paths)
        }
    }
}

extension Condition.Operand {
    fileprivate var paths: [DocumentPath] {
        switch self {
        case .path(let path): [path]
        case .value: []
        case .size(let operand): operand.paths
        case .truth(let condition): condition.paths
        }
    }
}

// MARK: Evaluation

extension Condition {
    /// Whether the condition holds of an item; of none, as of an item without attributes.
    ///
    /// What is not there is equal to nothing and unequal to everything, and has no order. Values of different types are
    /// unequal and have no order.
    package func holds(of item: ItemView?) -> Bool {
        switch self {
        case .and(let a, let b): a.holds(of: item) && b.holds(of: item)
        case .or(let a, let b): a.holds(of: item) || b.holds(of: item)
        case .not(let condition): !condition.holds(of: item)
        case .comparison(let comparator, let a, let b): comparator.holds(a.evaluated(item), b.evaluated(item))
        case .between(let operand, let low, let high): Self.isBetween(operand, low, high, item)
        case .isIn(let operand, let candidates): Self.isIn(operand, candidates, item)
        case .exists(let path): item.flatMap { path.value(in: $0) } != nil
        case .doesNotExist(let path): item.flatMap { path.value(in: $0) } == nil
        case .hasType(let operand, let type): operand.evaluated(item)?.type == type
        case .beginsWith(let operand, let prefix): Self.beginsWith(operand.evaluated(item), prefix.evaluated(item))
        case .contains(let operand, let part): Self.contains(operand.evaluated(item), part.evaluated(item))
        }
    }

    private static func isBetween(_ operand: Operand, _ low: Operand, _ high: Operand, _ item: ItemView?) -> Bool {
        let value = operand.evaluated(item)
        return Comparator.greaterOrEqual.holds(value, low.evaluated(item))
            && Comparator.lessOrEqual.holds(value, high.evaluated(item))
    }

    private static func isIn(_ operand: Operand, _ candidates: [Operand], _ item: ItemView?) -> Bool {
        let value = operand.evaluated(item)
        return candidates.contains { Comparator.equal.holds(value, $0.evaluated(item)) }
    }

    private static func beginsWith(_ operand: Evaluated?, _ prefix: Evaluated?) -> Bool {
        guard case .value(let value)? = operand, case .value(let prefix)? = prefix, value.type == prefix.type else {
            return false
        }
        guard let bytes = value.utf8 ?? value.binary, let start = prefix.utf8 ?? prefix.binary else { return false }
        return bytes.count >= start.count && bytes.prefix(start.count).elementsEqual(start)
    }

    private static func contains(_ operand: Evaluated?, _ part: Evaluated?) -> Bool {
        guard case .value(let value)? = operand, let part else { return false }
        if let list = value.list { return list.contains { Comparator.equal.holds(.value($0), part) } }
        guard case .value(let part) = part else { return false }
        if let set = value.set {
            guard part.type == value.type.elementType, let element = part.keyBytes else { return false }
            return set.contains(element)
        }
        guard value.type == part.type, value.type != .number, let bytes = value.keyBytes, let sought = part.keyBytes
        else {
            return false
        }
        return bytes.holds(sought)
    }
}

/// An operand's value.
enum Evaluated {
    case value(ValueView)
    /// One that lies nowhere: a size.
    case number(Number38)
    /// One that lies nowhere: whether a condition holds.
    case boolean(Bool)

    /// A size is a number.
    var type: AttributeType {
        switch self {
        case .value(let value): value.type
        case .number: .number
        case .boolean: .boolean
        }
    }

    fileprivate var number: Number38? {
        switch self {
        case .value(let value): value.number
        case .number(let number): number
        case .boolean: nil
        }
    }

    fileprivate var boolean: Bool? {
        switch self {
        case .value(let value): value.boolean
        case .number: nil
        case .boolean(let value): value
        }
    }
}

extension Condition.Operand {
    /// The operand's value; nil when it is not there.
    func evaluated(_ item: ItemView?) -> Evaluated? {
        switch self {
        case .path(let path): item.flatMap { path.value(in: $0) }.map { .value($0) }
        case .value(let value): .value(value)
        case .size(let operand): operand.evaluated(item).flatMap { Self.size($0) }.map { .number(Number38($0)) }
        case .truth(let condition): .boolean(condition.holds(of: item))
        }
    }

    /// The service's strings are Java's: characters beyond U+FFFF count twice.
    private static func utf16Length(_ text: UnsafeRawBufferPointer) -> Int {
        text.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : $1 < 0xF0 ? 1 : 2) }
    }

    private static func size(_ operand: Evaluated) -> Int? {
        guard case .value(let value) = operand else { return nil }
        return value.utf8.map(utf16Length) ?? value.binary?.count ?? value.map?.count ?? value.list?.count
            ?? value.set?.count
    }
}

extension Condition.Comparator {
    fileprivate func holds(_ a: Evaluated?, _ b: Evaluated?) -> Bool {
        guard let a, let b else { return self == .notEqual }
        switch self {
        case .equal: return Self.isEqual(a, b)
        case .notEqual: return !Self.isEqual(a, b)
        default: break
        }
        guard let order = Self.order(a, b) else { return false }
        switch self {
        case .less: return order < 0
        case .lessOrEqual: return order <= 0
        case .greater: return order > 0
        default: return order >= 0
        }
    }

    private static func isEqual(_ a: Evaluated, _ b: Evaluated) -> Bool {
        if case .value(let a) = a, case .value(let b) = b { return a.isEqual(to: b) }
        if let number = a.number { return number == b.number }
        return a.boolean != nil && a.boolean == b.boolean
    }

    private static func order(_ a: Evaluated, _ b: Evaluated) -> Int? {
        if case .value(let a) = a, case .value(let b) = b { return a.compare(to: b) }
        guard let a = a.number, let b = b.number else { return nil }
        return a < b ? -1 : (a == b ? 0 : 1)
    }
}

extension UnsafeRawBufferPointer {
    /// Whether the bytes are somewhere within these.
    fileprivate func holds(_ sought: UnsafeRawBufferPointer) -> Bool {
        guard let first = sought.first else { return true }
        guard sought.count <= count else { return false }
        return (0...count - sought.count).contains { start in
            self[start] == first && self[start..<start + sought.count].elementsEqual(sought)
        }
    }
}
