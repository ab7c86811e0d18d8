import LogStore

/// When commits of a table were made, to the second.
struct CommitTimes {
    /// The first commits of seconds, ascending.
    private var marks: [(stamp: UInt64, second: Int64)] = []
    private let first: Int64

    init(of tableID: UInt64, from: Int64, to: Int64, _ store: LogStore) async throws(DynamoDBError) {
        first = from
        let cursor = store.cursor(
            .history, lower: HistoryKeys.second(tableID, from), upper: HistoryKeys.second(tableID, to))
        do throws(StoreError) {
            while let entry = try await cursor.next() {
                marks.append((UInt64(bigEndianBytes: entry.value.head), HistoryKeys.readSecond(entry.key)))
            }
        } catch {
            throw .store(error)
        }
    }

    func second(of stamp: UInt64) -> Int64 {
        var (low, high) = (0, marks.count)
        while low < high {
            let middle = (low + high) / 2
            if marks[middle].stamp <= stamp { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? first : marks[low - 1].second
    }
}
