/// A value: an opaque head that its owner understands, and content that the engine keeps.
///
/// The head stays in the sorted table, so that listings read heads without touching content. Content is inline bytes or
/// runs in extent files.
package struct StoredValue: Sendable, Equatable {
    package var head: [UInt8]
    package var content: Content

    package init(head: [UInt8], content: Content = .none) {
        self.head = head
        self.content = content
    }
}

package enum Content: Sendable, Equatable {
    case none
    /// At most `EngineLimits.logContentBytesMax` when written. Content read back may come as runs: the engine separates
    /// at flush.
    case inline([UInt8])
    /// Where the bytes lie, in order. Exactly one live key owns a run.
    case runs(RunList)

    /// Logical length in bytes.
    package var length: UInt64 {
        switch self {
        case .none: 0
        case .inline(let bytes): UInt64(bytes.count)
        case .runs(let list): list.runs.reduce(0) { $0 + UInt64($1.logicalLength) }
        }
    }
}

/// Runs, and the files they lie in: as long as the list is alive those files stay, whatever is overwritten or compacted
/// meanwhile.
package struct RunList: Sendable, Equatable {
    package let runs: [Run]
    let files: [ExtentFile]

    package static func == (a: RunList, b: RunList) -> Bool { a.runs == b.runs }
}

/// A contiguous piece of one extent file, with its own chunk directory in front (see `docs/format/extent.md`).
package struct Run: Sendable, Hashable {
    /// The extent file's number, unique in the store for ever.
    package var file: UInt64
    /// Where the run's header starts: divisible by 8.
    package var offset: UInt64
    /// Bytes on disk, header included, without the padding behind.
    package var storedLength: UInt32
    /// Bytes of content, at most `EngineLimits.runBytesMax`.
    package var logicalLength: UInt32

    package init(file: UInt64, offset: UInt64, storedLength: UInt32, logicalLength: UInt32) {
        self.file = file
        self.offset = offset
        self.storedLength = storedLength
        self.logicalLength = logicalLength
    }
}
