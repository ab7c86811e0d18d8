import Glibc

/// YCSB's zipfian choice (theta 0.99) of a rank in `0..<count`; rank 0 is the favourite.
struct Zipfian: Sendable {
    private static let theta = 0.99

    private let count: UInt64
    private let zeta: Double
    private let eta: Double

    init(count: UInt64) {
        self.count = count
        var zeta = 0.0
        for rank in 1...count { zeta += 1 / pow(Double(rank), Self.theta) }
        self.zeta = zeta
        eta = (1 - pow(2 / Double(count), 1 - Self.theta)) / (1 - (1 + pow(0.5, Self.theta)) / zeta)
    }

    func rank(_ random: inout Random) -> UInt64 {
        let u = random.fraction()
        let uz = u * zeta
        if uz < 1 { return 0 }
        if uz < 1 + pow(0.5, Self.theta) { return 1 }
        return min(count - 1, UInt64(Double(count) * pow(eta * u - eta + 1, 1 / (1 - Self.theta))))
    }

    /// The same popularity, spread over all keys.
    func scrambled(_ random: inout Random) -> UInt64 {
        var spread = Random(seed: rank(&random))
        return spread.below(count)
    }
}
