import Items
import LabClock
import LogStore

extension DueKind {
    static let expiry = DueKind(rawValue: 0x12)
    static let expiryFill = DueKind(rawValue: 0x13)
}

extension TimeToLive {
    /// When an item expires: its attribute in seconds since 1970. Nil when that is no number, or no time of a lab.
    func expiry(of item: [UInt8]?) -> LabTime? {
        item?.reading { bytes in
            guard let number = ItemView(bytes)[attribute]?.number, !number.isNegative,
                let seconds = Double(number.description),
                let milliseconds = Int64(exactly: (seconds * 1000).rounded(.up)),
                milliseconds <= LabTime.end.millisecondsSinceEpoch
            else { return nil }
            return LabTime(millisecondsSinceEpoch: milliseconds)
        }
    }

    /// Whether an item that is found or written now will be deleted for a time: not when that is years ago, which is
    /// rather another unit or a mistake.
    static func isHeeded(_ expiry: LabTime, at now: LabTime) -> Bool {
        expiry >= now.adding(milliseconds: -DynamoDBLimits.expiryAgeMilliseconds)
    }

    /// The queue's entry for an item that expires.
    ///
    /// - Parameter key: the item's, which begins with the table's id.
    static func entry(_ key: [UInt8], at expiry: LabTime) -> DueEntry {
        DueEntry(time: expiry, kind: .expiry, id: key)
    }
}

extension Table {
    /// Keeps the queue's entry of an item that expires, with the item's own commit.
    func updateExpiry(_ change: ItemChange, at now: LabTime, _ due: DueQueue, in batch: inout WriteBatch) {
        guard let timeToLive = definition.timeToLive else { return }
        let old = timeToLive.expiry(of: change.old)
        let new = timeToLive.expiry(of: change.new)
        guard old != new else { return }
        if let old { TimeToLive.entry(change.place.key, at: old).remove(from: &batch) }
        guard let new, TimeToLive.isHeeded(new, at: now) else { return }
        due.add(TimeToLive.entry(change.place.key, at: new), to: &batch)
    }
}
