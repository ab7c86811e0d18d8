import Bytes
import Items
import Testing

struct ItemFuzzTests {
    private static let fragments = [
        "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u", "null", "true", "{\"S\":\"", "{\"M\":{", "{\"L\":[",
        "{\"N\":\"1", "\"SS\"",
        "e", "-", "\u{0}", "\u{FF}", "D800", "{\"B\":\"AA==\"}",
    ]

    /// Text changed at random is an item or refused, and nothing else.
    @Test(arguments: [21, 22, 23, 24] as [UInt64]) func changedTextIsAnItemOrRefused(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var taken = 0
        for _ in 0..<120 {
            let model = ModelValue.randomItem(using: &random)
            let text = Array(ModelValue.json(model, using: &random).utf8)
            #expect(text.withUnsafeBytes { ItemFuzz.readItem($0) })
            for _ in 0..<12 {
                var changed = text
                for _ in 0...Int.random(in: 0..<3, using: &random) { Self.change(&changed, using: &random) }
                if changed.withUnsafeBytes({ ItemFuzz.readItem($0) }) { taken += 1 }
            }
        }
        // Changes within strings leave items.
        #expect(taken > 0)
    }

    private static func change(_ text: inout [UInt8], using random: inout SeededRandom) {
        let index = Int.random(in: 0...text.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: text.insert(contentsOf: Array(fragments.randomElement(using: &random)!.utf8), at: index)
        case 1 where index < text.count: text[index] = UInt8.random(in: 0...255, using: &random)
        case 2 where index < text.count:
            text.removeSubrange(index..<min(text.count, index + Int.random(in: 1...5, using: &random)))
        case 3: text.removeLast(text.count - index)
        default: text.insert(contentsOf: text.prefix(index).suffix(12), at: index)
        }
    }

    @Test func anyBytesAreAnItemOrRefused() {
        var random = SeededRandom(seed: 9)
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0..<40, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            _ = bytes.withUnsafeBytes { ItemFuzz.readItem($0) }
        }
    }
}
