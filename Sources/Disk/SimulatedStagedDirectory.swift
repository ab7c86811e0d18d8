/// A further directory of a simulated disk's machine, on its way to its place.
///
/// Until it is published a crash loses it; once its rename is synced it is there for good, with what was synced in it.
package final class SimulatedStagedDirectory: StagedDirectory {
    /// The same as `disk`, with what only tests ask.
    package let files: SimulatedDisk
    private let place: String

    package var disk: any Disk { files }

    init(files: SimulatedDisk, place: String) {
        self.files = files
        self.place = place
    }

    package func publish() throws(DiskError) {
        let directory = files.directory
        try files.withState { (state) throws(DiskError) in
            let isCutShort = try state.beginWhole(.rename, place)
            let isTaken = state.directories.contains { $0.value.place == place && !$0.value.names.names.isEmpty }
            if !isTaken {
                state.directories = state.directories.filter { $0.value.place != place }
                state.directories[directory]?.place = place
            }
            if isCutShort { throw .crashed }
            if isTaken { throw .alreadyExists(name: place) }
        }
        try files.withState { (state) throws(DiskError) in
            if try state.beginWhole(.syncDirectory, place) { throw .crashed }
            if !state.ignoresSyncs { state.directories[directory]?.isPlaceDurable = true }
        }
    }

    package func discard() {
        let directory = files.directory
        // A machine that is down has lost the directory anyway.
        try? files.withState { (state) throws(DiskError) in
            if state.hasCrashed { throw .crashed }
            if state.directories[directory]?.place == nil { state.directories[directory] = nil }
        }
    }
}

/// One directory of a simulated machine.
struct SimulatedPlace {
    var names = SimulatedDirectory()
    /// Where it is; nil while it is being built. The machine's first directory is at the empty path.
    var place: String?
    var isPlaceDurable = false
}
