import Bytes
import Disk
import LabClock
import LogStore
import Testing

@testable import DynamoDB

@Suite struct RecoveryTests {
    @Test func everySecondCanBeRestored() async throws {
        for seed: UInt64 in 1...4 {
            let lab = try await DynamoDBFixture(seed: seed)
            var random = SeededRandom(seed: seed)
            var model: TableModel = [:]
            try await lab.makeModelTable()
            for _ in 0..<20 { try await lab.change(&model, &random) }
            try await lab.enableRecovery()
            // What the table was at the end of each second.
            var states: [Int64: TableModel] = [:]
            let first = lab.second
            for _ in 0..<150 {
                try await lab.change(&model, &random)
                states[lab.second] = model
                if random.next() % 3 == 0 { lab.time.advance(milliseconds: Int64(random.next() % 3000)) }
                if random.next() % 40 == 0 { try await lab.reopen() }
            }
            for number in 0..<8 {
                let last = lab.second
                let second = first + Int64(random.next() % UInt64(last - first + 1))
                let name = "restored\(number)"
                try await lab.restore(to: name, second: second)
                // What is written later does not count, be it in the same second.
                let expected = states.filter { $0.key <= second }.max { $0.key < $1.key }?.value
                for _ in 0..<5 { try await lab.change(&model, &random) }
                states[lab.second] = model
                try await lab.runDue()
                #expect(try await lab.contents(name) == expected, "seed \(seed), second \(second - first)")
                #expect(try await lab.contents("tab") == model)
                lab.time.advance(milliseconds: 1500)
            }
        }
    }

    @Test func writesAcrossTheEndOfASecondAreOnOneSideOfIt() async throws {
        let lab = try await DynamoDBFixture(seed: 8)
        try await lab.makeTable()
        try await lab.enableRecovery()
        let first = lab.second
        let (service, clock, time, me) = (lab.service, lab.clock, lab.time, lab.me)
        // Of each write of each writer, when it was begun and when it was acknowledged.
        let writers = try await withThrowingTaskGroup(
            of: (writer: Int, writes: [(begun: Int64, done: Int64)]).self
        ) { group in
            for writer in 0..<6 {
                group.addTask {
                    var writes: [(begun: Int64, done: Int64)] = []
                    for number in 0..<80 {
                        let begun = clock.now().second
                        let item = #"{"p":{"S":"w\#(writer)"},"n":{"N":"\#(number)"}}"#
                        _ = try await service.perform(
                            .putItem, Array(#"{"TableName":"tab","Item":\#(item)}"#.utf8), me)
                        writes.append((begun, clock.now().second))
                        if number % 6 == writer { time.advance(milliseconds: 400) }
                        await Task.yield()
                    }
                    return (writer, writes)
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.writer] = $1.writes }
        }
        lab.time.advance(milliseconds: 1000)
        for second in stride(from: first, to: lab.second, by: 3) {
            try await lab.restore(to: "copy", second: second)
            try await lab.runDue()
            for (writer, writes) in writers {
                let item = try await lab.get(#""p":{"S":"w\#(writer)"}"#, from: "copy")
                let number = item?.member("N").flatMap { Int($0) } ?? -1
                #expect(number >= writes.lastIndex { $0.done <= second } ?? -1)
                #expect(number <= writes.lastIndex { $0.begun <= second } ?? -1)
            }
            try await lab.call(.deleteTable, #"{"TableName":"copy"}"#)
        }
    }

    @Test func aRestoreGoesOnAfterACrash() async throws {
        let lab = try await DynamoDBFixture(seed: 3)
        var random = SeededRandom(seed: 3)
        try await lab.makeModelTable()
        try await lab.enableRecovery()
        for number in 0..<180 {
            try await lab.put(#""p":{"S":"k\#(number)"},"v":{"S":"\#(random.next() % 100)"}"#)
        }
        let expected = try #require(try await lab.contents("tab"))
        let second = lab.second
        lab.time.advance(milliseconds: 1000)
        try await lab.restore(to: "copy", second: second)
        for number in 0..<80 {
            try await lab.call(.deleteItem, #"{"TableName":"tab","Key":{"p":{"S":"k\#(number)"}}}"#)
        }
        // One piece at a time, with a crash behind each.
        let job = try #require(try await lab.jobs().first)
        for _ in 0..<2 {
            try await lab.runOnePiece(of: job)
            #expect(
                await lab.refusal(.getItem, #"{"TableName":"copy","Key":{"p":{"S":"k1"}}}"#)
                    == "ResourceNotFoundException: Requested resource not found")
            let described = try await lab.call(.describeTable, #"{"TableName":"copy"}"#)
            #expect(described.member("TableStatus") == "CREATING")
            #expect(described.member("RestoreInProgress") == "true")
            try await lab.crash()
        }
        try await lab.runDue()
        #expect(try await lab.contents("copy") == expected)
        let described = try await lab.call(.describeTable, #"{"TableName":"copy"}"#)
        #expect(described.member("TableStatus") == "ACTIVE")
        #expect(described.member("RestoreInProgress") == "false")
        #expect(described.member("ItemCount") == "180")
        #expect(try await lab.jobs().isEmpty)
        #expect(try await lab.keyCount(.catalog, [0x2D]) == 0)
    }

    /// A stop between the last two commits of a restore: the table is open, its job still there.
    @Test func aRestoreEndsThoughItsTableIsDeletedMeanwhile() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        try await lab.enableRecovery()
        try await lab.put(#""p":{"S":"a"}"#)
        try await lab.restore(to: "copy", second: lab.second)
        var job = try #require(try await lab.jobs().first)
        let hold = try await lab.service.hold(job.sourceID, job.hold)
        try await lab.runDue()
        var batch = WriteBatch()
        job.isCopied = true
        job.put(into: &batch)
        HistoryHold.put(hold.tableID, hold.id, bound: hold.bound, into: &batch)
        lab.due.add(DueEntry(time: JobTurns.first, kind: .restore, id: job.entryID), to: &batch)
        try await lab.store.commit(batch)
        try await lab.call(.deleteTable, #"{"TableName":"copy"}"#)
        try await lab.makeTable("copy")
        try await lab.crash()
        #expect(try await lab.due.runDue().failingCount == 0)
        #expect(try await lab.jobs().isEmpty)
        #expect(try await lab.keyCount(.catalog, [0x2D]) == 0)
        #expect(
            try await lab.call(.describeTable, #"{"TableName":"copy"}"#).member("TableStatus") == "ACTIVE")
    }

    @Test func talliesOfARestoredTableAreExact() async throws {
        let lab = try await DynamoDBFixture()
        var random = SeededRandom(seed: 5)
        var model: TableModel = [:]
        try await lab.makeModelTable()
        try await lab.enableRecovery()
        for _ in 0..<50 { try await lab.change(&model, &random) }
        let counts = try await lab.counts("tab")
        let second = lab.second
        lab.time.advance(milliseconds: 2000)
        try await lab.change(&model, &random)
        try await lab.restore(to: "copy", second: second)
        try await lab.runDue()
        #expect(try await lab.counts("copy") == counts)
    }

    /// What the service itself deletes has its second like any other write.
    @Test func anExpiredItemIsThereUntilItsSecond() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        try await lab.setTimeToLive(true)
        try await lab.enableRecovery()
        let start = lab.second
        try await lab.put(#""p":{"S":"a"},"t":{"N":"\#(start + 10)"}"#)
        lab.time.advance(milliseconds: 12_000)
        try await lab.runDue()
        #expect(try await lab.get(#""p":{"S":"a"}"#) == nil)
        lab.time.advance(milliseconds: 8000)
        try await lab.put(#""p":{"S":"b"}"#)
        lab.time.advance(milliseconds: 2000)
        try await lab.restore(to: "before", second: start + 8)
        try await lab.restore(to: "after", second: start + 15)
        try await lab.runDue()
        #expect(try await lab.get(#""p":{"S":"a"}"#, from: "before") != nil)
        #expect(try await lab.get(#""p":{"S":"a"}"#, from: "after") == nil)
        #expect(try await lab.get(#""p":{"S":"b"}"#, from: "after") == nil)
    }

    @Test func timesOutsideThePeriodAreRefused() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        func refusal(_ second: Int64) async -> String? {
            await lab.refusal(
                .restoreTableToPointInTime,
                #"{"SourceTableName":"tab","TargetTableName":"copy","RestoreDateTime":\#(second)}"#)
        }
        #expect(
            await refusal(lab.second)
                == "PointInTimeRecoveryUnavailableException: Point in time recovery is not enabled for table 'tab'")
        try await lab.enableRecovery(days: 2)
        let enabled = lab.second
        lab.time.advance(milliseconds: 3600_000)
        #expect(await refusal(enabled - 1)?.hasPrefix("InvalidRestoreTimeException") == true)
        #expect(await refusal(lab.second + 1)?.hasPrefix("InvalidRestoreTimeException") == true)
        #expect(await refusal(enabled) == nil)
        try await lab.runDue()
        lab.time.advance(milliseconds: 3 * 86_400_000)
        let earliest = lab.second - 2 * 86_400
        let described = try await lab.call(.describeContinuousBackups, #"{"TableName":"tab"}"#)
        #expect(described.member("EarliestRestorableDateTime").flatMap { Double($0) } == Double(earliest))
        #expect(described.member("LatestRestorableDateTime").flatMap { Double($0) } == Double(lab.second))
        #expect(described.member("RecoveryPeriodInDays") == "2")
        try await lab.call(.deleteTable, #"{"TableName":"copy"}"#)
        #expect(await refusal(earliest - 1)?.hasPrefix("InvalidRestoreTimeException") == true)
        #expect(await refusal(earliest) == nil)
        #expect(await refusal(earliest)?.hasPrefix("TableInUseException") == true)
        try await lab.runDue()
        #expect(await refusal(earliest) == "TableAlreadyExistsException: Table already exists: copy")
    }

    @Test func aTableThatIsBeingBuiltIsLeftAlone() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        try await lab.enableRecovery()
        try await lab.put(#""p":{"S":"a"}"#)
        try await lab.restore(to: "copy", second: lab.second)
        let missing = "ResourceNotFoundException: Requested resource not found"
        #expect(await lab.refusal(.putItem, #"{"TableName":"copy","Item":{"p":{"S":"b"}}}"#) == missing)
        #expect(await lab.refusal(.scan, #"{"TableName":"copy"}"#) == missing)
        let inUse =
            "ResourceInUseException: Attempt to change a resource which is still in use: "
            + "Table is being created: copy"
        #expect(await lab.refusal(.deleteTable, #"{"TableName":"copy"}"#) == inUse)
        #expect(
            await lab.refusal(.updateTable, #"{"TableName":"copy","DeletionProtectionEnabled":true}"#) == inUse)
        #expect(
            await lab.refusal(.createBackup, #"{"TableName":"copy","BackupName":"name"}"#)
                == "ContinuousBackupsUnavailableException: Backups are being enabled for the table: copy. "
                + "Please retry later")
        // The source may go meanwhile: what is read of it stays.
        try await lab.call(.deleteTable, #"{"TableName":"tab"}"#)
        try await lab.runDue()
        #expect(try await lab.get(#""p":{"S":"a"}"#, from: "copy") == #"{"p":{"S":"a"}}"#)
    }

    @Test func historyIsTrimmedToThePeriod() async throws {
        let lab = try await DynamoDBFixture()
        var random = SeededRandom(seed: 9)
        var model: TableModel = [:]
        try await lab.makeModelTable()
        try await lab.enableRecovery(days: 1)
        var states: [Int64: TableModel] = [:]
        // Half of the writes lie more than a day back in the end.
        for _ in 0..<200 {
            try await lab.change(&model, &random)
            states[lab.second] = model
            lab.time.advance(milliseconds: 864_000)
            try await lab.runDue()
        }
        let entries = try await lab.keyCount(.history)
        #expect(entries < 2 * 210)
        let earliest = lab.second - 86_400
        for second in [earliest, earliest + 5000, lab.second - 1] {
            try await lab.restore(to: "copy", second: second)
            try await lab.runDue()
            let expected = states.filter { $0.key <= second }.max { $0.key < $1.key }?.value
            #expect(try await lab.contents("copy") == expected)
            try await lab.call(.deleteTable, #"{"TableName":"copy"}"#)
        }
        lab.time.advance(milliseconds: 3 * 86_400_000)
        try await lab.runDue()
        #expect(try await lab.keyCount(.history) == 0)
    }

    @Test func aTrimIsDoneOnceForAllTheDaysThatPassedAtOnce() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        try await lab.enableRecovery()
        lab.time.advance(milliseconds: 10 * 86_400_000)
        #expect(try await lab.due.runDue().doneCount == 1)
        #expect(try await lab.keyCount(.due) == 1)
        #expect(try await lab.due.firstTime() == lab.clock.now().adding(milliseconds: 86_400_000))
    }

    @Test func disablingRecoveryDropsTheHistory() async throws {
        let lab = try await DynamoDBFixture()
        var random = SeededRandom(seed: 9)
        var model: TableModel = [:]
        try await lab.makeModelTable()
        try await lab.enableRecovery()
        for _ in 0..<50 { try await lab.change(&model, &random) }
        #expect(try await lab.keyCount(.history) > 25)
        try await lab.disableRecovery()
        #expect(try await lab.keyCount(.history) == 0)
        #expect(try await lab.keyCount(.catalog, [0x2C]) == 0)
        try await lab.change(&model, &random)
        #expect(try await lab.keyCount(.history) == 0)
        // Enabled again, it begins anew.
        lab.time.advance(milliseconds: 5000)
        try await lab.enableRecovery()
        #expect(
            await lab.refusal(
                .restoreTableToPointInTime,
                #"{"SourceTableName":"tab","TargetTableName":"copy","RestoreDateTime":\#(lab.second - 1)}"#)?
                .hasPrefix("InvalidRestoreTimeException") == true)
        let before = model
        try await lab.change(&model, &random)
        lab.time.advance(milliseconds: 1000)
        let middle = model
        try await lab.change(&model, &random)
        try await lab.restore(to: "copy", second: lab.second - 1)
        try await lab.runDue()
        #expect(try await lab.contents("copy") == middle)
        #expect(before.count + 1 >= middle.count)
    }

    @Test func settingsOfARestoreReplaceTheSources() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeModelTable()
        try await lab.enableRecovery()
        try await lab.put(#""p":{"S":"a"},"v":{"S":"x"}"#)
        try await lab.restore(to: "bare", second: lab.second, more: #","GlobalSecondaryIndexOverride":[]"#)
        try await lab.runDue()
        let bare = try await lab.call(.describeTable, #"{"TableName":"bare"}"#)
        #expect(!bare.contains("GlobalSecondaryIndexes"))
        #expect(bare.contains(#""AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}]"#))
        try await lab.restore(
            to: "paid", second: lab.second,
            more: """
                ,"BillingModeOverride":"PROVISIONED","ProvisionedThroughputOverride":
                {"ReadCapacityUnits":3,"WriteCapacityUnits":4},"GlobalSecondaryIndexOverride":[{"IndexName":"byV",
                "KeySchema":[{"AttributeName":"v","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"},
                "ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":6}}]
                """)
        try await lab.runDue()
        let paid = try await lab.call(.describeTable, #"{"TableName":"paid"}"#)
        #expect(paid.contains(#""ReadCapacityUnits":3,"WriteCapacityUnits":4"#))
        #expect(paid.contains(#""ReadCapacityUnits":5,"WriteCapacityUnits":6"#))
        #expect(try await lab.contents("paid") == ["a": "x"])
        func refusal(_ more: String) async -> String? {
            await lab.refusal(
                .restoreTableToPointInTime,
                #"{"SourceTableName":"tab","TargetTableName":"other","UseLatestRestorableTime":true\#(more)}"#)
        }
        let provisioned = #","BillingModeOverride":"PROVISIONED""#
        #expect(await refusal(provisioned)?.hasPrefix("ValidationException") == true)
        let index = #""KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}"#
        for name in ["byV", "none"] {
            let wish = #","GlobalSecondaryIndexOverride":[{"IndexName":"\#(name)",\#(index)}]"#
            #expect(await refusal(wish)?.hasPrefix("ValidationException") == true)
        }
        #expect(
            await refusal(#","SSESpecificationOverride":{"Enabled":true}"#)?.contains("not supported") == true)
        #expect(await refusal(#","RestoreDateTime":1"#)?.hasPrefix("ValidationException") == true)
    }
}
