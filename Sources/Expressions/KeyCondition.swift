package import Items

/// What a KeyConditionExpression asks of one key attribute.
package struct KeyCondition {
    /// What a key attribute may be asked.
    package enum Operator: Sendable {
        case equal
        case less
        case lessOrEqual
        case greater
        case greaterOrEqual
        case between
        case beginsWith
    }

    /// The key attribute.
    package let attribute: String

    /// How the attribute is compared with the values.
    package let `operator`: Operator

    /// One value; two for `.between`. Views: they must stay where they are while the condition is in use.
    package let values: [ValueView]

    /// A condition that no text names.
    package init(attribute: String, operator: Operator, values: [ValueView]) {
        self.attribute = attribute
        self.operator = `operator`
        self.values = values
    }

    /// Parses a KeyConditionExpression: conditions on key attributes, one each, joined by AND. Which attributes they
    /// are of, and whether the operators fit, is for the table to say.
    ///
    /// - Throws: with AWS's message.
    package static func parse(
        _ text: String, _ placeholders: inout Placeholders
    ) throws(ExpressionError) -> [KeyCondition] {
        let condition = try Condition.parse(.keyCondition, text, &placeholders)
        var conditions: [KeyCondition] = []
        try collect(condition, into: &conditions)
        return conditions
    }

    private static func collect(
        _ condition: Condition, into conditions: inout [KeyCondition]
    ) throws(ExpressionError) {
        switch condition {
        case .and(let a, let b):
            try collect(a, into: &conditions)
            try collect(b, into: &conditions)
        case .or: throw invalidOperator("OR")
        case .not: throw invalidOperator("NOT")
        case .isIn: throw invalidOperator("IN")
        case .comparison(.notEqual, _, _): throw invalidOperator("<>")
        case .exists: throw invalidOperator("attribute_exists")
        case .doesNotExist: throw invalidOperator("attribute_not_exists")
        case .hasType: throw invalidOperator("attribute_type")
        case .contains: throw invalidOperator("contains")
        case .comparison(let comparator, let a, let b):
            if case .path = a {
                try append(Self.operator(comparator), a, [b], named: comparator.rawValue, to: &conditions)
            } else {
                try append(Self.operator(comparator.mirrored), b, [a], named: comparator.rawValue, to: &conditions)
            }
        case .between(let operand, let low, let high):
            try append(.between, operand, [low, high], named: "BETWEEN", to: &conditions)
        case .beginsWith(let operand, let prefix):
            try append(.beginsWith, operand, [prefix], named: "begins_with", to: &conditions)
        }
    }

    private static func invalidOperator(_ name: String) -> ExpressionError {
        ExpressionError("Invalid operator used in KeyConditionExpression: \(name)")
    }

    private static func `operator`(_ comparator: Condition.Comparator) -> Operator {
        switch comparator {
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        default: .equal
        }
    }

    private static func append(
        _ operator: Operator, _ operand: Condition.Operand, _ others: [Condition.Operand], named name: String,
        to conditions: inout [KeyCondition]
    ) throws(ExpressionError) {
        var values: [ValueView] = []
        for other in [operand] + others {
            switch other {
            case .size, .truth: throw ExpressionError("KeyConditionExpressions cannot contain nested operations")
            case .path, .value: break
            }
        }
        for other in others {
            switch other {
            case .value(let value): values.append(value)
            case .path:
                guard case .path = operand else { throw mustComeFirst(name) }
                throw ExpressionError(
                    "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition")
            case .size, .truth: break
            }
        }
        guard case .path(let path) = operand else {
            if name == "BETWEEN" || name == "begins_with" { throw mustComeFirst(name) }
            throw ExpressionError("Invalid condition in KeyConditionExpression: No key attribute specified")
        }
        guard path.steps.isEmpty else {
            throw ExpressionError("KeyConditionExpressions cannot have conditions on nested attributes")
        }
        guard !conditions.contains(where: { path.isOf($0.attribute) }) else {
            throw ExpressionError("KeyConditionExpressions must only contain one condition per key")
        }
        conditions.append(KeyCondition(attribute: path.attribute, operator: `operator`, values: values))
    }

    private static func mustComeFirst(_ name: String) -> ExpressionError {
        ExpressionError(
            "Invalid condition in KeyConditionExpression: \(name) operator must have the key attribute as its "
                + "first operand")
    }
}
