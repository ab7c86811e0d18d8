import Bytes
import Disk
import LabClock
import LogStore
import Testing

@testable import DynamoDB

/// There is always a way to make room again.
@Suite struct FullDiskTests {
    private static let refusal = "InsufficientStorageException: The disk is full: writes are refused, reads go on"

    /// A table that keeps all that a table can keep, on a disk that takes no more.
    private func fullLab() async throws -> DynamoDBFixture {
        let lab = try await DynamoDBFixture()
        try await makeKeepingTable(lab)
        try await fill(lab)
        return lab
    }

    private func makeKeepingTable(_ lab: DynamoDBFixture) async throws {
        try await lab.makeTable(
            more: """
                ,"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_AND_OLD_IMAGES"},
                "DeletionProtectionEnabled":true,"GlobalSecondaryIndexes":[{"IndexName":"index",
                "KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}]
                """, attributes: #",{"AttributeName":"g","AttributeType":"S"}"#)
        try await lab.enableRecovery()
    }

    /// Puts items until one is refused.
    private func fill(_ lab: DynamoDBFixture, more: String = "") async throws {
        lab.disk.capacityBytes -= try lab.disk.freeBytes() - (15 << 20)
        var random = SeededRandom(seed: 1)
        // Nothing of it is saved by compression.
        let value = Hex.encode((0..<50_000).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        var count = 0
        while true {
            let item = #""p":{"S":"k\#(count)"},"g":{"S":"g"},"v":{"S":"\#(value)"}\#(more)"#
            guard let refusal = await lab.refusal(.putItem, #"{"TableName":"tab","Item":{\#(item)}}"#) else {
                count += 1
                continue
            }
            #expect(refusal == Self.refusal)
            #expect(count > 3, "\(count) items fitted")
            return
        }
    }

    @Test func aFullDiskLetsATableStopKeepingItsPast() async throws {
        let lab = try await fullLab()
        let delete = #"{"TableName":"tab","Key":{"p":{"S":"k0"}}}"#
        // What is deleted would have to be kept.
        #expect(await lab.refusal(.deleteItem, delete) == Self.refusal)
        try await lab.call(.updateTable, #"{"TableName":"tab","StreamSpecification":{"StreamEnabled":false}}"#)
        try await lab.disableRecovery()
        try await lab.call(.deleteItem, delete)
        #expect(try await lab.get(#""p":{"S":"k0"}"#) == nil)
        #expect(try await lab.get(#""p":{"S":"k1"}"#) != nil)
        try await lab.call(
            .updateTable, #"{"TableName":"tab","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"index"}}]}"#)
        try await lab.crash()
        #expect(try await lab.get(#""p":{"S":"k0"}"#) == nil)
        #expect(try await lab.get(#""p":{"S":"k1"}"#) != nil)
    }

    @Test func itemsExpireOnAFullDisk() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        try await lab.call(
            .updateTimeToLive,
            #"{"TableName":"tab","TimeToLiveSpecification":{"AttributeName":"t","Enabled":true}}"#)
        try await fill(lab, more: #","t":{"N":"\#(lab.second + 60)"}"#)
        lab.time.advance(milliseconds: 61_000)
        try await lab.runDue()
        #expect(try await lab.keyCount(.items) == 0)
        try await lab.put(#""p":{"S":"again"}"#)
    }

    @Test func aFullDiskLetsATableGoWithAllThatItKept() async throws {
        let lab = try await fullLab()
        try await lab.call(.updateTable, #"{"TableName":"tab","DeletionProtectionEnabled":false}"#)
        try await lab.call(.deleteTable, #"{"TableName":"tab"}"#)
        // The backup that it leaves has its items.
        let backups = try await lab.call(.listBackups, #"{"BackupType":"SYSTEM"}"#)
        let arn = try #require(backups.member("BackupArn"))
        try await lab.call(.deleteBackup, #"{"BackupArn":"\#(arn)"}"#)
        // The stream is there for a day.
        lab.time.advance(milliseconds: 90_000_000)
        try await lab.runDue()
        for keyspace in [.items, .indexes, .history, .streams] as [Keyspace] {
            #expect(try await lab.keyCount(keyspace) == 0)
        }
        try await lab.makeTable("new")
        try await lab.put(#""p":{"S":"a"}"#, into: "new")
    }
}
