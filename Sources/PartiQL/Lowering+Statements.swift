import Expressions
import Items

extension Lowering {
    /// What the statement does.
    mutating func body(_ statement: SyntaxStatement) throws(StatementError) -> Statement.Body {
        switch statement {
        case .select(let syntax): return .select(try select(syntax))
        case .exists(let syntax): return .exists(try select(syntax))
        case .insert(let source, let node): return .insert(try insert(source, node))
        case .update(let syntax): return .update(try update(syntax))
        case .delete(let syntax): return .delete(try delete(syntax))
        case .expression(let node): throw Self.unsupported(node)
        }
    }

    private static let aliasing = StatementError("Aliasing is not supported")

    // MARK: SELECT

    private mutating func select(_ syntax: SyntaxSelect) throws(StatementError) -> SelectStatement {
        if let clause = syntax.unsupportedClause { throw .at(clause.span, "Unsupported clause: \(clause.name)") }
        guard !syntax.isAliased, !(syntax.items ?? []).contains(where: \.isAliased) else { throw Self.aliasing }
        guard case .path(let source) = syntax.source else {
            throw .at(syntax.source.span, "Unexpected path component")
        }
        let (table, index) = try self.source(source)
        var order: [SelectStatement.Order] = []
        for key in syntax.order {
            guard case .path(let path) = key.node, path.steps.isEmpty else {
                throw .at(key.node.span, "Unexpected path component")
            }
            order.append(SelectStatement.Order(attribute: path.name, isDescending: key.isDescending))
        }
        return SelectStatement(
            table: table, index: index, columns: try columns(syntax.items),
            condition: try optionalCondition(syntax.condition), order: order)
    }

    private func columns(_ items: [SyntaxSelect.Item]?) throws(StatementError) -> SelectList {
        guard let items else { return .everything }
        var columns: [SelectList.Column] = []
        for item in items {
            guard case .path(let path) = item.node else { throw .at(item.node.span, "Unexpected path component") }
            let column = SelectList.Column(path: try self.path(path))
            let isTaken = columns.contains { $0.name.utf8.elementsEqual(column.name.utf8) }
            guard !isTaken else {
                throw StatementError("Duplicate identifiers in select clause: \(column.name)")
            }
            columns.append(column)
        }
        return .columns(columns)
    }

    private mutating func optionalCondition(_ node: SyntaxNode?) throws(StatementError) -> Condition? {
        guard let node else { return nil }
        return try condition(node)
    }

    // MARK: Tables

    /// A table's name, and an index's.
    private func source(_ path: SyntaxPath) throws(StatementError) -> (table: String, index: String?) {
        var names = [path.name]
        for step in path.steps {
            guard case .name(let name) = step else { throw .at(path.span, "Unexpected path component") }
            names.append(name)
        }
        guard names.count <= 2 else {
            throw StatementError("A path may contain at most 2 components in the FROM clause")
        }
        guard !names.contains("") else { throw StatementError("Path component cannot be an empty string") }
        return (names[0], names.count == 2 ? names[1] : nil)
    }

    /// The table that a statement changes.
    private func target(_ syntax: SyntaxChange) throws(StatementError) -> String {
        guard !syntax.isAliased else { throw Self.aliasing }
        let (table, index) = try source(syntax.source)
        guard index == nil else { throw StatementError("This operation is not supported on an index") }
        return table
    }

    // MARK: Writes

    private mutating func insert(
        _ source: SyntaxPath, _ node: SyntaxNode
    ) throws(StatementError) -> InsertStatement {
        guard source.steps.isEmpty else { throw StatementError("FROM clause may only contain a single table name") }
        let (table, _) = try self.source(source)
        switch node {
        case .map(let members, _): return InsertStatement(table: table, item: try item(members))
        case .unsupported(let name, let span): throw .at(span, "Unsupported clause: \(name)")
        default: throw .at(node.span, "Unsupported data type: \(node.kind) under key root")
        }
    }

    private mutating func update(_ syntax: SyntaxChange) throws(StatementError) -> UpdateStatement {
        let table = try target(syntax)
        let update = try update(syntax.actions)
        return UpdateStatement(
            table: table, update: update, condition: try optionalCondition(syntax.condition),
            returning: try returning(syntax))
    }

    private mutating func delete(_ syntax: SyntaxChange) throws(StatementError) -> DeleteStatement {
        let table = try target(syntax)
        let condition = try optionalCondition(syntax.condition)
        let returning = try returning(syntax)
        if let returning, returning != .allOld {
            throw StatementError(
                "Invalid returning clause: RETURNING \(returning.rawValue) *. "
                    + "Only RETURNING ALL OLD * is allowed in DELETE statements.")
        }
        return DeleteStatement(table: table, condition: condition, returnsOld: returning != nil)
    }

    private func returning(_ syntax: SyntaxChange) throws(StatementError) -> Returning? {
        guard let clause = syntax.returning else { return nil }
        guard clause.isEverything else { throw .malformed("Unsupported syntax in RETURNING columns.") }
        return clause.returning
    }
}
