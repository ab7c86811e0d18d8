import Disk
import Glibc
import LogStore
import NIOHTTP1
import Testing

@testable import Daemon

@Suite struct SnapshotTests {
    @Test(arguments: [
        SnapshotRequest.list, .save(name: "a/b%?&\"x"), .restore(name: "before-restore-1"), .remove(name: "..."),
        .branch(name: "n", directory: "/tmp/a b/ü&dir=x+%"), .save(name: "restore"), .save(name: ""),
    ])
    func aRequestIsUnderstoodAsItWasMade(request: SnapshotRequest) throws {
        let (method, target) = request.target
        guard case .admin(let path) = OwnPath(target: target) else {
            Issue.record("\(target) is no path of the admin API")
            return
        }
        #expect(path.hasPrefix("snapshots"))
        let query = target.drop { $0 != "?" }.dropFirst()
        #expect(try SnapshotRequest(method, path: path.dropFirst("snapshots".count), query: query) == request)
    }

    @Test(arguments: [
        (HTTPMethod.POST, "", "", AdminRefusal.wrongMethod), (.GET, "/a", "", .wrongMethod),
        (.GET, "/a/restore", "", .wrongMethod), (.DELETE, "/a/branch", "dir=/x", .wrongMethod),
        (.POST, "/a/restore/", "", .unknownPath), (.POST, "/a/", "", .unknownPath), (.GET, "x", "", .unknownPath),
        (.POST, "/a/fly", "", .unknownPath),
        (.POST, "/%zz", "", .malformed("the snapshot's name is badly encoded")),
        (.POST, "/a/branch", "", .malformed("where the branch shall be is missing: ?dir=DIR")),
        (.POST, "/a/branch", "dir=relative", .malformed("where the branch shall be must be an absolute path")),
        (.POST, "/a/branch", "dir=/a%00b", .malformed("where the branch shall be must be an absolute path")),
    ])
    func whatIsNoRequestIsRefused(method: HTTPMethod, path: String, query: String, refusal: AdminRefusal) {
        #expect(throws: refusal) { try SnapshotRequest(method, path: path[...], query: query[...]) }
    }

    @Test func outcomesHaveTheirStatus() async throws {
        let driver = ImmediateDriver()
        let store = try LogStore.open(
            disk: SimulatedDisk(seed: 1), options: StoreOptions(), driver: driver, randomSeed: 1)
        driver.attach(store)
        let service = SnapshotService(store: store, now: { 1_700_000_000_123 })
        let saved = await service.carryOut(.save(name: "one"))
        #expect(saved.status == .created && saved.text == "saved one\n")
        #expect(saved.json.hasPrefix("{\"name\":\"one\",\"created\":\"2023-11-14T22:13:20.123Z\","))
        #expect(await service.carryOut(.save(name: "one")).status == .conflict)
        #expect(await service.carryOut(.save(name: "two words")).status == .badRequest)
        #expect(await service.carryOut(.save(name: "")).status == .badRequest)
        let restored = await service.carryOut(.restore(name: "one"))
        #expect(restored.json == "{\"restored\":\"one\",\"kept_as\":\"before-restore-1\"}")
        #expect(await service.carryOut(.restore(name: "none")).status == .notFound)
        #expect(await service.carryOut(.branch(name: "none", directory: "/proc/none")).status == .notFound)
        #expect(await service.carryOut(.branch(name: "one", directory: "/proc")).status == .conflict)
        let list = await service.carryOut(.list)
        #expect(
            list.text.split(separator: "\n").map { $0.prefix { $0 != " " } } == [
                "NAME", "one", "before-restore-1", "held",
            ])
        #expect(await service.carryOut(.remove(name: "one")).status == .ok)
        #expect(await service.carryOut(.remove(name: "one")).status == .notFound)
        try store.close()
        #expect(await service.carryOut(.save(name: "late")).status == .serviceUnavailable)
    }

    @Test(
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (10 << 20, "10.0 MiB"),
            (UInt64.max, "16.0 EiB"),
        ] as [(UInt64, String)])
    func sizesAreForPeople(bytes: UInt64, text: String) {
        #expect(SnapshotList.size(bytes) == text)
    }
}
