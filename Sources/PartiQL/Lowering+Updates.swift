import Expressions
import Items

extension Lowering {
    /// The update that a statement's clauses are.
    mutating func update(_ syntax: [SyntaxChange.Action]) throws(StatementError) -> Update {
        var actions: [Update.Action] = []
        for action in syntax {
            switch action {
            case .set(let path, let node):
                let path = try self.path(path)
                actions.append(Update.Action(path: path, change: try change(of: path, to: node)))
            case .remove(let path): actions.append(Update.Action(path: try self.path(path), change: .remove))
            }
        }
        if let message = DocumentPath.collisionMessage(actions.map(\.path)) { throw StatementError(message) }
        return Update(actions: actions)
    }

    private mutating func change(
        of path: DocumentPath, to node: SyntaxNode
    ) throws(StatementError) -> Update.Change {
        switch node {
        case .call("set_add", let operands, let span):
            return .add(try setOperand("SET_ADD", operands, of: path, span))
        case .call("set_delete", let operands, let span):
            return .delete(try setOperand("SET_DELETE", operands, of: path, span))
        default: return .set(try operand(of: node))
        }
    }

    /// The set that is added or taken out.
    private mutating func setOperand(
        _ name: String, _ nodes: [SyntaxNode], of path: DocumentPath, _ span: SourceSpan
    ) throws(StatementError) -> ValueView {
        guard nodes.count == 2 else { throw .at(span, "\(name) must have exactly two arguments") }
        guard case .path(let target) = nodes[0], try self.path(target) == path else {
            throw .at(span, "The first argument to \(name) must equal the assignment value")
        }
        let mustBeSet = StatementError.at(
            nodes[0].span, "The second argument to \(name) must be a value with type SET")
        guard Self.isConstant(nodes[1]) else { throw mustBeSet }
        let set = try value(nodes[1])
        guard set.type.isSet else { throw mustBeSet }
        return set
    }

    // MARK: What a path is set to

    private mutating func operand(of node: SyntaxNode) throws(StatementError) -> Update.Operand {
        if Self.isConstant(node) { return .value(try value(node)) }
        switch node {
        case .path(let path): return .path(try self.path(path))
        case .binary("+", let a, let b, _):
            return .sum(try operand(of: a, as: .number, in: "+"), try operand(of: b, as: .number, in: "+"))
        case .binary("-", let a, let b, _):
            return .difference(try operand(of: a, as: .number, in: "-"), try operand(of: b, as: .number, in: "-"))
        case .call("list_append", let nodes, _):
            guard nodes.count == 2 else {
                throw StatementError(OperandMessages.wrongCount("list_append", nodes.count))
            }
            let first = try operand(of: nodes[0], as: .list, in: "list_append")
            return .listAppend(first, try operand(of: nodes[1], as: .list, in: "list_append"))
        case .call(let name, _, let span): throw .at(span, "Unrecognized function: \(name)")
        default: throw Self.unsupported(node)
        }
    }

    /// An operand that must be of a type, where that can be seen.
    private mutating func operand(
        of node: SyntaxNode, as type: AttributeType, in name: String
    ) throws(StatementError) -> Update.Operand {
        let operand = try operand(of: node)
        if case .value(let value) = operand, value.type != type {
            throw StatementError(OperandMessages.wrongType(name, "\(value.type.name)"))
        }
        return operand
    }
}
