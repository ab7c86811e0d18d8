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
        for _ in 0..<4_000 {
            let count = Int.random(in: 0...12, using: &random)
            let text = (0..<count).map { _ in Self.pieces.randomElement(using: &random)! }.joined()
            for kind in [ExpressionKind.condition, .keyCondition, .projection, .update] {
                if let message = lab.refusal(kind, text) {
                    #expect(!message.isEmpty)
                } else {
                    switch kind {
                    case .condition: _ = try lab.holds(text)
                    case .projection: _ = try lab.projected(text)
                    case .update: _ = try? lab.updated(text)
                    default: break
                    }
                }
            }
        }
    }
}
