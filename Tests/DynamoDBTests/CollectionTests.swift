import Testing

@testable import DynamoDB

/// Item collections: the items of one partition key in a table with local indexes.
@Suite struct CollectionTests {
    private static let localIndex = """
        ,"LocalSecondaryIndexes":[{"IndexName":"local","Projection":{"ProjectionType":"KEYS_ONLY"},
         "KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"l","KeyType":"RANGE"}]}]
        """
    private static let full = "ItemCollectionSizeLimitExceededException: Item collection size limit exceeded."

    private func lab() async throws -> DynamoDBFixture {
        let lab = try await DynamoDBFixture(itemCollectionBytesMax: 3000)
        try await lab.makeTable(
            sort: "N", more: Self.localIndex, attributes: #",{"AttributeName":"l","AttributeType":"N"}"#)
        return lab
    }

    private func item(_ number: Int, _ bytes: Int) -> String {
        #"{"p":{"S":"a"},"s":{"N":"\#(number)"},"v":{"S":"\#(String(repeating: "x", count: bytes))"}}"#
    }

    @Test func collectionGrowsToItsLimitAndNoFurther() async throws {
        let lab = try await lab()
        for number in 1...2 { try await lab.call(.putItem, #"{"TableName":"tab","Item":\#(item(number, 1400))}"#) }
        #expect(await lab.refusal(.putItem, #"{"TableName":"tab","Item":\#(item(3, 1400))}"#) == Self.full)
        #expect(
            await lab.refusal(
                .batchWriteItem, #"{"RequestItems":{"tab":[{"PutRequest":{"Item":\#(item(3, 1400))}}]}}"#) == Self.full)
        // Another collection has its own room, and what shrinks one is always taken.
        try await lab.put(#""p":{"S":"b"},"s":{"N":"1"},"v":{"S":"\#(String(repeating: "x", count: 1400))"}"#)
        try await lab.call(.putItem, #"{"TableName":"tab","Item":\#(item(2, 10))}"#)
        try await lab.call(.putItem, #"{"TableName":"tab","Item":\#(item(3, 1300))}"#)
        try await lab.call(.deleteItem, #"{"TableName":"tab","Key":{"p":{"S":"a"},"s":{"N":"1"}}}"#)
        try await lab.call(.putItem, #"{"TableName":"tab","Item":\#(item(1, 1400))}"#)
    }

    @Test func transactionIsCancelledByAFullCollection() async throws {
        let lab = try await lab()
        func transaction(_ numbers: [Int]) -> String {
            let puts = numbers.map { #"{"Put":{"TableName":"tab","Item":\#(item($0, 1400))}}"# }
            return #"{"TransactItems":[\#(puts.joined(separator: ","))]}"#
        }
        #expect(
            await lab.refusal(.transactWriteItems, transaction([1, 2, 3]))
                == "TransactionCanceledException: Transaction cancelled, please refer cancellation reasons "
                + "for specific reasons [None, None, ItemCollectionSizeLimitExceeded]")
        try await lab.call(.transactWriteItems, transaction([1, 2]))
    }
}
