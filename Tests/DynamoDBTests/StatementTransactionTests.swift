import Testing

@testable import DynamoDB

/// Transactions of statements, and tokens of pages: what is refused, and how.
@Suite struct StatementTransactionTests {
    private func lab() async throws -> DynamoDBFixture {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable(
            sort: "N",
            more: """
                ,"LocalSecondaryIndexes":[{"IndexName":"local","Projection":{"ProjectionType":"ALL"},
                 "KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"l","KeyType":"RANGE"}]}]
                """, attributes: #",{"AttributeName":"l","AttributeType":"N"}"#)
        for number in 1...3 { try await lab.put(#""p":{"S":"a"},"s":{"N":"\#(number)"}"#) }
        return lab
    }

    private func transaction(_ statements: String...) -> String {
        let list = statements.map { #"{"Statement":"\#($0)"}"# }
        return #"{"TransactStatements":[\#(list.joined(separator: ","))]}"#
    }

    @Test func refusedStatementIsNamed() async throws {
        let lab = try await lab()
        let good = "SELECT * FROM tab WHERE p = 'a' AND s = 1"
        for bad in [
            "SELEKT", "SELECT * FROM tab WHERE p = 'a'", #"SELECT * FROM tab.\"local\" WHERE p = 'a' AND l = 1"#,
        ] {
            let refusal = await lab.refusal(.executeTransaction, transaction(good, bad))
            #expect(refusal?.hasPrefix("ValidationException: Validation failed in TransactStatements[1]: ") == true)
        }
        let returning = "DELETE FROM tab WHERE p = 'a' AND s = 1 RETURNING ALL OLD *"
        let refusal = await lab.refusal(.executeTransaction, transaction(returning))
        #expect(refusal?.hasPrefix("ValidationException: Validation failed in TransactStatements[0]: ") == true)
    }

    @Test func keyThatDoesNotFitCancels() async throws {
        let lab = try await lab()
        let cancelled =
            "TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for "
            + "specific reasons "
        for bad in [
            "UPDATE tab SET x = 1 WHERE p = 'a'", "UPDATE tab SET x = 1 WHERE p = 'a' AND s = 'text'",
            "DELETE FROM tab WHERE p = 7 AND s = 1",
        ] {
            #expect(
                await lab.refusal(
                    .executeTransaction, transaction("DELETE FROM tab WHERE p = 'a' AND s = 2", bad))
                    == cancelled + "[None, ValidationError]")
        }
        #expect(
            await lab.refusal(.executeTransaction, transaction("INSERT INTO tab VALUE {'p': 'a'}"))
                == cancelled + "[ValidationError]")
        #expect(try await lab.get(#""p":{"S":"a"},"s":{"N":"2"}"#) != nil)
    }

    /// Each statement gives its own reason, after all that is wrong with the statements themselves.
    @Test(arguments: [
        (
            [
                "UPDATE tab SET x = 1 WHERE p = 'a'", "DELETE FROM tab WHERE s = 1",
                "DELETE FROM tab WHERE p = 'a' AND s = 1",
            ],
            "[ValidationError, ValidationError, None]"
        ),
        (
            [
                "SELECT * FROM tab WHERE p = 'a' AND s = 1", "SELECT * FROM tab WHERE p = 'a' AND s = 1",
                "SELECT * FROM tab WHERE p = 7 AND s = 1",
            ], "[None, None, ValidationError]"
        ),
        (
            ["SELECT * FROM tab WHERE p = 'a' AND s = 1", "SELECT * FROM none.idx WHERE p = 'a'"],
            "[None, ResourceNotFound]"
        ),
        (
            ["DELETE FROM none WHERE p = 'a' RETURNING ALL OLD *", "INSERT INTO none VALUE {'p': 'a'}"],
            "[ResourceNotFound, ResourceNotFound]"
        ),
    ])
    func reasonsAreOfEachStatement(statements: [String], reasons: String) async throws {
        let list = statements.map { #"{"Statement":"\#($0)"}"# }.joined(separator: ",")
        #expect(
            try await lab().refusal(.executeTransaction, #"{"TransactStatements":[\#(list)]}"#)
                == "TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for "
                + "specific reasons \(reasons)")
    }

    @Test(arguments: [
        ("DELETE FROM none WHERE p = 'a'", "DELETE FROM tab WHERE p = 'a' AND s = 1 RETURNING ALL OLD *"),
        ("SELECT * FROM none WHERE p = 'a'", #"SELECT * FROM tab.\"local\" WHERE p = 'a' AND l = 1"#),
    ])
    func statementsOfTablesThatAreNotThereAreSaidLast(missing: String, bad: String) async throws {
        let refusal = try await lab().refusal(.executeTransaction, transaction(missing, bad))
        #expect(refusal?.hasPrefix("ValidationException: Validation failed in TransactStatements[1]: ") == true)
    }

    @Test func existenceMustAskMoreThanTheKey() async throws {
        let refusal = try await lab().refusal(
            .executeTransaction,
            transaction("EXISTS(SELECT * FROM tab WHERE p = 'a' AND s = 1)", "DELETE FROM tab WHERE p = 'a' AND s = 2"))
        #expect(
            refusal == "ValidationException: Validation failed in TransactStatements[0]: "
                + "EXISTS() must contain a single item read with additional condition")
    }

    @Test func tokenIsOfItsStatement() async throws {
        let lab = try await lab()
        func select(_ statement: String, _ more: String) -> String { #"{"Statement":"\#(statement)",\#(more)}"# }
        let statement = "SELECT s FROM tab WHERE p = 'a'"
        let first = try await lab.call(.executeStatement, select(statement, #""Limit":2"#))
        let token = try #require(first.split(separator: #""NextToken":""#).last?.prefix { $0 != "\"" })
        let next = try await lab.call(.executeStatement, select(statement, #""NextToken":"\#(token)""#))
        #expect(next == #"{"Items":[{"s":{"N":"3"}}]}"#)
        #expect(
            await lab.refusal(
                .executeStatement, select("SELECT p FROM tab WHERE p = 'a'", #""NextToken":"\#(token)""#))
                == "ValidationException: NextToken does not match request")
        #expect(
            await lab.refusal(.executeStatement, select(statement, #""NextToken":"AAAA""#))
                == "ValidationException: Invalid NextToken")
    }
}
