import NIOHTTP1
import Synchronization
import Testing

@testable import Daemon

@Suite struct AdminTests {
    private let stops = Counter()

    private final class Counter: Sendable {
        let count = Atomic<Int>(0)
    }

    private var service: AdminService {
        let stops = stops
        return AdminService(
            token: AdminToken("secret"),
            actions: AdminService.Actions(
                statusJSON: { "{\"status\":1}" }, configurationJSON: { "{\"config\":1}" },
                requestStop: { stops.count.add(1, ordering: .relaxed) },
                snapshots: { .init(status: .ok, json: "{\"asked\":\"\($0)\"}", text: "\($0)\n") },
                clock: { .init(status: .ok, json: "{\"asked\":\"\($0)\"}", text: "\($0)\n") },
                tables: { .init(status: .ok, json: "{\"asked\":\"\($0)\"}", text: "\($0)\n") }))
    }

    private func request(
        _ method: HTTPMethod = .GET, host: String? = "127.0.0.1:4566", origin: String? = nil,
        authorization: String? = "Bearer secret"
    ) -> AdminRequest {
        AdminRequest(method: method, host: host, origin: origin, authorization: authorization)
    }

    @Test func theTokenOpens() async {
        let answer = await service.answer("status", request())
        #expect(answer.status == .ok)
        #expect(String(decoding: answer.body, as: UTF8.self) == "{\"status\":1}\n")
        #expect(await service.answer("config", request(host: "[::1]:4566")).status == .ok)
        let local = await service.answer("status", request(host: "localhost", authorization: "bearer secret"))
        #expect(local.status == .ok)
    }

    @Test(arguments: [nil, "", "Bearer", "Bearer ", "Bearer secre", "Bearer secrets", "Basic secret", "secret"])
    func nothingElseOpens(authorization: String?) async {
        #expect(await service.answer("status", request(authorization: authorization)).status == .unauthorized)
    }

    @Test(arguments: [
        nil, "", "example.com", "varve.example:4566", "127.0.0.1.example.com", "10.0.0.1:4566", "[::2]:1", "0.0.0.0",
    ])
    func onlyLoopbackHostsAreAnswered(host: String?) async {
        #expect(await service.answer("status", request(host: host)).status == .forbidden)
    }

    @Test(arguments: ["http://127.0.0.1:4566", "null", "https://example.com", ""])
    func noWebPageIsAnswered(origin: String) async {
        let answer = await service.answer("shutdown", request(.POST, origin: origin))
        #expect(answer.status == .forbidden)
        #expect(!answer.headers.contains { $0.name.lowercased().hasPrefix("access-control") })
        #expect(stops.count.load(ordering: .relaxed) == 0)
    }

    @Test func shutdownIsPostedAndNotGot() async {
        #expect(await service.answer("shutdown", request(.GET)).status == .methodNotAllowed)
        #expect(stops.count.load(ordering: .relaxed) == 0)
        #expect(await service.answer("shutdown", request(.POST)).status == .accepted)
        #expect(stops.count.load(ordering: .relaxed) == 1)
    }

    @Test func whatDoesNotExistIsNotFound() async {
        #expect(await service.answer("", request()).status == .notFound)
        #expect(await service.answer("status/", request()).status == .notFound)
        #expect(await service.answer("status", request(.DELETE)).status == .methodNotAllowed)
    }

    @Test func anEmptyTokenLetsNobodyIn() {
        #expect(!AdminToken("").isCarried(by: "Bearer "))
    }

    @Test(arguments: [
        ("/_varve/health", OwnPath.health), ("/_varve/metrics?x=1", .metrics),
        ("/_localstack/health", .localStackHealth), ("/_varve/admin/status?a", .admin("status")),
        ("/_varve/admin/", .admin("")), ("/_varve", .unknown), ("/_varve/", .unknown), ("/_varve/admin", .unknown),
        ("/_varve/healthy", .unknown),
    ])
    func ownPathsAreRecognised(target: String, path: OwnPath) {
        #expect(OwnPath(target: target) == path)
    }

    @Test(arguments: [
        "", "/", "/health", "/metrics/key", "/s3", "/dynamodb/x", "/bucket/_varve/health", "/_varvex", "/_localstack",
        "/_localstack/health/x", "//_varve/health", "/%5fvarve/health", "*",
    ])
    func everythingElseIsAServices(target: String) {
        #expect(OwnPath(target: target) == nil)
    }
}
