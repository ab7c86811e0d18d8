import Expressions
import Items

/// From a statement's syntax to the trees that expressions have, with its values in the stored form.
///
/// Views of values that are written stay valid: there is room for all of them from the start.
struct Lowering: ~Copyable {
    private let parameters: [ValueView]
    private let capacity: Int

    /// The values of the statement, one behind the other.
    private(set) var values: ValueBuilder

    /// Where in a value the next one is written, as AWS's messages name it.
    private var trail: [String] = []

    /// A literal's stored form has no more than this many bytes for each of its characters: `1` takes four.
    private static let bytesPerCharacterMax = 4

    /// - Parameters:
    ///   - text: the statement.
    ///   - parameters: its parameters; they are copied.
    init(_ text: String, _ parameters: [ValueView]) {
        self.parameters = parameters
        capacity = text.utf8.count * Self.bytesPerCharacterMax + parameters.reduce(64) { $0 + $1.bytes.count }
        values = ValueBuilder(capacity: capacity)
    }

    /// The values, when all of the statement is lowered.
    consuming func finish() -> ValueBuilder {
        precondition(values.count <= capacity, "A statement's values are longer than was reckoned")
        return values
    }

    // MARK: Paths

    /// A path's name and steps.
    func path(_ path: SyntaxPath) throws(StatementError) -> DocumentPath {
        var steps: [DocumentPath.Step] = []
        for step in path.steps {
            switch step {
            case .name(let name): steps.append(.name(name))
            case .index(let node): steps.append(.index(try index(node)))
            case .wildcard: throw .at(path.span, "Unexpected path component")
            }
        }
        guard steps.count < ExpressionLimits.pathLevelsMax else {
            throw StatementError(
                "The document path has too many nesting levels; nesting levels: \(steps.count + 1)")
        }
        return DocumentPath(attribute: path.name, steps: steps)
    }

    private func index(_ node: SyntaxNode) throws(StatementError) -> Int {
        guard case .number(let text, let span) = node else { throw .at(node.span, "Unexpected path component") }
        guard let index = Int(text), 0...StatementLimits.listIndexMax ~= index else {
            throw .at(span, "List index is not within the allowable range; index: [\(text)]")
        }
        return index
    }

    // MARK: Values

    /// Whether an expression says a value without looking at an item.
    static func isConstant(_ node: SyntaxNode) -> Bool {
        switch node {
        case .string, .number, .boolean, .null, .missing, .parameter, .list, .bag, .map: true
        default: false
        }
    }

    /// Writes a constant.
    mutating func value(_ node: SyntaxNode) throws(StatementError) -> ValueView {
        let start = values.count
        trail = ["root"]
        try write(node, level: 1)
        return values.value(at: start..<values.count)
    }

    /// Writes an item.
    mutating func item(
        _ members: [(key: SyntaxNode, value: SyntaxNode)]
    ) throws(StatementError) -> ItemView {
        var item = values.beginItem()
        for (key, value) in members {
            trail = ["root"]
            values.appendName(try name(key), in: &item)
            try write(value, level: 1)
        }
        guard let range = values.endItem(item) else { throw Self.duplicateName }
        return values.item(at: range)
    }

    private static let duplicateName = StatementError("A tuple cannot have the same key twice")

    private func name(_ key: SyntaxNode) throws(StatementError) -> String {
        guard case .string(let name, let span) = key else { throw unsupported(key) }
        guard !name.isEmpty else { throw .at(span, "Empty attribute name") }
        return name
    }

    private func unsupported(_ node: SyntaxNode) -> StatementError {
        .at(node.span, "Unsupported data type: \(node.kind) under key \(trail.joined())")
    }

    private func under(_ message: String) -> StatementError { StatementError("\(message) under \(trail.joined())") }

    private mutating func write(_ node: SyntaxNode, level: Int) throws(StatementError) {
        guard level <= ItemLimits.nestingMax else { throw under("Nesting Levels have exceeded supported limits") }
        switch node {
        case .string(let text, _): values.appendString(text)
        case .number(let text, _): values.appendNumber(try number(text))
        case .boolean(let value, _): values.appendBoolean(value)
        case .null: values.appendNull()
        case .parameter(let index, _) where level == 1: values.append(parameters[index])
        case .list(let elements, _):
            let list = values.begin(.list)
            for (index, element) in elements.enumerated() {
                trail.append("[\(index)]")
                try write(element, level: level + 1)
                trail.removeLast()
            }
            values.endList(list)
        case .map(let members, _):
            var map = values.begin(.map)
            for (key, value) in members {
                let name = try name(key)
                trail.append("." + name)
                values.appendName(name, in: &map)
                try write(value, level: level + 1)
                trail.removeLast()
            }
            guard values.endMap(map) else { throw Self.duplicateName }
        case .bag(let elements, _): try writeSet(elements)
        default: throw unsupported(node)
        }
    }

    private func number(_ text: String) throws(StatementError) -> Number38 {
        do throws(NumberError) {
            return try Number38(parsing: text)
        } catch {
            throw under(error.message(for: text))
        }
    }

    // MARK: Sets

    private static let wrongElement = StatementError(
        "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags")

    private mutating func writeSet(_ elements: [SyntaxNode]) throws(StatementError) {
        switch elements.first {
        case nil: throw StatementError("Empty bags are not supported")
        case .string: try writeStrings(elements)
        case .number: try writeNumbers(elements)
        default: throw Self.wrongElement
        }
    }

    private mutating func writeStrings(_ elements: [SyntaxNode]) throws(StatementError) {
        var set = values.begin(.stringSet)
        var texts: [String] = []
        for element in elements {
            guard case .string(var text, _) = element else { throw Self.wrongElement }
            texts.append(text)
            text.withUTF8 { values.appendElement(UnsafeRawBufferPointer($0), in: &set) }
        }
        guard values.endSet(set) else { throw StatementError(Self.duplicates(texts) + ".") }
    }

    private mutating func writeNumbers(_ elements: [SyntaxNode]) throws(StatementError) {
        var set = values.begin(.numberSet)
        var texts: [String] = []
        for element in elements {
            guard case .number(let text, _) = element else { throw Self.wrongElement }
            texts.append(text)
            values.appendElement(try number(text), in: &set)
        }
        guard values.endSet(set) else { throw under(Self.duplicates(texts) + "!") }
    }

    private static func duplicates(_ texts: [String]) -> String {
        "One or more parameter values were invalid: Input collection [" + texts.joined(separator: ", ")
            + "] contains duplicates"
    }
}
