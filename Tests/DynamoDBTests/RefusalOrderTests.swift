import Testing

@testable import DynamoDB

/// What is said first of a request in which several things are wrong. The messages, and which of them comes, are the
/// service's own.
struct RefusalOrderTests {
    private static let values = #""ExpressionAttributeValues":{":b":{}}"#
    private static let empty = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"

    @Test(arguments: [
        (
            DynamoDBOperation.putItem,
            #"{"TableName":"tab","Item":{"p":{}},"Expected":{"a":{}},"ExpressionAttributeNames":{}}"#,
            "ExpressionAttributeNames can only be specified when using expressions"
        ),
        (
            .putItem, #"{"TableName":"tab","Item":{"p":{}},"Expected":{"a":{}},\#(Self.values)}"#,
            "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null"
        ),
        (
            .deleteItem, #"{"TableName":"tab","Key":{"p":{"S":"a"}},"ConditionExpression":"",\#(Self.values)}"#,
            "ExpressionAttributeValues contains invalid value: \(Self.empty) for key :b"
        ),
        (
            .deleteItem,
            #"{"TableName":"tab","Key":{"p":{"S":"a"}},"ConditionExpression":"","ExpressionAttributeValues":{"b":{}}}"#,
            #"ExpressionAttributeValues contains invalid key: Syntax error; key: "b""#
        ),
        (
            .batchGetItem, #"{"RequestItems":{"none":{"Keys":[{"p":{"S":"a"}},{"p":{"S":"a"}}]}}}"#,
            "Provided list of item keys contains duplicates"
        ),
    ])
    func ofItems(operation: DynamoDBOperation, body: String, message: String) async throws {
        try await expect(operation, body, .validation(message))
    }

    @Test(arguments: [
        (
            #""ExclusiveStartKey":{"p":{}},"QueryFilter":{"a":{"ComparisonOperator":"EQ"}}"#,
            "One or more parameter values were invalid: Invalid number of argument(s) for the EQ ComparisonOperator"
        ),
        (
            #""ExclusiveStartKey":{"p":{}},"ExpressionAttributeNames":{},"FilterExpression":"""#,
            "The provided starting key is invalid: \(Self.empty)"
        ),
        (
            #""FilterExpression":"","ExpressionAttributeNames":{}"#,
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
        ),
        (
            #""KeyConditionExpression":"attribute_type(p, :a)","FilterExpression":"","#
                + #""ExpressionAttributeValues":{":a":{"S":"S"}}"#,
            "Invalid FilterExpression: The expression can not be empty;"
        ),
        (
            #""KeyConditions":{"x":{"ComparisonOperator":"NULL"}},"ExclusiveStartKey":{"x":{"S":"a"},"y":{"S":"a"}}"#,
            "The provided starting key is invalid"
        ),
        (
            #""KeyConditions":{"p":{"ComparisonOperator":"NULL"}}"#,
            "Attempted conditional constraint is not an indexable operation"
        ),
    ])
    func ofQueries(members: String, message: String) async throws {
        try await expect(.query, #"{"TableName":"tab",\#(members)}"#, .validation(message))
    }

    @Test(arguments: [
        (
            #""AttributesToGet":["a","a"],"ScanFilter":{"a":{"ComparisonOperator":"EQ","AttributeValueList":[{}]}}"#,
            "One or more parameter values were invalid: Duplicate value in attribute name: a"
        ),
        (
            #""FilterExpression":"","ExpressionAttributeNames":{},"Segment":1"#,
            "The TotalSegments parameter is required but was not present in the request when Segment parameter is "
                + "present"
        ),
    ])
    func ofScans(members: String, message: String) async throws {
        try await expect(.scan, #"{"TableName":"tab",\#(members)}"#, .validation(message))
    }

    @Test(arguments: [
        (
            #"[{"AttributeName":"a","KeyType":"HASH"},{"AttributeName":"a","KeyType":"HASH"}]"#,
            "Invalid KeySchema: Some index key attribute have no definition"
        ),
        (
            #"[{"AttributeName":"b","KeyType":"RANGE"}]"#,
            "One or more parameter values were invalid: Some index key attributes are not defined in "
                + "AttributeDefinitions. Keys: [b], AttributeDefinitions: [a]"
        ),
        (
            #"[{"AttributeName":"a","KeyType":"RANGE"}]"#,
            "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"
        ),
    ])
    func ofKeySchemas(schema: String, message: String) async throws {
        let body =
            #"{"TableName":"new","BillingMode":"PAY_PER_REQUEST","KeySchema":\#(schema),"#
            + #""AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"}]}"#
        try await expect(.createTable, body, .validation(message))
    }

    @Test func ofTags() async throws {
        let user =
            "User: arn:aws:iam::111111111111:root is not authorized to perform: dynamodb:TagResource on resource: "
        try await expect(.tagResource, "{}", .validation("Invalid TableArn"))
        try await expect(
            .tagResource, #"{"ResourceArn":"abcd"}"#, DynamoDBError(.accessDeniedException, user + "abcd"))
        try await expect(
            .tagResource, #"{"ResourceArn":"a:b:c:d:e:f/g"}"#,
            .validation(
                "1 validation error detected: Value null at 'tags' failed to satisfy constraint: "
                    + "Member must not be null"
            ))
        try await expect(
            .tagResource, #"{"ResourceArn":"a:b:c:d:e:f/g","Tags":[]}"#,
            .validation("Invalid TableArn: Invalid ResourceArn provided as input a:b:c:d:e:f/g"))
    }

    private func expect(_ operation: DynamoDBOperation, _ body: String, _ error: DynamoDBError) async throws {
        let fixture = try await DynamoDBFixture()
        try await fixture.makeTable()
        await #expect(throws: error) { try await fixture.call(operation, body) }
    }
}
