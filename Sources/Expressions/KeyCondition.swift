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
        try list(try Condition.parse(.keyCondition, text, &placeholders))
    }

    /// The conditions on key attributes that a parsed KeyConditionExpression is made of.
    ///
    /// - Throws: with AWS's message, for one that asks something else.
    package static func list(_ condition: Condition) throws(ExpressionError) -> [KeyCondition] {
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
            try append([a, b], to: &conditions) { Self.operator($0 == 0 ? comparator : comparator.mirrored) }
        case .between(let operand, let low, let high):
            guard case .path = operand else { throw mustComeFirst("BETWEEN") }
            try append([operand, low, high], to: &conditions) { _ in .between }
        case .beginsWith(let operand, let prefix):
            guard case .path = operand else { throw mustComeFirst("begins_with") }
            try append([operand, prefix], to: &conditions) { _ in .beginsWith }
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

    /// Looks at operands in the text's order, as AWS does.
    ///
    /// - Parameter operator: what the key attribute is asked when it stands at that place.
    private static func append(
        _ operands: [Condition.Operand], to conditions: inout [KeyCondition], operator: (_ place: Int) -> Operator
    ) throws(ExpressionError) {
        var key: (attribute: String, place: Int)?
        var values: [ValueView] = []
        for (place, operand) in operands.enumerated() {
            switch operand {
            case .value(let value): values.append(value)
            case .path(let path):
                guard key == nil else {
                    throw ExpressionError(
                        "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition")
                }
                guard path.steps.isEmpty else {
                    throw ExpressionError("KeyConditionExpressions cannot have conditions on nested attributes")
                }
                key = (path.attribute, place)
            case .size, .truth: throw ExpressionError("KeyConditionExpressions cannot contain nested operations")
            }
        }
        guard let key else {
            throw ExpressionError("Invalid condition in KeyConditionExpression: No key attribute specified")
        }
        guard !conditions.contains(where: { $0.attribute == key.attribute }) else {
            throw ExpressionError(
                "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key")
        }
        conditions.append(KeyCondition(attribute: key.attribute, operator: `operator`(key.place), values: values))
    }

    private static func mustComeFirst(_ name: String) -> ExpressionError {
        ExpressionError(
            "Invalid condition in KeyConditionExpression: \(name) operator must have the key attribute as its "
                + "first operand")
    }
}
