import Bytes
import LabClock
import LogStore

extension DynamoDBService {
    /// The seconds that an incremental export may span. (AWS.)
    private static let spanSeconds: ClosedRange<Int64> = 15 * 60...24 * 3600
    /// Exports that one ListExports answers.
    private static let exportsPageMax = 25

    func exportTableToPointInTime(
        _ call: Call<API.ExportTableToPointInTimeInput>
    ) async throws(DynamoDBError) -> API.ExportTableToPointInTimeOutput {
        let input = call.input
        try Self.check(input)
        let name = try call.tableName(input.tableARN)
        let handle = try await existingHandle(name, "Table not found: \(name.arn)")
        let token = input.clientToken.map { ClientToken($0, .export, call.context, request: call.body) }
        let bucket = BucketAddress(
            name: input.s3Bucket ?? "", account: call.context.accountID, region: call.context.region,
            expectedOwner: input.s3BucketOwner)
        let holds = (randomID(), randomID())
        let random = random(TimedID.randomSize)
        var made: TimedID?
        try await holdPast(of: handle) { (table, now) throws(DynamoDBError) in
            if let token, let earlier = try await self.earlier(token, .exportConflict) {
                made = TimedID(.export, of: handle.name, text: earlier)
                return nil
            }
            let extent = try Self.extent(input, at: now)
            let id = TimedID(.export, of: table.name, at: now, random: random)
            made = id
            let earlierHold = if case .incremental = extent { UInt64?.some(holds.1) } else { UInt64?.none }
            let export = ExportRecord(
                id: id, tableID: table.id, tableUUID: table.definition.uuid, keyNames: table.key.attributes.map(\.name),
                bucket: bucket, prefix: input.s3Prefix,
                extent: extent, clientToken: input.clientToken, started: now, hold: holds.0, earlierHold: earlierHold)
            let bounds = try await self.bounds(of: extent, table.id)
            return { transaction, batch in
                // An export of another table may have taken it since.
                _ = try await token?.earlier(transaction, at: now, conflict: .exportConflict)
                for second in extent.seconds {
                    try await self.checkReadable(second, of: table, at: now, transaction, .invalidExportTime)
                }
                HistoryHold.put(table.id, export.hold, bound: bounds.end, into: &batch)
                if let earlierHold { HistoryHold.put(table.id, earlierHold, bound: bounds.start, into: &batch) }
                export.put(into: &batch)
                token?.remember(id.text, at: now, self.due, in: &batch)
                self.due.add(DueEntry(time: JobTurns.first, kind: .export, id: export.id.key), to: &batch)
            }
        }
        guard let made else { preconditionFailure("An export was committed without being planned") }
        return try await answer(made)
    }

    /// What a token was used for.
    func earlier(_ token: ClientToken, _ conflict: DynamoDBError) async throws(DynamoDBError) -> String? {
        let now = clock.now()
        return try await transact { transaction, _ in
            try await token.earlier(transaction, at: now, conflict: conflict)
        }
    }

    private func answer(_ id: TimedID) async throws(DynamoDBError) -> API.ExportTableToPointInTimeOutput {
        API.ExportTableToPointInTimeOutput(exportDescription: try await export(id).description())
    }

    /// The commits that the first and the last state of an extent lie below; nil for that of the export itself.
    private func bounds(
        of extent: ExportRecord.Extent, _ tableID: UInt64
    ) async throws(DynamoDBError) -> (start: UInt64?, end: UInt64?) {
        switch extent {
        case .full(let second):
            return (nil, try await WrittenSeconds.bound(of: tableID, atEndOf: second, in: store))
        case .incremental(let from, let to, _):
            // Of the state at the beginning of a second: that at the end of the one before.
            return (
                try await WrittenSeconds.bound(of: tableID, atEndOf: from - 1, in: store),
                try await WrittenSeconds.bound(of: tableID, atEndOf: to - 1, in: store)
            )
        }
    }

    // MARK: Reading the request

    private static func check(_ input: API.ExportTableToPointInTimeInput) throws(DynamoDBError) {
        guard input.tableARN?.hasPrefix("arn:") == true else {
            throw .validation("Invalid TableArn: \(input.tableARN ?? "")")
        }
        try UnbuiltSettings.refuse(input.exportFormat == "ION", "ExportFormat ION")
        try UnbuiltSettings.refuse(input.s3SSEAlgorithm != nil, "S3SseAlgorithm")
        try UnbuiltSettings.refuse(input.s3SSEKMSKeyID != nil, "S3SseKmsKeyId")
        let isIncremental = input.exportType == "INCREMENTAL_EXPORT"
        if isIncremental, input.incrementalExportSpecification == nil {
            throw .validation("IncrementalExportSpecification must be specified for INCREMENTAL_EXPORT")
        }
        if !isIncremental, input.incrementalExportSpecification != nil {
            throw .validation("IncrementalExportSpecification can only be specified for INCREMENTAL_EXPORT")
        }
        if isIncremental, input.exportTime != nil {
            throw .validation("ExportTime can only be specified for FULL_EXPORT")
        }
    }

    private static func extent(
        _ input: API.ExportTableToPointInTimeInput, at now: LabTime
    ) throws(DynamoDBError) -> ExportRecord.Extent {
        guard let span = input.incrementalExportSpecification else {
            return .full(second: try second(input.exportTime, at: now))
        }
        guard let start = span.exportFromTime else {
            throw .validation("ExportFromTime must be specified for INCREMENTAL_EXPORT")
        }
        let from = try second(start, at: now)
        let to =
            try span.exportToTime.map { (time) throws(DynamoDBError) in try second(time, at: now) }
            ?? min(now.second, from + spanSeconds.upperBound)
        guard spanSeconds.contains(to - from) else {
            throw DynamoDBError(
                .invalidExportTimeException,
                "The difference between ExportFromTime and ExportToTime must be between 15 minutes and 24 hours")
        }
        return .incremental(from: from, to: to, hasOldImages: span.exportViewType != "NEW_IMAGE")
    }

    // MARK: Looking

    func describeExport(
        _ call: Call<API.DescribeExportInput>
    ) async throws(DynamoDBError) -> API.DescribeExportOutput {
        let export = try await export(try TimedID(.export, arn: call.input.exportARN ?? "", call.context))
        return API.DescribeExportOutput(exportDescription: export.description())
    }

    /// - Throws: `ExportNotFoundException`.
    private func export(_ id: TimedID) async throws(DynamoDBError) -> ExportRecord {
        guard let record = try await read(.catalog, id.key) else {
            throw DynamoDBError(.exportNotFoundException, "Export not found: \(id.arn)")
        }
        return try ExportRecord.decode(record.head)
    }

    func listExports(_ call: Call<API.ListExportsInput>) async throws(DynamoDBError) -> API.ListExportsOutput {
        var prefix = TimedID.prefix(.export, account: call.context.accountID, region: call.context.region)
        if let table = call.input.tableARN { prefix = TimedID.prefix(.export, of: try call.tableName(table)) }
        let limit = call.input.maxResults ?? Self.exportsPageMax
        var summaries: [API.ExportSummary] = []
        let next = try await page(prefix, call.input.nextToken, limit: limit) { (value) throws(DynamoDBError) in
            summaries.append(try ExportRecord.decode(value).summary)
        }
        return API.ListExportsOutput(exportSummaries: summaries, nextToken: next)
    }
}

extension ExportRecord.Extent {
    /// The seconds whose states must be readable.
    fileprivate var seconds: [Int64] {
        switch self {
        case .full(let second): [second]
        case .incremental(let from, let to, _): [from, to]
        }
    }
}

extension DynamoDBError {
    fileprivate static let exportConflict = DynamoDBError(
        .exportConflictException,
        "There was a conflict when writing to the specified S3 bucket: "
            + "the client token was used by an export with other parameters")

    fileprivate static let invalidExportTime = DynamoDBError(
        .invalidExportTimeException,
        "The specified ExportTime is outside of the point in time recovery window")
}
