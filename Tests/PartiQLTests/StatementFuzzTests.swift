import Bytes
import Items
import PartiQL
import Testing

struct StatementFuzzTests {
    private static let pieces = [
        "SELECT ", "* ", " FROM ", "t", "\"t\".\"i\"", " WHERE ", "a", "b.c", "l[0]", "\"n\"", "'s'", "1", "-2.5e3",
        "?",
        "TRUE", " NULL ", " MISSING ", "[", "]", "{'k':", "}", "<<", ">>", "(", ")", ",", ".", "=", "<>", "<", ">=",
        " AND ", " OR ", " NOT ", " IN ", " BETWEEN ", " IS ", "INSERT INTO t VALUE ", "UPDATE t ", " SET ", " REMOVE ",
        "DELETE FROM t ", " RETURNING ALL OLD * ", " ORDER BY ", " DESC ", "EXISTS(", "begins_with(", "size(",
        "set_add(", "list_append(", "+", "-", "--", "/*", "*/", ";", " LIMIT ", "\n", "'", "\"", "é", "\u{0}", "#",
    ]

    private static let statements = [
        "SELECT a, b.c[0] FROM \"t\".\"i\" WHERE a = 's' AND (b > 1 OR begins_with(a, 'x')) ORDER BY a DESC, b",
        "SELECT * FROM t WHERE a IN ['s', ?] AND b BETWEEN 1 AND 2 AND c IS NOT MISSING AND size(l) = 1",
        "INSERT INTO t VALUE {'a': 's', 'b': ?, 'm': {'k': [1, <<'x', 'y'>>, NULL, TRUE]}, 'n': <<1, 2>>}",
        "UPDATE t SET a = b.c, n = set_add(n, <<1>>) SET l = list_append(l, [?]) REMOVE m.k WHERE a = 's' AND b = 2",
        "UPDATE t SET b = b + 1 - 2 WHERE a = 's' AND b = 1 RETURNING MODIFIED NEW *",
        "FROM t WHERE a = ? SET l[3] = a REMOVE l[0]", "DELETE FROM t WHERE a = 's' AND b = 1 RETURNING ALL OLD *",
        "EXISTS(SELECT * FROM t WHERE a = 's' AND b = 1 AND attribute_exists(m) = true)",
    ]

    private static func lab() throws -> Lab {
        try Lab(
            #"{"a":{"S":"s"},"b":{"N":"1"},"l":{"L":[{"N":"1"}]},"m":{"M":{"k":{"S":"x"}}},"n":{"NS":["1"]}}"#,
            parameters: #"[{"S":"p"},{"N":"7"},{"NS":["5"]},{"L":[{"M":{}}]}]"#)
    }

    /// Any text is a statement or refused with a message, and what it does leaves items items.
    @Test(arguments: [61, 62, 63] as [UInt64]) func anyTextIsAStatementOrRefused(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let lab = try Self.lab()
        for _ in 0..<1_500 {
            let count = Int.random(in: 0...14, using: &random)
            let text = (0..<count).map { _ in Self.pieces.randomElement(using: &random)! }.joined()
            _ = PartiQLFuzz.run(text, on: lab.item, parameters: lab.parameters)
        }
    }

    @Test(arguments: [71, 72, 73] as [UInt64]) func changedStatementsAreStatementsOrRefused(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let lab = try Self.lab()
        var taken = 0
        for _ in 0..<1_500 {
            var text = Array(Self.statements.randomElement(using: &random)!.unicodeScalars)
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                let start = Int.random(in: 0...text.count, using: &random)
                let end = min(text.count, start + Int.random(in: 0...6, using: &random))
                let piece = random.oneIn(3) ? "" : Self.pieces.randomElement(using: &random)!
                text.replaceSubrange(start..<end, with: Array(piece.unicodeScalars))
            }
            var changed = String.UnicodeScalarView()
            changed.append(contentsOf: text)
            if PartiQLFuzz.run(String(changed), on: lab.item, parameters: lab.parameters) { taken += 1 }
        }
        // Changes within strings leave statements.
        #expect(taken > 0)
    }

    @Test func unchangedStatementsAreTaken() throws {
        let lab = try Self.lab()
        for text in Self.statements where !text.contains("[?]") {
            #expect(PartiQLFuzz.run(text, on: lab.item, parameters: lab.parameters), "\(text)")
        }
    }
}
