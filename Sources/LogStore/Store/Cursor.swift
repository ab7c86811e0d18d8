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

    private var merge: MergeIterator
    private let snapshot: Snapshot
    private let lower: [UInt8]
    private let upper: [UInt8]?
    private let registry: ExtentRegistry
    private let driver: any StoreDriver
    private let keyspace: Keyspace
    private let hints: ReadHints
    /// Runs that are looked at only because level 0 has not gone down yet, and what that costs.
    private let surplusRuns: UInt64
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
    package func next() async throws(StoreError) -> Entry? { try await step(.forward) }

    /// Steps back over the previous live key, and returns it with its value; nil at the lower bound.
    ///
    /// - Throws: `.damaged`, `.disk`, `.tooOld` or `.restored` (the snapshot was given up). The cursor
    /// has not moved then.
    package func previous() async throws(StoreError) -> Entry? { try await step(.backward) }

    /// `next` for a caller that may block.
    ///
    /// - Throws: `.damaged`, `.disk`, `.tooOld` or `.restored` (the snapshot was given up). The cursor
    /// has not moved then.
    package func nextBlocking() throws(StoreError) -> Entry? { try blockingStep(.forward) }

    /// `previous` for a caller that may block.
    ///
    /// - Throws: `.damaged`, `.disk`, `.tooOld` or `.restored` (the snapshot was given up). The cursor
    /// has not moved then.
    package func previousBlocking() throws(StoreError) -> Entry? { try blockingStep(.backward) }

    private func step(_ direction: Direction) async throws(StoreError) -> Entry? {
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
        merge = MergeIterator(sources: [])
        return reason
    }

    private func blockingStep(_ direction: Direction) throws(StoreError) -> Entry? {
        if let reason = snapshot.pin.reasonGivenUp { throw letGo(reason) }
        do throws(ReadInterruption) {
            return try step(direction, .mayBlock)
        } catch .failed(let error) {
            throw error
        } catch {
            preconditionFailure("a blocking read does not ask to block")
        }
    }

    /// Goes over deleted keys until there is a live one. When it is interrupted the deleted ones stay behind it.
    private func step(_ direction: Direction, _ mode: ReadMode) throws(ReadInterruption) -> Entry? {
        var passed = 0
        while let outcome = try move(direction, mode) {
            steps += 1
            if isOutside(merge.key, direction) {
                // Back to the bound: the key beyond it was only looked at.
                if direction == .forward { seekToLast() } else { seekToFirst() }
                return nil
            }
            do throws(ReadInterruption) {
                if let value = try value(of: outcome) { return (merge.key, value) }
                passed += 1
                if passed == ReadHints.passedDeletesMax { hints.notePassedDeletes(keyspace) }
            } catch {
                // Whoever goes on meets the damage again: it is not stepped over in silence.
                if direction == .forward { merge.seek(merge.key) } else { merge.seek(merge.key + [0]) }
                throw error
            }
        }
        return nil
    }

    /// One step of the merge. Damage beyond the bound is none of the cursor's.
    private func move(_ direction: Direction, _ mode: ReadMode) throws(ReadInterruption) -> KeyFold.Outcome? {
        do throws(ReadInterruption) {
            return try direction == .forward ? merge.next(mode) : merge.previous(mode)
        } catch {
            guard let key = merge.damagedKey, isOutside(key, direction) else { throw error }
            if direction == .forward { seekToLast() } else { seekToFirst() }
            return nil
        }
    }

    private func isOutside(_ key: [UInt8], _ direction: Direction) -> Bool {
        if direction == .backward { return precedes(key, lower) }
        guard let upper else { return false }
        return !precedes(key, upper)
    }

    /// Nil for a deleted key.
    private func value(of outcome: KeyFold.Outcome) throws(ReadInterruption) -> StoredValue? {
        switch outcome {
        case .delete, .hidden: return nil
        case .put(let bytes): return try StoredValue(decoding: bytes, registry: registry)
        case .counter(let value), .delta(let value):
            return StoredValue(head: withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) })
        }
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
