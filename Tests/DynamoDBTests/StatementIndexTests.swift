import Testing

@testable import DynamoDB

/// Statements of indexes: what they show, and what they may ask. The messages are the service's own.
struct StatementIndexTests {
    /// Items `a`, `b` and `c` of which `c` is in no index; `v` is in none.
    private func lab() async throws -> DynamoDBFixture {
        let fixture = try await DynamoDBFixture()
        try await fixture.makeTable(
            sort: "S",
            more: #","GlobalSecondaryIndexes":[{"IndexName":"global","Projection":{"ProjectionType":"KEYS_ONLY"},"#
                + #""KeySchema":[{"AttributeName":"g","KeyType":"HASH"}]}],"#
                + #""LocalSecondaryIndexes":[{"IndexName":"local","Projection":{"ProjectionType":"KEYS_ONLY"},"#
                + #""KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"l","KeyType":"RANGE"}]}]"#,
            attributes: #",{"AttributeName":"g","AttributeType":"S"},{"AttributeName":"l","AttributeType":"S"}"#)
        for name in ["a", "b"] {
            try await fixture.put(
                #""p":{"S":"x"},"s":{"S":"\#(name)"},"g":{"S":"g"},"l":{"S":"\#(name)"},"v":{"S":"\#(name)"}"#)
        }
        try await fixture.put(#""p":{"S":"x"},"s":{"S":"c"},"v":{"S":"c"}"#)
        return fixture
    }

    private func body(_ statement: String) -> String {
        let text = statement.replacing("\"", with: "\\\"")
        return #"{"Statement":"\#(text)","ReturnConsumedCapacity":"INDEXES"}"#
    }

    @Test(arguments: [
        (#"SELECT * FROM "tab"."local" WHERE p = 'x' AND l = 'a'"#, #"{"l":{"S":"a"},"p":{"S":"x"},"s":{"S":"a"}}"#),
        (#"SELECT * FROM "tab"."global" WHERE g = 'g' AND s = 'a'"#, #"{"g":{"S":"g"},"p":{"S":"x"},"s":{"S":"a"}}"#),
        (#"SELECT v FROM "tab"."local" WHERE p = 'x' AND l = 'a'"#, #"{"v":{"S":"a"}}"#),
        (#"SELECT s FROM "tab"."local" WHERE v = 'a'"#, ""), (#"SELECT s FROM "tab"."global" WHERE v = 'a'"#, ""),
        (
            #"SELECT s FROM "tab"."global" WHERE NOT v = 'a' AND s <> 'b'"#, #"{"s":{"S":"a"}}"#
        ),
        (
            #"SELECT s FROM "tab"."global" WHERE (g = 'g' AND v = 'a') OR (g = 'h')"#, ""
        ),
    ])
    func whatIsShownIsTheIndexes(statement: String, items: String) async throws {
        let answer = try await lab().call(.executeStatement, body(statement))
        #expect(answer.hasPrefix(#"{"Items":[\#(items)],"#))
    }

    @Test func aStarFetchesNothing() async throws {
        let answer = try await lab().call(.executeStatement, body(#"SELECT * FROM "tab"."local" WHERE p = 'x'"#))
        #expect(answer.contains(#""CapacityUnits":0.5,"Table":{"CapacityUnits":0.0}"#))
    }

    @Test(arguments: [
        #""global" WHERE g = 'g' AND v = 'a'"#, #""global" WHERE g IN ['g', 'h'] AND NOT v = 'a'"#,
        #""local" WHERE p = 'x' AND v IS MISSING"#, #""local" WHERE p = 'x' AND l BETWEEN 'a' AND 'b' AND v = 'a'"#,
    ])
    func queriesMayNotAskForWhatTheIndexLacks(rest: String) async throws {
        let index = rest.hasPrefix("\"global") ? "global" : "local"
        #expect(
            try await lab().refusal(.executeStatement, body("SELECT s FROM \"tab\"." + rest))
                == "ValidationException: One or more parameter values were invalid: Secondary index \(index) does not "
                + "project one or more filter attributes: [v]")
    }

    /// Of alternatives the last one's attributes are said, by their partition keys; one that may be is enough.
    @Test(arguments: [
        ("(g = 'a' AND v = 'a') OR (g = 'b' AND w = 'a')", "w"),
        ("(g = 'b' AND v = 'a') OR (g = 'a' AND w = 'a')", "v"),
        ("(g = 'a' OR g = 'b') AND v = 'a'", "v"), ("g = 'a' AND b = 'x' AND (a = 'x' OR s = 'y')", "a, b"),
        ("g = 'a' AND (zz = 'x' OR aa = 'x' OR mm = 'x' OR zz = 'y')", "zz, aa, mm"),
        ("(g = 'a' AND v = 'a') OR (g = 'b' AND s = 'a')", nil),
    ])
    func alternativesOfAnIndex(condition: String, lacking: String?) async throws {
        let refusal = try await lab().refusal(
            .executeStatement, body("SELECT s FROM \"tab\".\"global\" WHERE " + condition))
        #expect(
            refusal
                == lacking.map {
                    "ValidationException: One or more parameter values were invalid: Secondary index global does not "
                        + "project one or more filter attributes: [\($0)]"
                })
    }

    /// A hash set grows when it is three quarters full, and its order changes then.
    @Test func setsHaveJavasOrder() {
        let letters = "abcdefghijklm".map { String($0) }
        #expect(JavaOrder.set(["q", "a", "b", "q"]) == ["q", "a", "b"])
        #expect(JavaOrder.set(["q"] + letters.prefix(11)) == ["q"] + letters.prefix(11))
        #expect(JavaOrder.set(["q"] + letters.prefix(12)) == letters.prefix(12) + ["q"])
        #expect(JavaOrder.set(["nonproj", "projected", "é\u{10FFFF}"]).count == 3)
    }

    /// A key of several attributes is said before that a batch needs a whole key.
    @Test func indexesWithKeysOfSeveralAttributesHaveNoStatements() async throws {
        let fixture = try await DynamoDBFixture()
        try await fixture.makeTable(
            more: #","GlobalSecondaryIndexes":[{"IndexName":"wide","Projection":{"ProjectionType":"ALL"},"#
                + #""KeySchema":[{"AttributeName":"g","KeyType":"HASH"},{"AttributeName":"h","KeyType":"HASH"}]}]"#,
            attributes: #",{"AttributeName":"g","AttributeType":"S"},{"AttributeName":"h","AttributeType":"S"}"#)
        let message =
            "PartiQL statements cannot be executed on tables with multi-attribute HASH keys or multi-attribute RANGE "
            + "keys."
        let statement = body(#"SELECT * FROM "tab"."wide" WHERE g = 'x' AND h = 'y'"#)
        #expect(await fixture.refusal(.executeStatement, statement) == "ValidationException: " + message)
        let batched = #"{"Statement":"SELECT * FROM \"tab\".\"wide\" WHERE g = 'x' AND h = 'y'"}"#
        #expect(
            try await fixture.call(.batchExecuteStatement, #"{"Statements":[\#(batched)]}"#).contains(
                #"{"Code":"ValidationError","Message":"\#(message)"}"#))
    }
}
