package import Expressions
package import Items

/// How a SELECT finds its items.
package enum ReadPlan {
    /// All items, each asked whether it fits.
    case scan(filter: Condition?)
    /// No two find the same item; none at all when no item can fit.
    case queries([KeyQuery])
}

/// A query that is part of a SELECT. Its conditions are views of the statement's values.
package struct KeyQuery {
    /// What the key attributes are asked: the partition key for a value, then the sort key, if it is asked anything.
    package let conditions: [KeyCondition]

    /// What else an item must fit; nil for nothing.
    package let filter: Condition?

    /// Whether every key attribute is to equal a value. In a table that is one item at most, in an index it may be
    /// many.
    package let isWholeKey: Bool

    /// The partition key's value.
    package var partitionValue: ValueView { conditions[0].values[0] }
}

/// The order in which a SELECT's items come. What the clause does not name has AWS's order: ascending by partition key
/// (by its value, not by its hash), and then descending by sort key.
package struct ReadOrder: Equatable, Sendable {
    package let partitionIsDescending: Bool
    package let sortIsDescending: Bool
}
