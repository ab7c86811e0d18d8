internal import Bytes
internal import Disk

/// The manifest in force: its state, and the file that edits are appended to. Used by one step at a time.
///
/// Unchecked: owned by the store's maintenance lock.
final class Manifest: @unchecked Sendable {
    private static let frameMagic: UInt32 = 0x5444_4556  // "VEDT"
    private static let frameHeaderBytes = 32
    private static let checkedFrom = 12
    /// A longer manifest is replaced by a new one that begins with the whole state.
    var rollBytes = StoreOptions.manifestRollBytesDefault
    private static let allocationStepBytes: UInt64 = 1 << 20

    private let disk: any Disk
    let storeID: UInt64
    private(set) var state: ManifestState {
        didSet { shared.withLock { $0 = state } }
    }
    /// The state for others than the owner: the newest durable one.
    private let shared: Lock<ManifestState>
    private var file: any DiskFile
    private(set) var number: UInt64
    private(set) var end: UInt64
    private var allocatedEnd: UInt64
    private(set) var editIndex: UInt64
    /// The manifest before this one, kept.
    private(set) var previousNumber: UInt64?

    private init(
        disk: any Disk, storeID: UInt64, state: ManifestState, file: any DiskFile, number: UInt64, end: UInt64,
        editIndex: UInt64
    ) {
        self.disk = disk
        self.storeID = storeID
        self.state = state
        shared = Lock(state)
        self.file = file
        self.number = number
        self.end = end
        allocatedEnd = end
        self.editIndex = editIndex
    }

    /// The state as of the last edit. From any thread.
    var current: ManifestState { shared.withLock { $0 } }

    /// Whose names the store's files carry; fixed when the store is made.
    var identity: StoreIdentity { StoreIdentity(storeID: storeID, origins: state.origins) }

    // MARK: Creating and opening

    /// Makes the first manifest of a new store.
    static func create(disk: any Disk, storeID: UInt64) throws(StoreError) -> Manifest {
        var state = ManifestState()
        state.nextFile = 2
        let (file, end) = try write(state, number: 1, disk: disk, storeID: storeID)
        return Manifest(disk: disk, storeID: storeID, state: state, file: file, number: 1, end: end, editIndex: 1)
    }

    /// Makes the first manifest of files that are there already: of a branch, or of a store that lost its own.
    static func create(
        _ state: ManifestState, number: UInt64, disk: any Disk, storeID: UInt64
    ) throws(StoreError) {
        _ = try write(state, number: number, disk: disk, storeID: storeID)
    }

    /// Reads the manifest that `CURRENT` names; nil when there is none.
    ///
    /// - Parameter isRepairing: makes durable what it accepts; false for a mere look: nothing is written.
    static func open(disk: any Disk, isRepairing: Bool) throws(StoreError) -> Manifest? {
        guard let name = try currentName(disk) else {
            if isRepairing { try refuseLostCurrent(disk) }
            return nil
        }
        guard let parsed = FileName(name), parsed.kind == .manifest else {
            throw .damaged(file: FileName.current, offset: 0, what: "name of the manifest")
        }
        let manifest: Manifest
        do {
            manifest = try read(
                disk: disk, storeID: parsed.storeID, number: parsed.number, isRepairing: isRepairing)
        } catch .disk(.notFound) {
            throw .damaged(file: name, offset: 0, what: "the manifest that CURRENT names is missing")
        } catch { throw error }
        // The switch to this manifest may not be on disk yet.
        if isRepairing { try storeCall { () throws(DiskError) in try disk.syncDirectory() } }
        let names = try storeCall { () throws(DiskError) in try disk.list() }
        manifest.previousNumber =
            names.compactMap(FileName.init)
            .filter { $0.kind == .manifest && $0.storeID == parsed.storeID && $0.number < parsed.number }
            .map(\.number).max()
        return manifest
    }

    /// Reads one manifest file, in force or not.
    ///
    /// - Throws: `.damaged`, `.unsupportedFormat`, `.disk`; `.disk(.notFound)` when there is no such file.
    static func read(
        disk: any Disk, storeID: UInt64, number: UInt64, isRepairing: Bool = false
    ) throws(StoreError) -> Manifest {
        let name = FileName(storeID: storeID, number: number, kind: .manifest).string
        let file = try storeCall { () throws(DiskError) in try disk.open(name, direct: false) }
        let header = try FileHeader.read(from: file, kind: .manifest)
        guard header.storeID == storeID, header.number == number else {
            throw .damaged(file: name, offset: 0, what: "header of another manifest")
        }
        var state = ManifestState()
        let (end, edits) = try replay(file, number: number, into: &state, isRepairing: isRepairing)
        guard !state.isInconsistent, state.checkpoints.all.allSatisfy({ state.tables(of: $0) != nil }) else {
            throw .damaged(file: name, offset: 0, what: "a checkpoint names what is not there")
        }
        return Manifest(
            disk: disk, storeID: storeID, state: state, file: file, number: number, end: end, editIndex: edits)
    }

    /// A store that lost its `CURRENT` must not be taken for a new one, whose first deed is to write it.
    private static func refuseLostCurrent(_ disk: any Disk) throws(StoreError) {
        let names = try storeCall { () throws(DiskError) in try disk.list() }.filter { FileName($0) != nil }
        for name in names {
            guard let file = FileName(name), file.kind == .manifest, file.number == 1 else {
                throw .damaged(file: FileName.current, offset: 0, what: "CURRENT is missing beside \(name)")
            }
        }
        // Left by a creation that did not get as far as CURRENT.
        try storeCall { () throws(DiskError) in for name in names { try disk.remove(name) } }
    }

    private static func currentName(_ disk: any Disk) throws(StoreError) -> String? {
        let file: any DiskFile
        do { file = try disk.open(FileName.current, direct: false) } catch .notFound { return nil } catch {
            throw .disk(error)
        }
        let buffer = AlignedBuffer(count: 256)
        let count = try storeCall { () throws(DiskError) in try file.read(into: buffer.bytes, at: 0) }
        let lines = buffer.readable[0..<count].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count == 3, lines[2].isEmpty else {
            throw .damaged(file: FileName.current, offset: 0, what: "CURRENT")
        }
        let name = String(decoding: lines[0], as: UTF8.self)
        guard currentText(name) == String(decoding: buffer.readable[0..<count], as: UTF8.self) else {
            throw .damaged(file: FileName.current, offset: 0, what: "checksum of CURRENT")
        }
        return name
    }

    private static func currentText(_ name: String) -> String {
        "\(name)\n\(Hex.encode(withUnsafeBytes(of: CRC32C.hash([UInt8](name.utf8)).bigEndian) { [UInt8]($0) }))\n"
    }

    /// Applies the valid edits in order. Returns where the next one goes and how many there were.
    private static func replay(
        _ file: any DiskFile, number: UInt64, into state: inout ManifestState, isRepairing: Bool
    ) throws(StoreError) -> (end: UInt64, edits: UInt64) {
        let length = try storeCall { () throws(DiskError) in try file.size() }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(length), alignment: 8)
        defer { memory.deallocate() }
        let count = try storeCall { () throws(DiskError) in try file.read(into: memory, at: 0) }
        let bytes = UnsafeRawBufferPointer(rebasing: memory[0..<count])
        var offset = FileHeader.byteCount
        var index: UInt64 = 0
        var lastOffset = offset
        while let payload = frame(in: bytes, at: offset, number: number, index: index) {
            state.apply(try ManifestEdit(decoding: payload, file: file.name))
            lastOffset = offset
            offset += AlignedBuffer.roundedUp(frameHeaderBytes + payload.count)
            index += 1
        }
        var later = offset + diskBlockSize
        while later < bytes.count {
            if frame(in: bytes, at: later, number: number, index: nil) != nil {
                throw .damaged(file: file.name, offset: UInt64(offset), what: "manifest edit")
            }
            later += diskBlockSize
        }
        guard index > 0 else { throw .damaged(file: file.name, offset: UInt64(offset), what: "first manifest edit") }
        if isRepairing {
            // After a failed sync the page cache shows what the disk does not hold, and takes it for written. Writing
            // the last edit again makes it real, also one that says that the store was closed; all before it were
            // synced before the next was begun.
            let last = UnsafeRawBufferPointer(rebasing: bytes[lastOffset..<min(offset, bytes.count)])
            try storeCall { () throws(DiskError) in
                try file.write(last, at: UInt64(lastOffset))
                try file.sync()
            }
        }
        return (UInt64(offset), index)
    }

    /// The payload of a valid frame; with `index`, of that edit only.
    private static func frame(
        in bytes: UnsafeRawBufferPointer, at offset: Int, number: UInt64, index: UInt64?
    ) -> UnsafeRawBufferPointer? {
        guard offset + frameHeaderBytes <= bytes.count else { return nil }
        func word32(_ place: Int) -> UInt32 {
            UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + place, as: UInt32.self))
        }
        func word64(_ place: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + place, as: UInt64.self))
        }
        let length = Int(word32(4))
        guard word32(0) == frameMagic, word64(16) == number, index == nil || word64(24) == index,
            offset + frameHeaderBytes + length <= bytes.count
        else { return nil }
        let checked = bytes[(offset + checkedFrom)..<(offset + frameHeaderBytes + length)]
        guard word32(8) == CRC32C.hash(UnsafeRawBufferPointer(rebasing: checked)) else { return nil }
        return UnsafeRawBufferPointer(
            rebasing: bytes[(offset + frameHeaderBytes)..<(offset + frameHeaderBytes + length)])
    }

    private static func frame(payload: [UInt8], number: UInt64, index: UInt64) -> AlignedBuffer {
        let buffer = AlignedBuffer(count: AlignedBuffer.roundedUp(frameHeaderBytes + payload.count))
        let bytes = buffer.bytes
        bytes.storeBytes(of: frameMagic.littleEndian, as: UInt32.self)
        bytes.storeBytes(of: UInt32(payload.count).littleEndian, toByteOffset: 4, as: UInt32.self)
        bytes.storeBytes(of: number.littleEndian, toByteOffset: 16, as: UInt64.self)
        bytes.storeBytes(of: index.littleEndian, toByteOffset: 24, as: UInt64.self)
        UnsafeMutableRawBufferPointer(rebasing: bytes[frameHeaderBytes...]).copyBytes(from: payload)
        let checked = buffer.readable[checkedFrom..<(frameHeaderBytes + payload.count)]
        bytes.storeBytes(
            of: CRC32C.hash(UnsafeRawBufferPointer(rebasing: checked)).littleEndian, toByteOffset: 8, as: UInt32.self)
        return buffer
    }

    /// Writes a new manifest with the whole state and points `CURRENT` at it.
    private static func write(
        _ state: ManifestState, number: UInt64, disk: any Disk, storeID: UInt64
    ) throws(StoreError) -> (any DiskFile, UInt64) {
        let name = FileName(storeID: storeID, number: number, kind: .manifest).string
        let header = FileHeader(kind: .manifest, storeID: storeID, number: number).encoded()
        let first = frame(payload: state.snapshot.encoded(), number: number, index: 0)
        return try storeCall { () throws(DiskError) in
            let file = try disk.create(name, direct: false)
            try file.write(header.readable, at: 0)
            try file.write(first.readable, at: UInt64(header.count))
            try file.sync()
            // A half-written one of an interrupted switch may be in the way.
            do throws(DiskError) { try disk.remove(FileName.newCurrent) } catch {
                guard case .notFound = error else { throw error }
            }
            let current = try disk.create(FileName.newCurrent, direct: false)
            let text = [UInt8](currentText(name).utf8)
            var failure: DiskError?
            text.withUnsafeBytes { bytes in
                do throws(DiskError) { try current.write(bytes, at: 0) } catch { failure = error }
            }
            if let failure { throw failure }
            try current.sync()
            // Names may become durable in any order: first the manifest's, then the one that leads to it.
            try disk.syncDirectory()
            try disk.rename(FileName.newCurrent, to: FileName.current)
            try disk.syncDirectory()
            return (file, UInt64(header.count + first.count))
        }
    }

    /// Reserves space ahead, so that running out of it is noticed before an edit is half written.
    private func reserveSpace(upTo wanted: UInt64) throws(StoreError) {
        guard wanted > allocatedEnd else { return }
        let from = allocatedEnd
        let length = max(wanted - from, Self.allocationStepBytes)
        try storeCall { () throws(DiskError) in try file.allocate(offset: from, length: length) }
        allocatedEnd += length
    }

    // MARK: Editing

    /// Makes an edit durable, then part of the state.
    ///
    /// - Throws: `.noSpace` when nothing was written; `.disk` when what reached the disk is unknown: the store must
    ///   then be poisoned.
    func append(_ edit: ManifestEdit, numbers: FileNumbers) throws(StoreError) {
        var after = state
        after.apply(edit)
        if end > rollBytes {
            let newNumber = numbers.next()
            after.nextFile = max(after.nextFile, newNumber + 1)
            let (newFile, newEnd) = try Self.write(after, number: newNumber, disk: disk, storeID: storeID)
            if let previousNumber {
                try? disk.remove(FileName(storeID: storeID, number: previousNumber, kind: .manifest).string)
            }
            previousNumber = number
            file = newFile
            number = newNumber
            end = newEnd
            allocatedEnd = newEnd
            editIndex = 1
        } else {
            let frame = Self.frame(payload: edit.encoded(), number: number, index: editIndex)
            let place = end
            try reserveSpace(upTo: end + UInt64(frame.count))
            do throws(DiskError) {
                try file.write(frame.readable, at: place)
                try file.sync()
            } catch {
                throw .disk(error)
            }
            end += UInt64(frame.count)
            editIndex += 1
        }
        state = after
    }
}
