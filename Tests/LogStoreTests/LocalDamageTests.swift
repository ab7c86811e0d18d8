import Bytes
import Disk
import Testing

@testable import LogStore

/// Damage costs its own keys and nothing else: those answer `.damaged`, never "absent" and never an older version; the
/// store opens, reads, writes and merges around them.
@Suite struct LocalDamageTests {
    private static let count = 400

    private func options() -> StoreOptions {
        var options = tinyOptions()
        options.tableBytes = 16 << 10
        options.compression = false
        return options
    }

    private func name(_ index: Int) -> String {
        "k" + String(repeating: "0", count: 4 - String(index).count) + String(index)
    }

    /// Three generations of the same keys in several tables and levels. The model says what each key holds.
    private func sample() async throws -> (SimulatedDisk, [String: String]) {
        let disk = SimulatedDisk(seed: 31)
        let store = try openStore(disk, options: options())
        var model: [String: String] = [:]
        for generation in 0..<3 {
            for index in 0..<Self.count where generation == 0 || index % (generation + 1) == 0 {
                let text = "\(generation)-\(index)-" + String(repeating: "x", count: 400)
                try await store.put(name(index), value(text))
                model[name(index)] = text
            }
            store.flushAll()
        }
        try store.close()
        return (disk, model)
    }

    private func tables(_ disk: any Disk) throws -> [ManifestEdit.TableRecord] {
        try #require(try Manifest.open(disk: disk, isRepairing: false)).state.tables
    }

    private func fileName(_ disk: any Disk, _ record: ManifestEdit.TableRecord) throws -> String {
        let manifest = try #require(try Manifest.open(disk: disk, isRepairing: false))
        return FileName(storeID: manifest.storeID, number: record.file, kind: .table).string
    }

    /// Damages a table so that nothing of it can be read.
    private enum Blow: CaseIterable { case remove, footer, index, truncate }

    private func strike(_ disk: SimulatedDisk, _ name: String, _ blow: Blow) throws {
        let file = try disk.open(name, direct: false)
        let size = try file.size()
        switch blow {
        case .remove: try disk.remove(name)
        case .footer: disk.corrupt(name: name, offset: size - 60)
        case .truncate: try file.truncate(to: size / 2)
        case .index:
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 128, alignment: 8)
            defer { memory.deallocate() }
            _ = try file.read(into: memory, at: size - 128)
            let footer = try TableFooter(UnsafeRawBufferPointer(memory), file: name, fileLength: size)
            disk.corrupt(name: name, offset: footer.index.offset + 3)
        }
    }

    @Test(arguments: Blow.allCases)
    private func aDamagedTableCostsItsOwnRange(blow: Blow) async throws {
        let (disk, model) = try await sample()
        let records = try tables(disk.crash())
        #expect(records.count > 4)
        for record in records {
            let copy = disk.crash()
            let name = try fileName(copy, record)
            try strike(copy, name, blow)
            let store = try openStore(copy, options: options(), seed: 2)
            #expect(store.damages.notes.map(\.file) == [name])
            let range = record.properties
            try await checkPoints(store, model, record: record, file: name)
            try await checkScans(store, model, damaged: range.smallestKey, range.largestKey, file: name)
            try store.close()
            // The table and what it names are still there for whoever can repair them.
            #expect(try blow == .remove || copy.list().contains(name))
        }
    }

    private func checkPoints(
        _ store: LogStore, _ model: [String: String], record: ManifestEdit.TableRecord, file: String
    ) async throws {
        for (name, text) in model {
            let isInside =
                !precedes(key(name), record.properties.smallestKey)
                && !precedes(record.properties.largestKey, key(name))
            do {
                let found = try await store.get(.catalog, key(name))
                #expect(found == value(text), "\(name) reads as something else")
            } catch {
                #expect(isInside, "\(name) is not in the damaged range")
                guard case .damaged(let named, _, _) = error else {
                    Issue.record("\(error) is no answer to damage")
                    return
                }
                #expect(named == file)
            }
        }
    }

    /// Scans stop at the damage from either side, and go on behind it.
    private func checkScans(
        _ store: LogStore, _ model: [String: String], damaged smallest: [UInt8], _ largest: [UInt8], file: String
    ) async throws {
        let keys = model.keys.sorted()
        let before = keys.filter { precedes(key($0), smallest) }
        let behind = keys.filter { precedes(largest, key($0)) }
        let cursor = store.cursor(.catalog)
        for name in before { #expect(try await cursor.next()?.key == key(name)) }
        for _ in 0..<2 { await #expect(throws: StoreError.self) { try await cursor.next() } }
        if let last = before.last { #expect(try await cursor.previous()?.key == key(last)) }
        cursor.seek(largest + [0])
        for name in behind { #expect(try await cursor.next()?.key == key(name)) }
        #expect(try await cursor.next() == nil)
        for name in behind.reversed() { #expect(try await cursor.previous()?.key == key(name)) }
        for _ in 0..<2 { await #expect(throws: StoreError.self) { try await cursor.previous() } }
        // A bound right before the damage is not touched by it; nor is one right behind.
        #expect(try await store.scan(.catalog, upper: smallest).map(\.0) == before.map(key))
        #expect(try await store.scan(.catalog, lower: largest + [0]).map(\.0) == behind.map(key))
        let lower = store.cursor(.catalog, lower: largest + [0])
        lower.seekToLast()
        for name in behind.reversed() { #expect(try await lower.previous()?.key == key(name)) }
        #expect(try await lower.previous() == nil)
    }

    @Test func aDamagedBlockCostsItsOwnRange() async throws {
        let (disk, model) = try await sample()
        let whole = disk.crash()
        let store = try openStore(whole, options: options(), seed: 2)
        let tables = store.version.allTables
        #expect(tables.contains { $0.blockCount > 1 })
        for table in tables {
            for block in 0..<table.blockCount {
                let smallest = table.smallestPossibleKey(inBlock: block)
                let largest = table.largestPossibleKey(inBlock: block)
                let copy = disk.crash()
                let record = try #require(try self.tables(copy).first { $0.file == table.number })
                copy.corrupt(name: table.name, offset: table.offset(ofBlock: block) + 5)
                let damaged = try openStore(copy, options: options(), seed: 2)
                #expect(damaged.damages.count == 0)
                try await checkScans(damaged, model, damaged: smallest, largest, file: table.name)
                var inner = record
                inner.properties.smallestKey = smallest
                inner.properties.largestKey = largest
                try await checkPoints(damaged, model, record: inner, file: table.name)
                #expect(damaged.damages.notes.map(\.file) == [table.name])
                try damaged.close()
            }
        }
    }

    /// A filter is worth speed, properties stand in the manifest too.
    @Test func damageOfFilterAndPropertiesCostsNothing() async throws {
        let (disk, model) = try await sample()
        for record in try tables(disk.crash()) {
            for part in 0..<2 {
                let copy = disk.crash()
                let name = try fileName(copy, record)
                let file = try copy.open(name, direct: false)
                let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 128, alignment: 8)
                defer { memory.deallocate() }
                let size = try file.size()
                _ = try file.read(into: memory, at: size - 128)
                let footer = try TableFooter(UnsafeRawBufferPointer(memory), file: name, fileLength: size)
                copy.corrupt(name: name, offset: [footer.filter, footer.properties][part].offset + 1)
                let store = try openStore(copy, options: options(), seed: 2)
                #expect(store.damages.notes.map(\.file) == [name])
                for (name, text) in model { #expect(try await store.get(.catalog, key(name)) == value(text)) }
                #expect(try await store.scan(.catalog).count == model.count)
                try store.close()
            }
        }
    }

    @Test func aSectorThatCannotBeReadIsDamageOfItsFile() async throws {
        let (disk, _) = try await sample()
        let copy = disk.crash()
        let record = try #require(try tables(copy).last)
        let name = try fileName(copy, record)
        let store = try openStore(copy, options: options(), seed: 2)
        copy.inject(FaultRule(operation: .read, nameSuffix: name, error: .io(errno: 5), isSticky: true))
        await #expect(throws: StoreError.self) { try await store.scan(.catalog) }
        #expect(store.damages.notes.map(\.file) == [name])
        try store.close()
    }
}

extension LogStore {
    /// Puts what is in memory into tables, and merges what is due.
    fileprivate func flushAll() {
        core.withLock { core in
            let set = freezeActiveSet(&core)
            set.logEnd = core.logPosition
        }
        driver.backgroundIsWaiting()
    }
}

extension Table {
    fileprivate func offset(ofBlock block: Int) -> UInt64 {
        guard case .damaged(_, let offset, _) = damage(inBlock: block) else { return 0 }
        return offset
    }
}
