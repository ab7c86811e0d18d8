package import Expressions

/// A DELETE: of one item. Where there is none nothing happens, whatever the condition.
package struct DeleteStatement {
    /// The table's name.
    package let table: String

    /// The WHERE clause: the item's key, and what else must hold of it.
    package let condition: Condition?

    /// Whether it answers with the item that it deleted: RETURNING ALL OLD *.
    package let returnsOld: Bool

    /// Takes the key out of the WHERE clause.
    ///
    /// - Throws: when not every key attribute is said to equal one value.
    package func key(_ schema: StatementKey) throws(StatementError) -> KeyedCondition {
        try KeyedCondition(condition, schema)
    }
}
