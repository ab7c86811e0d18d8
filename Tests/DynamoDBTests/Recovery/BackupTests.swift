import Bytes
import Disk
import LabClock
import LogStore
import Testing

@testable import DynamoDB

@Suite struct BackupTests {
    @Test func aBackupIsTheTableAtOneCommit() async throws {
        for seed: UInt64 in 1...3 {
            let lab = try await DynamoDBFixture(seed: seed)
            var random = SeededRandom(seed: seed)
            var model: TableModel = [:]
            try await lab.makeModelTable()
            var backups: [(arn: String, state: TableModel, isGone: Bool)] = []
            for number in 0..<200 {
                try await lab.change(&model, &random)
                if random.oneIn(20) { backups.append((try await lab.backUp(), model, false)) }
                if random.oneIn(50), let index = backups.indices.randomElement(using: &random), !backups[index].isGone {
                    try await lab.call(.deleteBackup, #"{"BackupArn":"\#(backups[index].arn)"}"#)
                    backups[index].isGone = true
                }
                if number == 100 {
                    // Trimming leaves what the backups need.
                    lab.time.advance(milliseconds: 2 * 86_400_000)
                    try await lab.runDue()
                    try await lab.crash()
                }
                lab.time.advance(milliseconds: 10)
            }
            // They outlive their table, and another of its name is no matter.
            try await lab.call(.deleteTable, #"{"TableName":"tab"}"#)
            try await lab.makeModelTable()
            try await lab.put(#""p":{"S":"other"},"v":{"S":"x"}"#)
            lab.time.advance(milliseconds: 2 * 86_400_000)
            try await lab.runDue()
            for (number, backup) in backups.enumerated() {
                let name = "restored\(number)"
                let restore = #"{"BackupArn":"\#(backup.arn)","TargetTableName":"\#(name)"}"#
                if backup.isGone {
                    #expect(
                        await lab.refusal(.restoreTableFromBackup, restore)
                            == "BackupNotFoundException: Backup not found: \(backup.arn)")
                    continue
                }
                try await lab.call(.restoreTableFromBackup, restore)
                try await lab.runDue()
                #expect(try await lab.contents(name) == backup.state)
                let described = try await lab.call(.describeTable, #"{"TableName":"\#(name)"}"#)
                #expect(described.member("SourceBackupArn") == backup.arn)
                #expect(described.member("ItemCount") == String(backup.state.count))
                try await lab.call(.deleteBackup, #"{"BackupArn":"\#(backup.arn)"}"#)
                try await lab.call(.deleteTable, #"{"TableName":"\#(name)"}"#)
            }
            // With the last one goes all that there was of the table.
            #expect(try await lab.keyCount(.history) == 0)
            #expect(try await lab.keyCount(.items) == 1)
            #expect(try await lab.keyCount(.catalog, [0x2C]) == 0)
        }
    }

    @Test func historyOfABackupIsTrimmedToWhatItNeeds() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        for number in 0..<10 { try await lab.put(#""p":{"S":"k\#(number)"}"#) }
        let arn = try await lab.backUp()
        for round in 0..<50 {
            for number in 0..<5 { try await lab.put(#""p":{"S":"k\#(number)"},"v":{"N":"\#(round)"}"#) }
        }
        #expect(try await lab.keyCount(.history) == 250)
        lab.time.advance(milliseconds: 86_400_000)
        try await lab.runDue()
        #expect(try await lab.keyCount(.history) == 5)
        try await lab.call(.deleteBackup, #"{"BackupArn":"\#(arn)"}"#)
        #expect(try await lab.keyCount(.history) == 0)
        try await lab.put(#""p":{"S":"k1"},"v":{"N":"7"}"#)
        #expect(try await lab.keyCount(.history) == 0)
    }

    @Test func aDeletedTableWithRecoveryLeavesABackup() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        try await lab.enableRecovery()
        try await lab.put(#""p":{"S":"a"},"x":{"N":"1"}"#)
        try await lab.call(.deleteTable, #"{"TableName":"tab"}"#)
        let list = try await lab.call(.listBackups, #"{"BackupType":"SYSTEM"}"#)
        #expect(list.member("BackupName") == "tab$DeletedTableBackup")
        #expect(list.member("BackupExpiryDateTime").flatMap { Double($0) } == Double(lab.second + 35 * 86_400))
        let arn = try #require(list.member("BackupArn"))
        try await lab.call(.restoreTableFromBackup, #"{"TargetTableName":"copy","BackupArn":"\#(arn)"}"#)
        #expect(
            await lab.refusal(.deleteBackup, #"{"BackupArn":"\#(arn)"}"#)?.hasPrefix("BackupInUseException") == true)
        try await lab.runDue()
        #expect(try await lab.get(#""p":{"S":"a"}"#, from: "copy") == #"{"p":{"S":"a"},"x":{"N":"1"}}"#)
        #expect(try await lab.call(.listBackups, #"{"BackupType":"USER"}"#) == #"{"BackupSummaries":[]}"#)
        lab.time.advance(milliseconds: 35 * 86_400_000)
        try await lab.runDue()
        #expect(try await lab.call(.listBackups, "{}") == #"{"BackupSummaries":[]}"#)
        #expect(try await lab.keyCount(.items) == 1)
        #expect(try await lab.keyCount(.history) == 0)
    }

    @Test func backupsAreListedByTableAndTime() async throws {
        let lab = try await DynamoDBFixture()
        for table in ["tab", "tab2", "other"] { try await lab.makeTable(table) }
        var arns: [String: [String]] = [:]
        let start = lab.second
        for number in 0..<12 {
            let table = ["tab", "tab2", "other"][number % 3]
            arns[table, default: []].append(try await lab.backUp(table, "name\(number)"))
            lab.time.advance(milliseconds: 1000)
        }
        func list(_ members: String) async throws -> [String] {
            var found: [String] = []
            var last: String?
            repeat {
                let start = last.map { #","ExclusiveStartBackupArn":"\#($0)""# } ?? ""
                let answer = try await lab.call(.listBackups, "{\(members)\(start)}")
                found += answer.components(between: #""BackupArn":""#, and: "\"")
                last = answer.member("LastEvaluatedBackupArn")
            } while last != nil
            return found
        }
        let all = (arns["other"] ?? []) + (arns["tab"] ?? []) + (arns["tab2"] ?? [])
        #expect(try await list(#""BackupType":"ALL""#) == all)
        #expect(try await list(#""Limit":1"#) == all)
        #expect(try await list(#""Limit":5"#) == all)
        #expect(try await list(#""TableName":"tab","Limit":2"#) == arns["tab"])
        #expect(try await list(#""TableName":"arn:aws:dynamodb:eu-west-1:111111111111:table/tab""#) == arns["tab"])
        #expect(
            try await list(
                #""TableName":"tab","TimeRangeLowerBound":\#(start + 3),"TimeRangeUpperBound":\#(start + 9)"#)
                == Array((arns["tab"] ?? [])[1...2]))
        #expect(try await list(#""BackupType":"AWS_BACKUP""#).isEmpty)
        lab.me.accountID = "222222222222"
        #expect(try await list("\"Limit\":9").isEmpty)
        #expect(
            await lab.refusal(.describeBackup, #"{"BackupArn":"\#(all[0])"}"#)?.hasPrefix("AccessDenied") == true)
    }

    @Test func aBackupTellsWhatItIsOf() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeModelTable()
        try await lab.put(#""p":{"S":"a"},"v":{"S":"x"}"#)
        let created = try await lab.call(.createBackup, #"{"TableName":"tab","BackupName":"mine"}"#)
        #expect(created.member("BackupStatus") == "CREATING")
        let arn = try #require(created.member("BackupArn"))
        #expect(arn.hasPrefix("arn:aws:dynamodb:eu-west-1:111111111111:table/tab/backup/01700000000000-"))
        #expect(created.member("BackupSizeBytes") == "4")
        let described = try await lab.call(.describeBackup, #"{"BackupArn":"\#(arn)"}"#)
        #expect(described.member("BackupStatus") == "AVAILABLE")
        #expect(described.member("BackupType") == "USER")
        #expect(described.member("ItemCount") == "1")
        #expect(described.member("BillingMode") == "PAY_PER_REQUEST")
        #expect(described.contains(#""GlobalSecondaryIndexes":[{"IndexName":"byV""#))
        #expect(
            await lab.refusal(.createBackup, #"{"TableName":"none","BackupName":"mine"}"#)
                == "TableNotFoundException: Table not found: none")
        #expect(
            await lab.refusal(.describeBackup, #"{"BackupArn":"arn:aws:dynamodb:eu-west-1:111111111111:table/tab/x"}"#)?
                .hasPrefix("ValidationException") == true)
        let deleted = try await lab.call(.deleteBackup, #"{"BackupArn":"\#(arn)"}"#)
        #expect(deleted.member("BackupStatus") == "DELETED")
        #expect(
            await lab.refusal(.deleteBackup, #"{"BackupArn":"\#(arn)"}"#)
                == "BackupNotFoundException: Backup not found: \(arn)")
    }
}
