internal import Bytes

/// What a point lookup found.
enum LookupResult {
    case absent
    case value(StoredValue)
    case counter(Int64)
}

/// The point lookup: memtables, then tables, newest first, up to the first entry that settles the key.
///
/// It holds nothing: whoever uses it holds the version of the view, and the store. Counting references to what all
/// lookups share would cost more than the lookup.
struct Lookup {
    private let view: VersionView
    private unowned(unsafe) let registry: ExtentRegistry
    private unowned(unsafe) let hints: ReadHints

    init(view: VersionView, registry: ExtentRegistry, hints: ReadHints) {
        self.view = view
        self.registry = registry
        self.hints = hints
    }

    /// The newest state of a key up to `sequence`.
    ///
    /// - Throws: `.wouldBlock` in `.cachedOnly` mode; damage of any table that may hold the key, since an older version
    ///   must not shine through.
    func find(
        _ keyspace: Keyspace, _ key: UnsafeRawBufferPointer, upTo sequence: UInt64, mode: ReadMode
    ) throws(ReadInterruption) -> LookupResult {
        let part = view[keyspace]
        var fold = KeyFold()
        for memtable in part.memtables {
            let deletedAt = memtable.rangeDeletes?.sequence(at: key, upTo: sequence) ?? 0
            var candidate = memtable.newestEntry(of: key, upTo: sequence)
            while let entry = candidate, entry.sequence >= deletedAt {
                fold.feed(entry.kind, sequence: entry.sequence, value: entry.value)
                if fold.isSettled { return try result(of: fold) }
                candidate = memtable.newestEntry(of: key, upTo: entry.sequence - 1)
            }
            if deletedAt > 0 {
                // Whatever older sets and tables hold was there before.
                fold.settleDeleted()
                return try result(of: fold)
            }
        }
        guard part.runs.runCount > 0 else { return try result(of: fold) }
        let deletedAt = part.rangeDeletes?._withUnsafeGuaranteedRef { $0.sequence(at: key) } ?? 0
        let hash = KeyHash.hash(key)
        let head = KeyHead.head(of: key)
        hints.noteLookup(keyspace, part.runs, hash: hash)
        for run in 0..<part.runs.runCount {
            guard let table = part.runs.table(inRun: run, mayHold: key, head: head, hash: hash) else { continue }
            let found = table._withUnsafeGuaranteedRef { table -> Result<DataBlock?, ReadInterruption> in
                // All of it was deleted. A deeper run may still hold a newer entry of the key: what this table holds of
                // other keys says nothing about that.
                if table.properties.largestSequence < deletedAt { return .success(nil) }
                do throws(ReadInterruption) { return .success(try block(of: table, for: key, mode)) } catch {
                    return .failure(error)
                }
            }
            guard let block = try found.get(), let entry = block.find(key) else { continue }
            if entry.sequence < deletedAt { break }
            fold.feed(entry.kind, sequence: entry.sequence, value: entry.value)
            if fold.isSettled {
                return try withExtendedLifetime(block) { () throws(ReadInterruption) in try result(of: fold) }
            }
        }
        return try result(of: fold)
    }

    /// The block that holds a key if the table does; nil when it cannot.
    private func block(
        of table: Table, for key: UnsafeRawBufferPointer, _ mode: ReadMode
    ) throws(ReadInterruption) -> DataBlock? {
        if let damage = table.damage {
            guard table.covers(key) else { return nil }
            throw .failed(registry.damages.noted(damage))
        }
        let blockIndex = table.blockIndex(for: key)
        guard blockIndex < table.blockCount else { return nil }
        do throws(ReadInterruption) { return try table.block(blockIndex, mode: mode) } catch {
            // A key in front of the table is none of its keys, whatever the filter lets pass.
            if case .failed = error, !table.covers(key) { return nil }
            throw error
        }
    }

    /// The same, waiting for the disk where need be.
    func findBlocking(
        _ keyspace: Keyspace, _ key: UnsafeRawBufferPointer, upTo sequence: UInt64
    ) throws(StoreError) -> LookupResult {
        do throws(ReadInterruption) {
            return try find(keyspace, key, upTo: sequence, mode: .mayBlock)
        } catch .failed(let error) {
            throw error
        } catch {
            preconditionFailure("a blocking read does not ask to block")
        }
    }

    private func result(of fold: KeyFold) throws(ReadInterruption) -> LookupResult {
        if fold.isEmpty { return .absent }
        let outcome: KeyFold.Outcome
        do { outcome = try fold.outcome() } catch {
            throw .failed(.damaged(file: "", offset: 0, what: "an add over a value that is no counter"))
        }
        switch outcome {
        case .delete, .hidden: return .absent
        case .counter(let value), .delta(let value): return .counter(value)
        case .put(let bytes): return .value(try StoredValue(decoding: bytes, registry: registry))
        }
    }
}

extension StoredValue {
    /// What a reader sees: nil when there is nothing, a counter as a head of eight bytes.
    init?(_ result: LookupResult) {
        switch result {
        case .absent: return nil
        case .value(let value): self = value
        case .counter(let value): self.init(head: withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) })
        }
    }

    /// Decodes a value from a memtable or a verified block, and takes hold of the files it names.
    init(decoding bytes: UnsafeRawBufferPointer, registry: ExtentRegistry) throws(ReadInterruption) {
        let view: ValueCodec.View
        do { view = try ValueCodec.view(bytes) } catch {
            throw .failed(.damaged(file: "", offset: 0, what: "value encoding"))
        }
        self.init(view, registry: registry)
    }

    /// Copies what was decoded in place.
    init(_ view: ValueCodec.View, registry: ExtentRegistry) {
        let content: Content =
            switch view.content {
            case .none: .none
            case .inline(let bytes): .inline([UInt8](bytes))
            case .runs(let runs): .runs(RunList(runs: runs, files: registry.files(of: runs)))
            }
        self.init(head: [UInt8](view.head), content: content)
    }
}
