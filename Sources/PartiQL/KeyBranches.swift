import Expressions
import Items

/// Takes a WHERE clause apart into alternatives, each of which is a query.
///
/// An OR makes alternatives when something in it is asked of a key; otherwise it is a filter, as NOT always is. IN
/// makes one of each of its values.
struct KeyBranches {
    let schema: StatementKey

    /// What is asked of a key attribute.
    private struct Question {
        let attribute: Int
        let key: KeyCondition
        let condition: Condition
    }

    /// Conditions that all have to hold.
    private struct Branch {
        var questions: [Question] = []
        var filters: [Condition] = []

        /// All that it says but for the partition key; nil for nothing.
        var rest: Condition? {
            Condition.all(questions.filter { $0.attribute > 0 }.map(\.condition) + filters)
        }
    }

    /// An alternative as a query, and the sort keys that it asks for.
    private struct Found {
        let branch: Branch
        let query: KeyQuery
        let range: KeyInterval

        func overlaps(_ other: Found) -> Bool {
            range.overlaps(other.range) && query.partitionValue.isEqual(to: other.query.partitionValue)
        }
    }

    /// How the items are found.
    func plan(_ condition: Condition) throws(StatementError) -> ReadPlan {
        guard hasPartition(condition) else { return .scan(filter: condition) }
        guard count(condition) <= StatementLimits.readsMax else {
            throw StatementError("Too many decomposed read operations for a given query.")
        }
        var found: [Found] = []
        var sharedPartitions: [ValueView] = []
        for branch in branches(condition) {
            guard let one = try self.found(branch) else { continue }
            for other in found where one.overlaps(other) {
                // AWS reads what is not of the sort key but of its negation beside others, and shows no item twice.
                guard negatesSort(branch) || negatesSort(other.branch) else { throw Self.overlap }
                sharedPartitions.append(one.query.partitionValue)
            }
            found.append(one)
        }
        var queries: [KeyQuery] = []
        for one in found {
            let partition = one.query.partitionValue
            guard sharedPartitions.contains(where: { $0.isEqual(to: partition) }) else {
                queries.append(one.query)
                continue
            }
            guard !queries.contains(where: { $0.partitionValue.isEqual(to: partition) }) else { continue }
            queries.append(together(found.filter { $0.query.partitionValue.isEqual(to: partition) }))
        }
        return .queries(queries)
    }

    private static let overlap = StatementError(
        "Overlapping conditions with range keys are not supported in where clause")

    // MARK: What a condition asks

    /// Whether every alternative says which partition key it is of.
    private func hasPartition(_ condition: Condition) -> Bool {
        switch condition {
        case .and(let a, let b): hasPartition(a) || hasPartition(b)
        case .or(let a, let b): hasPartition(a) && hasPartition(b)
        default: questions(condition).contains { $0.attribute == 0 }
        }
    }

    /// Whether something is asked of a key attribute.
    private func asksKey(_ condition: Condition) -> Bool {
        switch condition {
        case .and(let a, let b), .or(let a, let b): asksKey(a) || asksKey(b)
        default: !questions(condition).isEmpty
        }
    }

    /// Whether a branch says what the sort key is not.
    private func negatesSort(_ branch: Branch) -> Bool {
        branch.filters.contains { filter in
            switch filter {
            case .comparison(.notEqual, .path(let path), .value), .comparison(.notEqual, .value, .path(let path)):
                path.steps.isEmpty && schema.index(of: path.attribute) == 1
            case .not(let condition): asksSort(condition)
            default: false
            }
        }
    }

    /// Whether something is asked of the sort key, negated or not.
    private func asksSort(_ condition: Condition) -> Bool {
        switch condition {
        case .and(let a, let b), .or(let a, let b): asksSort(a) || asksSort(b)
        case .not(let condition): asksSort(condition)
        default: questions(condition).contains { $0.attribute == 1 }
        }
    }

    /// The alternatives; one more than there may be stands for any that are too many.
    private func count(_ condition: Condition) -> Int {
        let count =
            switch condition {
            case .and(let a, let b): self.count(a) * self.count(b)
            case .or(let a, let b): asksKey(condition) ? self.count(a) + self.count(b) : 1
            default: max(questions(condition).count, 1)
            }
        return min(count, StatementLimits.readsMax + 1)
    }

    private func branches(_ condition: Condition) -> [Branch] {
        switch condition {
        case .and(let a, let b):
            let seconds = branches(b)
            return branches(a).flatMap { first in
                seconds.map { Branch(questions: first.questions + $0.questions, filters: first.filters + $0.filters) }
            }
        case .or(let a, let b) where asksKey(condition): return branches(a) + branches(b)
        default:
            let questions = questions(condition)
            guard !questions.isEmpty else { return [Branch(filters: [condition])] }
            return questions.map { Branch(questions: [$0]) }
        }
    }

    /// What a condition without AND and OR asks of a key attribute: none, one, or one for each value of IN.
    private func questions(_ condition: Condition) -> [Question] {
        switch condition {
        case .comparison(let comparator, .path(let path), .value(let value)):
            question(path, comparator.keyOperator, [value], condition)
        case .comparison(let comparator, .value(let value), .path(let path)):
            question(path, comparator.mirrored.keyOperator, [value], condition)
        case .between(.path(let path), .value(let low), .value(let high)):
            question(path, .between, [low, high], condition)
        case .beginsWith(.path(let path), .value(let prefix)): question(path, .beginsWith, [prefix], condition)
        case .isIn(.path(let path), let candidates): alternatives(path, candidates)
        default: []
        }
    }

    private func question(
        _ path: DocumentPath, _ `operator`: KeyCondition.Operator?, _ values: [ValueView], _ condition: Condition
    ) -> [Question] {
        guard let `operator`, path.steps.isEmpty, let index = schema.index(of: path.attribute) else { return [] }
        guard index > 0 || `operator` == .equal else { return [] }
        let key = KeyCondition(attribute: path.attribute, operator: `operator`, values: values)
        return [Question(attribute: index, key: key, condition: condition)]
    }

    private func alternatives(_ path: DocumentPath, _ candidates: [Condition.Operand]) -> [Question] {
        var questions: [Question] = []
        for candidate in candidates {
            guard case .value(let value) = candidate else { return [] }
            let condition = Condition.comparison(.equal, .path(path), candidate)
            questions += question(path, .equal, [value], condition)
        }
        return questions
    }

    // MARK: From a branch to a query

    /// The query that finds a branch's items; nil when there can be none.
    private func found(_ branch: Branch) throws(StatementError) -> Found? {
        for question in branch.questions {
            let attribute = schema.attributes[question.attribute]
            guard question.key.values.allSatisfy({ $0.type == attribute.type.attributeType }) else {
                throw .keyType(of: attribute.name)
            }
        }
        let ofPartition = branch.questions.filter { $0.attribute == 0 }
        guard let partition = ofPartition.first else {
            preconditionFailure("An alternative without a partition key is no query")
        }
        let partitionValue = partition.key.values[0]
        guard ofPartition.allSatisfy({ $0.key.values[0].isEqual(to: partitionValue) }) else { return nil }
        let ofSort = branch.questions.filter { $0.attribute == 1 }
        var range = KeyInterval()
        for question in ofSort { range.intersect(question.key) }
        guard !range.isEmpty else { return nil }
        var conditions = [partition.key]
        var filters = branch.filters
        let chosen = ofSort.firstIndex { $0.key.operator == .equal } ?? ofSort.indices.first
        if let chosen {
            conditions.append(ofSort[chosen].key)
            // One value that fits the others says all of them.
            if ofSort[chosen].key.operator != .equal {
                for index in ofSort.indices where index != chosen { filters.append(ofSort[index].condition) }
            }
        }
        let isWholeKey = schema.sort == nil || chosen.map { ofSort[$0].key.operator == .equal } ?? false
        let query = KeyQuery(conditions: conditions, filter: Condition.all(filters), isWholeKey: isWholeKey)
        return Found(branch: branch, query: query, range: range)
    }

    /// One query that finds what several of the same partition key find.
    private func together(_ found: [Found]) -> KeyQuery {
        let partition = found[0].query.conditions[0]
        let rests = found.map(\.branch.rest)
        var filter: Condition?
        if let first = rests.first, !rests.contains(where: { $0 == nil }) {
            filter = rests.dropFirst().reduce(first) { a, b in
                guard let a, let b else { return nil }
                return .or(a, b)
            }
        }
        return KeyQuery(conditions: [partition], filter: filter, isWholeKey: false)
    }
}

extension Condition.Comparator {
    /// What a key attribute may be asked so; nil when it may not.
    fileprivate var keyOperator: KeyCondition.Operator? {
        switch self {
        case .equal: .equal
        case .notEqual: nil
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        }
    }
}
