import Expressions
import Items
import PartiQL

/// Values and items from JSON, and statements of them.
final class Lab {
    private var builder = ValueBuilder(capacity: 1 << 16)
    private let itemRange: Range<Int>
    private let parameterRange: Range<Int>

    /// - Parameters:
    ///   - item: JSON.
    ///   - parameters: JSON: an array of attribute values.
    init(_ item: String = "{}", parameters: String = "[]") throws {
        itemRange = try Self.read(item, into: &builder)
        parameterRange = try Self.read("{\"p\":{\"L\":\(parameters)}}", into: &builder)
    }

    private static func read(_ json: String, into builder: inout ValueBuilder) throws -> Range<Int> {
        var json = json
        return try json.withUTF8 { text in
            var reader = JSONReader(UnsafeRawBufferPointer(text))
            guard let range = try reader.readItem(into: &builder) else { throw InputError.validation("null") }
            if let problem = reader.takeProblem() { throw InputError.validation(problem) }
            return range
        }
    }

    var item: ItemView { builder.item(at: itemRange) }

    var parameters: [ValueView] { builder.item(at: parameterRange)["p"]?.list.map(Array.init) ?? [] }

    func parse(_ text: String) throws(StatementError) -> Statement {
        try Statement.parse(text, parameters: parameters)
    }

    /// AWS's message for a statement that is refused; nil when it is not.
    func refusal(_ text: String) -> String? {
        do throws(StatementError) {
            _ = try parse(text)
            return nil
        } catch {
            return error.message
        }
    }

    /// Whether a WHERE clause holds of the item.
    func holds(_ condition: String) throws -> Bool {
        let statement = try parse("SELECT * FROM t WHERE \(condition)")
        guard case .select(let select) = statement.body, let condition = select.condition else { return false }
        return withExtendedLifetime(statement) { condition.holds(of: item) }
    }

    /// The item after an UPDATE of which these are the clauses, as JSON.
    func updated(_ clauses: String) throws -> String {
        let statement = try parse("UPDATE t \(clauses)")
        guard case .update(let update) = statement.body else { return "" }
        var result = ValueBuilder()
        let range = try update.update.apply(to: item, into: &result)
        return withExtendedLifetime(statement) { Self.json(result.item(at: range)) }
    }

    /// What a select list shows of the item, as JSON.
    func shown(_ list: String) throws -> String {
        let statement = try parse("SELECT \(list) FROM t")
        guard case .select(let select) = statement.body else { return "" }
        var result = ValueBuilder()
        let range = select.columns.apply(to: item, into: &result)
        return Self.json(result.item(at: range))
    }

    static func json(_ item: ItemView) -> String {
        var writer = JSONWriter()
        writer.item(item)
        return String(decoding: writer.copyBytes(), as: UTF8.self)
    }

    static func json(_ value: ValueView) -> String {
        var writer = JSONWriter()
        writer.value(value)
        return String(decoding: writer.copyBytes(), as: UTF8.self)
    }
}

/// A key of a string and, maybe, a string.
func key(_ partition: String = "pk", _ sort: String? = "sk", type: KeyType = .string) -> StatementKey {
    let sorts = sort.map { [StatementKey.Attribute(name: $0, type: type)] } ?? []
    do {
        return try StatementKey(partition: [.init(name: partition, type: .string)], sort: sorts)
    } catch {
        preconditionFailure("a key of one attribute a part is one")
    }
}
