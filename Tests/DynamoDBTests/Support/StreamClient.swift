import Foundation
import LabClock

@testable import DynamoDB

/// Reads streams as clients do: through the operations' JSON.
struct StreamClient: Sendable {
    let service: DynamoDBService
    var context = DynamoDBFixture.account

    struct Shard: Sendable, Hashable {
        let id: String
        let parent: String?
        let start: String
        let end: String?
    }

    struct Record: Sendable, Hashable {
        let shard: String
        let sequence: String
        let id: String
        let event: String
        /// JSON with sorted keys.
        let keys: String
        let new: String?
        let old: String?
        let seconds: Double
        let isByService: Bool
    }

    /// An answer's object. Its values are never changed, so that it may go anywhere.
    func call(_ operation: DynamoDBOperation, _ json: String) async throws -> [String: Any] {
        let answer = try await service.perform(operation, Array(json.utf8), context)
        return try JSONSerialization.jsonObject(with: Data(answer)) as? [String: Any] ?? [:]
    }

    func arn(of table: String = "tab") async throws -> String {
        let answer = try await call(.describeTable, #"{"TableName":"\#(table)"}"#)
        return (answer["Table"] as? [String: Any])?["LatestStreamArn"] as? String ?? ""
    }

    func description(_ arn: String, _ more: String = "") async throws -> [String: Any] {
        let answer = try await call(.describeStream, #"{"StreamArn":"\#(arn)"\#(more)}"#)
        return answer["StreamDescription"] as? [String: Any] ?? [:]
    }

    /// All shards, page by page.
    func shards(_ arn: String, limit: Int = 100, more: String = "") async throws -> [Shard] {
        var shards: [Shard] = []
        var start = ""
        while true {
            let description = try await description(arn, #","Limit":\#(limit)\#(start)\#(more)"#)
            for shard in description["Shards"] as? [[String: Any]] ?? [] {
                let range = shard["SequenceNumberRange"] as? [String: Any] ?? [:]
                shards.append(
                    Shard(
                        id: shard["ShardId"] as? String ?? "", parent: shard["ParentShardId"] as? String,
                        start: range["StartingSequenceNumber"] as? String ?? "",
                        end: range["EndingSequenceNumber"] as? String))
            }
            guard let last = description["LastEvaluatedShardId"] as? String else { return shards }
            start = #","ExclusiveStartShardId":"\#(last)""#
        }
    }

    func iterator(
        _ arn: String, _ shard: String, _ type: String = "TRIM_HORIZON", at sequence: String? = nil
    ) async throws -> String {
        let number = sequence.map { #","SequenceNumber":"\#($0)""# } ?? ""
        let answer = try await call(
            .getShardIterator,
            #"{"StreamArn":"\#(arn)","ShardId":"\#(shard)","ShardIteratorType":"\#(type)"\#(number)}"#)
        return answer["ShardIterator"] as? String ?? ""
    }

    func records(
        _ iterator: String, limit: Int? = nil, shard: String = ""
    ) async throws -> (records: [Record], next: String?) {
        let size = limit.map { #","Limit":\#($0)"# } ?? ""
        let answer = try await call(.getRecords, #"{"ShardIterator":"\#(iterator)"\#(size)}"#)
        let records = (answer["Records"] as? [[String: Any]] ?? []).map { Self.record($0, shard) }
        return (records, answer["NextShardIterator"] as? String)
    }

    private static func record(_ object: [String: Any], _ shard: String) -> Record {
        let change = object["dynamodb"] as? [String: Any] ?? [:]
        let identity = object["userIdentity"] as? [String: String]
        return Record(
            shard: shard, sequence: change["SequenceNumber"] as? String ?? "", id: object["eventID"] as? String ?? "",
            event: object["eventName"] as? String ?? "", keys: text(change["Keys"]) ?? "",
            new: text(change["NewImage"]), old: text(change["OldImage"]),
            seconds: change["ApproximateCreationDateTime"] as? Double ?? 0,
            isByService: identity == ["PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"])
    }

    static func text(_ object: Any?) -> String? {
        guard let object, let data = try? JSONSerialization.data(withJSONObject: object, options: .sortedKeys) else {
            return nil
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// What is left of a shard from an iterator on.
    func drain(_ iterator: String, limit: Int? = nil, shard: String = "") async throws -> [Record] {
        var all: [Record] = []
        var next: String? = iterator
        while let iterator = next {
            let page = try await records(iterator, limit: limit, shard: shard)
            all += page.records
            // An open shard has no end.
            if page.records.isEmpty { break }
            next = page.next
        }
        return all
    }

    /// Everything in a stream, parents before their children.
    func readAll(_ arn: String, limit: Int? = nil) async throws -> [Record] {
        var all: [Record] = []
        for shard in try await shards(arn) {
            all += try await drain(try await iterator(arn, shard.id), limit: limit, shard: shard.id)
        }
        return all
    }

    /// The items of a table by their keys, as JSON with sorted keys.
    func items(of table: String = "tab", keys: [String]) async throws -> [String: String] {
        var items: [String: String] = [:]
        var start = ""
        while true {
            let answer = try await call(.scan, #"{"TableName":"\#(table)"\#(start)}"#)
            for item in answer["Items"] as? [[String: Any]] ?? [] {
                items[Self.text(item.filter { keys.contains($0.key) }) ?? ""] = Self.text(item)
            }
            guard let last = Self.text(answer["LastEvaluatedKey"]) else { return items }
            start = #","ExclusiveStartKey":\#(last)"#
        }
    }
}

extension [StreamClient.Record] {
    /// The items that are left when the records are done one after the other; nil when one does not follow from those
    /// before it.
    func replayed() -> [String: String]? {
        var items: [String: String] = [:]
        for record in self {
            guard items[record.keys] == record.old else { return nil }
            let event = record.old == nil ? "INSERT" : record.new == nil ? "REMOVE" : "MODIFY"
            guard record.event == event else { return nil }
            items[record.keys] = record.new
        }
        return items
    }
}

extension DynamoDBFixture {
    var streams: StreamClient { StreamClient(service: service, context: me) }

    static func stream(_ view: String = "NEW_AND_OLD_IMAGES") -> String {
        #","StreamSpecification":{"StreamEnabled":true,"StreamViewType":"\#(view)"}"#
    }

    var table: TableName { TableName(account: me.accountID, region: me.region, table: "tab") }

    /// Goes on in time and does what is due then.
    func pass(seconds: Int64) async throws {
        time.advance(milliseconds: seconds * 1000)
        let report = try await due.runDue()
        if report.failingCount != 0 { throw DynamoDBError.internalError("\(report)") }
    }
}
