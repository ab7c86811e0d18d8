/// Entries that could not be handled, and when they are tried again. In memory: after a restart everything is tried at
/// once.
struct DueRetries {
    private struct Retry {
        var failures: Int
        /// The machine's time.
        var atNanoseconds: Int64
    }

    /// Entries that are remembered one by one; a kind of which more fail waits as a whole.
    private static let entriesMax = 1000
    /// After the first failure; each further one doubles it.
    private static let firstDelayNanoseconds: Int64 = 1_000_000_000
    private static let delayNanosecondsMax: Int64 = 60_000_000_000

    private var entries: [[UInt8]: Retry] = [:]
    private var kinds: [DueKind: Retry] = [:]
    private var metEntries: Set<[UInt8]> = []
    private var metKinds: Set<DueKind> = []

    /// A look at the whole queue begins.
    mutating func beginLook() { (metEntries, metKinds) = ([], []) }

    /// A look at the whole queue has ended: what it did not meet was removed by somebody else.
    mutating func endLook() {
        entries = entries.filter { metEntries.contains($0.key) }
        kinds = kinds.filter { metKinds.contains($0.key) }
        beginLook()
    }

    /// Whether an entry, which a look has met, is waiting for its retry.
    mutating func isWaiting(_ key: [UInt8], _ kind: DueKind, atNanoseconds now: Int64) -> Bool {
        if isEmpty { return false }
        if let retry = entries[key] {
            metEntries.insert(key)
            return now < retry.atNanoseconds
        }
        guard let retry = kinds[kind] else { return false }
        metKinds.insert(kind)
        return now < retry.atNanoseconds
    }

    /// An entry has failed.
    mutating func add(_ key: [UInt8], _ kind: DueKind, atNanoseconds now: Int64) {
        if let failures = entries[key]?.failures {
            entries[key] = Self.next(failures, now)
        } else if entries.count < Self.entriesMax {
            entries[key] = Self.next(0, now)
        } else {
            // One more of a kind in the same look says nothing new.
            let retry = kinds[kind]
            if retry == nil || now >= retry?.atNanoseconds ?? 0 { kinds[kind] = Self.next(retry?.failures ?? 0, now) }
        }
    }

    /// An entry is no longer there.
    mutating func remove(_ key: [UInt8], _ kind: DueKind) {
        if isEmpty { return }
        entries[key] = nil
        kinds[kind] = nil
    }

    var isEmpty: Bool { entries.isEmpty && kinds.isEmpty }

    mutating func removeAll() { self = DueRetries() }

    /// When the first retry is due, in the machine's time.
    var nextNanoseconds: Int64? {
        let first = entries.values.lazy.map(\.atNanoseconds).min()
        let firstKind = kinds.values.lazy.map(\.atNanoseconds).min()
        return [first, firstKind].compactMap { $0 }.min()
    }

    private static func next(_ failures: Int, _ now: Int64) -> Retry {
        let delay = min(firstDelayNanoseconds << min(failures, 16), delayNanosecondsMax)
        return Retry(failures: failures + 1, atNanoseconds: now + delay)
    }
}
