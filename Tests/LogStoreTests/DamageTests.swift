import Bytes
import Disk
import Synchronization
import Testing

@testable import LogStore

/// Bits that flip on the medium: a typed error that names the file, or the right bytes. Never wrong ones, never an
/// older version, never "absent".
@Suite struct DamageTests {
    /// A store with tables over tables, extents and a log, and what is in it. `crash()` of the disk is a copy.
    private func sample(close: Bool) async throws -> (SimulatedDisk, Model) {
        let disk = SimulatedDisk(seed: 11)
        let store = try openStore(disk, options: tinyOptions())
        var workload = Workload(seed: 11)
        var model: Model = [:]
        for _ in 0..<150 {
            let commit = workload.nextCommit()
            try await commit.commit(to: store)
            commit.apply(to: &model)
        }
        if close { try store.close() }
        return (disk, model)
    }

    @Test(arguments: ["tab", "ext", "log", "man", "CURRENT"])
    func aFlippedBitIsNoticedOrHarmless(kind: String) async throws {
        let (disk, model) = try await sample(close: true)
        var random = SeededRandom(seed: 3)
        let copy = disk.crash()
        let names = try copy.list().filter { $0.hasSuffix(kind) }
        #expect(!names.isEmpty)
        var noticed = 0
        for round in 0..<60 {
            let copy = disk.crash()
            let name = names[round % names.count]
            let size = try copy.open(name, direct: false).size()
            // Mostly where something is written.
            let bound = kind == "log" || kind == "man" ? min(size, random.oneIn(2) ? 9_000 : 120_000) : size
            copy.corrupt(name: name, offset: UInt64.random(in: 0..<bound, using: &random))
            if try await isNoticed(copy, model, damaged: name) { noticed += 1 }
        }
        #expect(noticed > 0)
    }

    private func isNoticed(_ disk: SimulatedDisk, _ model: Model, damaged name: String) async throws -> Bool {
        let store: LogStore
        do { store = try openStore(disk, options: tinyOptions(), seed: 2) } catch {
            return names(error as? StoreError, name)
        }
        var noticed = false
        for (place, expected) in model {
            do {
                if case .counter(let count) = expected {
                    #expect(try await store.counter(place.keyspace, place.key) == count)
                    continue
                }
                let found = try #require(try await store.get(place.keyspace, place.key), "\(name): \(place) is gone")
                #expect(try .value(head: found.head, content: store.bytes(found.content)) == expected, "\(name)")
            } catch {
                noticed = names(error as? StoreError, name)
            }
        }
        return noticed
    }

    private func names(_ error: StoreError?, _ name: String) -> Bool {
        switch error {
        case .damaged(let file, _, _):
            // A manifest that says something else than a table's own properties blames either.
            #expect(file == name || name.hasSuffix("man") || name == "CURRENT", "\(file) is blamed for \(name)")
            return true
        case .unsupportedFormat: return true
        default:
            Issue.record("\(String(describing: error)) is no answer to damage of \(name)")
            return false
        }
    }

    @Test func damageInTheAcknowledgedLogRefusesAndATornTailIsCut() async throws {
        let disk = SimulatedDisk(seed: 12)
        let store = try openStore(disk)
        let first = store.core.position
        for index in 0..<10 { try await store.put("k\(index)", value("v\(index)")) }
        let name = try #require(try disk.list().first { $0.hasSuffix(".log") })
        let frame = UInt64(4096)
        #expect(first == 0)
        for index in 0..<10 as Range<UInt64> {
            let copy = disk.crash()
            copy.corrupt(name: name, offset: frame + index * frame + 100)
            if index < 9 {
                #expect(
                    throws: StoreError.damaged(
                        file: name, offset: frame + index * frame, what: "acknowledged part of the log")
                ) { try openStore(copy, seed: 2) }
                continue
            }
            // Nothing behind the last frame says that it was acknowledged.
            let opened = try openStore(copy, seed: 2)
            #expect(try await opened.scan(.catalog).count == 9)
        }
        let copy = disk.crash()
        copy.corrupt(name: name, offset: 30)
        #expect(throws: StoreError.self) { try openStore(copy, seed: 2) }
    }

    @Test func aMissingFileIsDamage() async throws {
        let (disk, _) = try await sample(close: true)
        for name in try disk.crash().list() where name != "LOCK" {
            let copy = disk.crash()
            try copy.remove(name)
            // Spare segments and the previous manifest may go.
            do { _ = try await readAll(try openStore(copy, options: tinyOptions(), seed: 2)) } catch {
                switch error as? StoreError {
                case .damaged, .disk(.notFound): continue
                default: Issue.record("\(name): \(error)")
                }
            }
            #expect(!name.hasSuffix(".tab") && name != "CURRENT", "\(name) was not missed")
        }
    }
}

extension Lock where Value == StoreCore {
    fileprivate var position: UInt64 { withLock { $0.logPosition } }
}
