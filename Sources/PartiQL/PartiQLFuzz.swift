import Expressions
package import Items

/// What a fuzzer feeds: any text at all must be a statement or be refused with a message.
package enum PartiQLFuzz {
    /// Parses text as a statement, with as many parameters as it has, asks it everything that can be asked of it and
    /// applies it to an item: traps when a refusal says nothing, or what it wrote is no item. Returns whether it was a
    /// statement.
    ///
    /// - Parameter parameters: taken in turns.
    package static func run(_ text: String, on item: ItemView, parameters: [ValueView]) -> Bool {
        do throws(StatementError) {
            let statement = try Statement.parse(text, parameters: Array(bound(parameters, in: text)))
            use(statement, on: item)
            return true
        } catch {
            check(error)
            return false
        }
    }

    private static func bound(_ parameters: [ValueView], in text: String) -> [ValueView] {
        let count = (try? countParameters(text)) ?? 0
        return (0..<count).map { parameters[$0 % parameters.count] }
    }

    private static func countParameters(_ text: String) throws(StatementError) -> Int {
        var parser = try StatementParser(text)
        _ = try parser.parse()
        return parser.parameterCount
    }

    private static func check(_ error: StatementError) {
        precondition(!error.message.isEmpty, "A refusal says nothing")
    }

    private static func use(_ statement: Statement, on item: ItemView) {
        var builder = ValueBuilder()
        precondition(!statement.table.isEmpty, "A statement is of no table")
        switch statement.body {
        case .select(let select), .exists(let select):
            _ = select.condition?.holds(of: item)
            check(select.columns.apply(to: item, into: &builder), builder)
            read(select)
        case .insert(let insert):
            precondition(StoredForm.isItem(insert.item.bytes), "What an INSERT wrote is no item")
        case .update(let update):
            _ = update.condition?.holds(of: item)
            if let range = try? update.update.apply(to: item, into: &builder) { check(range, builder) }
            attempt { () throws(StatementError) in _ = try update.key(schema(hasSort: true)) }
        case .delete(let delete):
            _ = delete.condition?.holds(of: item)
            attempt { () throws(StatementError) in _ = try delete.key(schema(hasSort: false)) }
        }
        withExtendedLifetime(statement) {}
    }

    private static func read(_ select: SelectStatement) {
        for hasSort in [true, false] {
            attempt { () throws(StatementError) in
                let schema = try schema(hasSort: hasSort)
                let plan = try select.plan(schema)
                _ = try select.readOrder(schema, plan)
                _ = try select.itemKey(schema)
            }
            attempt { () throws(StatementError) in _ = try select.existence(schema(hasSort: hasSort)) }
        }
    }

    private static func schema(hasSort: Bool) throws(StatementError) -> StatementKey {
        try StatementKey(
            partition: [.init(name: "a", type: .string)], sort: hasSort ? [.init(name: "b", type: .number)] : [])
    }

    private static func attempt(_ body: () throws(StatementError) -> Void) {
        do throws(StatementError) { try body() } catch { check(error) }
    }

    private static func check(_ range: Range<Int>, _ builder: borrowing ValueBuilder) {
        precondition(StoredForm.isItem(builder.item(at: range).bytes), "What a statement wrote is no item")
    }
}
