import Bytes
import Foundation
import Testing

@testable import LogStore

/// Bytes that nobody wrote: a decoder may refuse them, and must not trap. `scripts/fuzz` looks further.
@Suite struct DecoderTests {
    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/fuzz")

    /// Rounds of one target; those that open a whole store are slower.
    private static func rounds(of target: DecoderTarget) -> Int {
        switch target {
        case .manifest, .log: 60
        case .run, .table: 400
        default: 1_500
        }
    }

    @Test(arguments: DecoderTarget.allCases) func decodersRefuseWhateverTheyAreGiven(target: DecoderTarget) {
        var random = SeededRandom(seed: 1)
        let seeds = target.seeds
        for seed in seeds { seed.withUnsafeBytes { target.decode($0) } }
        for round in 0..<Self.rounds(of: target) {
            var bytes = seeds[round % seeds.count]
            switch round % 3 {
            case 0:
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
            case 1: bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
            default:
                bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                    UInt8.random(in: 0...(random.oneIn(2) ? 255 : 3), using: &random)
                }
            }
            bytes.withUnsafeBytes { target.decode($0) }
        }
    }

    /// What the fuzzer once found stays harmless.
    @Test func inputsThatOnceCrashedAreRefused() throws {
        var count = 0
        for target in DecoderTarget.allCases {
            let directory = Self.fixtures.appending(path: target.rawValue)
            for name in (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? [] {
                let bytes = [UInt8](try Data(contentsOf: directory.appending(path: name)))
                bytes.withUnsafeBytes { target.decode($0) }
                count += 1
            }
        }
        #expect(count > 0)
    }
}
