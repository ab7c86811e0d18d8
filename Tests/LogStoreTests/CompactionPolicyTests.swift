import Bytes
import Testing

@testable import LogStore

/// The policy by itself: a pure function of a tree's shape.
@Suite struct CompactionPolicyTests {
    private let settings = CompactionSettings(level0RunsMin: 4, tableBytes: 1_000, levelBaseBytes: 4_000)

    private func key(_ number: Int) -> [UInt8] { withUnsafeBytes(of: UInt32(number).bigEndian) { [UInt8]($0) } }

    private func table(
        _ file: UInt64, _ range: ClosedRange<Int>, bytes: UInt64 = 1_000, entries: UInt64 = 10_000, deletes: UInt64 = 0
    ) -> TableShape {
        TableShape(
            file: file, bytes: bytes, entries: entries, deletes: deletes, smallestKey: key(range.lowerBound),
            largestKey: key(range.upperBound))
    }

    private func tree(level0: [[TableShape]] = [], levels: [Int: [TableShape]] = [:]) -> TreeShape {
        var tree = TreeShape()
        for (index, tables) in level0.enumerated() {
            tree.level0.append(TreeShape.Run(id: UInt64(level0.count - index), tables: tables))
        }
        for (level, tables) in levels { tree.levels[level] = tables }
        return tree
    }

    private func choose(_ tree: TreeShape, space: SpaceState = .enough) -> CompactionPlan? {
        CompactionPolicy(settings: settings, space: space).choose(tree)?.plan
    }

    /// So many tables side by side.
    private func row(_ count: Int, from file: UInt64, width: Int = 10, bytes: UInt64 = 1_000) -> [TableShape] {
        (0..<count).map { table(file + UInt64($0), ($0 * width)...($0 * width + width - 1), bytes: bytes) }
    }

    // MARK: Targets

    @Test func aSmallStoreHasOneDeepLevel() {
        let targets = LevelTargets(levelBytes: [0, 0, 0, 0, 0, 0, 4_000], levelBaseBytes: 4_000)
        #expect(targets.baseLevel == 6)
    }

    @Test func theLastLevelSizesTheOnesAboveIt() {
        let targets = LevelTargets(levelBytes: [0, 0, 0, 0, 0, 0, 300_000], levelBaseBytes: 4_000)
        #expect(targets.baseLevel == 4)
        #expect(targets.bytes[4] == 3_000)
        #expect(targets.bytes[5] == 30_000)
    }

    @Test func whatAShrunkStoreLeftAboveComesDown() {
        let shape = tree(levels: [5: row(2, from: 1), 6: row(2, from: 10, bytes: 500)])
        let targets = LevelTargets(levelBytes: [0, 0, 0, 0, 0, 2_000, 1_000], levelBaseBytes: 4_000)
        #expect(targets.baseLevel == 5)
        #expect(choose(shape)?.outputLevel == 6)
    }

    // MARK: Level 0

    @Test func fewRunsOfLevel0AreLeftAlone() {
        #expect(choose(tree(level0: [row(1, from: 1), row(1, from: 2), row(1, from: 3)])) == nil)
    }

    @Test func level0GoesDownAsAWholeWithWhatItOverlaps() {
        let shape = tree(
            level0: (1...4).map { [table($0, 15...28)] }, levels: [6: row(4, from: 10)])
        let plan = choose(shape)
        #expect(plan?.sources == [[1], [2], [3], [4], [11, 12]])
        #expect(plan?.outputLevel == 6)
        #expect(plan?.isMove == false)
    }

    @Test func aSmallLevel0IsFirstMergedByItself() {
        let shape = tree(
            level0: (1...4).map { [table($0, 0...999, bytes: 10)] }, levels: [6: row(100, from: 10, bytes: 40)])
        let plan = choose(shape)
        #expect(plan?.outputLevel == 0)
        #expect(plan?.sources == [[1], [2], [3], [4]])
        #expect(plan?.outputRun == 4)
    }

    @Test func runsThatTouchNothingMove() {
        let shape = tree(
            level0: [[table(4, 90...99)], [table(3, 80...89)], [table(2, 70...79)], [table(1, 60...69)]],
            levels: [6: row(4, from: 10)])
        let plan = choose(shape)
        #expect(plan?.isMove == true)
        #expect(plan?.outputLevel == 6)
    }

    @Test func smallRunsThatTouchNothingAreMergedRatherThanMoved() {
        let shape = tree(level0: (1...4).map { [table(5 - $0, Int($0) * 10...Int($0) * 10 + 5, bytes: 100)] })
        #expect(choose(shape)?.isMove == false)
    }

    // MARK: Deeper levels

    @Test func aFullLevelHandsDownWhatOverlapsLeast() {
        var below = row(20, from: 100, width: 5, bytes: 2_000)
        below.remove(at: 5)
        let plan = choose(tree(levels: [5: row(10, from: 1), 6: below]))
        #expect(plan?.reason == .levelSize)
        #expect(plan?.outputLevel == 6)
        // The third table overlaps one table less than the others.
        #expect(plan?.sources.first?.contains(3) == true)
    }

    @Test func aMergeIsBounded() {
        let shape = tree(levels: [5: row(100, from: 1), 6: row(100, from: 200)])
        let files = choose(shape)?.sources.joined().count ?? 0
        #expect(files > 2 && files <= Int(CompactionSettings.jobTablesMax))
    }

    @Test func aTableThatOverlapsNothingMovesDown() {
        let upper = row(10, from: 1)
        let below = row(20, from: 100).filter { $0.file != 103 && $0.file != 104 }
        let plan = choose(tree(levels: [5: upper, 6: below]))
        #expect(plan?.isMove == true)
        #expect(plan?.sources == [[4, 5]])
    }

    // MARK: Deletes

    @Test func denseDeletesSinkEarly() {
        let dense = table(2, 10...19, entries: 10_000, deletes: 9_000)
        let plan = choose(tree(levels: [5: [dense], 6: row(40, from: 10)]))
        #expect(plan?.reason == .deletes)
        #expect(plan?.sources == [[2], [11]])
    }

    @Test func deletesThatHideNothingAreRewrittenAndNotMoved() {
        let dense = table(2, 900...999, entries: 10_000, deletes: 9_000)
        let plan = choose(tree(levels: [5: [dense], 6: row(40, from: 10)]))
        #expect(plan?.sources == [[2]])
        #expect(plan?.isMove == false)
    }

    @Test func aFewDeletesOfLargeThingsSinkToo() {
        var large = row(4, from: 10)
        for index in large.indices {
            large[index].entries = 100
            large[index].extentBytes = 100 << 20
        }
        let plan = choose(
            tree(level0: [[table(1, 0...9, bytes: 100, entries: 90, deletes: 50)]], levels: [6: large]))
        #expect(plan?.reason == .deletes)
        #expect(plan?.sources == [[1], [10]])
    }

    @Test func nearAFullDiskEveryDeleteCounts() {
        let shape = tree(level0: [[table(1, 0...9, entries: 10, deletes: 1)]], levels: [6: row(4, from: 10)])
        #expect(choose(shape) == nil)
        #expect(choose(shape, space: .nearlyShort)?.reason == .space)
        let overwrites = tree(level0: [[table(1, 0...9)]], levels: [6: row(4, from: 10)])
        #expect(choose(overwrites, space: .nearlyShort) == nil)
        #expect(choose(overwrites, space: .short)?.sources == [[1], [10]])
    }

    // MARK: Altogether

    /// Every chain of merges ends, whatever the tree: else the background would never rest.
    @Test(arguments: 0..<200) func mergesComeToAnEnd(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var shape = tree()
        var next: UInt64 = 1
        for _ in 0..<Int.random(in: 0...8, using: &random) {
            let from = Int.random(in: 0..<900, using: &random)
            let width = Int.random(in: 0..<100, using: &random)
            shape.level0.insert(
                TreeShape.Run(id: next, tables: [randomTable(next, from...(from + width), &random)]), at: 0)
            next += 1
        }
        for level in Int.random(in: 3...6, using: &random)...6 {
            var from = 0
            for _ in 0..<Int.random(in: 0...30, using: &random) {
                from += Int.random(in: 0..<20, using: &random)
                let width = Int.random(in: 0..<30, using: &random)
                shape.levels[level].append(randomTable(next, from...(from + width), &random))
                from += width + 1
                next += 1
            }
        }
        for space in [SpaceState.enough, .nearlyShort, .short] {
            var merges = 0
            while let plan = choose(shape, space: space), merges < 2_000 {
                shape.apply(plan, nextFile: &next, tableBytes: settings.tableBytes)
                shape.check()
                merges += 1
            }
            #expect(merges < 2_000, "\(space)")
        }
    }

    private func randomTable(_ file: UInt64, _ range: ClosedRange<Int>, _ random: inout SeededRandom) -> TableShape {
        let entries = UInt64.random(in: 1...8_000, using: &random)
        let deletes = random.oneIn(3) ? UInt64.random(in: 0...entries, using: &random) : 0
        return table(
            file, range, bytes: UInt64.random(in: 10...1_500, using: &random), entries: entries, deletes: deletes)
    }
}

extension TreeShape {
    /// What a merge would make of the tree, if nothing in it hid anything: one output table a table's length of input.
    mutating func apply(_ plan: CompactionPlan, nextFile: inout UInt64, tableBytes: UInt64) {
        let files = Set(plan.sources.joined())
        var inputs: [TableShape] = []
        for index in level0.indices {
            inputs += level0[index].tables.filter { files.contains($0.file) }
            level0[index].tables.removeAll { files.contains($0.file) }
        }
        for level in levels.indices {
            inputs += levels[level].filter { files.contains($0.file) }
            levels[level].removeAll { files.contains($0.file) }
        }
        #expect(inputs.count == files.count)
        var outputs = inputs
        if !plan.isMove {
            guard let first = inputs.first else { return }
            var merged = first
            merged.file = nextFile
            nextFile += 1
            for table in inputs.dropFirst() {
                merged.bytes += table.bytes
                merged.entries += table.entries
                merged.deletes += table.deletes
                if precedes(table.smallestKey, merged.smallestKey) { merged.smallestKey = table.smallestKey }
                if precedes(merged.largestKey, table.largestKey) { merged.largestKey = table.largestKey }
            }
            let isBottom = !hasOverlap(
                below: plan.outputLevel, smallest: merged.smallestKey, largest: merged.largestKey)
            if plan.outputLevel > 0, isBottom {
                merged.entries -= merged.deletes
                merged.deletes = 0
            }
            outputs = merged.entries == 0 ? [] : [merged]
        }
        if plan.outputLevel == 0, !outputs.isEmpty {
            let place = level0.firstIndex { $0.id == plan.outputRun } ?? 0
            level0[place].tables = outputs
        } else {
            levels[plan.outputLevel] += outputs
            levels[plan.outputLevel].sort { precedes($0.smallestKey, $1.smallestKey) }
        }
        level0.removeAll(where: \.tables.isEmpty)
    }

    func check() {
        for tables in levels {
            for (one, next) in zip(tables, tables.dropFirst()) {
                #expect(precedes(one.largestKey, next.smallestKey))
            }
        }
    }
}
