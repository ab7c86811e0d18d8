import Expressions
import Items
import PartiQL

/// Statements in words of the tests' own, every value as JSON.
extension Statement {
    var description: String {
        withExtendedLifetime(self) {
            switch body {
            case .select(let select): return select.description
            case .exists(let select): return "EXISTS \(select.description)"
            case .insert(let insert): return "INSERT \(insert.table) \(Lab.json(insert.item))"
            case .update(let update):
                let actions = update.update.actions.map(\.description).joined(separator: "; ")
                let returning = update.returning.map { " RETURNING \($0.rawValue)" } ?? ""
                return "UPDATE \(update.table): \(actions)\(Self.condition(update.condition))\(returning)"
            case .delete(let delete):
                return "DELETE \(delete.table)\(Self.condition(delete.condition))"
                    + (delete.returnsOld ? " RETURNING ALL OLD" : "")
            }
        }
    }

    static func condition(_ condition: Condition?) -> String { condition.map { " WHERE \($0.description)" } ?? "" }
}

extension SelectStatement {
    var description: String {
        var columnNames = "*"
        if case .columns(let columns) = columns {
            columnNames = columns.map { "\($0.path.description) AS \($0.name)" }.joined(separator: ", ")
        }
        let source = table + (index.map { " INDEX \($0)" } ?? "")
        let orders = order.map { "\($0.attribute) \($0.isDescending ? "DESC" : "ASC")" }
        let ordering = orders.isEmpty ? "" : " ORDER " + orders.joined(separator: ", ")
        return "SELECT \(columnNames) FROM \(source)\(Statement.condition(condition))\(ordering)"
    }
}

extension Condition {
    var description: String {
        switch self {
        case .and(let a, let b): "(\(a.description) AND \(b.description))"
        case .or(let a, let b): "(\(a.description) OR \(b.description))"
        case .not(let condition): "(NOT \(condition.description))"
        case .comparison(let comparator, let a, let b): "(\(a.description) \(comparator.rawValue) \(b.description))"
        case .between(let a, let low, let high):
            "(\(a.description) BETWEEN \(low.description) AND \(high.description))"
        case .isIn(let a, let candidates):
            "(\(a.description) IN \(candidates.map(\.description).joined(separator: ", ")))"
        case .exists(let path): "exists(\(path.description))"
        case .doesNotExist(let path): "missing(\(path.description))"
        case .hasType(let a, let type): "type(\(a.description), \(type.name))"
        case .beginsWith(let a, let b): "begins_with(\(a.description), \(b.description))"
        case .contains(let a, let b): "contains(\(a.description), \(b.description))"
        }
    }
}

extension Condition.Operand {
    var description: String {
        switch self {
        case .path(let path): path.description
        case .value(let value): Lab.json(value)
        case .size(let operand): "size(\(operand.description))"
        case .truth(let condition): "truth\(condition.description)"
        }
    }
}

extension Update.Action {
    var description: String {
        switch change {
        case .set(let operand): "\(path.description) = \(operand.description)"
        case .remove: "remove \(path.description)"
        case .add(let value): "add \(path.description) \(Lab.json(value))"
        case .delete(let value): "delete \(path.description) \(Lab.json(value))"
        }
    }
}

extension Update.Operand {
    var description: String {
        switch self {
        case .path(let path): path.description
        case .value(let value): Lab.json(value)
        case .sum(let a, let b): "(\(a.description) + \(b.description))"
        case .difference(let a, let b): "(\(a.description) - \(b.description))"
        case .ifNotExists(let path, let operand): "if_not_exists(\(path.description), \(operand.description))"
        case .listAppend(let a, let b): "list_append(\(a.description), \(b.description))"
        }
    }
}

extension ReadPlan {
    /// The queries, or the scan's filter.
    var descriptions: [String] {
        switch self {
        case .scan(let filter): ["scan" + (filter.map { " " + $0.description } ?? "")]
        case .queries(let queries):
            queries.map { query in
                let asked = query.conditions.map { condition in
                    let values = condition.values.map { $0.string ?? $0.number?.description ?? "?" }
                    return "\(condition.attribute) \(condition.operator) \(values.joined(separator: ","))"
                }
                let filter = query.filter.map { " filter " + $0.description } ?? ""
                return asked.joined(separator: " and ") + filter
            }
        }
    }
}
