package import Expressions
package import Items

/// A WHERE clause that is of one item: its key, and what else must hold of it.
package struct KeyedCondition {
    /// The values of the key attributes, the partition key's first. Their types are not checked against the key's.
    /// Views of the statement's values.
    package let key: [ValueView]

    /// What else must hold; nil for nothing.
    package let rest: Condition?

    /// What to do with a key attribute that is said to equal two values.
    enum Conflict {
        case refused
        /// The first counts; the other is a condition, which does not hold.
        case kept
    }

    /// Takes the key out of a condition.
    ///
    /// - Throws: when a key attribute is not said to equal a value, at the top or within ANDs.
    init(_ condition: Condition?, _ schema: StatementKey, conflict: Conflict = .refused) throws(StatementError) {
        let attributes = schema.attributes
        var values: [ValueView?] = attributes.map { _ in nil }
        var rest: [Condition] = []
        for part in condition?.conjuncts ?? [] {
            guard let (name, value) = part.equality, let index = schema.index(of: name) else {
                rest.append(part)
                continue
            }
            guard let earlier = values[index] else {
                values[index] = value
                continue
            }
            if earlier.isEqual(to: value) { continue }
            guard conflict == .kept else {
                throw StatementError(
                    "Multiple conditions on same key \(name). "
                        + "Only single item Update/Insert/Delete are supported")
            }
            rest.append(part)
        }
        key = values.compactMap { $0 }
        guard key.count == attributes.count else { throw .incompleteKey }
        self.rest = Condition.all(rest)
    }
}

extension Condition {
    /// The conditions that all have to hold, from left to right.
    var conjuncts: [Condition] {
        guard case .and(let a, let b) = self else { return [self] }
        return a.conjuncts + b.conjuncts
    }

    /// One that holds when all of `conditions` do; nil for none.
    static func all(_ conditions: [Condition]) -> Condition? {
        guard var result = conditions.first else { return nil }
        for condition in conditions.dropFirst() { result = .and(result, condition) }
        return result
    }

    /// The attribute and the value that it is said to equal; nil for other conditions.
    var equality: (attribute: String, value: ValueView)? {
        switch self {
        case .comparison(.equal, .path(let path), .value(let value)) where path.steps.isEmpty:
            (path.attribute, value)
        case .comparison(.equal, .value(let value), .path(let path)) where path.steps.isEmpty:
            (path.attribute, value)
        default: nil
        }
    }
}
