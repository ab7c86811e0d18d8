import Bytes
import Disk
import Foundation
import LogStore
import Testing

@testable import DynamoDB
@testable import LabClock

/// Indexes hold exactly what the items say, whatever happened.
@Suite struct IndexTests {
    private static let local = """
        "LocalSecondaryIndexes":[{"IndexName":"local","KeySchema":[{"AttributeName":"p","KeyType":"HASH"},
        {"AttributeName":"h","KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}]
        """
    private static let global = """
        {"IndexName":"global","KeySchema":[{"AttributeName":"g","KeyType":"HASH"},
        {"AttributeName":"h","KeyType":"RANGE"}],
        "Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["v"]}}
        """
    private static let attributes =
        #",{"AttributeName":"g","AttributeType":"S"},{"AttributeName":"h","AttributeType":"N"}"#

    /// The answer's items as sorted texts.
    private func items(_ lab: DynamoDBFixture, _ more: String) async throws -> [String] {
        let answer = try await lab.call(.scan, #"{"TableName":"tab"\#(more)}"#)
        let object = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any]
        return try (object?["Items"] as? [[String: Any]] ?? []).map {
            String(decoding: try JSONSerialization.data(withJSONObject: $0, options: .sortedKeys), as: UTF8.self)
        }.sorted()
    }

    /// What an index should hold: projected from the table's items.
    private func expected(_ items: [String], keys: [String], names: [String]) throws -> [String] {
        try items.compactMap { text in
            let item = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
            guard keys.allSatisfy({ item[$0] != nil }) else { return nil }
            let projected = item.filter { names.contains($0.key) }
            return String(
                decoding: try JSONSerialization.data(withJSONObject: projected, options: .sortedKeys), as: UTF8.self)
        }.sorted()
    }

    private func check(_ lab: DynamoDBFixture) async throws {
        let all = try await items(lab, "")
        #expect(
            try await items(lab, #","IndexName":"local""#)
                == expected(all, keys: ["h"], names: ["p", "s", "h"]))
        #expect(
            try await items(lab, #","IndexName":"global""#)
                == expected(all, keys: ["g", "h"], names: ["p", "s", "g", "h", "v"]))
        let counts = [
            all.count, try await items(lab, #","IndexName":"local""#).count,
            try await items(lab, #","IndexName":"global""#).count,
        ]
        #expect(try await Set(tallies(lab, "ItemCount")) == Set(counts))
    }

    /// What the table and its indexes say of their items or bytes.
    private func tallies(_ lab: DynamoDBFixture, _ name: String) async throws -> [Int] {
        let description = try await lab.call(.describeTable, #"{"TableName":"tab"}"#)
        return description.ranges(of: "\"\(name)\":").compactMap { range in
            Int(description[range.upperBound...].prefix { $0.isNumber || $0 == "-" })
        }
    }

    private func randomWrite(_ lab: DynamoDBFixture, _ random: inout some RandomNumberGenerator) async throws {
        let key =
            #""p":{"S":"p\#(Int.random(in: 0..<3, using: &random))"},"#
            + #""s":{"N":"\#(Int.random(in: 0..<6, using: &random))"}"#
        var members = key
        if Bool.random(using: &random) { members += #","g":{"S":"g\#(Int.random(in: 0..<2, using: &random))"}"# }
        if Bool.random(using: &random) { members += #","h":{"N":"\#(Int.random(in: -2..<3, using: &random))"}"# }
        members += #","v":{"N":"\#(Int.random(in: 0..<3, using: &random))"}"#
        switch Int.random(in: 0..<4, using: &random) {
        case 0: try await lab.call(.deleteItem, #"{"TableName":"tab","Key":{\#(key)}}"#)
        case 1:
            try await lab.call(
                .updateItem,
                """
                {"TableName":"tab","Key":{\(key)},"UpdateExpression":"ADD h :one REMOVE g",
                 "ExpressionAttributeValues":{":one":{"N":"1"}}}
                """)
        case 2:
            try await lab.call(
                .transactWriteItems,
                """
                {"TransactItems":[{"Put":{"TableName":"tab","Item":{\(members)}}},
                 {"Delete":{"TableName":"tab","Key":{"p":{"S":"p9"},"s":{"N":"1"}}}}]}
                """)
        default: try await lab.put(members)
        }
    }

    @Test(arguments: [UInt64(1), 2, 3]) func indexesHoldWhatTheItemsSay(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let lab = try await DynamoDBFixture(seed: seed)
        try await lab.makeTable(
            sort: "N", more: ",\(Self.local),\"GlobalSecondaryIndexes\":[\(Self.global)]", attributes: Self.attributes)
        for round in 0..<120 {
            try await randomWrite(lab, &random)
            if round % 30 == 29 { try await check(lab) }
            if round % 50 == 49 { try await lab.reopen() }
        }
    }

    /// A crash at any moment leaves items and entries as they belong together.
    @Test(arguments: [UInt64(11), 12, 13, 14]) func aCrashLeavesNoEntryWithoutItsItem(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let lab = try await DynamoDBFixture(seed: seed)
        try await lab.makeTable(
            sort: "N", more: ",\(Self.local),\"GlobalSecondaryIndexes\":[\(Self.global)]", attributes: Self.attributes)
        for _ in 0..<4 {
            lab.disk.crashAfterOperations = lab.disk.operationCount + Int.random(in: 5...80, using: &random)
            do {
                while true { try await randomWrite(lab, &random) }
            } catch {
                try await lab.crash()
            }
            try await check(lab)
        }
    }

    @Test(arguments: [false, true]) func anIndexIsAddedToATableInUse(isInterrupted: Bool) async throws {
        var random = SeededRandom(seed: 5)
        let lab = try await DynamoDBFixture(seed: 5)
        try await lab.makeTable(sort: "N", more: ",\(Self.local)", attributes: Self.hOnly)
        // The ones that are written to while the index is filled, and others.
        for number in 0..<18 {
            let (p, s) = (number % 3, number / 3)
            try await lab.put(#""p":{"S":"p\#(p)"},"s":{"N":"\#(s)"},"g":{"S":"g"},"h":{"N":"1"},"v":{"N":"0"}"#)
        }
        for number in 0..<250 {
            try await lab.put(
                #""p":{"S":"q\#(number)"},"s":{"N":"1"},"g":{"S":"g"},"h":{"N":"\#(number)"},"v":{"N":"0"}"#)
        }
        try await lab.call(
            .updateTable,
            """
            {"TableName":"tab","AttributeDefinitions":[{"AttributeName":"g","AttributeType":"S"},
             {"AttributeName":"h","AttributeType":"N"}],"GlobalSecondaryIndexUpdates":[{"Create":\(Self.global)}]}
            """)
        #expect(
            await lab.refusal(.scan, #"{"TableName":"tab","IndexName":"global"}"#)
                == "ValidationException: Cannot read from backfilling global secondary index: global")
        for _ in 0..<20 { try await randomWrite(lab, &random) }
        if isInterrupted {
            try await fillOnePiece(lab)
            for _ in 0..<20 { try await randomWrite(lab, &random) }
            try await lab.crash()
        }
        try await lab.due.runDue()
        try await check(lab)
        for item in try await items(lab, "") {
            let key = try #require(JSONSerialization.jsonObject(with: Data(item.utf8)) as? [String: Any])
                .filter { ["p", "s"].contains($0.key) }
            let json = String(decoding: try JSONSerialization.data(withJSONObject: key), as: UTF8.self)
            try await lab.call(.deleteItem, #"{"TableName":"tab","Key":\#(json)}"#)
        }
        // Nothing was counted twice, or not at all.
        #expect(try await tallies(lab, "ItemCount") == [0, 0, 0])
        #expect(try await tallies(lab, "IndexSizeBytes") == [0, 0])
        try await lab.call(
            .updateTable,
            #"{"TableName":"tab","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"global"}}]}"#)
        #expect(
            await lab.refusal(.scan, #"{"TableName":"tab","IndexName":"global"}"#)
                == "ValidationException: The table does not have the specified index: global")
    }

    /// Does one piece of the fill, and finds in the queue how far it has come.
    private func fillOnePiece(_ lab: DynamoDBFixture) async throws {
        let value = { () async throws -> (DueEntry, [UInt8]) in
            let found = try #require(try await lab.store.cursor(.due).next())
            return (try DueEntry(key: found.key, value: found.value), found.key)
        }
        let (entry, key) = try await value()
        #expect(entry.kind == .indexFill)
        try await IndexFill(service: lab.service, piecesMax: 1).run([entry])
        let (next, nextKey) = try await value()
        #expect(nextKey == key)
        #expect(next.payload != entry.payload)
    }

    @Test func ordinalsOfIndexesAreNeverUsedAgain() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        try await lab.service.namedHandle(lab.table).change { table in
            var definition = table.definition
            definition.nextIndexOrdinal = .max
            return Table(definition: definition, partitions: table.partitions)
        }
        let refusal = await lab.refusal(
            .updateTable,
            """
            {"TableName":"tab","AttributeDefinitions":[{"AttributeName":"g","AttributeType":"S"},
             {"AttributeName":"h","AttributeType":"N"}],"GlobalSecondaryIndexUpdates":[{"Create":\(Self.global)}]}
            """)
        #expect(refusal?.hasPrefix("LimitExceededException") == true)
    }

    private static let hOnly = #",{"AttributeName":"h","AttributeType":"N"}"#
}
