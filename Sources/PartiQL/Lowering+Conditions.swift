import Expressions
import Items

extension Lowering {
    /// The condition that an expression is.
    mutating func condition(_ node: SyntaxNode) throws(StatementError) -> Condition {
        switch node {
        case .not(let other, _): return .not(try condition(other))
        case .binary("and", let a, let b, _): return .and(try condition(a), try condition(b))
        case .binary("or", let a, let b, _): return .or(try condition(a), try condition(b))
        case .binary("in", let a, let b, _): return try isIn(a, b)
        case .binary(let name, let a, let b, _):
            guard let comparator = Condition.Comparator(rawValue: name) else { throw Self.unsupported(node) }
            return try comparison(comparator, a, b)
        case .between(let a, let low, let high, _): return try between(a, low, high)
        case .hasType(let operand, let type, _): return try hasType(operand, type)
        case .call(let name, let operands, let span): return try function(name, operands, span)
        default: throw Self.unsupported(node)
        }
    }

    /// An expression that DynamoDB has no use for where it stands.
    static func unsupported(_ node: SyntaxNode) -> StatementError {
        StatementError("Unsupported operation: \(node.kind)")
    }

    // MARK: Operands

    /// What a condition looks at.
    private mutating func operand(_ node: SyntaxNode) throws(StatementError) -> Condition.Operand {
        if Self.isConstant(node) { return .value(try value(node)) }
        switch node {
        case .path(let path): return .path(try self.path(path))
        case .call("size", let operands, _):
            let operand = try one(operands, of: "size")
            try check(
                operand, [.string, .binary, .map, .list, .stringSet, .numberSet, .binarySet], of: "size")
            return .size(operand)
        default: return .truth(try condition(node))
        }
    }

    private mutating func operands(_ nodes: [SyntaxNode]) throws(StatementError) -> [Condition.Operand] {
        var operands: [Condition.Operand] = []
        for node in nodes { operands.append(try operand(node)) }
        return operands
    }

    private mutating func one(
        _ nodes: [SyntaxNode], of function: String
    ) throws(StatementError) -> Condition.Operand {
        guard nodes.count == 1 else { throw StatementError(OperandMessages.wrongCount(function, nodes.count)) }
        return try operand(nodes[0])
    }

    private mutating func two(
        _ nodes: [SyntaxNode], of function: String
    ) throws(StatementError) -> (Condition.Operand, Condition.Operand) {
        guard nodes.count == 2 else { throw StatementError(OperandMessages.wrongCount(function, nodes.count)) }
        let first = try operand(nodes[0])
        let second = try operand(nodes[1])
        try checkDistinct(first, second, of: function)
        return (first, second)
    }

    /// Refuses a constant of a wrong type. Whether a condition holds is a constant in that sense.
    private func check(
        _ operand: Condition.Operand, _ types: [AttributeType], of name: String
    ) throws(StatementError) {
        let type: AttributeType
        switch operand {
        case .value(let value): type = value.type
        case .truth: type = .boolean
        case .path, .size: return
        }
        guard types.contains(type) else { throw StatementError(OperandMessages.wrongType(name, "\(type.name)")) }
    }

    private func checkDistinct(
        _ a: Condition.Operand, _ b: Condition.Operand, of name: String
    ) throws(StatementError) {
        guard case .path(let first) = a, case .path(let second) = b, first == second else { return }
        throw StatementError(OperandMessages.indistinct(name, first))
    }

    // MARK: Operators

    private static let orderedTypes: [AttributeType] = [.string, .number, .binary]

    private mutating func comparison(
        _ comparator: Condition.Comparator, _ a: SyntaxNode, _ b: SyntaxNode
    ) throws(StatementError) -> Condition {
        let first = try operand(a)
        let second = try operand(b)
        try checkDistinct(first, second, of: comparator.rawValue)
        if comparator != .equal, comparator != .notEqual {
            for operand in [first, second] { try check(operand, Self.orderedTypes, of: comparator.rawValue) }
        }
        return .comparison(comparator, first, second)
    }

    private mutating func between(
        _ node: SyntaxNode, _ low: SyntaxNode, _ high: SyntaxNode
    ) throws(StatementError) -> Condition {
        let operands = try operands([node, low, high])
        for operand in operands { try check(operand, Self.orderedTypes, of: "BETWEEN") }
        if case .value(let low) = operands[1], case .value(let high) = operands[2],
            let message = OperandMessages.bounds(low, high)
        {
            throw StatementError(message)
        }
        return .between(operands[0], operands[1], operands[2])
    }

    private mutating func isIn(_ node: SyntaxNode, _ list: SyntaxNode) throws(StatementError) -> Condition {
        guard case .list(let candidates, _) = list, !candidates.isEmpty else { throw Self.unsupported(list) }
        guard candidates.count <= ExpressionLimits.inOperandsMax else {
            throw StatementError(OperandMessages.tooManyInOperands(candidates.count))
        }
        return .isIn(try operand(node), try operands(candidates))
    }

    private mutating func hasType(_ node: SyntaxNode, _ type: String) throws(StatementError) -> Condition {
        switch (type, node) {
        case ("missing", .path(let path)): return .doesNotExist(try self.path(path))
        case ("null", .path(let path)): return .hasType(.path(try self.path(path)), .null)
        case ("bool", .path(let path)), ("boolean", .path(let path)):
            return .hasType(.path(try self.path(path)), .boolean)
        case ("string", .path(let path)): return .hasType(.path(try self.path(path)), .string)
        case ("missing", _), ("null", _): throw StatementError(OperandMessages.needsPath("IS"))
        default: throw StatementError("Unsupported operation: IsType")
        }
    }

    // MARK: Functions

    private mutating func function(
        _ name: String, _ nodes: [SyntaxNode], _ span: SourceSpan
    ) throws(StatementError) -> Condition {
        switch name {
        case "attribute_exists", "attribute_not_exists":
            guard case .path(let path) = try one(nodes, of: name) else {
                throw StatementError(OperandMessages.needsPath(name))
            }
            return name == "attribute_exists" ? .exists(path) : .doesNotExist(path)
        case "begins_with":
            let (operand, prefix) = try two(nodes, of: name)
            for operand in [operand, prefix] { try check(operand, [.string, .binary], of: name) }
            return .beginsWith(operand, prefix)
        case "contains":
            let (operand, part) = try two(nodes, of: name)
            return .contains(operand, part)
        case "attribute_type":
            let (operand, type) = try two(nodes, of: name)
            return .hasType(operand, try self.type(type))
        case "size": throw StatementError(OperandMessages.misused("size"))
        default: throw .at(span, "Unrecognized function: \(name)")
        }
    }

    private func type(_ operand: Condition.Operand) throws(StatementError) -> AttributeType {
        try check(operand, [.string], of: "attribute_type")
        guard case .value(let value) = operand, let name = value.string else {
            throw StatementError(OperandMessages.wrongType("attribute_type", "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}"))
        }
        guard let type = AttributeType(name: name) else {
            throw StatementError(
                "Invalid attribute type name found; type: \(name), "
                    + "valid types: {N,BS,L,B,NULL,M,S,SS,NS,BOOL}")
        }
        return type
    }
}
