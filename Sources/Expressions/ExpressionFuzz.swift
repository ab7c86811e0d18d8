package import Items

/// What a fuzzer feeds: any text at all must be an expression or be refused with a message.
package enum ExpressionFuzz {
    /// Parses text as each kind of expression and applies it to an item: traps when a refusal says nothing, or what an
    /// update or projection writes is no item. Returns whether it was any kind of expression.
    package static func run(_ text: String, on item: ItemView, _ placeholders: Placeholders) -> Bool {
        let results = [
            attempt { () throws(ExpressionError) in
                var placeholders = placeholders
                _ = try Condition.parse(.filter, text, &placeholders).holds(of: item)
            },
            attempt { () throws(ExpressionError) in
                var placeholders = placeholders
                _ = try KeyCondition.parse(text, &placeholders)
            },
            attempt { () throws(ExpressionError) in
                var placeholders = placeholders
                var builder = ValueBuilder()
                check(try Projection.parse(text, &placeholders).apply(to: item, into: &builder), builder)
            },
            attempt { () throws(ExpressionError) in
                var placeholders = placeholders
                var builder = ValueBuilder()
                check(try Update.parse(text, &placeholders).apply(to: item, into: &builder), builder)
            },
        ]
        return results.contains(true)
    }

    private static func attempt(_ body: () throws(ExpressionError) -> Void) -> Bool {
        do throws(ExpressionError) {
            try body()
            return true
        } catch {
            precondition(!error.message.isEmpty, "A refusal says nothing")
            return false
        }
    }

    private static func check(_ range: Range<Int>, _ builder: borrowing ValueBuilder) {
        precondition(StoredForm.isItem(builder.item(at: range).bytes), "What an expression wrote is no item")
    }
}
