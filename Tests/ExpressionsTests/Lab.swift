import Expressions
import Items

/// An item and a request's placeholders, with what expressions make of them.
final class Lab {
    private var builder = ValueBuilder(capacity: 1 << 16)
    private let item: Range<Int>
    private let names: [String: String]
    private let values: [String: Range<Int>]

    /// - Parameters:
    ///   - item: JSON.
    ///   - values: JSON: an object of attribute values.
    init(_ item: String = "{}", names: [String: String] = [:], values: String = "{}") throws {
        self.names = names
        self.item = try Self.read(item, into: &builder)
        let range = try Self.read(values, into: &builder)
        var values: [String: Range<Int>] = [:]
        for (name, _) in builder.item(at: range).attributes { values[String(decoding: name, as: UTF8.self)] = range }
        self.values = values
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

    private var placeholders: Placeholders {
        var views: [String: ValueView] = [:]
        for (name, range) in values { views[name] = builder.item(at: range)[name] }
        return Placeholders(names: names, values: views)
    }

    /// Whether a condition holds of the item.
    func holds(_ text: String, _ kind: ExpressionKind = .condition) throws -> Bool {
        var placeholders = placeholders
        return try Condition.parse(kind, text, &placeholders).holds(of: builder.item(at: item))
    }

    /// The item after an update, as JSON.
    func updated(_ text: String, exists: Bool = true) throws -> String {
        var placeholders = placeholders
        let update = try Update.parse(text, &placeholders)
        var result = ValueBuilder()
        let range = try update.apply(to: builder.item(at: item), exists: exists, into: &result)
        precondition(StoredForm.isItem(result.item(at: range).bytes), "What an update wrote is no item")
        return Self.json(result.item(at: range))
    }

    /// What an update touches, as JSON of before and after.
    func touched(_ text: String) throws -> (before: String, after: String) {
        var placeholders = placeholders
        let update = try Update.parse(text, &placeholders)
        var after = ValueBuilder()
        let range = try update.apply(to: builder.item(at: item), into: &after)
        var parts = ValueBuilder()
        let old = update.touched.apply(to: builder.item(at: item), into: &parts)
        let new = update.touched.apply(to: after.item(at: range), into: &parts)
        return (Self.json(parts.item(at: old)), Self.json(parts.item(at: new)))
    }

    /// What a projection shows of the item, as JSON.
    func projected(_ text: String) throws -> String {
        var placeholders = placeholders
        var result = ValueBuilder()
        let projection = try Projection.parse(text, &placeholders)
        let range = projection.apply(to: builder.item(at: item), into: &result)
        precondition(StoredForm.isItem(result.item(at: range).bytes), "What a projection wrote is no item")
        return Self.json(result.item(at: range))
    }

    /// The key conditions of an expression: attribute, operator and values.
    func keyConditions(_ text: String) throws -> [String] {
        var placeholders = placeholders
        return try KeyCondition.parse(text, &placeholders).map { condition in
            let values = condition.values.map { $0.string ?? $0.number?.description ?? "?" }
            return "\(condition.attribute) \(condition.operator) \(values.joined(separator: ","))"
        }
    }

    /// AWS's message for an expression that is refused; nil when it is not, or when what is not used is asked for.
    func refusal(_ kind: ExpressionKind, _ text: String, unused: Bool = false) -> String? {
        var placeholders = placeholders
        do throws(ExpressionError) {
            switch kind {
            case .update: _ = try Update.parse(text, &placeholders)
            case .projection: _ = try Projection.parse(text, &placeholders)
            case .keyCondition: _ = try KeyCondition.parse(text, &placeholders)
            default: _ = try Condition.parse(kind, text, &placeholders)
            }
        } catch {
            return error.message
        }
        return unused ? placeholders.unused?.message : nil
    }

    /// Runs text as every kind of expression. Whether it was one.
    func fuzz(_ text: String) -> Bool { ExpressionFuzz.run(text, on: builder.item(at: item), placeholders) }

    private static func json(_ item: ItemView) -> String {
        var writer = JSONWriter()
        writer.item(item)
        return String(decoding: writer.copyBytes(), as: UTF8.self)
    }
}
