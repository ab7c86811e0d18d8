package import Expressions

/// An UPDATE: of one item, which must be there.
package struct UpdateStatement {
    /// The table's name.
    package let table: String

    /// What happens to the item.
    package let update: Update

    /// The WHERE clause: the item's key, and what else must hold of it.
    package let condition: Condition?

    /// What it answers with; nil for nothing.
    package let returning: Returning?

    /// Takes the key out of the WHERE clause.
    ///
    /// - Throws: when not every key attribute is said to equal one value.
    package func key(_ schema: StatementKey) throws(StatementError) -> KeyedCondition {
        try KeyedCondition(condition, schema)
    }
}
