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

    @Test(arguments: [
        ("{}", "Invalid TableArn"),
        (#"{"ResourceArn":"abcd"}"#, Self.invalid + "ARNs must start with 'arn:': abcd"),
        (#"{"ResourceArn":"arn:x"}"#, Self.invalid + "Second colon partition not found: arn:x"),
        (
            #"{"ResourceArn":"arn:a:b:c:d"}"#,
            Self.invalid + "Fifth colon (namespace/relative-id delimiter) not found: arn:a:b:c:d"
        ),
        (
            #"{"ResourceArn":"arn:b:c:d:e:f/g"}"#,
            "1 validation error detected: Value null at 'tags' failed to satisfy constraint: Member must not be null"
        ),
        (
            #"{"ResourceArn":"arn:b:c:d:e:f/g","Tags":[]}"#,
            "Invalid TableArn: Invalid ResourceArn provided as input arn:b:c:d:e:f/g"
        ),
    ])
    func ofTags(body: String, message: String) async throws {
        try await expect(.tagResource, body, .validation(message))
    }

    private static let invalid = "One or more parameter values were invalid: "

    @Test(arguments: [
        (
            DynamoDBOperation.batchWriteItem, #"{"RequestItems":{}}"#,
            "The requestItems parameter is required for BatchWriteItem"
        ),
        (.batchGetItem, #"{"RequestItems":{}}"#, "The requestItems parameter is required for BatchGetItem"),
        (.batchWriteItem, #"{"RequestItems":{"tab":[{"PutRequest":{"Item":{"x":{"S":"a"}}}}]}}"#, Self.mismatch),
        (.batchWriteItem, #"{"RequestItems":{"tab":[{"PutRequest":{"Item":{"p":{"N":"1"}}}}]}}"#, Self.mismatch),
        (
            .batchWriteItem, #"{"RequestItems":{"tab":[{"PutRequest":{"Item":{"p":{"S":""}}}}]}}"#,
            Self.emptyKey
        ),
        (
            .batchGetItem,
            #"{"RequestItems":{"tab":{"Keys":[{"p":{"S":"a"}}],"AttributesToGet":["p"]},"#
                + #""other":{"Keys":[{"p":{"S":"a"}}],"ProjectionExpression":"p"}}}"#,
            "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: "
                + "{AttributesToGet} Expression parameters: {ProjectionExpression}"
        ),
        (.transactGetItems, #"{"TransactItems":[{"Get":{"TableName":"tab","Key":{"p":{"S":""}}}}]}"#, Self.emptyKey),
        (
            .transactWriteItems,
            #"{"TransactItems":[{"Put":{"TableName":"tab","Item":{"p":{"S":""}}}}]}"#, Self.emptyKey
        ),
        (
            .transactWriteItems,
            #"{"TransactItems":[{"Delete":{"TableName":"tab","Key":{"p":{"S":""}}}}]}"#, Self.emptyKey
        ),
    ])
    func ofSeveralItems(operation: DynamoDBOperation, body: String, message: String) async throws {
        try await expect(operation, body, .validation(message))
    }

    private static let mismatch = "The provided key element does not match the schema"
    private static let emptyKey =
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "
        + "string value. Key: p"

    @Test func keysThatDoNotFitCancelATransactionThatReads() async throws {
        let fixture = try await DynamoDBFixture()
        try await fixture.makeTable()
        let get = { (key: String) in #"{"Get":{"TableName":"tab","Key":{\#(key)}}}"# }
        let body = #"{"TransactItems":[\#(get(#""p":{"S":"a"}"#)),\#(get("")),\#(get(#""p":{"N":"1"}"#))]}"#
        #expect(
            await fixture.refusal(.transactGetItems, body)
                == "TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for "
                + "specific reasons [None, ValidationError, None]")
    }

    @Test(arguments: [
        (
            DynamoDBOperation.transactWriteItems,
            #"{"Put":{"TableName":"tab","Item":{"p":{"S":"a"}},"ExpressionAttributeValues":{":v":{"S":"x"}}}}"#
        ),
        (
            .transactWriteItems,
            ##"{"Delete":{"TableName":"tab","Key":{"p":{"S":"a"}},"ExpressionAttributeNames":{"#n":"x"}}}"##
        ),
        (
            .transactGetItems,
            ##"{"Get":{"TableName":"tab","Key":{"p":{"S":"a"}},"ExpressionAttributeNames":{"#n":"x"}}}"##
        ),
    ])
    func placeholdersOfNoExpressionInATransactionAreNotLookedAt(operation: DynamoDBOperation, part: String) async throws
    {
        let fixture = try await DynamoDBFixture()
        try await fixture.makeTable()
        #expect(await fixture.refusal(operation, #"{"TransactItems":[\#(part)]}"#) == nil)
    }

    @Test func ofIndexesInStatements() async throws {
        let fixture = try await DynamoDBFixture()
        try await fixture.makeTable(
            more: #","GlobalSecondaryIndexes":[{"IndexName":"idx","Projection":{"ProjectionType":"ALL"},"#
                + #""KeySchema":[{"AttributeName":"g","KeyType":"HASH"}]}]"#,
            attributes: #",{"AttributeName":"g","AttributeType":"S"}"#)
        func refusal(_ index: String) async -> String? {
            await fixture.refusal(
                .executeStatement, #"{"Statement":"SELECT * FROM \"tab\".\"\#(index)\"","ConsistentRead":true}"#)
        }
        #expect(
            await refusal("idx")
                == "ValidationException: Strongly consistent read is not supported on Global Secondary Indexes")
        #expect(await refusal("none") == "ValidationException: The table does not have the specified index")
    }

    @Test(arguments: [
        ("h = :a AND b = :a", "RANGE key attributes a must have \(Self.equality) key attribute b"),
        ("h = :a AND a > :a AND b = :a", "RANGE key attributes a must have \(Self.equality) key attribute b"),
        ("h = :a AND c = :a", "RANGE key attributes a, b must have \(Self.equality) key attribute c"),
        ("a = :a", "Query condition missed key schema element: h"),
        ("h > :a", "HASH key attributes h must have equality conditions specified in the query"),
        (
            "h = :a AND a = :a AND b = :a AND c = :a AND d = :a",
            "The number of query conditions (5) exceeds the number of key attributes defined in the schema (4)"
        ),
    ])
    func ofKeysOfSeveralAttributes(condition: String, message: String) async throws {
        let fixture = try await DynamoDBFixture()
        let names = ["h", "a", "b", "c"]
        let key = names.map { #"{"AttributeName":"\#($0)","KeyType":"\#($0 == "h" ? "HASH" : "RANGE")"}"# }
        try await fixture.makeTable(
            more: #","GlobalSecondaryIndexes":[{"IndexName":"idx","Projection":{"ProjectionType":"ALL"},"#
                + #""KeySchema":[\#(key.joined(separator: ","))]}]"#,
            attributes: names.map { #",{"AttributeName":"\#($0)","AttributeType":"S"}"# }.joined())
        let refusal = await fixture.refusal(
            .query,
            #"{"TableName":"tab","IndexName":"idx","KeyConditionExpression":"\#(condition)","#
                + #""ExpressionAttributeValues":{":a":{"S":"x"}}}"#)
        #expect(refusal == "ValidationException: \(message)")
    }

    @Test(arguments: [
        (DynamoDBOperation.getItem, #""Key":{"p":{"S":"a"}},"ProjectionExpression":"p.a""#, "Key: p"),
        (.getItem, #""Key":{"p":{"S":"a"}},"ProjectionExpression":"x, g[0]""#, "IndexKey: g"),
        (.scan, #""ProjectionExpression":"p.a""#, "Key: p"),
        (.scan, #""FilterExpression":"attribute_exists(p.a)""#, "Key: p"),
        (
            .query,
            #""KeyConditionExpression":"p = :a","FilterExpression":"g[0] = :a","#
                + #""ExpressionAttributeValues":{":a":{"S":"a"}}"#, "IndexKey: g"
        ),
        (.updateItem, #""Key":{"p":{"S":"a"}},"UpdateExpression":"SET x = g[1]""#, "IndexKey: g"),
        (
            .updateItem,
            #""Key":{"p":{"S":"a"}},"UpdateExpression":"SET x = if_not_exists(y, p.b), g.a = :a","#
                + #""ExpressionAttributeValues":{":a":{"S":"a"}}"#, "Key: p"
        ),
    ])
    func ofPathsIntoKeys(operation: DynamoDBOperation, members: String, name: String) async throws {
        let fixture = try await Self.indexed()
        #expect(
            await fixture.refusal(operation, #"{"TableName":"tab",\#(members)}"#)
                == "ValidationException: Key attributes must be scalars; list random access '[]' and map lookup '.' "
                + "are not allowed: " + name)
    }

    @Test(arguments: [
        (
            "SET g.a = :a, p = :a",
            "One or more parameter values were invalid: Cannot update attribute p. This attribute is part of the key"
        ),
        (
            "SET g.a = :a, h = :a",
            "One or more parameter values were invalid: Type mismatch for Index Key h Expected: N Actual: S "
                + "IndexName: idx"
        ),
        (
            "SET x = h[1], g = x - :a",
            "One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: N "
                + "IndexName: idx"
        ),
    ])
    func ofUpdates(expression: String, message: String) async throws {
        let fixture = try await Self.indexed()
        let body =
            #"{"TableName":"tab","Key":{"p":{"S":"a"}},"UpdateExpression":"\#(expression)","#
            + #""ExpressionAttributeValues":{":a":\#(expression.contains("-") ? #"{"N":"1"}"# : #"{"S":"a"}"#)}}"#
        #expect(await fixture.refusal(.updateItem, body) == "ValidationException: " + message)
    }

    @Test(arguments: [
        (#"{}"#, "The provided starting key is invalid"),
        (
            #"{"p":{"N":"1"},"g":{"S":"a"},"h":{"S":"1"}}"#,
            "The provided key element does not match the schema"
        ),
        (
            #"{"p":{"N":"1"},"g":{"S":"a"},"h":{"N":"1"}}"#,
            "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global "
                + "secondary index idx because its projection type is not ALL"
        ),
    ])
    func ofScansOfIndexes(start: String, message: String) async throws {
        let fixture = try await Self.indexed()
        let body = #"{"TableName":"tab","IndexName":"idx","Select":"ALL_ATTRIBUTES","ExclusiveStartKey":\#(start)}"#
        #expect(await fixture.refusal(.scan, body) == "ValidationException: " + message)
    }

    /// A table with an index whose key is `g` and, a number, `h`.
    private static func indexed() async throws -> DynamoDBFixture {
        let fixture = try await DynamoDBFixture()
        try await fixture.makeTable(
            more: #","GlobalSecondaryIndexes":[{"IndexName":"idx","Projection":{"ProjectionType":"KEYS_ONLY"},"#
                + #""KeySchema":[{"AttributeName":"g","KeyType":"HASH"},{"AttributeName":"h","KeyType":"RANGE"}]}]"#,
            attributes: #",{"AttributeName":"g","AttributeType":"S"},{"AttributeName":"h","AttributeType":"N"}"#)
        return fixture
    }

    private static let equality =
        "equality conditions specified in the query because a condition is present on"

    @Test(arguments: [
        (["RANGE", "HASH"], "Invalid KeySchema: HASH key attributes must precede RANGE key attributes"),
        (
            ["HASH", "HASH", "HASH", "HASH"],
            Self.invalid + "Index KeySchema has more than 4 HASH key attributes for index: idx"
        ),
    ])
    func ofIndexKeys(types: [String], message: String) async throws {
        let all = (["HASH"] + types).enumerated()
        let key = all.map { #"{"AttributeName":"a\#($0)","KeyType":"\#($1)"}"# }.joined(separator: ",")
        let attributes = all.map { #",{"AttributeName":"a\#($0.offset)","AttributeType":"S"}"# }.joined()
        let fixture = try await DynamoDBFixture()
        let error = DynamoDBError.validation(message)
        await #expect(throws: error) {
            try await fixture.makeTable(
                more: #","GlobalSecondaryIndexes":[{"IndexName":"idx","Projection":{"ProjectionType":"ALL"},"#
                    + #""KeySchema":[\#(key)]}]"#, attributes: attributes)
        }
    }

    private func expect(_ operation: DynamoDBOperation, _ body: String, _ error: DynamoDBError) async throws {
        let fixture = try await DynamoDBFixture()
        try await fixture.makeTable()
        await #expect(throws: error) { try await fixture.call(operation, body) }
    }
}
