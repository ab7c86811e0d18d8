internal import Bytes

/// The names of a simulated disk: as processes see them, as the medium is sure to hold them, and the changes between.
struct SimulatedDirectory {
    private enum Change {
        case create(String, SimulatedInode)
        case rename(String, to: String, SimulatedInode)
        case remove(String, SimulatedInode)
    }

    private var live: [String: SimulatedInode] = [:]
    private var durable: [String: SimulatedInode] = [:]
    private var pending: [Change] = []

    /// All names in byte order.
    var names: [String] { live.keys.sorted(by: fileNamePrecedes) }

    /// What all files with a name take of the disk's capacity.
    var allocatedBytes: UInt64 { live.values.reduce(0) { $0 + $1.allocatedBytes } }

    /// The files, in no order; one with several names several times.
    var inodes: some Collection<SimulatedInode> { live.values }

    subscript(name: String) -> SimulatedInode? { live[name] }

    /// How many names a file has.
    func linkCount(_ inode: SimulatedInode) -> Int { live.values.count { $0 === inode } }

    mutating func create(_ name: String) -> SimulatedInode {
        let inode = SimulatedInode()
        link(name, to: inode)
        return inode
    }

    /// Names a file that exists.
    mutating func link(_ name: String, to inode: SimulatedInode) {
        live[name] = inode
        pending.append(.create(name, inode))
    }

    /// Returns whether there was such a name.
    mutating func rename(_ from: String, to: String) -> Bool {
        guard let inode = live[from] else { return false }
        guard from != to else { return true }
        live[from] = nil
        live[to] = inode
        pending.append(.rename(from, to: to, inode))
        return true
    }

    /// Returns whether there was such a name.
    mutating func remove(_ name: String) -> Bool {
        guard let inode = live.removeValue(forKey: name) else { return false }
        pending.append(.remove(name, inode))
        return true
    }

    mutating func sync() {
        durable = live
        pending.removeAll(keepingCapacity: true)
    }

    /// The directory as another process finds it after this one was killed.
    func afterKill(_ map: inout SimulatedInodeMap) -> SimulatedDirectory {
        mapped { map.replaced($0) { $0.afterKill() } }
    }

    /// The directory as found after a power cut. Of the unsynced changes none survived, all, a first part, or any of
    /// them by chance, as on file systems that order nothing; a change without the one it builds on has no effect.
    func afterPowerCut(_ random: inout SeededRandom, _ map: inout SimulatedInodeMap) -> SimulatedDirectory {
        let way = Int.random(in: 0..<4, using: &random)
        let firstPart = Int.random(in: 0...pending.count, using: &random)
        var found = durable
        for (index, change) in pending.enumerated() {
            let chance = Bool.random(using: &random)
            let isKept =
                switch way {
                case 0: false
                case 1: true
                case 2: index < firstPart
                default: chance
                }
            if isKept { Self.apply(change, to: &found) }
        }
        var result = SimulatedDirectory()
        // In order of names, so that equal seeds give every file the same random numbers.
        for name in found.keys.sorted(by: fileNamePrecedes) {
            guard let inode = found[name] else { continue }
            result.live[name] = map.replaced(inode) { $0.afterPowerCut(&random) }
        }
        result.durable = result.live
        return result
    }

    private static func apply(_ change: Change, to names: inout [String: SimulatedInode]) {
        switch change {
        case .create(let name, let inode): names[name] = inode
        case .rename(let from, let to, let inode):
            guard names[from] === inode else { return }
            names[from] = nil
            names[to] = inode
        case .remove(let name, let inode):
            if names[name] === inode { names[name] = nil }
        }
    }

    /// The same directory with each inode replaced.
    private func mapped(_ replaced: (SimulatedInode) -> SimulatedInode) -> SimulatedDirectory {
        var result = SimulatedDirectory()
        result.live = live.mapValues(replaced)
        result.durable = durable.mapValues(replaced)
        result.pending = pending.map { change in
            switch change {
            case .create(let name, let inode): .create(name, replaced(inode))
            case .rename(let from, let to, let inode): .rename(from, to: to, replaced(inode))
            case .remove(let name, let inode): .remove(name, replaced(inode))
            }
        }
        return result
    }
}

/// What becomes of each file in a crash: one and the same under all its names.
struct SimulatedInodeMap {
    private var replacements: [ObjectIdentifier: SimulatedInode] = [:]

    mutating func replaced(_ inode: SimulatedInode, _ transform: (SimulatedInode) -> SimulatedInode) -> SimulatedInode {
        if let known = replacements[ObjectIdentifier(inode)] { return known }
        let made = transform(inode)
        replacements[ObjectIdentifier(inode)] = made
        return made
    }
}
