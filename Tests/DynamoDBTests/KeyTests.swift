import Testing

@testable import DynamoDB

/// What may be a key, of tables and of indexes that came later.
@Suite struct KeyTests {
    private static func globalIndex(_ type: String = "S") -> (more: String, attributes: String) {
        (
            """
            ,"GlobalSecondaryIndexes":[{"IndexName":"global","Projection":{"ProjectionType":"ALL"},
             "KeySchema":[{"AttributeName":"x","KeyType":"HASH"}]}]
            """,
            #",{"AttributeName":"x","AttributeType":"\#(type)"}"#
        )
    }

    private func update(_ expression: String, _ values: String = "") -> String {
        let values = values.isEmpty ? "" : #","ExpressionAttributeValues":{\#(values)}"#
        return #"{"TableName":"tab","Key":{"p":{"S":"a"}},"UpdateExpression":"\#(expression)"\#(values)}"#
    }

    @Test func updateOfAnIndexKeyIsCheckedByHowItIsMade() async throws {
        let lab = try await DynamoDBFixture()
        let index = Self.globalIndex()
        try await lab.makeTable(more: index.more, attributes: index.attributes)
        try await lab.put(#""p":{"S":"a"},"x":{"S":"k"},"n":{"N":"1"}"#)
        let mismatch =
            "ValidationException: One or more parameter values were invalid: Type mismatch for Index Key x Expected: S "
            + "Actual: N IndexName: global"
        #expect(await lab.refusal(.updateItem, update("SET x = :v", #"":v":{"N":"1"}"#)) == mismatch)
        #expect(
            await lab.refusal(
                .updateItem,
                """
                {"TableName":"tab","Key":{"p":{"S":"a"}},"AttributeUpdates":{"x":{"Action":"PUT","Value":{"N":"1"}}}}
                """) == mismatch)
        #expect(
            await lab.refusal(.updateItem, update("SET x = n"))
                == "ValidationException: The update expression attempted to update the secondary index key to "
                + "unsupported type")
        #expect(
            await lab.refusal(.updateItem, update("SET x = :v", #"":v":{"S":""}"#))
                == "ValidationException: One or more parameter values are not valid. The update expression attempted "
                + "to update a secondary index key to a value that is not supported. The AttributeValue for a key "
                + "attribute cannot contain an empty string value.")
        #expect(
            await lab.refusal(.updateItem, update("SET x.y = :v", #"":v":{"N":"1"}"#))
                == "ValidationException: Key attributes must be scalars; list random access '[]' and map lookup '.' "
                + "are not allowed: IndexKey: x")
        try await lab.call(.updateItem, update("REMOVE x"))
    }

    @Test func itemsUnfitForALaterIndexStayOutOfIt() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        try await lab.put(#""p":{"S":"fit"},"x":{"S":"k"}"#)
        try await lab.put(#""p":{"S":"empty"},"x":{"S":""}"#)
        try await lab.put(#""p":{"S":"long"},"x":{"S":"\#(String(repeating: "k", count: 70_000))"}"#)
        try await lab.put(#""p":{"S":"number"},"x":{"N":"1"}"#)
        let create = """
            "GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"global","Projection":{"ProjectionType":"KEYS_ONLY"},
             "KeySchema":[{"AttributeName":"x","KeyType":"HASH"}]}}]
            """
        #expect(
            await lab.refusal(.updateTable, #"{"TableName":"tab",\#(create)}"#)
                == "ValidationException: One or more parameter values were invalid: Some index key attributes are not "
                + "defined in AttributeDefinitions. Keys: [x], AttributeDefinitions: []")
        try await lab.call(
            .updateTable,
            #"{"TableName":"tab","AttributeDefinitions":[{"AttributeName":"x","AttributeType":"S"}],\#(create)}"#)
        try await lab.runDue()
        let answer = try await lab.call(.scan, #"{"TableName":"tab","IndexName":"global"}"#)
        #expect(answer == #"{"Items":[{"p":{"S":"fit"},"x":{"S":"k"}}],"Count":1,"ScannedCount":1}"#)
    }

    @Test func olderUpdatesAreRefusedInTheirOwnWords() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        try await lab.put(#""p":{"S":"a"},"v":{"S":"text"}"#)
        for change in [#""Action":"ADD","Value":{"N":"1"}"#, #""Action":"DELETE","Value":{"SS":["x"]}"#] {
            #expect(
                await lab.refusal(
                    .updateItem,
                    #"{"TableName":"tab","Key":{"p":{"S":"a"}},"AttributeUpdates":{"v":{\#(change)}}}"#)
                    == "ValidationException: Type mismatch for attribute to update")
        }
    }

    @Test func knownAttributeIsNotRedefined() async throws {
        let lab = try await DynamoDBFixture()
        let index = Self.globalIndex()
        try await lab.makeTable(more: index.more, attributes: index.attributes)
        #expect(
            await lab.refusal(
                .updateTable,
                """
                {"TableName":"tab","AttributeDefinitions":[{"AttributeName":"x","AttributeType":"N"}],
                 "GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"other","Projection":{"ProjectionType":"ALL"},
                 "KeySchema":[{"AttributeName":"x","KeyType":"HASH"}]}}]}
                """)
                == "ValidationException: One or more parameter values were invalid: Attributes cannot be redefined. "
                + "Please check that your attribute has the same type as previously defined. Existing schema: "
                + "Schema:[SchemaElement: key{x:S:HASH}] New schema: Schema:[SchemaElement: key{x:N:HASH}]")
    }

    @Test func queryOfOneItemHasNoFurtherPage() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        try await lab.put(#""p":{"S":"a"}"#)
        let query = """
            "TableName":"tab","KeyConditionExpression":"p = :p","ExpressionAttributeValues":{":p":{"S":"a"}}
            """
        #expect(
            try await lab.call(.query, "{\(query),\"Limit\":1}")
                == #"{"Items":[{"p":{"S":"a"}}],"Count":1,"ScannedCount":1}"#)
        #expect(
            await lab.refusal(.query, #"{\#(query),"ExclusiveStartKey":{"p":{"S":"a"}}}"#)
                == "ValidationException: The provided exclusive start key is invalid: ExclusiveStartKey: "
                + "{p=AttributeValue: {S:a}}")
    }

    @Test func attributeNamesHaveTheirLengthsWhereverTheyStand() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        let empty = "ValidationException: Empty attribute name"
        let key = #""TableName":"tab","Key":{"p":{"S":"a"}}"#
        #expect(await lab.refusal(.getItem, #"{\#(key),"AttributesToGet":[""]}"#) == empty)
        #expect(
            await lab.refusal(
                .getItem, #"{\#(key),"ProjectionExpression":"\#("#")n","ExpressionAttributeNames":{"\#("#")n":""}}"#)
                == empty)
        #expect(
            await lab.refusal(.updateItem, #"{\#(key),"AttributeUpdates":{"":{"Action":"PUT","Value":{"N":"1"}}}}"#)
                == empty)
        let long = String(repeating: "n", count: 65_536)
        #expect(
            await lab.refusal(
                .getItem,
                #"{\#(key),"ProjectionExpression":"\#("#")n","ExpressionAttributeNames":{"\#("#")n":"\#(long)"}}"#)
                == "ValidationException: Attribute name is too large, must be less than 65536 bytes")
    }
}
