package import Items

/// The key attributes of what a statement is of: a table, or an index.
package struct StatementKey: Sendable {
    /// A key attribute.
    package struct Attribute: Sendable {
        package let name: String
        package let type: KeyType

        package init(name: String, type: KeyType) {
            self.name = name
            self.type = type
        }
    }

    /// The partition key.
    package let partition: Attribute

    /// The sort key; nil where there is none.
    package let sort: Attribute?

    /// - Throws: when a part has several attributes: statements cannot be of such an index.
    package init(partition: [Attribute], sort: [Attribute]) throws(StatementError) {
        guard partition.count == 1, sort.count <= 1 else { throw .multiAttributeKey }
        self.partition = partition[0]
        self.sort = sort.first
    }

    /// The partition key, then the sort key.
    package var attributes: [Attribute] { [partition] + (sort.map { [$0] } ?? []) }

    /// Which of `attributes` has that name.
    func index(of name: String) -> Int? { attributes.firstIndex { $0.name.utf8.elementsEqual(name.utf8) } }
}
