private import Disk
private import LogStore

/// `varve doctor --rebuild-manifest`: writes a new manifest for a store that has lost its own.
package struct ManifestRepair {
    private let directory: String
    /// Nil when there was nothing to repair.
    private let report: ManifestRebuild.Report?

    /// Does it.
    ///
    /// - Parameter acceptsLosses: whether to go on without tables that cannot be found or read.
    /// - Throws: `StartError`: `.cannotCreate` when there is no such directory, no store in it, or somebody serves it;
    ///   `.failure` when something is lost and that is not accepted; `.inputOutput` when it cannot be done.
    package init(directory: String, acceptsLosses: Bool) throws(StartError) {
        self.directory = directory
        let disk = try StoreDirectory.openExisting(directory)
        do throws(ManifestRebuild.Failure) {
            report = try ManifestRebuild(disk, acceptsLosses: acceptsLosses).run()
        } catch {
            switch error {
            case .notNeeded: report = nil
            case .cannot(let why):
                throw StartError(.inputOutput, "the manifest of \(directory) cannot be rebuilt: \(why)")
            case .losses(let losses):
                throw StartError(
                    .failure,
                    "nothing was changed, since the store would lose what these held (--accept-losses goes on without "
                        + "them):\n" + losses.map { "  \($0)" }.joined(separator: "\n"))
            case .store(.disk(.notFound)): throw StartError(.cannotCreate, "\(directory) holds no store")
            case .store(.locked(let process)):
                throw StartError(.cannotCreate, "\(directory): \(StoreStart.describe(.locked(byProcess: process)))")
            case .store(let failure):
                throw StartError(
                    .inputOutput, "the manifest of \(directory) cannot be rebuilt: \(StoreStart.describe(failure))")
            }
        }
    }

    /// A line for each file that has another name now, each loss and each note, then what the store consists of.
    package var text: String {
        guard let report else { return "ok      \(directory): the manifest can be read; nothing was changed\n" }
        return report.losses.map { "lost    \($0)\n" }.joined() + report.notes.map { "note    \($0)\n" }.joined()
            + report.snapshots.map { "note    snapshot \($0) is there\n" }.joined()
            + report.setAside.map { "kept    \($0)\n" }.joined()
            + "ok      \(directory): \(report.manifest) names \(report.tables) tables; "
            + "\(report.commits) commits are in the log\n"
    }

    /// One object: `rebuilt`, and what was done.
    package var json: String {
        guard let report else { return "{\"rebuilt\":false}" }
        func list(_ texts: [String]) -> String { "[" + texts.map(JSONText.quoted).joined(separator: ",") + "]" }
        return "{\"rebuilt\":true,\"store\":\(JSONText.quoted(report.storeID)),"
            + "\"manifest\":\(JSONText.quoted(report.manifest)),\"tables\":\(report.tables),"
            + "\"commits\":\(report.commits),\"snapshots\":\(list(report.snapshots)),"
            + "\"set_aside\":\(list(report.setAside)),\"losses\":\(list(report.losses)),"
            + "\"notes\":\(list(report.notes))}"
    }
}
