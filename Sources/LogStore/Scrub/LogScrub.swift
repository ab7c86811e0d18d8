internal import Bytes
internal import Disk

/// Checks the part of the log that is not in tables yet: frames, commits, and the content that they name.
struct LogScrub {
    struct Findings {
        var damages: [StoreDamage] = []
        var frames = 0
        var commits = 0
        var readBytes: UInt64 = 0
    }

    private struct Place: Hashable, Comparable {
        var keyspace: UInt8
        var key: [UInt8]

        static func < (a: Place, b: Place) -> Bool {
            a.keyspace == b.keyspace ? precedes(a.key, b.key) : a.keyspace < b.keyspace
        }
    }

    private let disk: any Disk
    private let runs: RunScrub

    init(disk: any Disk, runs: RunScrub) {
        self.disk = disk
        self.runs = runs
    }

    func check(_ manifest: Manifest) -> Findings {
        var findings = Findings()
        // Content of the newest value of each key; what was overwritten may be gone.
        var named: [Place: [Run]] = [:]
        do {
            let recovery = try LogRecovery(disk: disk, manifest: manifest)
            findings.readBytes = recovery.segments.reduce(0) { $0 + $1.length }
            var expected = manifest.state.lastSequence + 1
            let end = try recovery.read(isRepairing: false) {
                (frame: LogFrame, payload: UnsafeRawBufferPointer, segment: LogSegment) throws(StoreError) in
                let damage = StoreError.damaged(
                    file: segment.file.name, offset: segment.offset(of: frame.position),
                    what: "a frame whose checksum fits but whose content does not")
                guard frame.firstSequence == expected else { throw damage }
                expected += UInt64(frame.commitCount)
                findings.frames += 1
                findings.commits += frame.commitCount
                do { try Self.collect(payload, commits: frame.commitCount, into: &named) } catch { throw damage }
            }
            if let closed = manifest.state.cleanClose, closed != end.position {
                throw StoreError.damaged(
                    file: recovery.segments.last?.file.name ?? "", offset: end.position,
                    what: "the log of a cleanly closed store ends early")
            }
        } catch {
            if let damage = (error as? StoreError).flatMap({ StoreDamage($0) }) { findings.damages.append(damage) }
        }
        checkContent(named, &findings)
        return findings
    }

    private static func collect(
        _ payload: UnsafeRawBufferPointer, commits: Int, into named: inout [Place: [Run]]
    ) throws(ByteReaderError) {
        var reader = CommitReader(payload: payload)
        var latest = named
        for _ in 0..<commits {
            try reader.readCommit { (operation: CommitReader.Operation) throws(ByteReaderError) in
                let place = Place(keyspace: operation.keyspace.rawValue, key: [UInt8](operation.key))
                if operation.kind == .put, case .runs(let runs) = try ValueCodec.view(operation.value).content {
                    latest[place] = runs
                } else if operation.kind != .add {
                    latest[place] = nil
                }
            }
        }
        guard reader.isAtEnd else { throw .malformed }
        named = latest
    }

    private func checkContent(_ named: [Place: [Run]], _ findings: inout Findings) {
        for (place, list) in named.sorted(by: { $0.key < $1.key }) {
            for run in list {
                do { try runs.check(run, readAheadTo: run.offset + UInt64(run.storedLength)) } catch {
                    let owner = Keyspace(rawValue: place.keyspace).map {
                        StoreDamage.Owner(keyspace: $0, smallestKey: place.key, largestKey: place.key)
                    }
                    if let damage = StoreDamage(error, owner: owner) { findings.damages.append(damage) }
                }
            }
        }
    }
}
