internal import Disk

/// A large file on its way out. It is cut from its end piece by piece before its name goes: giving many blocks back at
/// once, which this file system also tells the device, stalls the syncs of other files.
struct Removal: Sendable {
    /// Bytes given back at once.
    static let stepBytes: UInt64 = 16 << 20

    let name: String
    private let file: any DiskFile
    /// Bytes that it still takes.
    private(set) var byteCount: UInt64

    /// Nil when the file is not there.
    ///
    /// - Throws: `.disk`.
    init?(_ name: String, on disk: any Disk) throws(StoreError) {
        self.name = name
        do throws(DiskError) {
            file = try disk.open(name, direct: false)
            // With another name, a branch's, the bytes stay, and must not be touched.
            byteCount = try file.linkCount() == 1 ? try file.size() : 0
        } catch {
            guard case .notFound = error else { throw .disk(error) }
            return nil
        }
    }

    /// Whether it is too large to go at once.
    var isLarge: Bool { byteCount > Self.stepBytes }

    /// Gives the last piece back.
    mutating func cut() throws(StoreError) {
        byteCount -= Self.stepBytes
        do { try file.truncate(to: byteCount) } catch { throw .disk(error) }
    }
}
