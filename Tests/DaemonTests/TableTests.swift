import Disk
import DynamoDB
import LabClock
import LogStore
import NIOHTTP1
import Testing

@testable import Daemon

@Suite struct TableTests {
    @Test(arguments: [
        TableRequest.partitions(table: "orders"), .partitions(table: "arn:aws:dynamodb:a:1:table/x&y"),
        .split(table: "orders", partition: 1, hash: nil), .split(table: "orders", partition: .max, hash: 0xA0),
        .indexDelay(table: "orders", milliseconds: 0), .indexDelay(table: "orders", milliseconds: 90_000),
    ])
    func aRequestIsUnderstoodAsItWasMade(request: TableRequest) throws {
        let (method, target) = request.target
        guard case .admin(let path) = OwnPath(target: target) else {
            Issue.record("\(target) is no path of the admin API")
            return
        }
        let query = target.drop { $0 != "?" }.dropFirst()
        #expect(try TableRequest(method, path: path.dropFirst("tables".count), query: query) == request)
    }

    @Test(arguments: [
        (HTTPMethod.GET, "", "", AdminRefusal.unknownPath), (.POST, "/partitions", "table=a", .wrongMethod),
        (.GET, "/split", "", .wrongMethod), (.GET, "/partitions", "", .malformed("table is missing")),
        (.POST, "/split", "table=a", .malformed("partition is missing")),
        (.POST, "/split", "table=a&partition=-1", .malformed("partition must be a partition's number")),
        (
            .POST, "/split", "table=a&partition=1&hash=80",
            .malformed("hash must be a hash: sixteen hexadecimal digits")
        ),
        (.POST, "/index-delay", "table=a", .malformed("delay is missing")),
        (
            .POST, "/index-delay", "table=a&delay=1s&x=1",
            .malformed("there is no parameter x here, or it came twice")
        ),
    ])
    func whatIsNoRequestIsRefused(method: HTTPMethod, path: String, query: String, refusal: AdminRefusal) {
        #expect(throws: refusal) { try TableRequest(method, path: path[...], query: query[...]) }
    }

    /// A service with a table of each account.
    private func service(_ accounts: [String]) async throws -> TableService {
        let time = ManualTime(millisecondsSinceEpoch: 1_700_000_000_000)
        let driver = ImmediateDriver()
        let store = try LogStore.open(
            disk: SimulatedDisk(seed: 1), options: StoreOptions(), driver: driver, randomSeed: 1)
        driver.attach(store)
        let clock = try await StoredLabClock.open(store: store, realTime: time)
        let due = DueQueue(store: store, clock: clock, realTime: time)
        let tables = DynamoDBService(store: store, clock: clock, due: due) { [UInt8](repeating: 1, count: $0) }
        let create = """
            {"TableName":"orders","BillingMode":"PAY_PER_REQUEST",
             "KeySchema":[{"AttributeName":"p","KeyType":"HASH"}],
             "AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"}]}
            """
        for account in accounts {
            _ = try await tables.perform(
                .createTable, Array(create.utf8), CallContext(accountID: account, region: "eu-west-1"))
        }
        return TableService(tables)
    }

    @Test func partitionsAreShownAndSplit() async throws {
        let service = try await service(["111111111111"])
        let split = await service.carryOut(.split(table: "orders", partition: 1, hash: nil))
        #expect(split.status == .ok && split.text == "split 1 into 2 and 3\n")
        let shown = await service.carryOut(.partitions(table: "orders"))
        let lines = """
            PARTITION  FROM              TO                PARENT  STATE  MADE
            1          0000000000000000  ffffffffffffffff  -       split  2023-11-14T22:13:20.000Z
            2          0000000000000000  7fffffffffffffff  1       open   2023-11-14T22:13:20.000Z
            3          8000000000000000  ffffffffffffffff  1       open   2023-11-14T22:13:20.000Z

            """
        #expect(shown.text == lines)
        #expect(shown.json.hasPrefix(#"{"partitions":[{"id":1,"from":"0000000000000000","to":"ffffffffffffffff","#))
        #expect(shown.json.contains(#""parent":1,"open":true,"begin":"#))
        let again = await service.carryOut(.split(table: "orders", partition: 1, hash: nil))
        #expect(again.status == .badRequest)
        let delay = await service.carryOut(.indexDelay(table: "orders", milliseconds: 5))
        let arn = "arn:aws:dynamodb:eu-west-1:111111111111:table/orders"
        #expect(delay.json == #"{"table":"\#(arn)","index_delay_ms":5}"#)
        #expect(await service.carryOut(.indexDelay(table: "orders", milliseconds: .max)).status == .badRequest)
    }

    @Test func aNameThatSeveralTablesHaveIsNotEnough() async throws {
        let service = try await service(["111111111111", "222222222222"])
        #expect(await service.carryOut(.partitions(table: "orders")).status == .badRequest)
        let arn = "arn:aws:dynamodb:eu-west-1:222222222222:table/orders"
        #expect(await service.carryOut(.partitions(table: arn)).status == .ok)
        let nowhere = await service.carryOut(.partitions(table: "nothing"))
        #expect(nowhere.status == .notFound && nowhere.text == "there is no table nothing\n")
    }
}
