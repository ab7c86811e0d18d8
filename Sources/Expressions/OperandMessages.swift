package import Items

/// What AWS says of operands that do not fit, in expressions and in statements.
package enum OperandMessages {
    /// A constant has a type that the operator or function does not take.
    ///
    /// - Parameter type: as AWS names it: the member of an AttributeValue.
    package static func wrongType(_ name: String, _ type: String) -> String {
        "Incorrect operand type for operator or function; operator or function: \(name), operand type: \(type)"
    }

    /// A function has too many or too few operands.
    package static func wrongCount(_ name: String, _ count: Int) -> String {
        "Incorrect number of operands for operator or function; operator or function: \(name), "
            + "number of operands: \(count)"
    }

    /// A function is of a path, and the operand is none.
    package static func needsPath(_ name: String) -> String {
        "Operator or function requires a document path; operator or function: \(name)"
    }

    /// A function stands where it cannot.
    package static func misused(_ name: String) -> String {
        "The function is not allowed to be used this way in an expression; function: \(name)"
    }

    /// Both operands are one path.
    package static func indistinct(_ name: String, _ path: DocumentPath) -> String {
        "The first operand must be distinct from the remaining operands for this operator or function; "
            + "operator: \(name), first operand: \(path.description)"
    }

    /// IN compares with more values than it may.
    package static func tooManyInOperands(_ count: Int) -> String {
        "The IN operator is provided with too many operands; number of operands: \(count)"
    }

    /// An expression has more operators than it may.
    package static func tooManyOperators(_ count: Int) -> String {
        "The expression contains too many operators; operator count: \(count)"
    }

    /// What is wrong with BETWEEN's bounds; nil when nothing is.
    package static func bounds(_ low: ValueView, _ high: ValueView) -> String? {
        let bounds = "lower bound operand: \(text(low)), upper bound operand: \(text(high))"
        if low.type != high.type {
            return "The BETWEEN operator requires same data type for lower and upper bounds; " + bounds
        }
        guard let order = low.compare(to: high), order > 0 else { return nil }
        return "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; " + bounds
    }

    private static func text(_ value: ValueView) -> String {
        let text = value.string ?? value.number?.description ?? ""
        return "AttributeValue: {\(value.type.name):\(text)}"
    }
}
