import ArgumentParser
import Daemon

/// `varve doctor`.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check everything around Varve that can spoil it; status 1 when something is wrong.",
        discussion: """
            Example:
              varve doctor --data-dir DataDirs/default

            Looks at the data directory, its file system, free space, the limit of open files, libraries, what a sync
            costs (and whether that can be true), direct I/O, and who has the port.

            With --verify it reads everything in a data directory instead, and names what is damaged by file, offset and
            owner. That works on a directory that is being served, too.

              varve doctor --verify DataDirs/default

            With --rebuild-manifest it writes a new manifest for a stopped store that has lost its own, from what the
            tables and the log say. The old one is kept under another name; nothing is removed.

              varve doctor --rebuild-manifest DataDirs/default
            """)

    @Option(help: ArgumentHelp("The data directory to look at.", valueName: "dir"))
    var dataDir: String?

    @Option(help: ArgumentHelp("The address whose port to look at.", valueName: "host:port"))
    var listen: String?

    @Option(help: ArgumentHelp("Read settings from this file.", valueName: "file"))
    var config: String?

    @Flag(help: "Print one JSON object instead.")
    var json = false

    @Option(help: ArgumentHelp("Read everything in this data directory and report damage.", valueName: "dir"))
    var verify: String?

    @Option(help: ArgumentHelp("Write a new manifest for the store in this data directory.", valueName: "dir"))
    var rebuildManifest: String?

    @Flag(help: "With --rebuild-manifest: go on without tables that cannot be found or read.")
    var acceptLosses = false

    func run() throws {
        if acceptLosses, rebuildManifest == nil { throw fail("--accept-losses needs --rebuild-manifest", .usage) }
        if verify != nil, rebuildManifest != nil { throw fail("--verify and --rebuild-manifest are two runs", .usage) }
        if let verify { return try runVerify(verify) }
        if let rebuildManifest { return try runRebuild(rebuildManifest) }
        var flags: [String] = []
        if let dataDir { flags += [Setting.named(.dataDirectory).flag, dataDir] }
        if let listen { flags += [Setting.named(.listen).flag, listen] }
        let findings = Doctor.examine(try makeConfiguration(try loadSettings(flags: flags, file: config)))
        StandardOutput.write(json ? FindingReport.json(findings) + "\n" : FindingReport.text(findings))
        if findings.contains(where: { $0.verdict == .problem }) { throw ExitCode(ExitStatus.failure.rawValue) }
    }

    private func runRebuild(_ directory: String) throws {
        do throws(StartError) {
            let repair = try ManifestRepair(directory: directory, acceptsLosses: acceptLosses)
            StandardOutput.write(json ? repair.json + "\n" : repair.text)
        } catch {
            throw fail(error.description, error.status)
        }
    }

    private func runVerify(_ directory: String) throws {
        let progress = ProgressLines(verb: "verified")
        let found: StoreVerification
        do throws(StartError) {
            found = try StoreVerification(directory: directory) { progress.show($0, of: $1) }
        } catch {
            throw fail(error.description, error.status)
        }
        StandardOutput.write(json ? found.json + "\n" : found.text)
        if !found.isWhole { throw ExitCode(ExitStatus.failure.rawValue) }
    }
}
