import Testing

@testable import DynamoDB

@Suite struct StatementTests {
    private func lab() async throws -> DynamoDBFixture {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable(sort: "N")
        for number in 1...4 {
            try await lab.put(#""p":{"S":"a"},"s":{"N":"\#(number)"},"v":{"S":"v\#(number)"}"#)
        }
        return lab
    }

    private func execute(_ lab: DynamoDBFixture, _ statement: String, more: String = "") async throws -> String {
        try await lab.call(.executeStatement, #"{"Statement":"\#(statement)"\#(more)}"#)
    }

    @Test func aSelectIsReadInPages() async throws {
        let lab = try await lab()
        let statement = "SELECT s FROM tab WHERE p = 'a' AND s IN [3, 1, 4]"
        let first = try await execute(lab, statement, more: #","Limit":2"#)
        #expect(first.hasPrefix(#"{"Items":[{"s":{"N":"3"}},{"s":{"N":"1"}}],"NextToken":""#))
        let token = first.split(separator: "\"")[first.split(separator: "\"").firstIndex(of: "NextToken")! + 2]
        let second = try await execute(lab, statement, more: #","Limit":2,"NextToken":"\#(token)""#)
        #expect(second == #"{"Items":[{"s":{"N":"4"}}]}"#)
        #expect(
            try await execute(lab, "SELECT s FROM tab WHERE p = 'a' AND s > 2 ORDER BY s DESC")
                == #"{"Items":[{"s":{"N":"4"}},{"s":{"N":"3"}}]}"#)
        #expect(
            await lab.refusal(.executeStatement, #"{"Statement":"SELECT * FROM tab","NextToken":"AAAA////"}"#)
                == "ValidationException: Invalid NextToken")
    }

    @Test func writesAreOfOneItem() async throws {
        let lab = try await lab()
        #expect(
            await lab.refusal(.executeStatement, #"{"Statement":"INSERT INTO tab VALUE {'p': 'a', 's': 1}"}"#)
                == "DuplicateItemException: Duplicate primary key exists in table")
        #expect(
            try await execute(lab, "UPDATE tab SET v = 'x' WHERE p = 'a' AND s = 1 RETURNING MODIFIED OLD *")
                == #"{"Items":[{"v":{"S":"v1"}}]}"#)
        #expect(
            await lab.refusal(.executeStatement, #"{"Statement":"UPDATE tab SET v = 'x' WHERE p = 'a' AND s = 9"}"#)
                == "ConditionalCheckFailedException: The conditional request failed")
        #expect(try await execute(lab, "DELETE FROM tab WHERE p = 'a' AND s = 9") == #"{"Items":[]}"#)
        #expect(
            await lab.refusal(
                .executeStatement, #"{"Statement":"DELETE FROM tab WHERE p = 'a' AND s = 2 AND v = 'no'"}"#)
                == "ConditionalCheckFailedException: The conditional request failed")
        #expect(
            try await execute(lab, "DELETE FROM tab WHERE p = 'a' AND s = 2 RETURNING ALL OLD *")
                == #"{"Items":[{"p":{"S":"a"},"s":{"N":"2"},"v":{"S":"v2"}}]}"#)
    }

    @Test func aBatchAnswersForEachStatement() async throws {
        let lab = try await lab()
        let answer = try await lab.call(
            .batchExecuteStatement,
            """
            {"Statements":[{"Statement":"SELECT v FROM tab WHERE p = 'a' AND s = 1"},
             {"Statement":"SELECT v FROM tab WHERE p = 'a'"}]}
            """)
        #expect(
            answer == """
                {"Responses":[{"TableName":"tab","Item":{"v":{"S":"v1"}}},{"Error":{"Code":"ValidationError","Message":\
                "Select statements within BatchExecuteStatement must specify the primary key in the where clause."}}]}
                """)
    }

    /// Only a statement that has run says of which table it was.
    @Test func statementsOfABatchThatHaveRunNameTheirTable() async throws {
        let lab = try await lab()
        let statements = [
            "INSERT INTO tab VALUE {'p': 'a', 's': 1}", "UPDATE tab SET v = 'x' WHERE p = 'a' AND s = 9",
            "UPDATE tab SET v = 'x' WHERE p = 'a'", "INSERT INTO none VALUE {'p': 'a', 's': 1}",
            "UPDATE tab SET w = v + 1 WHERE p = 'a' AND s = 1",
        ].map { #"{"Statement":"\#($0)"}"# }
        let answer = try await lab.call(
            .batchExecuteStatement, #"{"Statements":[\#(statements.joined(separator: ","))]}"#)
        let names = answer.split(separator: #"{"Error":"#).dropFirst().map { $0.contains("TableName") }
        #expect(names == [true, true, false, false, true])
    }

    /// Alternatives may overlap when one of them says what the sort key is not; no item comes twice.
    @Test func whatTheSortKeyIsNotMayBeAskedBesideOthers() async throws {
        let lab = try await lab()
        #expect(
            try await execute(lab, "SELECT s FROM tab WHERE p = 'a' AND NOT s = 1 OR p = 'a' AND s = 2")
                == #"{"Items":[{"s":{"N":"2"}},{"s":{"N":"3"}},{"s":{"N":"4"}}]}"#)
        #expect(
            try await execute(lab, "SELECT s FROM tab WHERE p = 'a' AND s <> 4 AND v = 'v3' OR p = 'a' AND s = 1")
                == #"{"Items":[{"s":{"N":"1"}},{"s":{"N":"3"}}]}"#)
    }

    private static let notNumeric = "The parameter cannot be converted to a numeric value: "
    private static let tooSmall =
        "Number underflow. Attempting to store a number with magnitude smaller than supported range"

    @Test(arguments: [
        (#"{"N":"1e99999999999"}"#, notNumeric + "1e99999999999"), (#"{"N":"1e2147483647"}"#, tooSmall),
        (#"{"L":[{"N":"1"},{"M":{"a":{"NS":["1","1e-2147483648"]}}}]}"#, notNumeric + "1e-2147483648"),
    ])
    func numbersOfParametersAreRefused(value: String, message: String) async throws {
        let lab = try await lab()
        let statement = #"{"Statement":"SELECT * FROM tab WHERE p = 'a' AND s = 1 AND v = ?","Parameters":[\#(value)]}"#
        let said = "ValidationException: " + message
        #expect(await lab.refusal(.executeStatement, statement) == said)
        #expect(await lab.refusal(.executeTransaction, #"{"TransactStatements":[\#(statement)]}"#) == said)
        // In a batch only the statement fails.
        let other = #"{"Statement":"SELECT v FROM tab WHERE p = 'a' AND s = ?","Parameters":[{"N":"2"}]}"#
        let answer = try await lab.call(
            .batchExecuteStatement, #"{"Statements":[\#(other),\#(statement),\#(other)]}"#)
        let found = #"{"TableName":"tab","Item":{"v":{"S":"v2"}}}"#
        let failed = #"{"Error":{"Code":"ValidationError","Message":"\#(message)"}}"#
        #expect(answer == #"{"Responses":[\#(found),\#(failed),\#(found)]}"#)
    }

    @Test func aTransactionOfStatementsIsAllOrNothing() async throws {
        let lab = try await lab()
        let insert = #"{"Statement":"INSERT INTO tab VALUE {'p': 'b', 's': 1}"}"#
        let update = #"{"Statement":"UPDATE tab SET v = 'x' WHERE p = 'a' AND s = 9"}"#
        #expect(
            await lab.refusal(.executeTransaction, #"{"TransactStatements":[\#(insert),\#(update)]}"#)
                == "TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for "
                + "specific reasons [None, ConditionalCheckFailed]")
        #expect(try await lab.get(#""p":{"S":"b"},"s":{"N":"1"}"#) == nil)
        let check = #"{"Statement":"EXISTS(SELECT * FROM tab WHERE p = 'a' AND s = 1 AND v = 'v1')"}"#
        let answer = try await lab.call(.executeTransaction, #"{"TransactStatements":[\#(insert),\#(check)]}"#)
        #expect(answer == #"{"Responses":[]}"#)
        #expect(try await lab.get(#""p":{"S":"b"},"s":{"N":"1"}"#) != nil)
    }
}
