private import Bytes
private import Disk
private import LogStore
private import NIOHTTP1

/// What `varve inspect` prints: the files of a store, read without opening it.
package struct StoreInspection {
    /// What to look at.
    package enum Part: String, CaseIterable, Sendable {
        case levels, tables, log, extents
    }

    private let directory: String
    private let inspector: StoreInspector

    /// - Throws: `StartError`: `.cannotCreate` when there is no such directory, `.inputOutput` when it holds no store
    ///   or a damaged one.
    package init(directory: String) throws(StartError) {
        self.directory = directory
        let disk = try StoreDirectory.openExisting(directory)
        inspector = try Self.naming(directory) { () throws(StoreError) in try StoreInspector(disk) }
    }

    /// Reads one part.
    ///
    /// - Throws: `StartError` with `.inputOutput` when what is on disk is damaged.
    package func report(_ part: Part) throws(StartError) -> InspectionReport {
        var report = InspectionReport(storeID: inspector.storeID, columns: [])
        switch part {
        case .log: try addLog(to: &report)
        case .levels: addLevels(to: &report)
        case .tables: addTables(to: &report)
        case .extents: try addExtents(to: &report)
        }
        return report
    }

    /// The engine's numbers as the daemon that serves the store tells them.
    ///
    /// - Throws: `StartError`: `.unavailable` when no daemon answers; that of its refusal.
    package func live(endpoint: String, trustedCertificates: String?) throws(StartError) -> InspectionReport {
        let client = try AdminClient(
            endpoint: endpoint, dataDirectory: directory, trustedCertificates: trustedCertificates)
        let answer = try client.send(.GET, "/_varve/metrics", wantsText: true)
        guard answer.status == 200 else {
            throw StartError(AdminClient.exitStatus(ofRefusal: answer.status), answer.body)
        }
        let prefix = "varve_store_"
        var report = InspectionReport(storeID: inspector.storeID, columns: ["number", "level", "value"])
        for line in answer.body.split(separator: "\n") where line.hasPrefix(prefix) {
            let parts = line.dropFirst(prefix.count).split(separator: " ")
            guard parts.count == 2 else { continue }
            let name = parts[0].prefix { $0 != "{" }
            // The one label that an engine's number may have.
            let level = parts[0].dropFirst(name.count).filter(\.isNumber)
            report.rows.append([
                .text(String(name)), level.isEmpty ? .text("") : .figure(String(level)), .figure(String(parts[1])),
            ])
        }
        return report
    }

    private func addLog(to report: inout InspectionReport) throws(StartError) {
        report.columns = [
            "segment", "position", "bytes", "commits", "first_sequence", "durable_mark", "operations",
        ]
        let inspector = inspector
        for segment in try Self.naming("the log", { () throws(StoreError) in try inspector.log() }) {
            for frame in segment.frames {
                let operations = frame.operations.map { operation in
                    "\(operation.keyspace): \(operation.puts) put, \(operation.deletes) delete, \(operation.adds) add, "
                        + "\(operation.rangeDeletes) range delete"
                }
                report.rows.append([
                    .text(segment.file), .number(frame.position), .number(frame.bytes), .number(UInt64(frame.commits)),
                    .number(frame.firstSequence), .number(frame.durableMark),
                    .text(operations.joined(separator: "; ")),
                ])
            }
        }
    }

    private func addLevels(to report: inout InspectionReport) {
        report.columns = ["keyspace", "level", "runs", "tables", "bytes", "entries", "deletes", "extent_bytes"]
        for level in inspector.levels() {
            report.rows.append([
                .text(level.keyspace), .number(UInt64(level.level)), .number(UInt64(level.runs)),
                .number(UInt64(level.tables)), .number(level.bytes), .number(level.entries), .number(level.deletes),
                .number(level.extentBytes),
            ])
        }
    }

    private func addTables(to report: inout InspectionReport) {
        report.columns = [
            "file", "keyspace", "level", "run", "bytes", "entries", "deletes", "range_deletes", "smallest_key",
            "largest_key",
            "smallest_sequence", "largest_sequence", "extent_files", "extent_bytes",
        ]
        for table in inspector.tables() {
            report.rows.append([
                .text(table.file), .text(table.keyspace), .number(UInt64(table.level)), .number(table.run),
                .number(table.bytes), .number(table.entries), .number(table.deletes),
                .number(UInt64(table.rangeDeletes)),
                .text(KeyText.describe(table.smallestKey)), .text(KeyText.describe(table.largestKey)),
                .number(table.smallestSequence), .number(table.largestSequence), .number(UInt64(table.extentFiles)),
                .number(table.extentBytes),
            ])
        }
    }

    private func addExtents(to report: inout InspectionReport) throws(StartError) {
        report.columns = ["file", "bytes", "referenced_by_tables", "referenced_by_log", "unreferenced"]
        let inspector = inspector
        for extent in try Self.naming("the extents", { () throws(StoreError) in try inspector.extents() }) {
            // What the log names may have been overwritten, or be in tables already.
            let referenced = min(extent.bytes, extent.referencedByTables + extent.referencedByLog)
            report.rows.append([
                .text(extent.file), .number(extent.bytes), .number(extent.referencedByTables),
                .number(extent.referencedByLog), .number(extent.bytes - referenced),
            ])
        }
    }

    private static func naming<Output>(
        _ what: String, _ body: () throws(StoreError) -> Output
    ) throws(StartError) -> Output {
        do throws(StoreError) {
            return try body()
        } catch {
            throw StartError(.inputOutput, "\(what): \(StoreStart.describe(error))")
        }
    }
}

/// Keys as people can read them: ASCII as it is, other bytes as `\xHH`.
enum KeyText {
    static func describe(_ key: [UInt8]) -> String {
        var text = ""
        for byte in key {
            if (0x20..<0x7f).contains(byte), byte != UInt8(ascii: "\\") {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "\\x" + Hex.encode([byte])
            }
        }
        return text
    }
}
