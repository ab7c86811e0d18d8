import Bytes
import LabClock
import LogStore
import Testing

@testable import DynamoDB

@Suite struct TimeToLiveTests {
    /// The fixture's time at its start, in seconds.
    private static let start: Int64 = 1_700_000_000

    private func lab(
        _ more: String = "", attributes: String = "", isEnabled: Bool = true
    ) async throws -> DynamoDBFixture {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable(more: more, attributes: attributes)
        if isEnabled { try await lab.setTimeToLive(true) }
        try await lab.pass(seconds: 0)
        return lab
    }

    private func put(_ lab: DynamoDBFixture, _ key: String, _ seconds: Int64) async throws {
        try await lab.put(#""p":{"S":"\#(key)"},"t":{"N":"\#(Self.start + seconds)"}"#)
    }

    private func names(_ lab: DynamoDBFixture) async throws -> [String] {
        let keys = try await lab.streams.items(keys: ["p"]).keys
        return keys.map { String($0.dropFirst(#"{"p":{"S":""#.count).dropLast(3)) }.sorted()
    }

    // MARK: The setting

    @Test func theSettingIsDescribed() async throws {
        let lab = try await lab(isEnabled: false)
        let describe = #"{"TableName":"tab"}"#
        let disabled = #"{"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}}"#
        let enabled = #"{"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLED","AttributeName":"t"}}"#
        #expect(try await lab.call(.describeTimeToLive, describe) == disabled)
        #expect(
            try await lab.setTimeToLive(true)
                == #"{"TimeToLiveSpecification":{"Enabled":true,"AttributeName":"t"}}"#)
        #expect(try await lab.call(.describeTimeToLive, describe) == enabled)
        try await lab.reopen()
        #expect(try await lab.call(.describeTimeToLive, describe) == enabled)
        try await lab.pass(seconds: 3600)
        try await lab.setTimeToLive(false)
        #expect(try await lab.call(.describeTimeToLive, describe) == disabled)
    }

    @Test func changesThatAreNoneAreRefused() async throws {
        let lab = try await lab(isEnabled: false)
        func refusal(_ isEnabled: Bool, _ attribute: String = "t", of table: String = "tab") async -> String? {
            let specification = #"{"Enabled":\#(isEnabled),"AttributeName":"\#(attribute)"}"#
            return await lab.refusal(
                .updateTimeToLive, #"{"TableName":"\#(table)","TimeToLiveSpecification":\#(specification)}"#)
        }
        let validation = "ValidationException: "
        let other = validation + "TimeToLive is active on a different AttributeName: current AttributeName is t"
        let tooOften = validation + "Time to live has been modified multiple times within a fixed interval"
        #expect(await refusal(false) == validation + "TimeToLive is already disabled")
        #expect(
            await refusal(true, of: "nil-table")
                == "ResourceNotFoundException: Requested resource not found: Table: nil-table not found")
        #expect(await refusal(true) == nil)
        #expect(await refusal(true) == validation + "TimeToLive is already enabled")
        #expect(await refusal(true, "u") == other)
        #expect(await refusal(false, "u") == other)
        #expect(await refusal(false) == tooOften)
        lab.time.advance(milliseconds: 3_600_000)
        #expect(await refusal(false) == nil)
        #expect(await refusal(true, "u") == tooOften)
        lab.time.advance(milliseconds: 3_600_000)
        #expect(await refusal(true, "u") == nil)
    }

    // MARK: Deleting

    @Test func itemsGoWhenTheirTimeIsOver() async throws {
        let lab = try await lab()
        try await put(lab, "past", -60)
        try await put(lab, "soon", 100)
        try await put(lab, "late", 200)
        try await lab.put(#""p":{"S":"none"}"#)
        try await lab.pass(seconds: 0)
        #expect(try await names(lab) == ["late", "none", "soon"])
        try await lab.pass(seconds: 99)
        #expect(try await names(lab) == ["late", "none", "soon"])
        try await lab.pass(seconds: 1)
        #expect(try await names(lab) == ["late", "none"])
        try await lab.crash()
        try await lab.pass(seconds: 1_000_000)
        #expect(try await names(lab) == ["none"])
        #expect(try await lab.keys(.due).isEmpty)
    }

    @Test func whatIsNoTimeIsLeftAlone() async throws {
        let lab = try await lab()
        let fiveYears: Int64 = 5 * 365 * 86_400
        try await lab.put(#""p":{"S":"text"},"t":{"S":"\#(Self.start - 1)"}"#)
        try await lab.put(#""p":{"S":"list"},"t":{"L":[{"N":"1"}]}"#)
        try await lab.put(#""p":{"S":"huge"},"t":{"N":"1E+100"}"#)
        try await lab.put(#""p":{"S":"small"},"t":{"N":"1E-100"}"#)
        try await lab.put(#""p":{"S":"negative"},"t":{"N":"-5"}"#)
        // Milliseconds, as if they were seconds.
        try await lab.put(#""p":{"S":"thousandfold"},"t":{"N":"\#(Self.start * 1000)"}"#)
        try await put(lab, "ancient", -fiveYears - 1)
        try await put(lab, "old", -fiveYears)
        try await lab.put(#""p":{"S":"fraction"},"t":{"N":"\#(Self.start).5"}"#)
        try await lab.pass(seconds: 0)
        let kept = ["ancient", "huge", "list", "negative", "small", "text", "thousandfold"]
        #expect(try await names(lab) == ["ancient", "fraction"] + kept.dropFirst())
        try await lab.pass(seconds: 1)
        #expect(try await names(lab) == kept)
    }

    @Test func theLastValueOfAnItemCounts() async throws {
        let lab = try await lab()
        for key in ["moved", "removed", "deleted", "put"] { try await put(lab, key, 100) }
        let update = #"{"TableName":"tab","Key":{"p":{"S":"moved"}},"UpdateExpression":"ADD t :h","#
        try await lab.call(.updateItem, update + #""ExpressionAttributeValues":{":h":{"N":"100"}}}"#)
        try await lab.call(
            .updateItem, #"{"TableName":"tab","Key":{"p":{"S":"removed"}},"UpdateExpression":"REMOVE t"}"#)
        try await lab.call(.deleteItem, #"{"TableName":"tab","Key":{"p":{"S":"deleted"}}}"#)
        try await lab.call(
            .transactWriteItems, #"{"TransactItems":[{"Put":{"TableName":"tab","Item":{"p":{"S":"put"}}}}]}"#)
        #expect(try await lab.keys(.due).count == 1)
        try await lab.put(#""p":{"S":"deleted"}"#)
        try await lab.pass(seconds: 100)
        #expect(try await names(lab) == ["deleted", "moved", "put", "removed"])
        try await lab.pass(seconds: 100)
        #expect(try await names(lab) == ["deleted", "put", "removed"])
    }

    @Test func deletionsShowInTheStreamAsTheServices() async throws {
        let lab = try await lab(DynamoDBFixture.stream())
        try await put(lab, "a", 10)
        try await lab.pass(seconds: 10)
        let records = try await lab.streams.readAll(try await lab.streams.arn())
        #expect(records.map(\.event) == ["INSERT", "REMOVE"])
        #expect(records.map(\.isByService) == [false, true])
        #expect(records.replayed() == [:])
    }

    @Test func deletionsTakeTheEntriesOfIndexesAlong() async throws {
        let index = """
            ,"GlobalSecondaryIndexes":[{"IndexName":"by-v","KeySchema":[{"AttributeName":"v","KeyType":"HASH"}],
              "Projection":{"ProjectionType":"ALL"}}]
            """
        let lab = try await lab(index, attributes: #",{"AttributeName":"v","AttributeType":"S"}"#)
        try await lab.put(#""p":{"S":"a"},"v":{"S":"x"},"t":{"N":"\#(Self.start + 10)"}"#)
        #expect(try await lab.keys(.indexes).count == 1)
        try await lab.pass(seconds: 10)
        #expect(try await lab.keys(.indexes).isEmpty)
        #expect(try await lab.keys(.items).isEmpty)
    }

    @Test func manyItemsExpireAtOnce() async throws {
        let lab = try await lab()
        for number in 0..<300 { try await put(lab, "\(number)", 10 + Int64(number % 3)) }
        try await lab.pass(seconds: 11)
        #expect(try await names(lab).count == 100)
        try await lab.pass(seconds: 1)
        #expect(try await names(lab).isEmpty)
    }

    // MARK: Enabling and disabling

    @Test func itemsFromBeforeExpireToo() async throws {
        let lab = try await lab(isEnabled: false)
        for number in 0..<450 { try await put(lab, "\(number)", number < 300 ? -10 : 1000) }
        try await put(lab, "ancient", -200_000_000)
        try await lab.setTimeToLive(true)
        try await lab.crash()
        try await lab.pass(seconds: 10)
        #expect(try await names(lab).count == 151)
        try await lab.pass(seconds: 990)
        #expect(try await names(lab) == ["ancient"])
        #expect(try await lab.keys(.due).isEmpty)
    }

    @Test func itemsFromBeforeAreFoundInTurns() async throws {
        let lab = try await lab(isEnabled: false)
        for number in 0..<450 { try await put(lab, "\(number)", 1000) }
        try await lab.setTimeToLive(true)
        let tableID = try await lab.service.namedTable(lab.table).id
        let fill = ExpiryFill.begin(tableID, at: lab.clock.now())
        try await ExpiryFill(service: lab.service, piecesMax: 2).run([fill])
        #expect(try await lab.keys(.due).count == 401)
        try await lab.crash()
        try await lab.pass(seconds: 0)
        #expect(try await lab.keys(.due).count == 450)
        #expect(try await lab.due.runDue().hasJobs == false)
    }

    @Test func nothingExpiresOnceItIsDisabled() async throws {
        let lab = try await lab()
        try await put(lab, "a", 5000)
        try await lab.pass(seconds: 4000)
        try await lab.setTimeToLive(false)
        try await lab.pass(seconds: 2000)
        #expect(try await names(lab) == ["a"])
        // What was dropped meanwhile is found again, by the attribute that counts now.
        try await lab.put(#""p":{"S":"b"},"u":{"N":"\#(Self.start)"},"t":{"N":"\#(Self.start + 20000)"}"#)
        try await lab.pass(seconds: 2000)
        try await lab.setTimeToLive(true, "u")
        try await lab.pass(seconds: 0)
        #expect(try await names(lab) == ["a"])
        try await lab.pass(seconds: 20000)
        #expect(try await names(lab) == ["a"])
    }

    @Test func aTimeThatWasMovedWhileNothingExpiredCounts() async throws {
        let lab = try await lab()
        try await put(lab, "a", 10_000)
        try await lab.pass(seconds: 3600)
        try await lab.setTimeToLive(false)
        try await put(lab, "a", 20_000)
        try await lab.pass(seconds: 3600)
        try await lab.setTimeToLive(true)
        // When the entry of the first time is due, the item has another.
        try await lab.pass(seconds: 12_799)
        #expect(try await names(lab) == ["a"])
        try await lab.pass(seconds: 1)
        #expect(try await names(lab).isEmpty)
    }

    @Test func anEntryOfADeletedTableDeletesNothing() async throws {
        let lab = try await lab()
        try await put(lab, "a", 100)
        try await lab.call(.deleteTable, #"{"TableName":"tab"}"#)
        try await lab.makeTable()
        try await lab.setTimeToLive(true)
        try await put(lab, "a", 200)
        try await lab.pass(seconds: 100)
        #expect(try await names(lab) == ["a"])
        try await lab.pass(seconds: 100)
        #expect(try await names(lab).isEmpty)
        #expect(try await lab.keys(.due).isEmpty)
    }

    // MARK: Among other writes

    @Test func expiryNeverDeletesWhatWasWrittenSince() async throws {
        let lab = try await lab(DynamoDBFixture.stream())
        for number in 0..<40 { try await put(lab, "\(number)", 10) }
        lab.time.advance(milliseconds: 10_000)
        let (service, due) = (lab.service, lab.due)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await due.runDue() }
            for number in 0..<40 where number % 2 == 0 {
                group.addTask {
                    let put = #"{"TableName":"tab","Item":{"p":{"S":"\#(number)"},"v":{"N":"1"}}}"#
                    _ = try await service.perform(.putItem, Array(put.utf8), DynamoDBFixture.account)
                }
            }
            try await group.waitForAll()
        }
        #expect(try await names(lab) == (0..<20).map { "\($0 * 2)" }.sorted())
        let records = try await lab.streams.readAll(try await lab.streams.arn())
        #expect(try await records.replayed() == lab.streams.items(keys: ["p"]))
    }

    @Test(arguments: [1, 2] as [UInt64])
    func randomItemsExpireAsAModelSays(_ seed: UInt64) async throws {
        let lab = try await lab(DynamoDBFixture.stream())
        var random = SeededRandom(seed: seed)
        func number(_ below: UInt64) -> Int64 { Int64(random.next() % below) }
        var model: [String: Int64?] = [:]
        var now: Int64 = 0
        for step in 0..<300 {
            let key = "\(number(25))"
            switch number(12) {
            case 0..<6:
                let time = now + number(400) - 100
                try await put(lab, key, time)
                model[key] = time
            case 6:
                try await lab.put(#""p":{"S":"\#(key)"}"#)
                model[key] = .some(nil)
            case 7:
                try await lab.call(.deleteItem, #"{"TableName":"tab","Key":{"p":{"S":"\#(key)"}}}"#)
                model[key] = nil
            case 8..<11:
                let seconds = number(60)
                now += seconds
                try await lab.pass(seconds: seconds)
                model = model.filter { $0.value.map { $0 > now } ?? true }
                #expect(try await names(lab) == model.keys.sorted())
            default: if step % 20 == 0 { try await lab.crash() }
            }
        }
        let records = try await lab.streams.readAll(try await lab.streams.arn())
        #expect(try await records.replayed() == lab.streams.items(keys: ["p"]))
    }
}

extension DynamoDBFixture {
    @discardableResult
    func setTimeToLive(_ isEnabled: Bool, _ attribute: String = "t") async throws -> String {
        try await call(
            .updateTimeToLive,
            """
            {"TableName":"tab","TimeToLiveSpecification":{"Enabled":\(isEnabled),"AttributeName":"\(attribute)"}}
            """)
    }
}
