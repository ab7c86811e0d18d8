import Expressions
import Items

/// Which attributes of the items a Query or Scan answers.
enum Selection {
    /// Those of the item or of the index's entry.
    case stored
    /// All of the item's, fetched from the table where the index does not hold them.
    case all
    case projected(Projection)
    case count
}

/// One page that a Query or Scan asks for.
///
/// Unchecked: immutable; its expressions hold views of the arena, which it holds.
final class PageRequest: @unchecked Sendable {
    let target: ReadTarget
    let range: ReadRange
    let filter: Condition?
    let selection: Selection
    /// Items to look at, at most; nil for as many as a page has room for.
    let limit: Int?
    /// Whether entries of a local index lack attributes that are asked for, so that the items are fetched.
    let fetchesItems: Bool
    /// Whether the filter is asked of an index's entries, even where the items are fetched.
    let filtersEntries: Bool
    private let owners: [AnyObject]

    /// - Parameters:
    ///   - filtersEntries: as statements do; else a filter of what a local index lacks is asked of the items.
    ///   - owners: what the expressions' views are of.
    /// - Throws: `ValidationException` when attributes are asked for that a global index does not hold.
    init(
        _ target: ReadTarget, _ range: ReadRange, filter: Condition?, selection: Selection, limit: Int?,
        filtersEntries: Bool = false, owners: [AnyObject]
    ) throws(DynamoDBError) {
        self.target = target
        self.range = range
        self.filter = filter
        self.selection = selection
        self.limit = limit
        self.owners = owners
        self.filtersEntries = filtersEntries
        fetchesItems = try Self.fetchesItems(target, selection, filtersEntries ? nil : filter)
    }

    /// Refuses what the initialiser refuses.
    static func check(_ target: ReadTarget, _ selection: Selection, _ filter: Condition?) throws(DynamoDBError) {
        _ = try fetchesItems(target, selection, filter)
    }

    private static func fetchesItems(
        _ target: ReadTarget, _ selection: Selection, _ filter: Condition?
    ) throws(DynamoDBError) -> Bool {
        guard let index = target.index?.definition else { return false }
        switch selection {
        case .stored, .count: return false
        case .all:
            if index.projection == .all { return false }
            guard index.isLocal else {
                throw .validation(
                    "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global "
                        + "secondary index \(index.name) because its projection type is not ALL")
            }
            return true
        case .projected(let projection):
            let names = projection.paths.map(\.attribute) + (filter?.paths.map(\.attribute) ?? [])
            var lacking: [String] = []
            for name in names where !index.projects(name, of: target.table.key) && !lacking.contains(name) {
                lacking.append(name)
            }
            if lacking.isEmpty { return false }
            guard index.isLocal else {
                throw .validation(
                    "One or more parameter values were invalid: Global secondary index \(index.name) does not project "
                        + "[\(lacking.joined(separator: ", "))]")
            }
            return true
        }
    }
}
