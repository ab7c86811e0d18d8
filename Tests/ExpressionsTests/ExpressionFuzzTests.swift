import Bytes
import Expressions
import Testing

struct ExpressionFuzzTests {
    private static let pieces = [
        "a", "b.c", "#n", ":v", ":s", "=", "<>", "<", ">=", "(", ")", "[0]", "[99]", ",", ".", "+", "-", " AND ",
        " or ", " NOT ",
        " BETWEEN ", " IN ", "SET ", " REMOVE ", " ADD ", " DELETE ", "size", "attribute_exists", "contains",
        "begins_with",
        "if_not_exists", "list_append", "1", "_", "\u{0}", "é", "\"", " ",
    ]

    /// Any text is an expression or refused with a message, and what it does leaves items items.
    @Test(arguments: [31, 32, 33] as [UInt64]) func anyTextIsAnExpressionOrRefused(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let lab = try Lab(
            #"{"a":{"L":[{"N":"1"}]},"b":{"M":{"c":{"S":"x"}}},"n":{"NS":["1"]}}"#, names: ["#n": "n"],
            values: #"{":v":{"N":"1"},":s":{"NS":["1","2"]}}"#)
        var taken = 0
        for _ in 0..<1_200 {
            let count = Int.random(in: 0...12, using: &random)
            let text = (0..<count).map { _ in Self.pieces.randomElement(using: &random)! }.joined()
            if lab.fuzz(text) { taken += 1 }
        }
        #expect(taken > 0)
    }
}
