/// What a request has that the model's constraints do not allow, worded as AWS does.
///
/// The generated checks say where they are by entering and leaving members, so that nothing is put together for a
/// request that is in order.
package struct Violations {
    /// The most violations that AWS reports.
    package static let countMax = 10

    /// The most elements of a list or map that a message repeats. (AWS has no such bound; ours keeps the message
    /// smaller than the request.)
    private static let elementCountMax = 128

    private enum Step {
        case member(StaticString)
        case index(Int)
        case key(String)
    }

    private var path: [Step] = []
    private var texts: [String] = []

    /// The first violation of what the service's framework looks at.
    private var frameworkText: String?

    package init() {}

    /// Whether there is none.
    package var isEmpty: Bool { texts.isEmpty && frameworkText == nil }

    /// AWS's message; nil when there is no violation.
    package var message: String? {
        if let frameworkText { return "1 validation error detected: " + frameworkText }
        guard !texts.isEmpty else { return nil }
        let noun = texts.count == 1 ? "validation error" : "validation errors"
        return "\(texts.count) \(noun) detected: " + texts.joined(separator: "; ")
    }

    // MARK: Where

    /// Checks a structure that is a member.
    mutating func check(_ shape: (some APIInput)?, _ name: StaticString) {
        guard let shape else { return }
        path.append(.member(name))
        shape.check(&self)
        path.removeLast()
    }

    /// Checks structures that are a list's elements.
    mutating func check(elementsOf list: [some APIInput]?, _ name: StaticString) {
        guard let list else { return }
        path.append(.member(name))
        checkElements(list)
        path.removeLast()
    }

    /// Checks structures that are a map's values.
    mutating func check(valuesOf map: [String: some APIInput]?, _ name: StaticString) {
        guard let map else { return }
        path.append(.member(name))
        for (key, value) in map.sorted(by: { $0.key < $1.key }) {
            path.append(.key(key))
            value.check(&self)
            path.removeLast()
        }
        path.removeLast()
    }

    /// Checks structures in lists that are a map's values.
    mutating func check(listsOf map: [String: [some APIInput]]?, _ name: StaticString) {
        guard let map else { return }
        path.append(.member(name))
        for (key, list) in map.sorted(by: { $0.key < $1.key }) {
            path.append(.key(key))
            checkElements(list)
            path.removeLast()
        }
        path.removeLast()
    }

    private mutating func checkElements(_ list: [some APIInput]) {
        for (index, element) in list.enumerated() {
            guard texts.count < Self.countMax else { return }
            path.append(.index(index + 1))
            element.check(&self)
            path.removeLast()
        }
    }

    // MARK: What

    /// A member that must be there.
    mutating func require(_ isPresent: Bool, _ name: StaticString) {
        if !isPresent { add(nil, at: name, "Member must not be null") }
    }

    /// A string's form and length.
    mutating func check(
        _ value: String?, _ name: StaticString, pattern: TextPattern? = nil, min: Int? = nil, max: Int? = nil
    ) {
        guard let value else { return }
        if let pattern, !pattern.matches(value) { add(value, at: name, Self.demand(pattern)) }
        let length = value.utf16.count
        if let min, length < min { add(value, at: name, Self.demand(lengthMin: min)) }
        if let max, length > max { add(value, at: name, Self.demand(lengthMax: max)) }
    }

    /// The form and length of a list's strings.
    mutating func check(
        stringsOf list: [String]?, _ name: StaticString, pattern: TextPattern? = nil, min: Int? = nil, max: Int? = nil
    ) {
        guard let list else { return }
        path.append(.member(name))
        for (index, value) in list.enumerated() {
            guard texts.count < Self.countMax else { break }
            path.append(.index(index + 1))
            check(value, "", pattern: pattern, min: min, max: max)
            path.removeLast()
        }
        path.removeLast()
    }

    /// Who looks at a member, and words what is wrong with it.
    enum Checker {
        /// The service, which lists all violations with their values.
        case service
        /// The framework that the service is moving to: before the service, one violation alone, without the value.
        case framework
    }

    /// A number's bounds.
    mutating func check(
        _ value: Int?, _ name: StaticString, min: Int? = nil, max: Int? = nil, by checker: Checker = .service
    ) {
        guard let value else { return }
        if let min, value < min {
            add("\(value)", at: name, "Member must have value greater than or equal to \(min)", by: checker)
        }
        if let max, value > max {
            add("\(value)", at: name, "Member must have value less than or equal to \(max)", by: checker)
        }
    }

    /// A string that must be one of a set.
    mutating func check<Values: APIEnumeration>(_ value: String?, _ name: StaticString, in set: Values.Type) {
        guard let value, Values(rawValue: value) == nil else { return }
        add(value, at: name, "Member must satisfy enum value set: \(Values.listing)")
    }

    /// The number of a list's elements.
    ///
    /// - Parameter shape: AWS's name for the structures in it; nil for strings.
    mutating func check<Element>(
        countOf list: [Element]?, _ name: StaticString, of shape: StaticString? = nil, min: Int? = nil, max: Int? = nil,
        by checker: Checker = .service
    ) {
        guard let list else { return }
        if let min, list.count < min {
            add(Self.text(list, shape), at: name, Self.demand(lengthMin: min), by: checker)
        }
        if let max, list.count > max {
            add(Self.text(list, shape), at: name, Self.demand(lengthMax: max), by: checker)
        }
    }

    /// The number of a map's entries, and what keys it may have.
    mutating func check<Value>(
        countOf map: [String: Value]?, _ name: StaticString, of shape: StaticString? = nil, min: Int? = nil,
        max: Int? = nil, keys: KeyRule? = nil
    ) {
        guard let map else { return }
        if let min, map.count < min { add(Self.text(map, shape), at: name, Self.demand(lengthMin: min)) }
        if let max, map.count > max { add(Self.text(map, shape), at: name, Self.demand(lengthMax: max)) }
        for key in map.keys.sorted() where keys?.allows(key) == false {
            add(Self.text(map, shape), at: name, "Map keys must satisfy constraint: \(KeyRule.demand)")
        }
    }

    /// The number of the elements of each of a map's lists.
    mutating func check<Element>(
        countOfListsIn map: [String: [Element]]?, _ name: StaticString, of shape: StaticString, min: Int, max: Int
    ) {
        guard let map else { return }
        let demand = "[\(Self.demand(lengthMax: max)), \(Self.demand(lengthMin: min))]"
        for (_, list) in map.sorted(by: { $0.key < $1.key }) where list.count < min || list.count > max {
            add(Self.text(map, shape), at: name, "Map value must satisfy constraint: \(demand)")
        }
    }

    /// What the names of tables must be where they are the keys of a map.
    enum KeyRule {
        /// The name of a table, or its ARN.
        case tableName

        fileprivate func allows(_ key: String) -> Bool {
            guard !key.hasPrefix(Violations.arnPrefix) else { return key.utf16.count <= Violations.arnLengthMax }
            return TextPattern.name.matches(key) && Violations.nameLengths.contains(key.utf16.count)
        }

        fileprivate static let demand =
            "[" + Violations.demand(lengthMax: Violations.nameLengths.upperBound) + ", "
            + Violations.demand(lengthMin: Violations.nameLengths.lowerBound) + ", "
            + Violations.demand(TextPattern.name) + "]"
    }

    // MARK: Names of tables

    /// The characters that a table's name may have. (AWS.)
    package static let nameLengths = 3...255

    /// The characters that an ARN may have where a table's name is expected. (AWS's model.)
    package static let arnLengthMax = 1024

    private static let arnPrefix = "arn:"

    /// A table's name, or its ARN.
    mutating func check(tableNameOrARN value: String?, _ name: StaticString) {
        guard let value else { return }
        if value.isEmpty {
            check(value, name, min: 1)
        } else if value.hasPrefix(Self.arnPrefix) {
            check(value, name, max: Self.arnLengthMax)
        } else {
            check(value, name, pattern: .name, min: Self.nameLengths.lowerBound, max: Self.nameLengths.upperBound)
        }
    }

    /// What operations on tables say, before anything else, of a table's name that is missing or of a wrong length.
    static func refusal(ofTableName value: String?) -> String? {
        guard let value else { return refusalOfMissingTableName }
        if value.hasPrefix(arnPrefix) { return nil }
        guard !nameLengths.contains(value.utf16.count) else { return nil }
        return "TableName must be at least \(nameLengths.lowerBound) characters long "
            + "and at most \(nameLengths.upperBound) characters long"
    }

    /// What they say, and CreateTable, of one that is missing.
    static let refusalOfMissingTableName = "The parameter 'TableName' is required but was not present in the request"

    // MARK: Wording

    private static func demand(_ pattern: TextPattern) -> String {
        "Member must satisfy regular expression pattern: \(pattern.text)"
    }

    private static func demand(lengthMin: Int) -> String {
        "Member must have length greater than or equal to \(lengthMin)"
    }

    private static func demand(lengthMax: Int) -> String {
        "Member must have length less than or equal to \(lengthMax)"
    }

    private mutating func add(
        _ value: String?, at name: StaticString, _ demand: String, by checker: Checker = .service
    ) {
        guard texts.count < Self.countMax else { return }
        var place = path.map { step in
            switch step {
            case .member(let name): "\(name)"
            case .index(let index): "\(index).member"
            case .key(let key): "\(key).member"
            }
        }
        // A string in a list has no name of its own.
        if name.utf8CodeUnitCount > 0 { place.append("\(name)") }
        switch checker {
        case .service:
            let quoted = value.map { "'\($0)'" } ?? "null"
            texts.append("Value \(quoted) at '\(place.joined(separator: "."))' failed to satisfy constraint: \(demand)")
        case .framework:
            // It writes members as requests do.
            let members = path.indices.filter { if case .member = path[$0] { true } else { false } } + [place.count - 1]
            for index in members { place[index] = place[index].prefix(1).uppercased() + place[index].dropFirst() }
            let text = "Value at '\(place.joined(separator: "."))' failed to satisfy constraint: \(demand)"
            frameworkText = frameworkText ?? text
        }
    }

    /// A list as Java prints it.
    private static func text<Element>(_ list: [Element], _ shape: StaticString?) -> String {
        let elements = list.prefix(elementCountMax).enumerated().map { text(of: $1, at: $0, shape) }
        return "[" + elements.joined(separator: ", ") + "]"
    }

    /// A map as Java prints it.
    private static func text<Value>(_ map: [String: Value], _ shape: StaticString?) -> String {
        let entries = map.sorted { $0.key < $1.key }.prefix(elementCountMax)
        let texts = entries.enumerated().map { "\($1.key)=" + text(of: $1.value, at: $0, shape) }
        return "{" + texts.joined(separator: ", ") + "}"
    }

    /// An element as Java prints it: a structure by its class and its address, which ours stands in for by its place.
    private static func text<Element>(of element: Element, at index: Int, _ shape: StaticString?) -> String {
        switch element {
        case let string as String: string
        case let list as [any Sendable]: text(list, shape)
        default: "\(package).\(shape ?? "AttributeValue")@\(String(index + 1, radix: 16))"
        }
    }

    /// The Java package that AWS's messages name structures in.
    private static let package: StaticString = "com.amazonaws.dynamodb.v20120810"
}
