/// Finds slot numbers by hash: open addressing with linear probing, at most half full. The caller compares keys.
struct SlotIndex: Sendable {
    private static let free: UInt64 = 0
    private static let firstCapacity = 64

    /// The lower half of a hash beside the slot's number plus one; 0 is free.
    private var cells = [UInt64](repeating: free, count: firstCapacity)
    private var count = 0

    private var mask: Int { cells.count - 1 }

    private static func cell(_ hash: UInt64, _ slot: Int) -> UInt64 { hash << 32 | UInt64(slot + 1) }

    private func home(_ cell: UInt64) -> Int { Int(cell >> 32) & mask }

    /// The slot of this hash that `matches`.
    @inline(__always)
    func find(_ hash: UInt64, where matches: (Int) -> Bool) -> Int? {
        let tag = hash & 0xFFFF_FFFF
        var place = Int(tag) & mask
        while cells[place] != Self.free {
            if cells[place] >> 32 == tag {
                let slot = Int(cells[place] & 0xFFFF_FFFF) - 1
                if matches(slot) { return slot }
            }
            place = (place + 1) & mask
        }
        return nil
    }

    mutating func insert(_ hash: UInt64, _ slot: Int) {
        if (count + 1) * 2 > cells.count { grow() }
        place(Self.cell(hash, slot))
        count += 1
    }

    private mutating func place(_ cell: UInt64) {
        var place = home(cell)
        while cells[place] != Self.free { place = (place + 1) & mask }
        cells[place] = cell
    }

    private mutating func grow() {
        let old = cells
        cells = [UInt64](repeating: Self.free, count: old.count * 2)
        for cell in old where cell != Self.free { place(cell) }
    }

    private func find(_ cell: UInt64) -> Int {
        var place = home(cell)
        while cells[place] != cell {
            precondition(cells[place] != Self.free, "what is removed or moved is there")
            place = (place + 1) & mask
        }
        return place
    }

    mutating func move(_ hash: UInt64, from old: Int, to new: Int) {
        cells[find(Self.cell(hash, old))] = Self.cell(hash, new)
    }

    mutating func remove(_ hash: UInt64, _ slot: Int) {
        var hole = find(Self.cell(hash, slot))
        count -= 1
        // What was pushed behind the hole moves into it, so that no search stops too early.
        var next = (hole + 1) & mask
        while cells[next] != Self.free {
            let distance = (next - home(cells[next])) & mask
            if distance >= (next - hole) & mask {
                cells[hole] = cells[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        cells[hole] = Self.free
    }
}
