import Testing

@testable import DynamoDB

@Suite struct ItemTests {
    @Test func whatWasPutIsThere() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable(sort: "N")
        try await lab.put(#""p":{"S":"a"},"s":{"N":"1.0"},"x":{"L":[{"BOOL":true}]}"#)
        #expect(
            try await lab.get(#""p":{"S":"a"},"s":{"N":"1"}"#)
                == #"{"p":{"S":"a"},"s":{"N":"1"},"x":{"L":[{"BOOL":true}]}}"#)
        #expect(try await lab.get(#""p":{"S":"a"},"s":{"N":"2"}"#) == nil)
        try await lab.reopen()
        #expect(try await lab.get(#""p":{"S":"a"},"s":{"N":"1"}"#) != nil)
        try await lab.call(.deleteItem, #"{"TableName":"tab","Key":{"p":{"S":"a"},"s":{"N":"1"}}}"#)
        #expect(try await lab.get(#""p":{"S":"a"},"s":{"N":"1"}"#) == nil)
    }

    @Test func conditionsGuardWrites() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        try await lab.put(#""p":{"S":"a"},"v":{"N":"1"}"#)
        let put = #""TableName":"tab","Item":{"p":{"S":"a"},"v":{"N":"2"}}"#
        #expect(
            await lab.refusal(.putItem, "{\(put),\"ConditionExpression\":\"attribute_not_exists(p)\"}")
                == "ConditionalCheckFailedException: The conditional request failed")
        let answer = try await lab.call(
            .putItem,
            """
            {\(put),"ConditionExpression":"v = :v","ExpressionAttributeValues":{":v":{"N":"1"}},
             "ReturnValues":"ALL_OLD"}
            """)
        #expect(answer == #"{"Attributes":{"p":{"S":"a"},"v":{"N":"1"}}}"#)
    }

    @Test func updatesAnswerWhatTheyTouched() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        func update(_ values: String) async throws -> String {
            try await lab.call(
                .updateItem,
                """
                {"TableName":"tab","Key":{"p":{"S":"a"}},"UpdateExpression":"ADD n :one SET m = :m",
                 "ExpressionAttributeValues":{":one":{"N":"1"},":m":{"S":"x"}},"ReturnValues":"\(values)"}
                """)
        }
        #expect(try await update("UPDATED_OLD") == "{}")
        #expect(try await update("UPDATED_NEW") == #"{"Attributes":{"m":{"S":"x"},"n":{"N":"2"}}}"#)
        #expect(try await update("ALL_OLD") == #"{"Attributes":{"m":{"S":"x"},"n":{"N":"2"},"p":{"S":"a"}}}"#)
        #expect(try await update("ALL_NEW") == #"{"Attributes":{"m":{"S":"x"},"n":{"N":"4"},"p":{"S":"a"}}}"#)
        #expect(try await update("NONE") == "{}")
    }

    @Test func whatOnlyTakesAwayMakesNoItem() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        let key = #""TableName":"tab","Key":{"p":{"S":"a"}},"ReturnValues":"ALL_NEW""#
        #expect(try await lab.call(.updateItem, #"{\#(key),"UpdateExpression":"REMOVE x, y.z[1]"}"#) == "{}")
        #expect(try await lab.call(.updateItem, #"{\#(key),"AttributeUpdates":{"x":{"Action":"DELETE"}}}"#) == "{}")
        #expect(try await lab.get(#""p":{"S":"a"}"#) == nil)
        #expect(try await lab.call(.updateItem, "{\(key)}") == #"{"Attributes":{"p":{"S":"a"}}}"#)
    }

    @Test func refusalShowsTheItemWhenAsked() async throws {
        let lab = try await DynamoDBFixture()
        try await lab.makeTable()
        try await lab.put(#""p":{"S":"a"},"v":{"N":"1"}"#)
        let put = #""TableName":"tab","Item":{"p":{"S":"a"}},"ConditionExpression":"attribute_not_exists(p)""#
        for (more, members) in [
            (#","ReturnValuesOnConditionCheckFailure":"ALL_OLD""#, #""Item":{"p":{"S":"a"},"v":{"N":"1"}}"#), ("", ""),
        ] {
            let error = await #expect(throws: DynamoDBError.self) { try await lab.call(.putItem, "{\(put)\(more)}") }
            #expect(error.map { String(decoding: $0.members, as: UTF8.self) } == members)
        }
    }
}
