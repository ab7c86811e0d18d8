/// Does what is due of one kind.
package protocol DueHandler: Sendable {
    /// Does what is due, and removes each entry **in the commit that does its work** (`DueEntry.remove(from:)`).
    ///
    /// The entries are neighbours in the queue, in order of time, 1 to `DueQueue.batchMax` of them. Each comes at least
    /// once: again when the machine stopped before the commit. Entries that are still in the queue afterwards, because
    /// this threw or because they were left, come again after a delay, and others are not kept waiting for them.
    /// Work that takes long is a job (`DueQueue.register`), done in turns: a commit that puts the entry back with
    /// another payload, or at a later time, ends one.
    func run(_ entries: [DueEntry]) async throws
}
