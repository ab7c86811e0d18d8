internal import Bytes

/// Walks the live keys of one keyspace in either direction, within bounds, as of one snapshot. One user at a time.
///
/// The cursor stands between two keys: `next` and `previous` step over one and return it, so that one after the other
/// returns the same key. Turning around costs a seek in every table of the range.
///
/// When both bounds share the keyspace's filter prefix, tables whose filter excludes that prefix are left out.
///
/// Unchecked: confined to its user; cold reads run elsewhere while the user waits.
package final class Cursor: @unchecked Sendable {
    /// A live key with its value.
    package typealias Entry = (key: [UInt8], value: StoredValue)

    private enum Direction {
        case forward
        case backward
    }

    private enum Found {
        case value(ValueCodec.View)
        case counter(Int64)
    }

    private let merge: MergeIterator
    private let snapshot: Snapshot
    private let lower: [UInt8]
    private let upper: [UInt8]?
    private let registry: ExtentRegistry
    private let driver: any StoreDriver
    private let keyspace: Keyspace
    private let hints: ReadHints
    /// Runs that are looked at only because level 0 has not gone down yet, and what that costs.
    private let surplusRuns: UInt64
    /// The value that the last step went over, where it lies: valid until the next one.
    private var found = Found.counter(0)
    private var seeks: UInt64 = 1
    private var steps: UInt64 = 0

    init(
        keyspace: Keyspace, lower: [UInt8], upper: [UInt8]?, snapshot: Snapshot, registry: ExtentRegistry,
        driver: any StoreDriver, hints: ReadHints
    ) {
        self.snapshot = snapshot
        self.keyspace = keyspace
        self.hints = hints
        self.lower = lower
        self.upper = upper
        self.registry = registry
        self.driver = driver
        let sequence = snapshot.sequence.rawValue
        var sources: [MergeSource] = []
        // Given up already: the first step says so.
        let version = snapshot.pin.version ?? StoreVersion(memtables: [])
        surplusRuns = ReadHints.surplusRuns(version.runs(keyspace))
        for (index, set) in version.memtables.enumerated() where set.memtable(keyspace).hasEntries {
            // All but the first are frozen: their last sequence stands.
            let last = index == 0 ? nil : set.lastSequence
            sources.append(MemtableSource(set: set, keyspace: keyspace, upTo: sequence, lastSequence: last))
        }
        let prefixHash = keyspace.filterPrefixHash(lower: lower, upper: upper)
        for run in version.runs(keyspace) {
            guard let part = run.part(lower: lower, upper: upper, prefixHash: prefixHash) else { continue }
            sources.append(RunSource(run: part, fillCache: true))
        }
        merge = MergeIterator(sources: sources, cover: RangeCover(version, keyspace, upTo: sequence))
        merge.seek(lower)
    }

    deinit {
        hints.noteLooks(
            keyspace, surplusRuns * (seeks * ReadHints.looksPerSeek + steps / ReadHints.stepsPerLook))
    }

    // MARK: Seeking. Costs nothing until the next step.

    /// Stands before the first key at or above `key`: `next` returns that one, `previous` the one before it. Outside of
    /// the bounds it stands at the bound.
    package func seek(_ key: [UInt8]) {
        seeks += 1
        if let upper, precedes(upper, key) { return merge.seek(upper) }
        merge.seek(precedes(key, lower) ? lower : key)
    }

    /// Stands behind the last key at or below `key`: `previous` returns that one, `next` the one behind it. Outside of
    /// the bounds it stands at the bound.
    package func seek(atOrBelow key: [UInt8]) {
        // Nothing lies between a key and the same key with a zero byte behind it.
        seek(key + [0])
    }

    /// Stands before the first key.
    package func seekToFirst() { merge.seek(lower) }

    /// Stands behind the last key.
    package func seekToLast() {
        if let upper { merge.seek(upper) } else { merge.seekToLast() }
    }

    // MARK: Stepping

    /// Steps over the next live key, and returns it with its value; nil at the upper bound.
    ///
    /// - Throws: `.damaged`, `.disk`, `.tooOld` or `.restored` (the snapshot was given up). The cursor
    /// has not moved then.
    package func next() async throws(StoreError) -> Entry? { try await step(.forward) ? entry : nil }

    /// Steps back over the previous live key, and returns it with its value; nil at the lower bound.
    ///
    /// - Throws: `.damaged`, `.disk`, `.tooOld` or `.restored` (the snapshot was given up). The cursor
    /// has not moved then.
    package func previous() async throws(StoreError) -> Entry? { try await step(.backward) ? entry : nil }

    /// `next` for a caller that may block.
    ///
    /// - Throws: `.damaged`, `.disk`, `.tooOld` or `.restored` (the snapshot was given up). The cursor
    /// has not moved then.
    package func nextBlocking() throws(StoreError) -> Entry? { try blockingStep(.forward) ? entry : nil }

    /// `previous` for a caller that may block.
    ///
    /// - Throws: `.damaged`, `.disk`, `.tooOld` or `.restored` (the snapshot was given up). The cursor
    /// has not moved then.
    package func previousBlocking() throws(StoreError) -> Entry? { try blockingStep(.backward) ? entry : nil }

    /// Steps over the next live key as `next`, and shows it where it lies in memory instead of copying it: for walks
    /// that look at many keys and keep little of them. Nil at the upper bound.
    ///
    /// - Parameter body: is given key and head of the value, valid until it returns.
    /// - Throws: as `next`.
    package func withNext<Result>(
        _ body: (_ key: UnsafeRawBufferPointer, _ head: UnsafeRawBufferPointer) -> Result
    ) async throws(StoreError) -> Result? {
        try await step(.forward) ? show(body) : nil
    }

    /// `withNext` for a caller that may block.
    ///
    /// - Throws: as `next`.
    package func withNextBlocking<Result>(
        _ body: (_ key: UnsafeRawBufferPointer, _ head: UnsafeRawBufferPointer) -> Result
    ) throws(StoreError) -> Result? {
        try blockingStep(.forward) ? show(body) : nil
    }

    /// A copy of what the last step went over.
    private var entry: Entry {
        let value =
            switch found {
            case .value(let view): StoredValue(view, registry: registry)
            case .counter(let value): StoredValue(head: withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) })
            }
        return ([UInt8](merge.key), value)
    }

    private func show<Result>(
        _ body: (_ key: UnsafeRawBufferPointer, _ head: UnsafeRawBufferPointer) -> Result
    ) -> Result {
        switch found {
        case .value(let view): body(merge.key, view.head)
        case .counter(let value): withUnsafeBytes(of: value.littleEndian) { body(merge.key, $0) }
        }
    }

    private func step(_ direction: Direction) async throws(StoreError) -> Bool {
        if let reason = snapshot.pin.reasonGivenUp { throw letGo(reason) }
        do throws(ReadInterruption) {
            return try step(direction, .cachedOnly)
        } catch .failed(let error) {
            throw error
        } catch {
            return try await driver.offload { () throws(StoreError) in try self.blockingStep(direction) }
        }
    }

    /// The store has given the snapshot up: the cursor lets go of memtables and tables too.
    private func letGo(_ reason: StoreError) -> StoreError {
        merge.close()
        return reason
    }

    private func blockingStep(_ direction: Direction) throws(StoreError) -> Bool {
        if let reason = snapshot.pin.reasonGivenUp { throw letGo(reason) }
        do throws(ReadInterruption) {
            return try step(direction, .mayBlock)
        } catch .failed(let error) {
            throw error
        } catch {
            preconditionFailure("a blocking read does not ask to block")
        }
    }

    /// Goes over deleted keys until there is a live one; false at the end. When it is interrupted the deleted ones stay
    /// behind it.
    private func step(_ direction: Direction, _ mode: ReadMode) throws(ReadInterruption) -> Bool {
        var passed = 0
        while let outcome = try move(direction, mode) {
            steps += 1
            if isOutside(merge.key, direction) {
                // Back to the bound: the key beyond it was only looked at.
                if direction == .forward { seekToLast() } else { seekToFirst() }
                return false
            }
            switch outcome {
            case .put(let bytes):
                found = .value(try view(of: bytes, direction))
                return true
            case .counter(let value), .delta(let value):
                found = .counter(value)
                return true
            case .delete, .hidden:
                passed += 1
                if passed == ReadHints.passedDeletesMax { hints.notePassedDeletes(keyspace) }
            }
        }
        return false
    }

    private func view(
        of bytes: UnsafeRawBufferPointer, _ direction: Direction
    ) throws(ReadInterruption) -> ValueCodec.View {
        do { return try ValueCodec.view(bytes) } catch {
            // Whoever goes on meets the damage again: it is not stepped over in silence.
            merge.seek(direction == .forward ? [UInt8](merge.key) : [UInt8](merge.key) + [0])
            throw .failed(.damaged(file: "", offset: 0, what: "value encoding"))
        }
    }

    /// One step of the merge. Damage beyond the bound is none of the cursor's.
    private func move(_ direction: Direction, _ mode: ReadMode) throws(ReadInterruption) -> KeyFold.Outcome? {
        do throws(ReadInterruption) {
            return try direction == .forward ? merge.next(mode) : merge.previous(mode)
        } catch {
            guard let key = merge.damagedKey, key.withUnsafeBytes({ isOutside($0, direction) }) else { throw error }
            if direction == .forward { seekToLast() } else { seekToFirst() }
            return nil
        }
    }

    private func isOutside(_ key: UnsafeRawBufferPointer, _ direction: Direction) -> Bool {
        if direction == .backward { return lower.withUnsafeBytes { compareBytes(key, $0) < 0 } }
        guard let upper else { return false }
        return upper.withUnsafeBytes { compareBytes(key, $0) >= 0 }
    }
}

/// A pinned state of the store: what it shows stays readable, and takes memory and disk, until it is released. Keep it
/// for seconds, not hours: the store gives up what holds too much, and reads then fail with `.tooOld`.
package final class Snapshot: Sendable {
    /// The last commit that the snapshot shows.
    package let sequence: SequenceNumber
    let pin: VersionPin

    init(sequence: SequenceNumber, pin: VersionPin) {
        self.sequence = sequence
        self.pin = pin
    }
}
