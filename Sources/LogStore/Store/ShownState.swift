internal import CPlatform

/// The state that readers are shown, the newest version with the last published commit, kept once for each processor.
///
/// A read takes hold of the version, and so writes: a lock, and the count of references. Were those words the same for
/// all, processors that read at once would pass their cache lines to and fro, which costs several times what the lookup
/// does. Each finds its own here. A new version goes to all places, one after the other: that happens with a flush or a
/// merge.
///
/// What is taken fits together, though nothing stops all processors at once:
/// - The sequence is never older than the version: a version holds what was published when it was made, whoever sees it
///   in a place was there after that, and looks at the sequence while he is.
/// - The version has every commit up to the sequence: `show` of a version comes before its memtables take a commit, and
///   whoever still finds the one before holds up `show`, and so the commits that it does not have.
///
/// Unchecked: places are reached under their locks, the sequence with atomics; `show` and `publish` are called under
/// the pipeline's lock.
final class ShownState: @unchecked Sendable {
    /// A version as held in one place.
    final class Hold: Sendable {
        let version: StoreVersion
        /// The same for lookups, which need not count a reference to the version.
        let view: VersionView

        fileprivate init(_ version: StoreVersion) {
            self.version = version
            view = version.view
        }
    }

    /// A lock, and the address of a hold.
    private struct Place {
        /// Two cache lines: processors fetch them in pairs.
        static let byteCount = 128
        private static let holdOffset = 8

        let base: UnsafeMutableRawPointer

        var lock: UnsafeMutablePointer<UInt32> { base.assumingMemoryBound(to: UInt32.self) }

        /// Under the lock.
        var hold: Unmanaged<Hold> {
            get { (base + Self.holdOffset).load(as: Unmanaged<Hold>.self) }
            nonmutating set { (base + Self.holdOffset).storeBytes(of: newValue, as: Unmanaged<Hold>.self) }
        }
    }

    /// Above this number several processors share a place: a version goes to each.
    private static let placesMax = 64

    private let memory: UnsafeMutableRawPointer
    /// A power of two.
    private let placeCount: Int

    init(_ version: StoreVersion, published: UInt64) {
        var count = 1
        while count < min(Int(cp_processor_count()), Self.placesMax) { count *= 2 }
        placeCount = count
        // The sequence has a place of its own, behind the others.
        memory = .allocate(byteCount: (count + 1) * Place.byteCount, alignment: Place.byteCount)
        for index in 0..<count {
            place(index).lock.initialize(to: 0)
            place(index).hold = .passRetained(Hold(version))
        }
        publish(published)
    }

    deinit {
        for index in 0..<placeCount { place(index).hold.release() }
        memory.deallocate()
    }

    private func place(_ index: Int) -> Place { Place(base: memory + index * Place.byteCount) }

    private var sequenceWord: UnsafeMutableRawPointer { memory + placeCount * Place.byteCount }

    /// The last published commit.
    var published: UInt64 { cp_atomic_load_acquire_u64(sequenceWord) }

    func publish(_ sequence: UInt64) { cp_atomic_store_release_u64(sequenceWord, sequence) }

    /// Shows another version from now on.
    func show(_ version: StoreVersion) {
        for index in 0..<placeCount {
            let place = place(index)
            let new = Unmanaged.passRetained(Hold(version))
            cp_lock(place.lock)
            let old = place.hold
            place.hold = new
            cp_unlock(place.lock)
            old.release()
        }
    }

    /// What there is to read, and up to which commit.
    @inline(__always)
    func take() -> (hold: Hold, sequence: UInt64) {
        let place = place(Int(cp_processor()) & (placeCount - 1))
        cp_lock(place.lock)
        let hold = place.hold.takeUnretainedValue()
        let sequence = published
        cp_unlock(place.lock)
        return (hold, sequence)
    }
}
