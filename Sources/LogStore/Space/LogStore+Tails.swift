internal import Disk

/// What an unclean end leaves in extent files.
extension LogStore {
    /// Notes the sizes of the extent files that are in use, and which of them may have been open at a crash.
    ///
    /// - Parameter names: all files of the directory.
    func noteExtentFiles(_ names: [String], wasClosed: Bool) throws(StoreError) {
        var tails: [UInt64] = []
        for name in names {
            guard let parsed = FileName(name), parsed.kind == .extent, identity.owns(parsed),
                registry.isAlive(parsed.number)
            else { continue }
            let file = registry.file(parsed.number)
            file.noteByteCount(
                try storeCall { () throws(DiskError) in try disk.open(name, direct: false).size() })
            tails.append(parsed.number)
        }
        if !wasClosed { janitor.noteTails(tails) }
    }

    /// Gives back what was reserved ahead in one extent file that was open at a crash. False when none is left to look
    /// at.
    func cutTail() throws(StoreError) -> Bool {
        guard let number = janitor.takeTail() else { return false }
        guard registry.isAlive(number) else { return true }
        let file = registry.file(number)
        // What cannot be read or cut stays, and is dead; whoever wants its runs hears of it.
        if let position = try? cut(file) { file.noteByteCount(position) }
        noteFreeSpace()
        return true
    }

    /// Where the file ends from now on; nil when it stays as it is.
    private func cut(_ file: ExtentFile) throws(StoreError) -> UInt64? {
        let handle = try storeCall { () throws(DiskError) in try disk.open(file.name, direct: true) }
        // With a branch's name for the same bytes they are its too.
        guard try storeCall({ () throws(DiskError) in try handle.linkCount() }) == 1,
            let position = try ExtentTail(handle, number: file.number).cutPosition()
        else { return nil }
        try storeCall { () throws(DiskError) in try handle.truncate(to: position) }
        return position
    }
}
