import LabClock
import LogStore
import Synchronization
import Testing

@testable import DynamoDB

/// Items as large as they may be, wherever they are written: what the engine takes in one commit is no limit of theirs.
@Suite struct LargeItemTests {
    private static func text(_ letter: Character = "x") -> String { String(repeating: letter, count: 400_000) }

    /// Nearly 400 KB by DynamoDB's rule, and twice that as it is stored.
    private static let crowded =
        #"{"L":["# + Array(repeating: #"{"S":""}"#, count: 400_000).joined(separator: ",") + "]}"

    private static func indexes(_ count: Int) -> String {
        let list = (0..<count).map {
            """
            {"IndexName":"index\($0)","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],
             "Projection":{"ProjectionType":"ALL"}}
            """
        }
        return #","GlobalSecondaryIndexes":[\#(list.joined(separator: ","))]"#
    }

    private static let attribute = #",{"AttributeName":"g","AttributeType":"S"}"#

    /// - Parameter segmentBytes: a commit has 8 MiB at most, unless segments are larger than this.
    private func lab(
        _ more: String = "", attributes: String = "", segmentBytes: UInt64 = 24 << 20
    ) async throws -> DynamoDBFixture {
        let lab = try await DynamoDBFixture(segmentBytes: segmentBytes)
        try await lab.makeTable(more: more, attributes: attributes)
        return lab
    }

    private func count(_ lab: DynamoDBFixture, _ index: String? = nil) async throws -> Int {
        var count = 0
        var start = ""
        let name = index.map { #","IndexName":"\#($0)""# } ?? ""
        while true {
            let page = try await lab.call(.scan, #"{"TableName":"tab","Select":"COUNT"\#(name)\#(start)}"#)
            count += page.member("Count").flatMap { Int($0) } ?? 0
            guard let last = page.ranges(of: #""LastEvaluatedKey":"#).first else { return count }
            start = #","ExclusiveStartKey":\#(page[last.upperBound...].dropLast())"#
        }
    }

    @Test func bothImagesOfAnItemGoIntoItsStream() async throws {
        let lab = try await lab(DynamoDBFixture.stream())
        for letter: Character in ["x", "y"] { try await lab.put(#""p":{"S":"a"},"v":{"S":"\#(Self.text(letter))"}"#) }
        try await lab.crash()
        let records = try await lab.streams.readAll(try await lab.streams.arn())
        #expect(records.map(\.event) == ["INSERT", "MODIFY"])
        #expect(try await records.replayed() == lab.streams.items(keys: ["p"]))
    }

    @Test func aBatchOfTheLargestItemsIsWritten() async throws {
        let lab = try await lab(Self.indexes(1), attributes: Self.attribute)
        let puts = (0..<25).map {
            #"{"PutRequest":{"Item":{"p":{"S":"\#($0)"},"g":{"S":"g"},"v":{"S":"\#(Self.text())"}}}}"#
        }
        let answer = try await lab.call(
            .batchWriteItem,
            #"{"RequestItems":{"tab":[\#(puts.joined(separator: ","))]},"ReturnConsumedCapacity":"TOTAL"}"#)
        // 391 units for the table, as many for the index.
        #expect(answer.member("CapacityUnits") == "\(25 * 391 * 2).0")
        #expect(try await count(lab) == 25)
        #expect(try await count(lab, "index0") == 25)
    }

    @Test func anItemIsInAllIndexesThatThereMayBe() async throws {
        let lab = try await lab(
            Self.indexes(20) + DynamoDBFixture.stream(), attributes: Self.attribute, segmentBytes: 64 << 20)
        try await lab.enableRecovery()
        try await lab.put(#""p":{"S":"a"},"g":{"S":"x"},"v":\#(Self.crowded)"#)
        try await lab.call(
            .updateItem,
            """
            {"TableName":"tab","Key":{"p":{"S":"a"}},"UpdateExpression":"SET g = :y",
             "ExpressionAttributeValues":{":y":{"S":"y"}}}
            """)
        try await lab.crash()
        for index in [0, 19] { #expect(try await count(lab, "index\(index)") == 1) }
        let records = try await lab.streams.readAll(try await lab.streams.arn())
        #expect(records.count == 2)
    }

    @Test func longAnswersTakeRoomOnce() async throws {
        let lab = try await lab()
        for number in 0..<6 { try await lab.put(#""p":{"S":"\#(number)"},"v":{"S":"\#(Self.text())"}"#) }
        let taken = Taken()
        lab.me.answerRoom = AnswerRoom(
            take: { bytes in
                taken.bytes.withLock { $0.append(bytes) }
                return true
            }, pause: {})
        let keys = (0..<6).map { #"{"p":{"S":"\#($0)"}}"# }
        func ask(_ count: Int) async throws -> [Int] {
            let keys = keys.prefix(count)
            let gets = keys.map { #"{"Get":{"TableName":"tab","Key":\#($0)}}"# }.joined(separator: ",")
            let statements = (0..<count).map { #"{"Statement":"SELECT * FROM tab WHERE p = '\#($0)'"}"# }
            let answers = [
                try await lab.call(
                    .batchGetItem, #"{"RequestItems":{"tab":{"Keys":[\#(keys.joined(separator: ","))]}}}"#),
                try await lab.call(.transactGetItems, #"{"TransactItems":[\#(gets)]}"#),
                try await lab.call(
                    .batchExecuteStatement, #"{"Statements":[\#(statements.joined(separator: ","))]}"#),
            ]
            for answer in answers { #expect(answer.utf8.count > count * 400_000) }
            return taken.bytes.withLock { bytes in
                defer { bytes = [] }
                return bytes
            }
        }
        let six = try await ask(6)
        // For what there is, and the most that may follow.
        #expect(six.count == 3 && six.allSatisfy { $0 > 6 * 400_000 && $0 < 5 << 20 })
    }

    private final class Taken: Sendable {
        let bytes = Mutex<[Int]>([])
    }

    @Test func aTransactionThatIsTooLargeIsRefused() async throws {
        let lab = try await lab(Self.indexes(2), attributes: Self.attribute)
        func transaction(_ count: Int) -> String {
            let puts = (0..<count).map {
                #"{"Put":{"TableName":"tab","Item":{"p":{"S":"\#($0)"},"g":{"S":"g"},"v":{"S":"\#(Self.text())"}}}}"#
            }
            return #"{"TransactItems":[\#(puts.joined(separator: ","))]}"#
        }
        #expect(
            await lab.refusal(.transactWriteItems, transaction(10))?
                .hasPrefix("ValidationException: The request is too large") == true)
        #expect(try await count(lab) == 0)
        #expect(await lab.refusal(.transactWriteItems, transaction(2)) == nil)
    }

    @Test func indexesThatLagAndIndexesThatAreAddedTakeThem() async throws {
        let lab = try await lab(Self.indexes(3), attributes: Self.attribute)
        try await lab.service.setIndexDelay(of: lab.table, milliseconds: 1000)
        for number in 0..<8 { try await lab.put(#""p":{"S":"\#(number)"},"g":{"S":"x"},"v":{"S":"\#(Self.text())"}"#) }
        try await lab.pass(seconds: 1)
        #expect(try await count(lab, "index2") == 8)
        for index in 0..<3 {
            try await lab.call(
                .updateTable,
                #"{"TableName":"tab","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"index\#(index)"}}]}"#)
        }
        for number in 8..<24 { try await lab.put(#""p":{"S":"\#(number)"},"g":{"S":"x"},"v":{"S":"\#(Self.text())"}"#) }
        try await lab.call(
            .updateTable,
            """
            {"TableName":"tab","AttributeDefinitions":[{"AttributeName":"g","AttributeType":"S"}],
             "GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"late","Projection":{"ProjectionType":"ALL"},
             "KeySchema":[{"AttributeName":"g","KeyType":"HASH"}]}}]}
            """)
        try await lab.pass(seconds: 1)
        #expect(try await count(lab, "late") == 24)
    }

    @Test func manyOfThemExpireAtOnce() async throws {
        let lab = try await lab(DynamoDBFixture.stream())
        try await lab.enableRecovery()
        try await lab.setTimeToLive(true)
        for number in 0..<12 {
            try await lab.put(
                #""p":{"S":"\#(number)"},"t":{"N":"\#(lab.second + 10)"},"v":{"S":"\#(Self.text())"}"#)
        }
        try await lab.pass(seconds: 10)
        #expect(try await count(lab) == 0)
        #expect(try await lab.keys(.due).count == 2)
    }
}
