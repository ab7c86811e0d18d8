import Bytes
import Disk
import LabClock
import LogStore

@testable import DynamoDB

/// What a table is known to hold: the members of each item's JSON but the key, by the key.
typealias TableModel = [String: String]

extension DynamoDBFixture {
    /// Does all that is due, jobs included.
    func runDue() async throws { try await due.runDue() }

    func enableRecovery(_ table: String = "tab", days: Int = 35) async throws {
        try await call(
            .updateContinuousBackups,
            """
            {"TableName":"\(table)","PointInTimeRecoverySpecification":
             {"PointInTimeRecoveryEnabled":true,"RecoveryPeriodInDays":\(days)}}
            """)
    }

    func disableRecovery(_ table: String = "tab") async throws {
        try await call(
            .updateContinuousBackups,
            #"{"TableName":"\#(table)","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":false}}"#)
    }

    /// Begins a restore to the end of a second.
    func restore(_ table: String = "tab", to target: String, second: Int64, more: String = "") async throws {
        try await call(
            .restoreTableToPointInTime,
            """
            {"SourceTableName":"\(table)","TargetTableName":"\(target)","RestoreDateTime":\(second)\(more)}
            """)
    }

    /// Makes a backup; its ARN.
    func backUp(_ table: String = "tab", _ name: String = "backup") async throws -> String {
        let answer = try await call(.createBackup, #"{"TableName":"\#(table)","BackupName":"\#(name)"}"#)
        return answer.member("BackupArn") ?? ""
    }

    /// The lab's second.
    var second: Int64 { clock.now().second }

    /// A table with an index on `v`, whose items `apply` writes.
    func makeModelTable(_ name: String = "tab") async throws {
        try await makeTable(
            name,
            more: """
                ,"GlobalSecondaryIndexes":[{"IndexName":"byV","KeySchema":[{"AttributeName":"v","KeyType":"HASH"}],
                "Projection":{"ProjectionType":"ALL"}}]
                """, attributes: #",{"AttributeName":"v","AttributeType":"S"}"#)
    }

    /// Changes a random item, here and in the model.
    func change(_ model: inout TableModel, _ random: inout SeededRandom, table: String = "tab") async throws {
        let key = "k\(random.next() % 12)"
        if random.next() % 4 == 0 {
            model[key] = nil
            try await call(.deleteItem, #"{"TableName":"\#(table)","Key":{"p":{"S":"\#(key)"}}}"#)
        } else {
            let value = String(random.next() % 1000)
            model[key] = value
            try await put(#""p":{"S":"\#(key)"},"v":{"S":"\#(value)"}"#, into: table)
        }
    }

    /// What is in a table that `change` wrote, by its items and by its index; nil when the two differ.
    func contents(_ table: String) async throws -> TableModel? {
        let items = try await model(#"{"TableName":"\#(table)"}"#)
        return try await model(#"{"TableName":"\#(table)","IndexName":"byV"}"#) == items ? items : nil
    }

    private func model(_ scan: String) async throws -> TableModel {
        var model: TableModel = [:]
        for item in try await call(.scan, scan).components(between: "{\"p\":", and: "}}") {
            let texts = item.components(between: "\"S\":\"", and: "\"")
            if texts.count == 2 { model[texts[0]] = texts[1] } else { model[item] = "?" }
        }
        return model
    }

    /// What a table says of its items and bytes, and of those of its indexes.
    func counts(_ table: String) async throws -> [String] {
        let answer = try await call(.describeTable, #"{"TableName":"\#(table)"}"#)
        return ["ItemCount", "TableSizeBytes", "IndexSizeBytes"].map { answer.member($0) ?? "" }
    }

    /// How many keys lie under a prefix.
    func keyCount(_ keyspace: Keyspace, _ prefix: [UInt8] = []) async throws -> Int {
        var count = 0
        let cursor = store.cursor(keyspace, lower: prefix)
        while let entry = try await cursor.next(), entry.key.starts(with: prefix) { count += 1 }
        return count
    }
}

extension String {
    /// The first value of a member in JSON text, without quotes; nil when there is none.
    func member(_ name: String) -> String? {
        guard let start = ranges(of: "\"\(name)\":").first?.upperBound else { return nil }
        let rest = self[start...]
        if rest.hasPrefix("\"") { return String(rest.dropFirst().prefix { $0 != "\"" }) }
        return String(rest.prefix { !",}]".contains($0) })
    }

    /// All texts between a start and the next end.
    func components(between start: String, and end: String) -> [String] {
        ranges(of: start).compactMap { range in
            self[range.upperBound...].ranges(of: end).first.map { String(self[range.upperBound..<$0.lowerBound]) }
        }
    }
}

// MARK: Jobs

extension DynamoDBFixture {
    /// The restores that are under way.
    func jobs() async throws -> [RestoreJob] {
        var jobs: [RestoreJob] = []
        let cursor = store.cursor(.catalog, lower: [0x32], upper: [0x33])
        while let entry = try await cursor.next() {
            jobs.append(try RestoreJob(id: UInt64(bigEndianBytes: entry.key.dropFirst()), entry.value.head))
        }
        return jobs
    }

    /// Copies one piece of a restore, as the queue would.
    func runOnePiece(of job: RestoreJob) async throws {
        try await RestoreWork(service: service, pieceCountMax: 60, piecesMax: 1).run([
            DueEntry(time: JobTurns.first, kind: .restore, id: job.entryID)
        ])
    }
}
