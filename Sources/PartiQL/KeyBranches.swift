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
    }

    /// How the items are found.
    func plan(_ condition: Condition) throws(StatementError) -> ReadPlan {
        guard hasPartition(condition) else { return .scan(filter: condition) }
        guard count(condition) <= StatementLimits.readsMax else {
            throw StatementError("Too many decomposed read operations for a given query.")
        }
        var queries: [KeyQuery] = []
        var ranges: [KeyInterval] = []
        for branch in branches(condition) {
            guard let (query, range) = try query(branch) else { continue }
            for (other, otherRange) in zip(queries, ranges) where range.overlaps(otherRange) {
                guard !other.partitionValue.isEqual(to: query.partitionValue) else {
                    throw StatementError(
                        "Overlapping conditions with range keys are not supported in where clause")
                }
            }
            queries.append(query)
            ranges.append(range)
        }
        return .queries(queries)
    }

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

    /// The query that finds a branch's items, and the sort keys that it finds; nil when there can be none.
    private func query(_ branch: Branch) throws(StatementError) -> (KeyQuery, KeyInterval)? {
        for question in branch.questions {
            let attribute = schema.attributes[question.attribute]
            guard question.key.values.allSatisfy({ $0.type == attribute.type.attributeType }) else {
                throw StatementError(
                    "Key attribute's data type should match its data type in table's schema: Key \(attribute.name)")
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
        return (KeyQuery(conditions: conditions, filter: Condition.all(filters), isWholeKey: isWholeKey), range)
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
