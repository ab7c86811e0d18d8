package import Items

/// What stands for names and values in a request's expressions, and which of it they have used.
///
/// The values are views: they must stay where they are while expressions that use them are in use.
package struct Placeholders {
    private let names: [String: String]
    private let values: [String: ValueView]
    private var unusedNames: Set<String>
    private var unusedValues: Set<String>

    /// - Parameters:
    ///   - names: ExpressionAttributeNames, with the `#`.
    ///   - values: ExpressionAttributeValues, with the `:`.
    package init(names: [String: String] = [:], values: [String: ValueView] = [:]) {
        self.names = names
        self.values = values
        unusedNames = Set(names.keys)
        unusedValues = Set(values.keys)
    }

    /// The attribute's name that a placeholder stands for.
    mutating func name(_ placeholder: String) -> String? {
        unusedNames.remove(placeholder)
        return names[placeholder]
    }

    /// The value that a placeholder stands for.
    mutating func value(_ placeholder: String) -> ValueView? {
        unusedValues.remove(placeholder)
        return values[placeholder]
    }

    /// The error for placeholders that no expression uses: to be asked when all of the request's are parsed.
    package var unused: ExpressionError? {
        if !unusedNames.isEmpty { return Self.unused("ExpressionAttributeNames", unusedNames) }
        if !unusedValues.isEmpty { return Self.unused("ExpressionAttributeValues", unusedValues) }
        return nil
    }

    private static func unused(_ parameter: String, _ keys: Set<String>) -> ExpressionError {
        ExpressionError(
            "Value provided in \(parameter) unused in expressions: keys: {\(keys.sorted().joined(separator: ", "))}")
    }

    /// The error for a placeholder that cannot be one: `#` or `:` and letters, digits or underscores.
    package static func malformed(names: some Sequence<String>) -> ExpressionError? {
        malformed(names, "ExpressionAttributeNames", "#")
    }

    /// The error for a placeholder that cannot be one: `#` or `:` and letters, digits or underscores.
    package static func malformed(values: some Sequence<String>) -> ExpressionError? {
        malformed(values, "ExpressionAttributeValues", ":")
    }

    private static func malformed(
        _ keys: some Sequence<String>, _ parameter: String, _ mark: Character
    ) -> ExpressionError? {
        for key in keys {
            let tokens = Lexer.tokens(of: key)
            let isOne = tokens.count == 2 && tokens[0].text.count == key.count && key.first == mark
            if !isOne || tokens[0].kind != (mark == "#" ? .nameReference : .valueReference) {
                return ExpressionError("\(parameter) contains invalid key: Syntax error; key: \"\(key)\"")
            }
        }
        return nil
    }
}
