import LabClock
import LogStore
import Testing

@testable import DynamoDB

@Suite struct TransactionTokenTests {
    private func add(_ amount: Int) -> String {
        """
        {"ClientRequestToken":"once","TransactItems":[{"Update":{"TableName":"tab","Key":{"p":{"S":"a"}},
         "UpdateExpression":"ADD n :n","ExpressionAttributeValues":{":n":{"N":"\(amount)"}}}}]}
        """
    }

    @Test func aRepeatedTransactionHappensOnceAcrossACrash() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        try await lab.call(.transactWriteItems, add(1))
        try await lab.crash()
        try await lab.call(.transactWriteItems, add(1))
        #expect(try await lab.get(#""p":{"S":"a"}"#) == #"{"n":{"N":"1"},"p":{"S":"a"}}"#)
        #expect(
            await lab.refusal(.transactWriteItems, add(2))?.hasPrefix("IdempotentParameterMismatchException: ") == true)
    }

    @Test func aRepetitionMayHaveItsMembersInAnotherOrder() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        try await lab.call(.transactWriteItems, add(1))
        try await lab.call(
            .transactWriteItems,
            """
            {"TransactItems":[{"Update":{"ExpressionAttributeValues":{":n":{"N":"1"}},"UpdateExpression":"ADD n :n",
             "TableName":"tab", "Key" : {"p":{"S":"a"}}}}],"ClientRequestToken":"once"}
            """)
        #expect(try await lab.get(#""p":{"S":"a"}"#) == #"{"n":{"N":"1"},"p":{"S":"a"}}"#)
    }

    @Test func aRepetitionIsChargedAsARead() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        let large = String(repeating: "x", count: 5000)
        let request = """
            {"ClientRequestToken":"once","ReturnConsumedCapacity":"TOTAL","TransactItems":[
             {"Put":{"TableName":"tab","Item":{"p":{"S":"a"},"v":{"S":"\(large)"}}}},
             {"Delete":{"TableName":"tab","Key":{"p":{"S":"b"}}}}]}
            """
        #expect(
            try await lab.call(.transactWriteItems, request)
                == #"{"ConsumedCapacity":[{"TableName":"tab","CapacityUnits":12.0,"WriteCapacityUnits":12.0}]}"#)
        #expect(
            try await lab.call(.transactWriteItems, request)
                == #"{"ConsumedCapacity":[{"TableName":"tab","CapacityUnits":6.0,"ReadCapacityUnits":6.0}]}"#)
    }

    @Test func aTokenIsForgottenAfterTenMinutes() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        try await lab.call(.transactWriteItems, add(1))
        lab.time.advance(milliseconds: 599_000)
        try await lab.call(.transactWriteItems, add(1))
        try await lab.runDue()
        #expect(try await lab.keyCount(.catalog, [0x24]) == 1)
        lab.time.advance(milliseconds: 2000)
        try await lab.runDue()
        #expect(try await lab.keyCount(.catalog, [0x24]) == 0)
        try await lab.call(.transactWriteItems, add(1))
        #expect(try await lab.get(#""p":{"S":"a"}"#) == #"{"n":{"N":"2"},"p":{"S":"a"}}"#)
    }
}
