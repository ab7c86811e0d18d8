package import Items

/// An INSERT: of one item, where there must be none.
package struct InsertStatement {
    /// The table's name.
    package let table: String

    /// The item. A view of the statement's values.
    package let item: ItemView
}
