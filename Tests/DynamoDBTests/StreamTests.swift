import Bytes
import LabClock
import LogStore
import Testing

@testable import DynamoDB

@Suite struct StreamTests {
    /// A table `tab` with a stream, and its ARN.
    private func lab(_ view: String = "NEW_AND_OLD_IMAGES") async throws -> (DynamoDBFixture, StreamClient, String) {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable(more: DynamoDBFixture.stream(view))
        return (lab, lab.streams, try await lab.streams.arn())
    }

    private func refusal(_ body: () async throws -> Void) async -> String? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? DynamoDBError)?.code.rawValue ?? "\(error)"
        }
    }

    // MARK: Records

    @Test(arguments: ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"])
    func recordsHoldWhatTheViewSays(_ view: String) async throws {
        let (lab, streams, arn) = try await lab(view)
        try await lab.put(#""p":{"S":"a"},"v":{"N":"1"}"#)
        try await lab.put(#""p":{"S":"a"},"v":{"N":"2"}"#)
        try await lab.call(.deleteItem, #"{"TableName":"tab","Key":{"p":{"S":"a"}}}"#)
        let records = try await streams.readAll(arn)
        #expect(records.map(\.event) == ["INSERT", "MODIFY", "REMOVE"])
        #expect(records.allSatisfy { $0.keys == #"{"p":{"S":"a"}}"# && !$0.isByService })
        let one = #"{"p":{"S":"a"},"v":{"N":"1"}}"#
        let two = #"{"p":{"S":"a"},"v":{"N":"2"}}"#
        let (hasNew, hasOld) = (view.contains("NEW"), view.contains("OLD"))
        #expect(records.map(\.new) == (hasNew ? [one, two, nil] : [nil, nil, nil]))
        #expect(records.map(\.old) == (hasOld ? [nil, one, two] : [nil, nil, nil]))
    }

    @Test func recordsHaveTheFormOfTheModel() async throws {
        let (lab, streams, arn) = try await lab("NEW_IMAGE")
        lab.time.advance(milliseconds: 1_999)
        try await lab.put(#""p":{"S":"key"},"v":{"N":"1"}"#)
        let shard = try await streams.shards(arn)[0]
        let answer = try await lab.call(
            .getRecords, #"{"ShardIterator":"\#(try await streams.iterator(arn, shard.id))"}"#)
        let record = try await streams.readAll(arn)[0]
        let text = """
            {"Records":[{"eventID":"\(record.id)","eventName":"INSERT","eventVersion":"1.1",\
            "eventSource":"aws:dynamodb","awsRegion":"eu-west-1","dynamodb":\
            {"ApproximateCreationDateTime":1700000001.0,"Keys":{"p":{"S":"key"}},\
            "NewImage":{"p":{"S":"key"},"v":{"N":"1"}},"SequenceNumber":"\(record.sequence)","SizeBytes":11,\
            "StreamViewType":"NEW_IMAGE"}}],"NextShardIterator":"
            """
        #expect(answer.hasPrefix(text))
        #expect(record.id.utf8.count == 32)
        #expect((21...40).contains(record.sequence.utf8.count) && record.sequence.utf8.allSatisfy(ASCII.isDigit))
        #expect((28...65).contains(shard.id.utf8.count) && shard.id.hasPrefix("shardId-"))
        #expect(shard.start < record.sequence && shard.end == nil && shard.parent == nil)
    }

    @Test func writesThatChangeNothingLeaveNoRecord() async throws {
        let (lab, streams, arn) = try await lab()
        try await lab.put(#""p":{"S":"a"},"v":{"N":"1"}"#)
        try await lab.put(#""p":{"S":"a"},"v":{"N":"1.0"}"#)
        try await lab.call(.deleteItem, #"{"TableName":"tab","Key":{"p":{"S":"b"}}}"#)
        try await lab.call(
            .updateItem,
            """
            {"TableName":"tab","Key":{"p":{"S":"a"}},"UpdateExpression":"SET v = :v",
             "ExpressionAttributeValues":{":v":{"N":"1"}}}
            """)
        #expect(try await streams.readAll(arn).count == 1)
    }

    @Test func recordsOfOneCommitKeepTheirOrder() async throws {
        let (lab, streams, arn) = try await lab()
        let puts = (0..<20).map { #"{"Put":{"TableName":"tab","Item":{"p":{"S":"\#(19 - $0)"}}}}"# }
        try await lab.call(.transactWriteItems, #"{"TransactItems":[\#(puts.joined(separator: ","))]}"#)
        let records = try await streams.readAll(arn, limit: 7)
        #expect(records.map(\.keys) == (0..<20).map { #"{"p":{"S":"\#(19 - $0)"}}"# })
        #expect(Set(records.map(\.sequence)).count == 20 && Set(records.map(\.id)).count == 20)
        #expect(records.map(\.sequence) == records.map(\.sequence).sorted())
    }

    // MARK: Iterators

    @Test func iteratorsStartWhereTheySay() async throws {
        let (lab, streams, arn) = try await lab()
        for number in 0..<5 { try await lab.put(#""p":{"S":"\#(number)"}"#) }
        let shard = try await streams.shards(arn)[0]
        let all = try await streams.readAll(arn)
        func from(_ type: String, _ sequence: String? = nil) async throws -> [StreamClient.Record] {
            let iterator = try await streams.iterator(arn, shard.id, type, at: sequence)
            return try await streams.drain(iterator, shard: shard.id)
        }
        #expect(all.count == 5)
        #expect(try await from("AT_SEQUENCE_NUMBER", all[2].sequence) == Array(all[2...]))
        #expect(try await from("AFTER_SEQUENCE_NUMBER", all[2].sequence) == Array(all[3...]))
        #expect(try await from("AT_SEQUENCE_NUMBER", shard.start) == all)
        #expect(try await from("AFTER_SEQUENCE_NUMBER", shard.start) == all)
        #expect(try await from("TRIM_HORIZON") == all)
        #expect(try await from("LATEST") == [])
        let latest = try await streams.iterator(arn, shard.id, "LATEST")
        try await lab.put(#""p":{"S":"new"}"#)
        #expect(try await streams.drain(latest).map(\.keys) == [#"{"p":{"S":"new"}}"#])
        // The same iterator reads the same again.
        #expect(try await streams.drain(latest).count == 1)
    }

    @Test func iteratorsThatMakeNoSenseAreRefused() async throws {
        let (lab, streams, arn) = try await lab()
        try await lab.put(#""p":{"S":"a"}"#)
        let shard = try await streams.shards(arn)[0]
        let sequence = try await streams.readAll(arn)[0].sequence
        let other = shard.id.dropLast() + (shard.id.hasSuffix("0") ? "1" : "0")
        let requests: [(arn: String, shard: String, type: String, sequence: String?, code: String)] = [
            (arn, shard.id, "AT_SEQUENCE_NUMBER", nil, "ValidationException"),
            (arn, shard.id, "LATEST", sequence, "ValidationException"),
            (arn, shard.id, "NEWEST", nil, "ValidationException"),
            (arn, shard.id, "AT_SEQUENCE_NUMBER", "12345678901234567890x", "ValidationException"),
            (arn, shard.id, "AT_SEQUENCE_NUMBER", "199999999999999999999000000", "ValidationException"),
            (arn, shard.id, "AFTER_SEQUENCE_NUMBER", "100000000000000000000000000", "ValidationException"),
            (arn, String(other), "LATEST", nil, "ResourceNotFoundException"),
            (arn, String(repeating: "x", count: 40), "LATEST", nil, "ResourceNotFoundException"),
            (arn + "0", shard.id, "LATEST", nil, "ResourceNotFoundException"),
            (String(repeating: "x", count: 40), shard.id, "LATEST", nil, "ValidationException"),
        ]
        for request in requests {
            let code = await refusal {
                _ = try await streams.iterator(request.arn, request.shard, request.type, at: request.sequence)
            }
            #expect(code == request.code, "\(request)")
        }
        let table = arn.prefix(while: { $0 != "/" }) + "/tab"
        #expect(await refusal { _ = try await streams.description(String(table)) } == "ValidationException")
    }

    @Test func iteratorsLiveAQuarterOfAnHour() async throws {
        let (lab, streams, arn) = try await lab()
        let iterator = try await streams.iterator(arn, try await streams.shards(arn)[0].id)
        lab.time.advance(milliseconds: 900_000)
        let next = try #require(try await streams.records(iterator).next)
        lab.time.advance(milliseconds: 1)
        #expect(await refusal { _ = try await streams.records(iterator) } == "ExpiredIteratorException")
        _ = try await streams.records(next)
        try await lab.reopen()
        _ = try await lab.streams.records(next)
    }

    /// What a loss of power has taken back is not read on from.
    @Test func iteratorsOfAStateThatNeverWasHaveExpired() async throws {
        let (lab, streams, arn) = try await lab()
        let stream = try await lab.service.stream(StreamName(arn: arn, lab.me))
        let newest = lab.store.snapshot().sequence
        func iterator(behind sequence: UInt64, milliseconds: Int64 = 0) -> String {
            ShardIterator(
                stream, partitionID: 1, position: .behind(SequenceNumber(sequence)),
                created: lab.clock.now().adding(milliseconds: milliseconds)
            ).text
        }
        #expect(await refusal { _ = try await streams.records(iterator(behind: newest.rawValue)) } == nil)
        #expect(
            await refusal { _ = try await streams.records(iterator(behind: newest.rawValue + 1)) }
                == "ExpiredIteratorException")
        #expect(
            await refusal { _ = try await streams.records(iterator(behind: newest.rawValue, milliseconds: 1)) }
                == "ExpiredIteratorException")
    }

    @Test func aReaderGoesOnAfterTheStoreIsRestored() async throws {
        let (lab, streams, arn) = try await lab()
        let shard = try await streams.shards(arn)[0].id
        try await lab.put(#""p":{"S":"kept"}"#)
        _ = try await lab.store.saveCheckpoint(named: "old", createdMilliseconds: 0)
        try await lab.put(#""p":{"S":"lost"}"#)
        let newest = try await streams.iterator(arn, shard, "LATEST")
        _ = try await lab.store.restoreCheckpoint(named: "old", createdMilliseconds: 0)
        try await lab.put(#""p":{"S":"new"}"#)
        #expect(try await streams.records(newest).records.map(\.keys) == [#"{"p":{"S":"new"}}"#])
        #expect(try await streams.readAll(arn).map(\.keys) == ["kept", "new"].map { #"{"p":{"S":"\#($0)"}}"# })
    }

    @Test func iteratorsCannotBeForged() async throws {
        let (lab, streams, arn) = try await lab()
        let iterator = try await streams.iterator(arn, try await streams.shards(arn)[0].id)
        var random = SeededRandom(seed: 5)
        let start = iterator.utf8.count - 70
        for index in iterator.utf8.indices.map({ iterator.utf8.distance(from: iterator.startIndex, to: $0) }) {
            var bytes = Array(iterator.utf8)
            bytes[index] = bytes[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let code = await refusal { _ = try await streams.records(String(decoding: bytes, as: UTF8.self)) }
            #expect(code == "ValidationException", "\(index)")
        }
        for _ in 0..<200 {
            let noise = (0..<Int(random.next() % 80)).map { _ in UInt8(32 + random.next() % 90) }
                .filter { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
            let text = String(iterator.prefix(start)) + String(decoding: noise, as: UTF8.self)
            #expect(await refusal { _ = try await streams.records(text) } == "ValidationException")
        }
        lab.me.accountID = "222222222222"
        let others = lab.streams
        #expect(await refusal { _ = try await others.records(iterator) } == "AccessDeniedException")
    }

    @Test func pagesAreBoundedByCountAndBytes() async throws {
        let (lab, streams, arn) = try await lab("NEW_IMAGE")
        let shard = try await streams.shards(arn)[0].id
        let text = String(repeating: "x", count: 300_000)
        for number in 0..<4 { try await lab.put(#""p":{"S":"\#(number)"},"v":{"S":"\#(text)"}"#) }
        let first = try await streams.records(try await streams.iterator(arn, shard))
        #expect(first.records.count == 3)
        let second = try await streams.records(try #require(first.next))
        #expect(second.records.count == 1 && second.next != nil)
        let iterator = try await streams.iterator(arn, shard)
        #expect(try await streams.records(iterator, limit: 2).records.count == 2)
        #expect(await refusal { _ = try await streams.records(iterator, limit: 1001) } == "ValidationException")
        #expect(await refusal { _ = try await streams.records(iterator, limit: 0) } == "ValidationException")
    }

    // MARK: Shards

    @Test func aSplitShardIsDrainedBeforeItsChildren() async throws {
        let (lab, streams, arn) = try await lab()
        for number in 0..<20 { try await lab.put(#""p":{"S":"\#(number)"},"v":{"N":"1"}"#) }
        try await lab.service.splitPartition(lab.table, 1)
        for number in 0..<20 { try await lab.put(#""p":{"S":"\#(number)"},"v":{"N":"2"}"#) }
        let shards = try await streams.shards(arn)
        #expect(shards.map(\.parent) == [nil, shards[0].id, shards[0].id])
        #expect(shards.map(\.id) == shards.map(\.id).sorted())
        #expect(shards[0].end == shards[1].start && shards[1].end == nil)
        // The parent has an end: its iterators do too.
        let page = try await streams.records(try await streams.iterator(arn, shards[0].id))
        #expect(page.records.count == 20 && page.next == nil)
        let latest = try await streams.records(try await streams.iterator(arn, shards[0].id, "LATEST"))
        #expect(latest.records.isEmpty && latest.next == nil)
        var children: [StreamClient.Record] = []
        for shard in shards[1...] {
            children += try await streams.drain(try await streams.iterator(arn, shard.id))
        }
        #expect(children.count == 20 && children.allSatisfy { $0.event == "MODIFY" })
        #expect(try await streams.readAll(arn).replayed() == streams.items(keys: ["p"]))
    }

    @Test func anIteratorThatAsksForAllPassesTheEndOfItsShard() async throws {
        let (lab, streams, arn) = try await lab()
        try await lab.put(#""p":{"S":"a"}"#)
        let shard = try await streams.shards(arn)[0].id
        var page = try await streams.records(try await streams.iterator(arn, shard))
        page = try await streams.records(try #require(page.next))
        try await lab.put(#""p":{"S":"b"}"#)
        try await lab.service.splitPartition(lab.table, 1)
        page = try await streams.records(try #require(page.next), limit: 1)
        #expect(page.records.count == 1 && page.next == nil)
    }

    @Test func shardsAreDescribedPageByPage() async throws {
        let (lab, streams, arn) = try await lab()
        for id in 1...7 as ClosedRange<UInt64> { try await lab.service.splitPartition(lab.table, id) }
        let shards = try await streams.shards(arn)
        #expect(shards.count == 15)
        #expect(try await streams.shards(arn, limit: 4) == shards)
        #expect(try await streams.shards(arn, limit: 15) == shards)
        let filter = #","ShardFilter":{"Type":"CHILD_SHARDS","ShardId":"\#(shards[2].id)"}"#
        #expect(try await streams.shards(arn, more: filter) == Array(shards[5...6]))
        #expect(try await streams.shards(arn, limit: 1, more: filter) == Array(shards[5...6]))
        let wrong = #","ShardFilter":{"Type":"CHILD_SHARDS"}"#
        #expect(await refusal { _ = try await streams.shards(arn, more: wrong) } == "ValidationException")
        #expect(await refusal { _ = try await streams.shards(arn, limit: 101) } == "ValidationException")
        let beyond = #","ExclusiveStartShardId":"\#(String(repeating: "z", count: 30))""#
        #expect((try await streams.description(arn, beyond)["Shards"] as? [Any])?.isEmpty == true)
    }

    // MARK: The life of a stream

    @Test func aStreamEnabledLaterBeginsThen() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        try await lab.service.splitPartition(lab.table, 1)
        try await lab.put(#""p":{"S":"a"}"#)
        let specification = #""StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_AND_OLD_IMAGES"}"#
        try await lab.call(.updateTable, #"{"TableName":"tab",\#(specification)}"#)
        try await lab.put(#""p":{"S":"a"},"v":{"N":"1"}"#)
        let arn = try await lab.streams.arn()
        let shards = try await lab.streams.shards(arn)
        // Of the partitions that there are; what they were split off has no shard.
        #expect(shards.map(\.parent) == [nil, nil])
        #expect(try await lab.streams.readAll(arn).map(\.event) == ["MODIFY"])
        #expect(
            await lab.refusal(.updateTable, #"{"TableName":"tab",\#(specification)}"#)
                == "ValidationException: Table already has an enabled stream: TableName: tab")
    }

    @Test func aDisabledStreamStaysForADay() async throws {
        let (lab, streams, arn) = try await lab()
        let off = #"{"TableName":"tab","StreamSpecification":{"StreamEnabled":false}}"#
        try await lab.put(#""p":{"S":"a"}"#)
        try await lab.call(.updateTable, off)
        try await lab.put(#""p":{"S":"b"}"#)
        #expect(
            await lab.refusal(.updateTable, off)
                == "ValidationException: Table has no stream to disable: TableName: tab")
        #expect(try await streams.description(arn)["StreamStatus"] as? String == "DISABLED")
        let shard = try await streams.shards(arn)[0]
        let page = try await streams.records(try await streams.iterator(arn, shard.id))
        #expect(shard.end != nil && page.records.count == 1 && page.next == nil)
        // Described by it until there is another, whose label is another even though time stands still.
        #expect(try await streams.arn() == arn)
        try await lab.call(
            .updateTable,
            #"{"TableName":"tab","StreamSpecification":{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"}}"#)
        let second = try await streams.arn()
        #expect(second != arn)
        #expect(try await streams.readAll(second).isEmpty)
        try await lab.pass(seconds: 86_399)
        #expect(try await streams.readAll(arn).count == 1)
        try await lab.pass(seconds: 1)
        #expect(await refusal { _ = try await streams.description(arn) } == "ResourceNotFoundException")
        #expect(try await streams.description(second)["StreamStatus"] as? String == "ENABLED")
        #expect(try await lab.keys(.streams).isEmpty)
    }

    @Test func aStreamOutlivesItsTableByADay() async throws {
        let (lab, streams, arn) = try await lab()
        try await lab.put(#""p":{"S":"a"}"#)
        try await lab.call(.deleteTable, #"{"TableName":"tab"}"#)
        try await lab.makeTable(more: DynamoDBFixture.stream())
        let second = try await streams.arn()
        #expect(second != arn)
        try await lab.crash()
        #expect(try await lab.streams.readAll(arn).count == 1)
        #expect(try await lab.streams.readAll(second).isEmpty)
        try await lab.pass(seconds: 86_400)
        let after = lab.streams
        #expect(await refusal { _ = try await after.readAll(arn) } == "ResourceNotFoundException")
        #expect(try await after.readAll(second).isEmpty)
    }

    @Test func streamsAreListedByTable() async throws {
        let (lab, streams, arn) = try await lab()
        try await lab.makeTable("other", more: DynamoDBFixture.stream())
        try await lab.makeTable("none")
        let other = try await streams.arn(of: "other")
        func list(_ more: String) async throws -> [String] {
            let answer = try await streams.call(.listStreams, "{\(more)}")
            return (answer["Streams"] as? [[String: String]] ?? []).map { $0["StreamArn"] ?? "" }
        }
        #expect(try await list("") == [other, arn])
        #expect(try await list(#""TableName":"tab""#) == [arn])
        #expect(try await list(#""TableName":"none""#) == [])
        let page = try await streams.call(.listStreams, #"{"Limit":1}"#)
        #expect(page["LastEvaluatedStreamArn"] as? String == other)
        #expect(try await list(#""ExclusiveStartStreamArn":"\#(other)""#) == [arn])
        #expect(try await list(#""ExclusiveStartStreamArn":"\#(arn)""#) == [])
        #expect(await lab.refusal(.listStreams, #"{"Limit":101}"#)?.hasPrefix("ValidationException") == true)
        lab.me.region = "us-east-1"
        #expect(try await lab.streams.call(.listStreams, "{}")["Streams"] as? [String] == [])
    }

    // MARK: Trimming

    @Test func recordsAreGoneAfterADay() async throws {
        let (lab, streams, arn) = try await lab()
        let shard = try await streams.shards(arn)[0].id
        for number in 0..<1200 { try await lab.put(#""p":{"S":"\#(number)"}"#) }
        let first = try await streams.readAll(arn)[0].sequence
        try await lab.pass(seconds: 3600)
        try await lab.put(#""p":{"S":"later"}"#)
        try await lab.pass(seconds: 82_799)
        #expect(try await streams.readAll(arn).count == 1201)
        let early = try await streams.iterator(arn, shard)
        try await lab.pass(seconds: 61)
        let left = try await streams.readAll(arn)
        #expect(left.map(\.keys) == [#"{"p":{"S":"later"}}"#])
        #expect(await refusal { _ = try await streams.records(early) } == "TrimmedDataAccessException")
        let old = await refusal { _ = try await streams.iterator(arn, shard, "AT_SEQUENCE_NUMBER", at: first) }
        #expect(old == "TrimmedDataAccessException")
        try await lab.reopen()
        let reopened = lab.streams
        #expect(await refusal { _ = try await reopened.records(early) } == "TrimmedDataAccessException")
        try await lab.pass(seconds: 3601)
        #expect(try await reopened.readAll(arn).isEmpty)
        #expect(try await lab.keys(.streams).isEmpty)
        try await lab.put(#""p":{"S":"again"}"#)
        #expect(try await reopened.readAll(arn).count == 1)
    }

    @Test func aLongTrimGoesOnInTurns() async throws {
        let (lab, streams, arn) = try await lab()
        for number in 0..<1200 { try await lab.put(#""p":{"S":"\#(number)"}"#) }
        lab.time.advance(milliseconds: 86_400_000)
        let key = try #require(try await lab.keys(.due).first)
        let entry = DueEntry(
            time: LabTime(millisecondsSinceEpoch: 1_700_086_400_000), kind: .streamTrim, id: Array(key.dropFirst(9)))
        #expect(entry.key == key)
        try await StreamTrim(service: lab.service, piecesMax: 1).run([entry])
        #expect(try await streams.readAll(arn).count == 700)
        // The same entry with another payload: what the queue takes for a turn.
        #expect(try await lab.keys(.due) == [key])
        #expect(try await lab.store.get(.due, key)?.head.isEmpty == false)
        try await lab.crash()
        #expect(try await lab.streams.readAll(arn).count == 700)
        try await lab.runDue()
        #expect(try await lab.streams.readAll(arn).isEmpty)
    }

    @Test func closedShardsGoWhenTheyAreEmpty() async throws {
        let (lab, streams, arn) = try await lab()
        try await lab.put(#""p":{"S":"a"}"#)
        try await lab.pass(seconds: 100)
        try await lab.service.splitPartition(lab.table, 1)
        try await lab.put(#""p":{"S":"b"}"#)
        let shards = try await streams.shards(arn)
        try await lab.pass(seconds: 86_399)
        #expect(try await streams.shards(arn).count == 3)
        try await lab.pass(seconds: 61)
        #expect(try await streams.shards(arn) == Array(shards[1...]))
        #expect(try await lab.keys(.catalog, [0x28]).count == 1)
    }

    // MARK: As a whole

    @Test(arguments: [1, 2, 3] as [UInt64])
    func aStreamReplaysToItsTable(_ seed: UInt64) async throws {
        let lab = try await DynamoDBFixture(seed: seed)
        try await lab.makeTable(sort: "N", more: DynamoDBFixture.stream())
        let arn = try await lab.streams.arn()
        var random = SeededRandom(seed: seed)
        func number(_ below: UInt64) -> UInt64 { random.next() % below }
        func key() -> String { #""p":{"S":"\#(number(30))"},"s":{"N":"\#(number(4))"}"# }
        for step in 0..<400 {
            switch number(20) {
            case 0..<8: try await lab.put(#"\#(key()),"v":{"N":"\#(number(5))"}"#)
            case 8..<11: try await lab.call(.deleteItem, #"{"TableName":"tab","Key":{\#(key())}}"#)
            case 11..<14:
                try await lab.call(
                    .updateItem,
                    """
                    {"TableName":"tab","Key":{\(key())},"UpdateExpression":"ADD v :v",
                     "ExpressionAttributeValues":{":v":{"N":"1"}}}
                    """)
            case 14..<16:
                let items = (0..<5).map { #"{"p":{"S":"\#(number(30))"},"s":{"N":"\#($0)"},"b":{"N":"\#(step)"}}"# }
                let puts = items.map { #"{"PutRequest":{"Item":\#($0)}}"# }.joined(separator: ",")
                try await lab.call(.batchWriteItem, #"{"RequestItems":{"tab":[\#(puts)]}}"#)
            case 16..<18:
                let items = (0..<3).map { #"{"p":{"S":"\#(number(30))"},"s":{"N":"\#($0)"},"t":{"N":"\#(step)"}}"# }
                let puts = items.map { #"{"Put":{"TableName":"tab","Item":\#($0)}}"# }.joined(separator: ",")
                try await lab.call(.transactWriteItems, #"{"TransactItems":[\#(puts)]}"#)
            case 18:
                let open = try await lab.service.partitions(of: lab.table).filter(\.isOpen)
                let partition = open[Int(number(UInt64(open.count)))]
                try await lab.service.splitPartition(lab.table, partition.id)
            default:
                guard number(5) == 0 else { continue }
                if step % 2 == 0 { try await lab.crash() } else { try await lab.reopen() }
            }
        }
        let records = try await lab.streams.readAll(arn, limit: 9)
        #expect(records.count > 200)
        let replayed = try #require(records.replayed())
        #expect(try await lab.streams.items(keys: ["p", "s"]) == replayed)
    }

    @Test func aReaderOfTheNewestMissesAndRepeatsNothing() async throws {
        let (lab, streams, arn) = try await lab()
        let shard = try await streams.shards(arn)[0].id
        let service = lab.service
        let start = try await streams.iterator(arn, shard, "LATEST")
        let writerCount = 4
        let writes = 60
        let records = try await withThrowingTaskGroup(of: [StreamClient.Record].self) { group in
            for writer in 0..<writerCount {
                group.addTask {
                    for number in 0..<writes {
                        let item = #"{"p":{"S":"\#(number % 3)"},"v":{"S":"\#(writer) \#(number)"}}"#
                        let put = #"{"TableName":"tab","Item":\#(item)}"#
                        _ = try await service.perform(.putItem, Array(put.utf8), DynamoDBFixture.account)
                    }
                    return []
                }
            }
            group.addTask {
                var seen: [StreamClient.Record] = []
                var next = start
                while seen.count < writerCount * writes {
                    let page = try await streams.records(next, limit: 7)
                    seen += page.records
                    next = page.next ?? next
                    await Task.yield()
                }
                return seen
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(records.map(\.sequence)).count == writerCount * writes)
        #expect(try await streams.items(keys: ["p"]) == records.replayed())
        #expect(try await streams.readAll(arn).map(\.sequence) == records.map(\.sequence))
    }
}
