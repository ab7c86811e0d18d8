import Bytes
import LabClock
import LogStore
import Testing

@testable import DynamoDB

@Suite struct IndexDelayTests {
    /// A table with a global index by `v` and a local one by `w`.
    private func lab(delay: Int64 = 10_000) async throws -> DynamoDBFixture {
        let lab = try await DynamoDBFixture()
        func index(_ name: String, _ hash: String, _ sort: String) -> String {
            """
            {"IndexName":"\(name)","Projection":{"ProjectionType":"ALL"},
             "KeySchema":[{"AttributeName":"\(hash)","KeyType":"HASH"},{"AttributeName":"\(sort)","KeyType":"RANGE"}]}
            """
        }
        let global = index("by-v", "v", "s")
        let local = index("by-w", "p", "w")
        let attributes = ["v", "w"].map { #",{"AttributeName":"\#($0)","AttributeType":"S"}"# }.joined()
        try await lab.makeTable(
            sort: "N", more: #","GlobalSecondaryIndexes":[\#(global)],"LocalSecondaryIndexes":[\#(local)]"#,
            attributes: attributes)
        if delay > 0 { try await lab.service.setIndexDelay(of: lab.table, milliseconds: delay) }
        return lab
    }

    private func put(_ lab: DynamoDBFixture, _ key: Int, _ value: String) async throws {
        try await lab.put(#""p":{"S":"a"},"s":{"N":"\#(key)"},"v":{"S":"\#(value)"},"w":{"S":"\#(value)"}"#)
    }

    /// The items of an index as JSON, sorted.
    private func items(_ lab: DynamoDBFixture, _ index: String? = nil) async throws -> [String] {
        let name = index.map { #","IndexName":"\#($0)""# } ?? ""
        let answer = try await lab.streams.call(.scan, #"{"TableName":"tab"\#(name)}"#)
        return (answer["Items"] as? [[String: Any]] ?? []).map { StreamClient.text($0) ?? "" }.sorted()
    }

    private func itemCount(_ lab: DynamoDBFixture) async throws -> Int? {
        let table = try await lab.streams.call(.describeTable, #"{"TableName":"tab"}"#)["Table"] as? [String: Any]
        return (table?["GlobalSecondaryIndexes"] as? [[String: Any]])?.first?["ItemCount"] as? Int
    }

    @Test func changesReachGlobalIndexesWhenTheirTimeHasCome() async throws {
        let lab = try await lab()
        try await put(lab, 1, "x")
        #expect(try await items(lab).count == 1)
        #expect(try await items(lab, "by-w") == items(lab))
        try await lab.pass(seconds: 9)
        #expect(try await items(lab, "by-v").isEmpty)
        #expect(try await itemCount(lab) == 0)
        try await lab.pass(seconds: 1)
        #expect(try await items(lab, "by-v") == items(lab))
        #expect(try await itemCount(lab) == 1)
        try await put(lab, 1, "y")
        #expect(try await items(lab, "by-v").first?.contains(#""x""#) == true)
        try await lab.crash()
        try await lab.pass(seconds: 10)
        #expect(try await items(lab, "by-v") == items(lab))
        #expect(try await lab.keys(.due).isEmpty)
        #expect(try await lab.keys(.indexes).count == 2)
    }

    @Test func aLaterChangeIsNeverOverwrittenByAnEarlierOne() async throws {
        let lab = try await lab(delay: 60_000)
        try await put(lab, 1, "first")
        try await lab.service.setIndexDelay(of: lab.table, milliseconds: 1_000)
        try await put(lab, 1, "second")
        try await lab.call(.deleteItem, #"{"TableName":"tab","Key":{"p":{"S":"a"},"s":{"N":"1"}}}"#)
        try await put(lab, 1, "third")
        try await lab.pass(seconds: 1)
        #expect(try await items(lab, "by-v") == items(lab))
        try await lab.pass(seconds: 60)
        #expect(try await items(lab, "by-v") == items(lab))
        #expect(try await itemCount(lab) == 1)
        #expect(try await lab.keys(.due).isEmpty)
    }

    @Test func nothingIsLeftBehindWhenTheDelayEnds() async throws {
        let lab = try await lab()
        for key in 0..<50 { try await put(lab, key, "x") }
        for key in 0..<50 { try await put(lab, key, "y\(key)") }
        try await lab.service.setIndexDelay(of: lab.table, milliseconds: 0)
        #expect(try await items(lab, "by-v") == items(lab))
        try await put(lab, 0, "z")
        #expect(try await items(lab, "by-v") == items(lab))
        try await lab.pass(seconds: 20)
        #expect(try await items(lab, "by-v") == items(lab))
        #expect(try await itemCount(lab) == 50)
    }

    @Test func anItemThatChangesOftenIsCaughtUpWith() async throws {
        let lab = try await lab()
        for value in 0..<250 { try await put(lab, 1, "\(value)") }
        try await lab.pass(seconds: 10)
        #expect(try await items(lab, "by-v") == items(lab))
        #expect(try await lab.keys(.indexes).count == 2)
        #expect(try await lab.keys(.due).isEmpty)
    }

    @Test func anIndexThatIsBeingFilledDoesNotLag() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        try await lab.service.setIndexDelay(of: lab.table, milliseconds: 10_000)
        try await lab.put(#""p":{"S":"before"},"v":{"S":"x"}"#)
        try await lab.call(
            .updateTable,
            """
            {"TableName":"tab","AttributeDefinitions":[{"AttributeName":"v","AttributeType":"S"}],
             "GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"by-v","Projection":{"ProjectionType":"ALL"},
             "KeySchema":[{"AttributeName":"v","KeyType":"HASH"}]}}]}
            """)
        try await lab.put(#""p":{"S":"meanwhile"},"v":{"S":"x"}"#)
        try await lab.pass(seconds: 0)
        for seconds: Int64 in [0, 20] {
            try await lab.pass(seconds: seconds)
            #expect(try await items(lab, "by-v") == items(lab))
            #expect(try await itemCount(lab) == 2)
        }
    }

    @Test func delaysThatAreNoneAreRefused() async throws {
        let lab = try await lab(delay: 0)
        for delay in [-1, 86_400_001] as [Int64] {
            await #expect(throws: DynamoDBError.self) {
                try await lab.service.setIndexDelay(of: lab.table, milliseconds: delay)
            }
        }
        try await put(lab, 1, "x")
        #expect(try await items(lab, "by-v") == items(lab))
    }

    @Test func whatIsLeftOfIndexesAndTablesThatAreGoneIsDropped() async throws {
        let lab = try await lab()
        try await put(lab, 1, "x")
        try await lab.call(
            .updateTable,
            #"{"TableName":"tab","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"by-v"}}]}"#)
        try await lab.pass(seconds: 10)
        #expect(try await lab.keys(.indexes).count == 1)
        try await lab.call(.deleteTable, #"{"TableName":"tab"}"#)
        let second = try await self.lab()
        try await put(second, 1, "x")
        try await second.call(.deleteTable, #"{"TableName":"tab"}"#)
        try await second.pass(seconds: 10)
        #expect(try await second.keys(.indexes).isEmpty)
        #expect(try await second.keys(.due).isEmpty)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func aDelayedIndexShowsAnEarlierStateOfEachItem(_ seed: UInt64) async throws {
        let lab = try await lab(delay: 5_000)
        var random = SeededRandom(seed: seed)
        func number(_ below: UInt64) -> Int { Int(random.next() % below) }
        for step in 0..<250 {
            switch number(20) {
            case 0..<11: try await put(lab, number(12), "\(number(5))")
            case 11..<14:
                let key = #"{"p":{"S":"a"},"s":{"N":"\#(number(12))"}}"#
                try await lab.call(.deleteItem, #"{"TableName":"tab","Key":\#(key)}"#)
            case 14..<17: try await lab.pass(seconds: Int64(number(4)))
            case 17:
                try await lab.service.setIndexDelay(of: lab.table, milliseconds: Int64(number(4)) * 2_500)
            default: if step % 25 == 0 { try await lab.crash() }
            }
        }
        try await lab.pass(seconds: 10)
        #expect(try await items(lab, "by-v") == items(lab))
        #expect(try await items(lab, "by-w") == items(lab))
        #expect(try await itemCount(lab) == items(lab).count)
        #expect(try await lab.keys(.due).isEmpty)
    }
}
