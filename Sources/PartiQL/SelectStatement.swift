package import Expressions
package import Items

/// A SELECT: from a table or an index.
package struct SelectStatement {
    /// A key to order by.
    package struct Order: Sendable {
        package let attribute: String
        package let isDescending: Bool
    }

    /// The table's name.
    package let table: String

    /// The index's name; nil for the table itself.
    package let index: String?

    /// What is shown of the items.
    package let columns: SelectList

    /// The WHERE clause.
    package let condition: Condition?

    /// The ORDER BY clause; empty without one.
    package let order: [Order]
}

extension SelectStatement {
    /// How the items are found: by queries when the WHERE clause says for each of its alternatives which partition key
    /// it is of, by a scan when it does not.
    ///
    /// - Parameter schema: the key of the table, or of the index.
    /// - Throws: when there would be too many queries, two would find the same items, or a value has not its key
    ///   attribute's type.
    package func plan(_ schema: StatementKey) throws(StatementError) -> ReadPlan {
        guard let condition else { return .scan(filter: nil) }
        return try KeyBranches(schema: schema).plan(condition)
    }

    /// The key of the one item that the WHERE clause is of, when that is all it says; nil when it says less or more.
    /// For transactions and batches.
    ///
    /// - Throws: as `plan`.
    package func itemKey(_ schema: StatementKey) throws(StatementError) -> [ValueView]? {
        guard case .queries(let queries) = try plan(schema), queries.count == 1, let query = queries.first,
            query.isWholeKey, query.filter == nil
        else {
            return nil
        }
        return query.conditions.flatMap(\.values)
    }

    /// The item that EXISTS is of, and what must hold of it.
    ///
    /// - Throws: when the WHERE clause has not the whole key, or has nothing beside it.
    package func existence(_ schema: StatementKey) throws(StatementError) -> KeyedCondition {
        do throws(StatementError) {
            let keyed = try KeyedCondition(condition, schema, conflict: .kept)
            if keyed.rest != nil { return keyed }
        } catch {
            throw .incompleteExistence
        }
        throw .incompleteExistence
    }

    /// The directions that ORDER BY asks for; nil without it.
    ///
    /// - Throws: when the items cannot be ordered so.
    package func readOrder(_ schema: StatementKey, _ plan: ReadPlan) throws(StatementError) -> ReadOrder? {
        guard !order.isEmpty else { return nil }
        guard condition != nil else {
            throw StatementError("Must have WHERE clause in the statement when using ORDER BY clause.")
        }
        for key in order where schema.index(of: key.attribute) == nil {
            throw StatementError("Attribute \(key.attribute) in ORDER BY clause must be part of the primary key")
        }
        guard case .queries(let queries) = plan else {
            throw StatementError(
                "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.")
        }
        let byPartition = order.first { schema.index(of: $0.attribute) == 0 }
        let bySort = order.first { schema.index(of: $0.attribute) == 1 }
        if byPartition == nil, let first = queries.first,
            !queries.allSatisfy({ $0.partitionValue.isEqual(to: first.partitionValue) })
        {
            throw StatementError(
                "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause."
            )
        }
        return ReadOrder(
            partitionIsDescending: byPartition?.isDescending ?? false,
            sortIsDescending: bySort?.isDescending ?? true)
    }
}
