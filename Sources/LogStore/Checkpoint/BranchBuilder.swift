internal import Bytes
package import Disk

/// Builds the directory of a branch: links to sealed files, copies of what cannot be linked, a manifest of its own.
struct BranchBuilder {
    /// Bytes copied at a time.
    private static let pieceBytes = 1 << 20

    let source: any Disk
    let identity: StoreIdentity
    let registry: ExtentRegistry
    /// What the branch consists of.
    let tables: [ManifestEdit.TableRecord]
    let sequence: UInt64
    let newStoreID: UInt64
    /// Numbers below are those of the store it comes from; it goes on from here. No file of either has it yet.
    let firstNumber: UInt64

    /// Fills an empty directory; everything in it is durable then. Blocks; takes a link a file.
    func build(in target: any Disk) throws(StoreError) {
        for table in tables { try share(identity.name(table.file, .table), in: target) }
        for number in Set(tables.flatMap { $0.properties.extentReferences.map(\.file) }).sorted() {
            let name = registry.name(number)
            // What somebody appends to stays his alone. The runs that tables name lie before its present end.
            if registry.file(number).isOpen { try copy(name, to: target) } else { try share(name, in: target) }
        }
        var state = ManifestState()
        state.nextFile = firstNumber + 1
        state.lastSequence = sequence
        state.tables = tables
        state.origins =
            identity.origins + [StoreIdentity.Origin(numbersBelow: firstNumber, storeID: identity.storeID)]
        // Syncs the directory, and with it all names.
        try Manifest.create(state, number: firstNumber, disk: target, storeID: newStoreID)
    }

    private func share(_ name: String, in target: any Disk) throws(StoreError) {
        let isLinked = try storeCall { () throws(DiskError) in try source.link(name, into: target) }
        if !isLinked { try copy(name, to: target) }
    }

    private func copy(_ name: String, to target: any Disk) throws(StoreError) {
        try storeCall { () throws(DiskError) in
            let from = try source.open(name, direct: false)
            let to = try target.create(name, direct: false)
            let size = try from.size()
            let buffer = AlignedBuffer(count: Self.pieceBytes)
            var offset: UInt64 = 0
            while offset < size {
                let wanted = Int(min(UInt64(buffer.count), size - offset))
                let count = try from.read(
                    into: UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[..<wanted]), at: offset)
                guard count > 0 else { break }
                try to.write(UnsafeRawBufferPointer(rebasing: buffer.readable[..<count]), at: offset)
                offset += UInt64(count)
            }
            try to.sync()
        }
    }
}

extension LogStore {
    /// Makes a store of its own from a checkpoint, in a directory that is at its place only when it is whole. Both live
    /// on independently; files that both need are shared where the file system can.
    ///
    /// - Throws: `.notFound`, `.placeTaken`, `.store` (`.noSpace` too): nothing is left behind then.
    package func branch(
        fromCheckpoint name: String, into staged: any StagedDirectory
    ) async throws(CheckpointError) {
        guard pins.retain(name) else { throw .notFound(name) }
        defer { pins.release(name) }
        let state = manifest.current
        guard let checkpoint = state.checkpoints[name], let tables = state.tables(of: checkpoint) else {
            throw .notFound(name)
        }
        // From here on nobody begins to append to a file that the checkpoint names.
        pool.sealAll()
        let builder = BranchBuilder(
            source: disk, identity: identity, registry: registry, tables: tables, sequence: checkpoint.sequence,
            newStoreID: core.withLock { $0.random.next() }, firstNumber: numbers.next())
        var isTaken = false
        do {
            isTaken = try await driver.offload { () throws(StoreError) in
                try builder.build(in: staged.disk)
                do throws(DiskError) { try staged.publish() } catch {
                    guard case .alreadyExists = error else { throw .disk(error) }
                    return true
                }
                return false
            }
        } catch {
            staged.discard()
            throw .store(error)
        }
        if isTaken {
            staged.discard()
            throw .placeTaken(name)
        }
    }
}
