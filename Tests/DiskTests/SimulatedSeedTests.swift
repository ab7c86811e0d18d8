import Bytes
import Disk
import Testing

/// Random runs: what a seed fixes, and what no seed may break.
struct SimulatedSeedTests {
    private static let names = ["a", "b", "c"]

    /// A run of random calls, and what must be there after a power cut at its end.
    private struct Run {
        var random: SeededRandom
        let disk: SimulatedDisk
        /// The content of each file as of its last sync, where it was not touched since; nil where anything may be.
        var durableContents: [String: [UInt8]] = [:]
        /// Names as of the last sync of the directory; nil when one changed since.
        var durableNames: [String]? = []

        init(seed: UInt64) {
            random = SeededRandom(seed: seed)
            disk = SimulatedDisk(seed: seed)
        }

        mutating func step() throws {
            let name = names[Int.random(in: 0..<names.count, using: &random)]
            let isThere = try disk.list().contains(name)
            switch Int.random(in: 0..<10, using: &random) {
            case 0 where isThere:
                try disk.remove(name)
                durableNames = nil
            case 1:
                try disk.syncDirectory()
                durableNames = try disk.list()
            case _ where !isThere:
                _ = try disk.create(name, direct: false)
                (durableNames, durableContents[name]) = (nil, nil)
            case 2...4:
                let file = try disk.open(name, direct: false)
                try file.sync()
                durableContents[name] = try file.content()
            case 5:
                try disk.open(name, direct: false).truncate(to: .random(in: 0..<9_000, using: &random))
                durableContents[name] = nil
            case 6:
                try disk.open(name, direct: false)
                    .allocate(offset: .random(in: 0..<9_000, using: &random), length: 100)
                durableContents[name] = nil
            default:
                let value = UInt8.random(in: 1...255, using: &random)
                let bytes = [UInt8](repeating: value, count: .random(in: 1..<3_000, using: &random))
                try disk.open(name, direct: false).write(bytes, at: .random(in: 0..<9_000, using: &random))
                durableContents[name] = nil
            }
        }

        mutating func crashAndCheck() throws {
            let found = disk.crash()
            guard let durableNames else { return }
            #expect(try found.list() == durableNames)
            for name in durableNames {
                guard let content = durableContents[name] else { continue }
                #expect(try found.open(name, direct: false).content() == content)
            }
        }
    }

    @Test func whatWasSyncedIsNeverLost() throws {
        var checked = 0
        for seed in 0..<1_000 as Range<UInt64> {
            var run = Run(seed: seed)
            for _ in 0..<40 { try run.step() }
            if run.durableNames?.contains(where: { run.durableContents[$0] != nil }) == true { checked += 1 }
            try run.crashAndCheck()
        }
        // Enough of the runs end with something to lose.
        #expect(checked > 100)
    }

    @Test func equalSeedsGiveEqualRuns() throws {
        func trace(_ seed: UInt64) throws -> ([UInt64], [[UInt8]]) {
            var run = Run(seed: seed)
            for _ in 0..<60 { try run.step() }
            let found = run.disk.crash()
            let contents = try found.list().map { try found.open($0, direct: false).content() }
            return ([run.disk.traceHash, UInt64(run.disk.operationCount)], contents)
        }
        var hashes: Set<UInt64> = []
        for seed in 0..<50 as Range<UInt64> {
            let (first, second) = (try trace(seed), try trace(seed))
            #expect(first == second)
            hashes.insert(first.0[0])
        }
        #expect(hashes.count == 50)
    }
}
