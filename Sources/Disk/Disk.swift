/// The file-system seam: everything the engine asks of a disk, and nothing else.
///
/// One `Disk` is one flat directory. Names are plain file names without a slash. Two implementations exist: `POSIXDisk`
/// (a real directory) and `SimulatedDisk` (memory that can crash, tear, lie and fill up). The engine never opens a file
/// by itself.
///
/// **Durability contract.** Nothing is durable until it is synced, and each kind of thing has its own sync:
/// - bytes and the length of a file: `DiskFile.sync()`;
/// - the existence, name, or absence of a file: `Disk.syncDirectory()`.
///
/// **Thread safety.** All calls may be made from any thread; calls on one file that touch the same bytes must be
/// ordered by the caller.
package protocol Disk: AnyObject, Sendable {
    /// The names of all files in the directory, in ascending byte order.
    func list() throws(DiskError) -> [String]

    /// Creates an empty file. Throws `.alreadyExists` when the name is taken.
    ///
    /// - Parameter direct: bypass the page cache where the file system can. Reads and writes of a direct file must be
    ///   aligned to `diskBlockSize` in offset, length and memory. Where it cannot, the file is opened buffered: same
    ///   semantics.
    func create(_ name: String, direct: Bool) throws(DiskError) -> any DiskFile

    /// Opens an existing file for reading and writing. Throws `.notFound`.
    func open(_ name: String, direct: Bool) throws(DiskError) -> any DiskFile

    /// Renames a file, replacing `to` when it exists. Atomic, durable after `syncDirectory()`. Throws `.notFound`.
    func rename(_ from: String, to: String) throws(DiskError)

    /// Removes a name. Open `DiskFile`s of it stay readable until they are released. Throws `.notFound`.
    func remove(_ name: String) throws(DiskError)

    /// Makes every earlier create, rename and remove durable.
    func syncDirectory() throws(DiskError)

    /// Bytes that can still be allocated by this process.
    func freeBytes() throws(DiskError) -> UInt64

    /// Gives a file that nobody writes any more the same name in another directory too. Both names are equal: removing
    /// one leaves the other. Durable after `target.syncDirectory()`.
    ///
    /// - Returns: false when the two directories cannot share files (another file system, another kind of disk): the
    ///   caller copies.
    /// - Throws: `.notFound`, `.alreadyExists`.
    func link(_ name: String, into target: any Disk) throws(DiskError) -> Bool

    /// Takes the directory for its caller until the returned token is released, by means of a file `name` that stays.
    /// Throws `.locked` when another token is alive, in this process or another.
    func lock(_ name: String) throws(DiskError) -> any DiskLock
}

/// A directory that is being built, out of sight, to take its place as a whole.
package protocol StagedDirectory: AnyObject, Sendable {
    /// The directory's files; their syncs are the builder's to make.
    var disk: any Disk { get }

    /// Moves the directory to its place, whole or not at all, and makes that durable. `disk` stays usable.
    ///
    /// - Throws: `.alreadyExists` when something other than an empty directory is there.
    func publish() throws(DiskError)

    /// Removes the directory with all that is in it, unless it was published. Best effort.
    func discard()
}

/// An exclusive claim on a directory, given back when released.
package protocol DiskLock: AnyObject, Sendable {}

/// An open file. Closed when the last reference goes.
package protocol DiskFile: AnyObject, Sendable {
    /// The name under which the file was opened (it may have been renamed or removed since).
    var name: String { get }

    /// The current length in bytes.
    func size() throws(DiskError) -> UInt64

    /// How many names the file has, in whatever directories.
    func linkCount() throws(DiskError) -> Int

    /// Reads at `offset` until the buffer is full or the file ends. Returns the bytes read. May block on the device.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(DiskError) -> Int

    /// Reads only what needs no wait for the device. Returns false when some byte of the range would have to wait
    /// (the buffer's content is then undefined), or when it ends beyond the file. Always false for a direct file.
    func readIfCached(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(DiskError) -> Bool

    /// Writes the whole buffer at `offset`, growing the file as needed. Not durable until `sync()`.
    func write(_ buffer: UnsafeRawBufferPointer, at offset: UInt64) throws(DiskError)

    /// The same for a range that many small writes will go over later. Where a system keeps a large write as one large
    /// unit of its cache, each of them would walk all of that unit.
    func writeForSmallWrites(_ buffer: UnsafeRawBufferPointer, at offset: UInt64) throws(DiskError)

    /// Reserves space for `[offset, offset + length)` so that later writes there cannot fail for lack of space, and
    /// grows the file to cover it (the new bytes read as zero). Throws `.noSpace` with nothing changed. No other call
    /// may grow the file meanwhile.
    func allocate(offset: UInt64, length: UInt64) throws(DiskError)

    /// Cuts or extends the file.
    func truncate(to size: UInt64) throws(DiskError)

    /// Makes all earlier writes, allocations and truncations of this file durable (`fdatasync`), through whichever
    /// handle they were made.
    func sync() throws(DiskError)

    /// Begins to write a range to the device without waiting for it, so that a later `sync` has less to do and others'
    /// syncs do not queue behind all of it. A hint: promises nothing, never fails.
    func startWriteback(offset: UInt64, length: UInt64)

    /// Tells the page cache that this range will not be read again soon. A hint; never fails.
    func discardCache(offset: UInt64, length: UInt64)
}

extension DiskFile {
    package func startWriteback(offset: UInt64, length: UInt64) {}

    package func writeForSmallWrites(_ buffer: UnsafeRawBufferPointer, at offset: UInt64) throws(DiskError) {
        try write(buffer, at: offset)
    }
}

/// The unit of direct I/O and of all alignment in the engine's files: the disk's physical block, 4 KiB on every disk we
/// run on.
package let diskBlockSize = 4096

/// Why the disk refused. A case exists only where the engine reacts differently.
package enum DiskError: Error, Equatable, Sendable {
    /// No space was left. Nothing changed, except that a `write` may have written a part of its range.
    case noSpace
    case notFound(name: String)
    case alreadyExists(name: String)
    /// Another holds the directory (its pid where known).
    case locked(byProcess: Int32?)
    /// Any other failure: the call, the file and the `errno`. After one from `write` or `sync` the store is poisoned.
    case io(operation: String, name: String, errno: Int32)
    /// Only from the simulated disk: the machine has crashed; every later call throws this too.
    case crashed
}
