/// A small generator whose sequence is fixed by its seed: what makes a simulated run repeatable. Not for secrets.
///
/// SplitMix64 (Steele, Lea and Flood, 2014): one addition and a mix, 64 bits of state.
package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Equal seeds give equal sequences, on every machine.
    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// True once in `count` times on average.
    package mutating func oneIn(_ count: UInt64) -> Bool { next(upperBound: count) == 0 }

    /// A generator of its own, fixed by this one's state.
    package mutating func forked() -> SeededRandom { SeededRandom(seed: next()) }
}
