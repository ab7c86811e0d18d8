private import Bytes
private import Disk
private import Glibc
private import LogStore

/// `varve doctor --verify`: reads everything in a data directory and says what is damaged.
package struct StoreVerification {
    private let directory: String
    private let report: StoreScrub.Report
    private let isServed: Bool

    /// Reads it all.
    ///
    /// - Parameter onProgress: called now and then with bytes read and bytes in all.
    /// - Throws: `StartError`: `.cannotCreate` when there is no such directory or no store in it, `.inputOutput` when
    ///   the disk cannot be read at all.
    package init(
        directory: String, onProgress: @escaping (_ doneBytes: UInt64, _ totalBytes: UInt64) -> Void
    ) throws(StartError) {
        self.directory = directory
        let disk = try StoreDirectory.openExisting(directory)
        // Held to the end, so that nobody begins to change what is being read. Whoever serves it has it already.
        let lock = try StoreDirectory.lockIfFree(disk)
        isServed = lock == nil
        defer { withExtendedLifetime(lock) {} }
        let scrub = StoreScrub(disk, isServed: isServed) { onProgress($0.doneBytes, $0.totalBytes) }
        do throws(StoreError) {
            report = try scrub.run()
        } catch .disk(.notFound) {
            throw StartError(.cannotCreate, "\(directory) holds no store")
        } catch {
            throw StartError(.inputOutput, "\(directory): \(StoreStart.describe(error))")
        }
    }

    /// Whether everything is as it was written.
    package var isWhole: Bool { report.damages.isEmpty }

    /// A line for each damage, then what was read.
    package var text: String {
        var text = report.damages.map { "damage  \(Self.describe($0))\n" }.joined()
        if report.unlistedDamages > 0 { text += "damage  \(report.unlistedDamages) more\n" }
        text += report.notes.map { "note    \($0)\n" }.joined()
        if isServed { text += "note    the store is being served: what was written meanwhile may not have been read\n" }
        let verdict = isWhole ? "ok      " : "bad     "
        return text + verdict + "\(directory): \(report.tables) tables with \(report.entries) entries, "
            + "\(report.runs) runs in \(report.extentFiles) extent files, \(report.commits) commits in the log; "
            + "\(report.readBytes) bytes read\n"
    }

    /// One object: `ok`, `damages`, `notes` and what was read.
    package var json: String {
        let damages = report.damages.map(Self.json).joined(separator: ",")
        let notes = report.notes.map(JSONText.quoted).joined(separator: ",")
        return "{\"ok\":\(isWhole),\"store\":\(JSONText.quoted(report.storeID)),\"served\":\(isServed),"
            + "\"damages\":[\(damages)],\"unlisted_damages\":\(report.unlistedDamages),\"notes\":[\(notes)],"
            + "\"tables\":\(report.tables),\"entries\":\(report.entries),\"extent_files\":\(report.extentFiles),"
            + "\"runs\":\(report.runs),\"frames\":\(report.frames),\"commits\":\(report.commits),"
            + "\"read_bytes\":\(report.readBytes)}"
    }

    private static func describe(_ damage: StoreDamage) -> String {
        var text = "\(damage.file) at \(damage.offset): \(damage.what)"
        if damage.count > 1 { text += " (\(damage.count) pieces of content)" }
        guard let owner = damage.owner else { return text }
        text += "; \(owner.keyspace) "
        if owner.smallestKey == owner.largestKey { return text + "key \(KeyText.describe(owner.smallestKey))" }
        return text + (owner.isSmallestExcluded ? "keys after " : "keys from ")
            + "\(KeyText.describe(owner.smallestKey)) to \(KeyText.describe(owner.largestKey))"
    }

    private static func json(_ damage: StoreDamage) -> String {
        var fields = [
            "\"file\":\(JSONText.quoted(damage.file))", "\"offset\":\(damage.offset)",
            "\"what\":\(JSONText.quoted(damage.what))", "\"count\":\(damage.count)",
        ]
        if let owner = damage.owner {
            fields += [
                "\"keyspace\":\(JSONText.quoted("\(owner.keyspace)"))",
                "\"smallest_key\":\(JSONText.quoted(KeyText.describe(owner.smallestKey)))",
                "\"largest_key\":\(JSONText.quoted(KeyText.describe(owner.largestKey)))",
                "\"smallest_key_hex\":\"\(Hex.encode(owner.smallestKey))\"",
                "\"largest_key_hex\":\"\(Hex.encode(owner.largestKey))\"",
                "\"smallest_key_excluded\":\(owner.isSmallestExcluded)",
            ]
        }
        return "{\(fields.joined(separator: ","))}"
    }
}
