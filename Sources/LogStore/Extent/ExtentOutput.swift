internal import Disk

/// The extent files that a flush or a merge writes: content separated from memtables, or moved out of dying files.
///
/// One user at a time; blocks on the disk. Nothing names the files before the user's tables are in the manifest:
/// dropped earlier, they are unlinked.
final class ExtentOutput {
    private let pool: ExtentPool
    private let fileBytesMax: UInt64
    private var full: [ExtentAppender] = []
    private var appender: ExtentAppender?

    init(pool: ExtentPool, fileBytesMax: UInt64) {
        self.pool = pool
        self.fileBytesMax = fileBytesMax
    }

    /// Whether there is any file.
    var isEmpty: Bool { appender == nil }

    /// The file that takes the next run.
    ///
    /// - Throws: `.noSpace`, `.disk`.
    func current() throws(StoreError) -> ExtentAppender {
        if let appender, appender.end < fileBytesMax { return appender }
        if let appender {
            try appender.flush()
            appender.seal()
            full.append(appender)
            self.appender = nil
        }
        let new = try pool.create(isPacked: true)
        appender = new
        return new
    }

    /// Makes everything durable and returns how much there is, in bytes.
    func finish() throws(StoreError) -> UInt64 {
        var bytes: UInt64 = 0
        if let appender {
            try appender.flush()
            appender.seal()
            full.append(appender)
            self.appender = nil
        }
        for appender in full {
            bytes += appender.end
            try appender.sync()
        }
        full = []
        return bytes
    }
}
