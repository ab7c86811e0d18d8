internal import Disk

/// How much of the extent files is wanted: derived from what tables and memtables say of themselves, never counted on
/// disk. A picture of one moment.
struct ExtentLiveness {
    struct File: Equatable {
        var number: UInt64
        /// What it takes on the disk.
        var byteCount: UInt64
        /// Stored bytes of the runs that tables of the version name, obsolete entries included.
        var referencedBytes: UInt64
        /// A writer may still append to it.
        var isOpen: Bool
        /// Memtables name it: how much of it is wanted is not known before they are flushed.
        var isInMemtables: Bool
        /// It cannot die by being emptied: a checkpoint names it, or it is damaged.
        var isPinned: Bool
        /// What lies between and behind its runs and would in any file.
        var gapBytes: UInt64 = 0

        /// Bytes that no table names, in whole blocks: what is left of a block goes only with it. None in a file that
        /// was just packed, so that cleaning comes to an end.
        var deadBytes: UInt64 {
            let block = UInt64(diskBlockSize)
            let used = (referencedBytes + block - 1) / block * block + gapBytes + UInt64(FileHeader.byteCount)
            return byteCount > used ? byteCount - used : 0
        }

        /// The dead part.
        var deadShare: Double { Double(deadBytes) / Double(max(1, byteCount)) }

        /// Whether copying what is left in it would give its space back.
        var isCleanable: Bool { !isOpen && !isInMemtables && !isPinned && referencedBytes > 0 }
    }

    /// In ascending order of number.
    let files: [File]

    init(files: [File]) { self.files = files }

    /// Costs a walk over the tables' properties.
    ///
    /// - Parameters:
    ///   - inMemtables: the files that memtables name.
    ///   - pinned: files whose death would have to wait for something else than tables.
    init(_ version: StoreVersion, _ registry: ExtentRegistry, inMemtables: Set<UInt64>, pinned: Set<UInt64>) {
        var referenced: [UInt64: UInt64] = [:]
        for table in version.allTables {
            for reference in table.properties.extentReferences {
                referenced[reference.file, default: 0] += reference.storedBytes
            }
        }
        files = registry.livingFiles().map { file in
            File(
                number: file.number, byteCount: file.byteCount, referencedBytes: referenced[file.number] ?? 0,
                isOpen: file.isOpen, isInMemtables: inMemtables.contains(file.number),
                isPinned: pinned.contains(file.number), gapBytes: file.gapBytes)
        }
    }

    var byteCount: UInt64 { files.reduce(0) { $0 + $1.byteCount } }
    var referencedBytes: UInt64 { files.reduce(0) { $0 + $1.referencedBytes } }
    /// Dead bytes in files that only cleaning gives back.
    var cleanableBytes: UInt64 { files.reduce(0) { $0 + ($1.isCleanable ? $1.deadBytes : 0) } }
    /// Dead bytes as far as they are known.
    var deadBytes: UInt64 { files.reduce(0) { $0 + ($1.isInMemtables ? 0 : $1.deadBytes) } }
}
