/// How many bytes each level should hold at most. Derived from the largest level, so that those above it together hold
/// about a tenth of it whatever the store's size.
struct LevelTargets: Sendable, Equatable {
    /// The level that level 0 is merged into.
    let baseLevel: Int
    /// By level. The last one has no bound, level 0 none in bytes.
    let bytes: [UInt64]

    /// - Parameter levelBytes: what each level holds, by level.
    init(levelBytes: [UInt64], levelBaseBytes: UInt64) {
        let last = TreeShape.lastLevel
        let largest = levelBytes[1...].max() ?? 0
        var size = largest
        var wanted = last
        while size > levelBaseBytes, wanted > 1 {
            wanted -= 1
            size /= CompactionSettings.multiplier
        }
        // What a store that has shrunk still holds above the wanted base goes on in the same proportion, to nothing in
        // the end, without being rewritten at once.
        var bytes = [UInt64](repeating: .max, count: last + 1)
        var target = largest
        for level in (1..<last).reversed() {
            target = max(1, target / CompactionSettings.multiplier)
            bytes[level] = target
        }
        self.bytes = bytes
        let first = (1...last).first { levelBytes[$0] > 0 }
        baseLevel = min(wanted, first ?? last)
    }
}
