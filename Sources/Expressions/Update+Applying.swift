package import Items

extension Update {
    /// Writes the item as it is after the update. All operands are of the item before; list indexes too.
    ///
    /// - Parameters:
    ///   - item: the item before; one that has only its key where there was none.
    ///   - exists: whether there was one. From none, REMOVE takes nothing, wherever its path goes.
    ///   - builder: not the one that the item lies in.
    /// - Throws: with AWS's message, when an operand is not there or has a wrong type, a path does not lead anywhere,
    ///   or a number goes out of range. Then nothing is written.
    package func apply(
        to item: ItemView, exists: Bool = true, into builder: inout ValueBuilder
    ) throws(ExpressionError) -> Range<Int> {
        var operands = Operands(item: item)
        var tree = PathTree<Edit>()
        for action in actions {
            if case .remove = action.change, !exists { continue }
            tree.insert(try operands.edit(action), at: action.path)
        }
        let start = builder.count
        var result = builder.beginItem()
        var writer = EditWriter(values: operands.values)
        let isWritten = writer.write(item.attributes, tree, into: &builder, in: &result)
        guard isWritten, let range = builder.endItem(result) else {
            builder.truncate(to: start)
            throw ExpressionError("The document path provided in the update expression is invalid for update")
        }
        guard !writer.isTooDeep else {
            builder.truncate(to: start)
            // Of what a request itself says, the service says more.
            throw ExpressionError("Nesting Levels have exceeded supported limits")
        }
        return range
    }
}

/// What happens to the end of a path.
private enum Edit {
    /// It becomes the value in that range of the operands' bytes.
    case set(Range<Int>)
    case remove
    /// It stays as it is, but the path must lead somewhere.
    case keep
}

/// The values that an update gives, computed from the item before.
private struct Operands: ~Copyable {
    let item: ItemView
    var values = ValueBuilder()

    init(item: ItemView) { self.item = item }

    private static let wrongType = ExpressionError("An operand in the update expression has an incorrect data type")

    mutating func edit(_ action: Update.Action) throws(ExpressionError) -> Edit {
        switch action.change {
        case .remove: return .remove
        case .set(let operand): return .set(try evaluate(operand))
        case .add(let value):
            let existing = action.path.value(in: item)
            guard existing == nil || existing?.type == value.type else { throw Self.wrongType }
            if let number = value.number { return .set(try append(existing?.number ?? .zero, plus: number)) }
            return .set(union(existing, value))
        case .delete(let value):
            guard let existing = action.path.value(in: item) else { return .keep }
            guard existing.type == value.type else { throw Self.wrongType }
            return difference(existing, value)
        }
    }

    private mutating func append(_ value: ValueView) -> Range<Int> {
        let start = values.count
        values.append(value)
        return start..<values.count
    }

    private mutating func append(_ a: Number38, plus b: Number38) throws(ExpressionError) -> Range<Int> {
        let start = values.count
        do throws(NumberError) {
            values.appendNumber(try a.adding(b))
        } catch {
            throw ExpressionError(error.message(for: ""))
        }
        return start..<values.count
    }

    // MARK: SET

    private mutating func evaluate(_ operand: Update.Operand) throws(ExpressionError) -> Range<Int> {
        switch operand {
        case .value(let value): return append(value)
        case .path(let path):
            guard let value = path.value(in: item) else {
                throw ExpressionError("The provided expression refers to an attribute that does not exist in the item")
            }
            return append(value)
        case .ifNotExists(let path, let other):
            guard let value = path.value(in: item) else { return try evaluate(other) }
            return append(value)
        case .sum(let a, let b):
            let first = try number(a)
            return try append(first, plus: number(b))
        case .difference(let a, let b):
            let first = try number(a)
            return try append(first, plus: number(b).negated)
        case .listAppend(let a, let b):
            let first = try evaluate(a)
            let second = try evaluate(b)
            guard values.value(at: first).type == .list, values.value(at: second).type == .list else {
                throw Self.wrongType
            }
            return concatenation(first, second)
        }
    }

    private mutating func number(_ operand: Update.Operand) throws(ExpressionError) -> Number38 {
        let range = try evaluate(operand)
        guard let number = values.value(at: range).number else { throw Self.wrongType }
        return number
    }

    private mutating func concatenation(_ a: Range<Int>, _ b: Range<Int>) -> Range<Int> {
        // Copied first: what is written may move what it is read from.
        let parts = [values.output.copyBytes(a), values.output.copyBytes(b)]
        let start = values.count
        let list = values.begin(.list)
        for part in parts {
            part.withUnsafeBytes { bytes in
                for value in ValueView(bytes).list! { values.append(value) }
            }
        }
        values.endList(list)
        return start..<values.count
    }

    // MARK: ADD and DELETE of sets

    private mutating func union(_ existing: ValueView?, _ value: ValueView) -> Range<Int> {
        guard let set = existing?.set, let added = value.set else { return append(value) }
        let start = values.count
        var result = values.begin(value.type)
        for element in set { values.appendElement(element, in: &result) }
        for element in added where !set.contains(element) { values.appendElement(element, in: &result) }
        let isSet = values.endSet(result)
        precondition(isSet, "A union has an element twice")
        return start..<values.count
    }

    private mutating func difference(_ existing: ValueView, _ value: ValueView) -> Edit {
        guard let set = existing.set, let removed = value.set else { return .keep }
        let start = values.count
        var result = values.begin(value.type)
        var isEmpty = true
        for element in set where !removed.contains(element) {
            values.appendElement(element, in: &result)
            isEmpty = false
        }
        let isSet = values.endSet(result)
        precondition(isSet, "A difference has an element twice")
        // There are no empty sets.
        return isEmpty ? .remove : .set(start..<values.count)
    }
}

/// Writes an item with edits on the ends of paths. Each `write` returns false where a path does not lead anywhere.
private struct EditWriter: ~Copyable {
    let values: ValueBuilder

    /// Whether a value that was set goes beyond the levels that a document may have.
    private(set) var isTooDeep = false

    init(values: consuming ValueBuilder) { self.values = values }

    /// Writes a map's members, or an item's attributes.
    mutating func write(
        _ members: MapView, _ tree: PathTree<Edit>, level: Int = 1, into builder: inout ValueBuilder,
        in container: inout ValueBuilder.Open
    ) -> Bool {
        var rest = tree.members
        for (name, value) in members {
            guard let node = tree.child(named: name) else {
                builder.appendName(name, in: &container)
                builder.append(value)
                continue
            }
            rest[Array(name)] = nil
            if case .remove? = node.leaf { continue }
            builder.appendName(name, in: &container)
            guard write(value, node, level: level, into: &builder) else { return false }
        }
        for (name, node) in rest {
            switch node.leaf {
            case .set(let range)?:
                name.withUnsafeBytes { builder.appendName($0, in: &container) }
                append(range, level: level, to: &builder)
            case .remove?, .keep?: continue
            case nil: return false
            }
        }
        return tree.elements.isEmpty
    }

    /// Writes a value that is there and is not removed.
    private mutating func write(
        _ value: ValueView, _ node: PathTree<Edit>, level: Int, into builder: inout ValueBuilder
    ) -> Bool {
        switch node.leaf {
        case .set(let range)?: append(range, level: level, to: &builder)
        case .keep?, .remove?: builder.append(value)
        case nil:
            if let map = value.map {
                var result = builder.begin(.map)
                guard write(map, node, level: level + 1, into: &builder, in: &result) else { return false }
                return builder.endMap(result)
            }
            guard let list = value.list, node.members.isEmpty else { return false }
            return write(list, node, level: level, into: &builder)
        }
        return true
    }

    private mutating func write(
        _ list: ListView, _ node: PathTree<Edit>, level: Int, into builder: inout ValueBuilder
    ) -> Bool {
        let result = builder.begin(.list)
        var rest = node.elements
        for (index, element) in list.enumerated() {
            guard let child = node.elements[index] else {
                builder.append(element)
                continue
            }
            rest[index] = nil
            if case .remove? = child.leaf { continue }
            guard write(element, child, level: level + 1, into: &builder) else { return false }
        }
        // What is set beyond the end goes to the end, in the order of the indexes.
        for index in rest.keys.sorted() {
            switch rest[index]?.leaf {
            case .set(let range)?: append(range, level: level + 1, to: &builder)
            case .remove?, .keep?: continue
            case nil: return false
            }
        }
        builder.endList(result)
        return true
    }

    private mutating func append(_ range: Range<Int>, level: Int, to builder: inout ValueBuilder) {
        let value = values.value(at: range)
        if level + value.depth - 1 > ItemLimits.nestingMax { isTooDeep = true }
        builder.append(value)
    }
}

extension ValueView {
    /// The levels of a document: 1 for a value that holds no others.
    fileprivate var depth: Int {
        if let map { return 1 + (map.map { $0.value.depth }.max() ?? 0) }
        if let list { return 1 + (list.map { $0.depth }.max() ?? 0) }
        return 1
    }
}
