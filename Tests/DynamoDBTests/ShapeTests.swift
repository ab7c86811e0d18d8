import Items
import Testing

@testable import DynamoDB

/// What the generated readers, checks and writers do. The messages are the service's own.
struct ShapeTests {
    // MARK: Reading

    @Test func membersAreReadToFieldsAndValuesToTheArena() throws {
        let request = try read(
            API.PutItemInput.self,
            """
            {"TableName":"Games","Item":{"b":{"N":"1.50"},"a":{"S":"x"}},"Unknown":[{}],"ReturnValues":null,
            "Expected":{"a":{"Exists":false},"b":{"AttributeValueList":[{"S":"y"}],"ComparisonOperator":"EQ"}},
            "ExpressionAttributeNames":{"#a":"a"}}
            """)
        let item = request.arena.item(try #require(request.input.item))
        #expect(item["a"]?.string == "x")
        #expect(item["b"]?.number?.description == "1.5")
        let values = try #require(request.input.expected?["b"]?.attributeValueList)
        #expect(values.map { request.arena.value($0).string } == ["y"])
        #expect(request.input.expected?["a"] == API.ExpectedAttributeValue(exists: false))
        #expect(request.input.tableName == "Games")
        #expect(request.input.returnValues == nil)
        #expect(request.input.expressionAttributeNames == ["#a": "a"])
    }

    @Test func listsOfStructuresAndMapsOfListsAreRead() throws {
        let request = try read(
            API.BatchWriteItemInput.self,
            """
            {"RequestItems":{"abc":[{"PutRequest":{"Item":{"a":{"S":"1"}}}},{"DeleteRequest":{"Key":{"a":{"S":"2"}}}}]}}
            """)
        let writes = try #require(request.input.requestItems?["abc"])
        #expect(writes.map { $0.putRequest == nil } == [false, true])
        let key = try #require(writes[1].deleteRequest?.key)
        #expect(request.arena.item(key)["a"]?.string == "2")
    }

    @Test(arguments: [
        (#"{"TableName":1}"#, "NUMBER_VALUE cannot be converted to String"),
        (#"{"Item":"x"}"#, "Unexpected field type"),
        (
            #"{"Item":[]}"#,
            "Unrecognized collection type java.util.Map<java.lang.String, "
                + "com.amazonaws.dynamodb.v20120810.AttributeValue>"
        ),
        (#"{"Expected":{"a":1}}"#, "Unexpected value type in payload"),
        (#"{"Expected":{"a":{"Exists":"x"}}}"#, "Unexpected token received from parser"),
        (#"{"Expected":{"a":{"Value":1}}}"#, "Unexpected field type"),
    ])
    func wrongTypesAreWordedAsTheServiceDoes(text: String, message: String) {
        #expect(refusal(API.PutItemInput.self, text) == DynamoDBError(.serializationException, message))
    }

    @Test func whatStandsInListsWithinMapsIsWordedAsTheServiceDoes() {
        let noContainer =
            "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class "
            + "java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class "
            + "are in module java.base of loader 'bootstrap')"
        let error = DynamoDBError(.serializationException, noContainer)
        #expect(refusal(API.BatchGetItemInput.self, #"{"RequestItems":{"abc":{"Keys":["x"]}}}"#) == error)
        #expect(refusal(API.BatchWriteItemInput.self, #"{"RequestItems":{"abc":"x"}}"#) == error)
    }

    @Test(arguments: ["", "null", "[]", "{", "{}x", #"{"ExpressionAttributeNames":{"a":"b","a":"c"}}"#])
    func whatIsNoRequestIsNotRead(text: String) {
        #expect(refusal(API.GetItemInput.self, text)?.code == .serializationException)
    }

    // MARK: Constraints

    @Test(arguments: [
        (
            "{}",
            [
                "Value null at 'tableName' failed to satisfy constraint: Member must not be null",
                "Value null at 'item' failed to satisfy constraint: Member must not be null",
            ]
        ),
        (
            #"{"TableName":"a;","Item":{}}"#,
            [
                "Value 'a;' at 'tableName' failed to satisfy constraint: "
                    + "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
                "Value 'a;' at 'tableName' failed to satisfy constraint: "
                    + "Member must have length greater than or equal to 3",
            ]
        ),
        (
            #"{"TableName":"abc","Item":{},"ReturnConsumedCapacity":"hi","ReturnValues":"hi"}"#,
            [
                "Value 'hi' at 'returnConsumedCapacity' failed to satisfy constraint: "
                    + "Member must satisfy enum value set: [INDEXES, TOTAL, NONE]",
                "Value 'hi' at 'returnValues' failed to satisfy constraint: "
                    + "Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]",
            ]
        ),
        (
            #"{"TableName":"arn:aws:dynamodb:us-east-1:000000000000:table/abc","Item":{},"ConditionalOperator":"x"}"#,
            [
                "Value 'x' at 'conditionalOperator' failed to satisfy constraint: "
                    + "Member must satisfy enum value set: [OR, AND]"
            ]
        ),
    ])
    func violationsAreListedInTheServicesOrder(text: String, violations: [String]) {
        let noun = violations.count == 1 ? "error" : "errors"
        let message = "\(violations.count) validation \(noun) detected: " + violations.joined(separator: "; ")
        #expect(refusal(API.PutItemInput.self, text) == .validation(message))
    }

    @Test(arguments: [
        (
            #""KeySchema":[{"AttributeName":"a","KeyType":"x"}]"#,
            "Value 'x' at 'keySchema.1.member.keyType' failed to satisfy constraint: "
                + "Member must satisfy enum value set: [HASH, RANGE]"
        ),
        (
            #""KeySchema":[]"#,
            "Value '[]' at 'keySchema' failed to satisfy constraint: Member must have length greater than or equal to 1"
        ),
        (
            Self.key + #","ProvisionedThroughput":{"ReadCapacityUnits":0,"WriteCapacityUnits":1}"#,
            "Value '0' at 'provisionedThroughput.readCapacityUnits' failed to satisfy constraint: "
                + "Member must have value greater than or equal to 1"
        ),
        (
            Self.key + #","LocalSecondaryIndexes":[{"IndexName":"abc","# + Self.key
                + #","Projection":{"NonKeyAttributes":["b",""]}}]"#,
            "Value '' at 'localSecondaryIndexes.1.member.projection.nonKeyAttributes.2.member' "
                + "failed to satisfy constraint: Member must have length greater than or equal to 1"
        ),
    ])
    func violationsNameTheirPlace(members: String, violation: String) {
        let text =
            #"{"TableName":"abc","AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"}],"# + members + "}"
        #expect(
            refusal(API.CreateTableInput.self, text) == .validation("1 validation error detected: " + violation))
    }

    @Test func keysAndListsOfMapsAreChecked() throws {
        let one = #"[{"PutRequest":{"Item":{}}}]"#
        let keys = refusal(API.BatchWriteItemInput.self, #"{"RequestItems":{"ab":"# + one + "}}")
        #expect(
            keys?.message
                == "1 validation error detected: "
                + "Value '{ab=[com.amazonaws.dynamodb.v20120810.WriteRequest@1]}' at 'requestItems' "
                + "failed to satisfy constraint: Map keys must satisfy constraint: "
                + "[Member must have length less than or equal to 255, "
                + "Member must have length greater than or equal to 3, "
                + "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+]")
        let lists = refusal(API.BatchWriteItemInput.self, #"{"RequestItems":{"abc":[]}}"#)
        #expect(
            lists?.message
                == "1 validation error detected: Value '{abc=[]}' at 'requestItems' failed to satisfy constraint: "
                + "Map value must satisfy constraint: [Member must have length less than or equal to 25, "
                + "Member must have length greater than or equal to 1]")
        let inner = refusal(API.BatchWriteItemInput.self, #"{"RequestItems":{"abc":[{"PutRequest":{}}]}}"#)
        #expect(
            inner?.message
                == "1 validation error detected: Value null at 'requestItems.abc.member.1.member.putRequest.item' "
                + "failed to satisfy constraint: Member must not be null")
    }

    @Test func whatTheFrameworkLooksAtIsSaidAlone() {
        let keys = refusal(
            API.BatchGetItemInput.self, #"{"RequestItems":{"abc":{"Keys":[]}},"ReturnConsumedCapacity":"x"}"#)
        #expect(
            keys?.message
                == "1 validation error detected: Value at 'RequestItems.abc.member.Keys' failed to satisfy constraint: "
                + "Member must have length greater than or equal to 1")
        #expect(
            refusal(API.QueryInput.self, #"{"TableName":"a","Limit":0,"Select":"x"}"#)?.message
                == "1 validation error detected: Value at 'Limit' failed to satisfy constraint: "
                + "Member must have value greater than or equal to 1")
        #expect(
            refusal(API.ScanInput.self, #"{"TableName":"abc","Limit":0}"#)?.message
                == "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: "
                + "Member must have value greater than or equal to 1")
    }

    @Test func tenViolationsAreListedAtMost() {
        let elements = Array(repeating: "{}", count: 20).joined(separator: ",")
        let message = refusal(
            API.TransactWriteItemsInput.self,
            #"{"TransactItems":[{"Put":{}},{"Put":{}},{"Put":{}},{"Put":{}},{"Put":{}},{"Put":{}},"# + elements + "]}")?
            .message
        #expect(message?.hasPrefix("10 validation errors detected: ") == true)
        #expect(message?.ranges(of: "; ").count == 9)
    }

    @Test(arguments: [
        ("{}", "The parameter 'TableName' is required but was not present in the request"),
        (#"{"TableName":"a;"}"#, "TableName must be at least 3 characters long and at most 255 characters long"),
        (
            #"{"TableName":"abc;"}"#,
            "1 validation error detected: Value 'abc;' at 'tableName' failed to satisfy constraint: "
                + "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
        ),
    ])
    func operationsOnTablesLookAtTheNameFirst(text: String, message: String) {
        #expect(refusal(API.DescribeTableInput.self, text) == .validation(message))
    }

    @Test(arguments: [
        ("", 1), ("a", 3), ("ab", 3),
    ])
    func shortNamesOfTables(name: String, lengthMin: Int) {
        let text = #"{"TableName":"\#(name)","AttributeDefinitions":[],"# + Self.key + "}"
        let message =
            "1 validation error detected: Value '\(name)' at 'tableName' failed to satisfy constraint: "
            + "Member must have length greater than or equal to \(lengthMin)"
        #expect(refusal(API.CreateTableInput.self, text) == .validation(message))
        #expect(refusal(API.PutItemInput.self, #"{"TableName":"\#(name)","Item":{}}"#) == .validation(message))
    }

    @Test func aNewTableMustHaveAName() {
        #expect(
            refusal(API.CreateTableInput.self, "{}")
                == .validation("The parameter 'TableName' is required but was not present in the request"))
    }

    @Test func valuesThatAreNotAllowedAreToldApartFromTheRest() throws {
        let empty = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
        let item = try read(API.PutItemInput.self, #"{"TableName":"abc","Item":{"a":{}}}"#)
        #expect(item.problem == ValueProblem(first: empty))
        let values = try read(
            API.PutItemInput.self,
            #"{"TableName":"abc","ExpressionAttributeValues":{":a":{"S":"x"},":b":{}},"Item":{"a":{"N":"x"}}}"#)
        #expect(
            values.problem
                == ValueProblem(
                    first: "The parameter cannot be converted to a numeric value: x",
                    ofExpression: "ExpressionAttributeValues contains invalid value: \(empty) for key :b"))
        let nested = try read(
            API.TransactWriteItemsInput.self,
            #"{"TransactItems":[{"Update":{"TableName":"abc","Key":{},"UpdateExpression":"x","#
                + #""ExpressionAttributeValues":{":c":{"M":{"d":{}}}}}}]}"#)
        #expect(nested.problem.ofExpression?.hasSuffix("for key :c") == true)
    }

    // MARK: Writing

    @Test func answersHaveTheMembersThatAreThere() {
        var json = JSONWriter()
        API.TableDescription(
            tableName: "abc", keySchema: [API.KeySchemaElement(attributeName: "a", keyType: "HASH")],
            creationDateTime: 1_363_729_002.358, itemCount: 0, deletionProtectionEnabled: false
        ).write(to: &json)
        #expect(
            String(decoding: json.copyBytes(), as: UTF8.self)
                == #"{"TableName":"abc","KeySchema":[{"AttributeName":"a","KeyType":"HASH"}],"#
                + #""CreationDateTime":1363729002.358,"ItemCount":0,"DeletionProtectionEnabled":false}"#)
    }

    @Test func exceptionsHaveTheirNamespace() {
        #expect(DynamoDBErrorCode.validationException.namespace == "com.amazon.coral.validate")
        #expect(DynamoDBErrorCode.resourceNotFoundException.namespace == "com.amazonaws.dynamodb.v20120810")
        #expect(DynamoDBErrorCode.internalServerError.status == 500)
        #expect(DynamoDBOperation.getRecords.targetPrefix == "DynamoDBStreams_20120810")
        #expect(DynamoDBOperation.getItem.targetPrefix == "DynamoDB_20120810")
    }

    // MARK: Support

    private static let key = #""KeySchema":[{"AttributeName":"a","KeyType":"HASH"}]"#

    private func read<Input: APIInput>(_ type: Input.Type, _ text: String) throws(DynamoDBError) -> RequestInput<Input>
    {
        let bytes = Array(text.utf8)
        let result = bytes.withUnsafeBytes { (body) -> Result<RequestInput<Input>, DynamoDBError> in
            do throws(DynamoDBError) { return .success(try RequestInput<Input>(reading: body)) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func refusal<Input: APIInput>(_ type: Input.Type, _ text: String) -> DynamoDBError? {
        do throws(DynamoDBError) {
            _ = try read(type, text)
            return nil
        } catch {
            return error
        }
    }
}
