import LogStore
import Testing

@testable import DynamoDB

@Suite struct PartitionTests {
    @Test func aNewTableHasOnePartition() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        let partitions = try await lab.service.partitions(of: lab.table)
        #expect(partitions.map(\.id) == [1])
        #expect(partitions[0].lower == 0 && partitions[0].upper == .max && partitions[0].isOpen)
        #expect(partitions[0].begin.rawValue > 0)
    }

    @Test func splitsCutRangesAndKeepLineage() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        let halves = try await lab.service.splitPartition(lab.table, 1)
        #expect(halves.map(\.id) == [2, 3])
        #expect(halves[0].upper == .max / 2 && halves[1].lower == .max / 2 + 1)
        let quarters = try await lab.service.splitPartition(lab.table, 3, at: .max)
        #expect(quarters.map(\.id) == [4, 5])
        #expect(quarters[1].lower == .max && quarters[1].upper == .max)
        let all = try await lab.service.partitions(of: lab.table)
        #expect(all.map(\.id) == [1, 2, 3, 4, 5])
        #expect(all.map(\.parent) == [nil, 1, 1, 3, 3])
        #expect(all.map(\.isOpen) == [false, true, false, true, true])
        // What ends a parent begins its children.
        #expect(all[0].end == all[1].begin && all[0].end == all[2].begin && all[2].end == all[3].begin)
        #expect(all[0].begin < all[2].begin && all[2].begin < all[4].begin)
        try await lab.crash()
        #expect(try await lab.service.partitions(of: lab.table) == all)
        #expect(try await lab.service.table(lab.table).partitions.partitions.map(\.id) == [2, 4, 5])
        #expect(halves.contains(all[1]) && quarters.contains(all[4]))
    }

    @Test func splitsThatMakeNoSenseAreRefused() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        let nowhere = TableName(account: "111111111111", region: "eu-west-1", table: "nil")
        for (table, id, hash) in [(nowhere, 1, nil), (lab.table, 2, nil), (lab.table, 1, 0)] as [(_, UInt64, UInt64?)] {
            await #expect(throws: DynamoDBError.self) { try await lab.service.splitPartition(table, id, at: hash) }
        }
        try await lab.service.splitPartition(lab.table, 1, at: .max)
        // Split already; of one hash.
        for id in [1, 3] as [UInt64] {
            await #expect(throws: DynamoDBError.self) { try await lab.service.splitPartition(lab.table, id) }
        }
        #expect(try await lab.service.partitions(of: lab.table).count == 3)
    }

    @Test func splitsGoThroughAmongWrites() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable(more: DynamoDBFixture.stream())
        let (service, table) = (lab.service, lab.table)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    for number in 0..<50 {
                        let put = #"{"TableName":"tab","Item":{"p":{"S":"\#(writer)-\#(number)"}}}"#
                        _ = try await service.perform(.putItem, Array(put.utf8), DynamoDBFixture.account)
                    }
                }
            }
            group.addTask {
                for id in 1...8 as ClosedRange<UInt64> { try await service.splitPartition(table, id) }
            }
            try await group.waitForAll()
        }
        #expect(try await lab.streams.items(keys: ["p"]).count == 200)
        #expect(try await service.partitions(of: table).count == 17)
        // No partition's record lies outside of the time in which it took writes.
        let arn = try await lab.streams.arn()
        for shard in try await lab.streams.shards(arn) {
            let records = try await lab.streams.drain(try await lab.streams.iterator(arn, shard.id))
            #expect(records.allSatisfy { $0.sequence > shard.start && $0.sequence < shard.end ?? "2" })
        }
        #expect(try await lab.streams.readAll(arn).count == 200)
    }
}
