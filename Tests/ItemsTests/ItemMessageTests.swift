import Items
import Testing

/// What the service answers to items that are not allowed.
struct ItemMessageTests {
    /// JSON of a wrong type where one is expected, and the end of the message that AWS gives.
    private static let wrongStrings = [
        ("true", "TRUE_VALUE cannot be converted to String"), ("false", "FALSE_VALUE cannot be converted to String"),
        ("23", "NUMBER_VALUE cannot be converted to String"),
        ("-2147483648", "NUMBER_VALUE cannot be converted to String"),
        ("34.56", "DECIMAL_VALUE cannot be converted to String"),
        ("[]", "Unrecognized collection type class java.lang.String"),
        ("{}", "Start of structure or map found where not expected"),
    ]

    private static let wrongBooleans = [
        ("\"23\"", "Unexpected token received from parser"), ("23", "NUMBER_VALUE cannot be converted to Boolean"),
        ("34.56", "DECIMAL_VALUE cannot be converted to Boolean"),
        ("[]", "Unrecognized collection type class java.lang.Boolean"),
        ("{}", "Start of structure or map found where not expected"),
    ]

    private static let wrongBlobs = [
        ("true", "only base-64-encoded strings are convertible to bytes"),
        ("23", "only base-64-encoded strings are convertible to bytes"),
        ("34.56", "only base-64-encoded strings are convertible to bytes"),
        ("[]", "Unrecognized collection type class java.nio.ByteBuffer"),
        ("{}", "Start of structure or map found where not expected"),
        ("\"23456\"", "Base64 encoded length is expected a multiple of 4 bytes but found: 5"),
        ("\"=+/=\"", "Invalid last non-pad Base64 character dectected"),
        ("\"+/+=\"", "Invalid last non-pad Base64 character dectected"),
    ]

    private static let wrongLists = [
        ("\"23\"", "Unexpected field type"), ("true", "Unexpected field type"), ("23", "Unexpected field type"),
        ("34.56", "Unexpected field type"), ("{}", "Start of structure or map found where not expected"),
    ]

    private static let wrongMaps = [
        ("\"23\"", "Unexpected field type"), ("true", "Unexpected field type"), ("34.56", "Unexpected field type"),
        (
            "[]",
            "Unrecognized collection type java.util.Map<java.lang.String, "
                + "com.amazonaws.dynamodb.v20120810.AttributeValue>"
        ),
    ]

    private static let wrongValues = [
        ("\"23\"", "Unexpected value type in payload"), ("true", "Unexpected value type in payload"),
        ("34.56", "Unexpected value type in payload"),
        ("[]", "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue"),
    ]

    /// Where an attribute value has a JSON value of which type; `@` stands for it.
    private static let places = [
        ("@", wrongMaps), (#"{"a":@}"#, wrongValues), (#"{"a":{"S":@}}"#, wrongStrings),
        (#"{"a":{"N":@}}"#, wrongStrings),
        (#"{"a":{"B":@}}"#, wrongBlobs), (#"{"a":{"BOOL":@}}"#, wrongBooleans), (#"{"a":{"NULL":@}}"#, wrongBooleans),
        (#"{"a":{"SS":@}}"#, wrongLists), (#"{"a":{"SS":[@]}}"#, wrongStrings), (#"{"a":{"NS":@}}"#, wrongLists),
        (#"{"a":{"NS":[@]}}"#, wrongStrings), (#"{"a":{"BS":@}}"#, wrongLists), (#"{"a":{"BS":[@]}}"#, wrongBlobs),
        (#"{"a":{"L":@}}"#, wrongLists), (#"{"a":{"L":[@]}}"#, wrongValues), (#"{"a":{"L":[{"BS":[@]}]}}"#, wrongBlobs),
        (#"{"a":{"M":@}}"#, wrongMaps), (#"{"a":{"M":{"a":@}}}"#, wrongValues),
        (#"{"a":{"M":{"a":{"BS":@}}}}"#, wrongLists),
    ]

    @Test func wrongTypesAreSerializationErrors() {
        for (place, wrong) in Self.places {
            for (json, message) in wrong {
                let text = place.replacing("@", with: json)
                #expect(refusal(text) == .serialization(message), "\(text)")
            }
        }
    }

    private static let invalid = "One or more parameter values were invalid: "

    @Test(arguments: [
        ("{}", "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
        (#"{"a":""}"#, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
        (#"{"S":null}"#, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
        (#"{"M":{"a":{}}}"#, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
        (#"{"L":[{"a":{}}]}"#, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
        (#"{"NULL":"no"}"#, invalid + "Null attribute value types must have the value of true"),
        (#"{"NULL":false}"#, invalid + "Null attribute value types must have the value of true"),
        (#"{"SS":[]}"#, invalid + "An string set  may not be empty"),
        (#"{"NS":[]}"#, invalid + "An number set  may not be empty"),
        (#"{"BS":[]}"#, invalid + "Binary sets should not be empty"),
        (#"{"L":[{"SS":[]}]}"#, invalid + "An string set  may not be empty"),
        (#"{"SS":["a","a"]}"#, invalid + "Input collection [a, a] contains duplicates."),
        (#"{"SS":["b","a","c","b"]}"#, invalid + "Input collection [b, a, c, b] contains duplicates."),
        (#"{"BS":["Yg==","Yg=="]}"#, invalid + "Input collection [Yg==, Yg==]of type BS contains duplicates."),
        (#"{"NS":["1","1"]}"#, "Input collection contains duplicates"),
        (#"{"NS":["1","2","1.0"]}"#, "Input collection contains duplicates"),
        (#"{"S":"","N":""}"#, "The parameter cannot be converted to a numeric value"),
        (#"{"S":"a","N":"b"}"#, "The parameter cannot be converted to a numeric value: b"),
        (#"{"NS":["1",""]}"#, "The parameter cannot be converted to a numeric value"),
        (#"{"NS":["1","b"]}"#, "The parameter cannot be converted to a numeric value: b"),
        (
            #"{"N":"123456789012345678901234567890123456789"}"#,
            "Attempting to store more than 38 significant digits in a Number"
        ),
        (#"{"N":"1e126"}"#, "Number overflow. Attempting to store a number with magnitude larger than supported range"),
        (
            #"{"N":"-1e-131"}"#,
            "Number underflow. Attempting to store a number with magnitude smaller than supported range"
        ),
        (
            #"{"S":"a","N":"1"}"#,
            "Supplied AttributeValue has more than one datatypes set, "
                + "must contain exactly one of the supported datatypes"
        ),
    ])
    func valuesNotAllowedAreValidationErrors(json: String, message: String) {
        #expect(refusal("{\"a\":\(json)}") == .validation(message))
    }

    @Test func wrongTypesComeBeforeValuesNotAllowed() {
        #expect(
            refusal(#"{"a":{"SS":[]},"b":{"S":1}}"#) == .serialization("NUMBER_VALUE cannot be converted to String"))
        #expect(refusal(#"{"a":{"SS":[]},"b":{"S":"#) == .serialization(""))
    }

    @Test func theFirstValueNotAllowedIsReported() {
        #expect(refusal(#"{"a":{},"b":{"N":"x"}}"#)?.message.hasPrefix("Supplied AttributeValue is empty") == true)
        #expect(refusal(#"{"b":{"N":"x"},"a":{}}"#)?.message.hasSuffix("numeric value: x") == true)
    }

    @Test func documentsMayBe32LevelsDeep() {
        func nested(_ open: String, _ close: String, _ count: Int) -> String {
            "{\"a\":" + String(repeating: open, count: count) + "{\"S\":\"x\"}" + String(repeating: close, count: count)
                + "}"
        }
        let message =
            "Nesting Levels have exceeded supported limits: "
            + "Attributes in the item have nested levels beyond supported limit"
        for (open, close) in [("{\"M\":{\"n\":", "}}"), ("{\"L\":[", "]}")] {
            #expect(refusal(nested(open, close, 31)) == nil)
            #expect(refusal(nested(open, close, 32)) == .validation(message))
            #expect(refusal(nested(open, close, 200)) == .validation(message))
            // Deeper than any text is read.
            #expect(refusal(nested(open, close, 100_000)) == .serialization(""))
        }
    }

    @Test func truthIsTakenInWords() throws {
        for word in ["true", "\"true\"", "\"TRUE\"", "\"1\"", "\"yes\""] {
            #expect(try storedItem("{\"a\":{\"BOOL\":\(word)}}").withItem { $0["a"]?.boolean } == true)
        }
        for word in ["false", "\"false\"", "\"0\"", "\"No\""] {
            #expect(try storedItem("{\"a\":{\"BOOL\":\(word)}}").withItem { $0["a"]?.boolean } == false)
        }
    }

    @Test func membersThatDoNotExistAreIgnored() throws {
        let stored = try storedItem(#"{"a":{"X":[1,{"y":null}],"S":"s","Z":{}}}"#)
        #expect(stored.withItem { $0["a"]?.string } == "s")
    }

    @Test func emptyStringsAndBinariesAreValues() throws {
        let stored = try storedItem(#"{"a":{"S":""},"b":{"B":""},"c":{"SS":[""]}}"#)
        #expect(stored.withItem { $0["a"]?.string } == "")
        #expect(stored.withItem { $0["b"]?.binary?.count } == 0)
    }

    @Test func namesAreOf1To65535Bytes() {
        #expect(refusal(#"{"":{"S":""}}"#)?.kind == .validation)
        let longest = String(repeating: "n", count: 65_535)
        #expect(refusal("{\"\(longest)\":{\"S\":\"\"}}") == nil)
        #expect(refusal("{\"\(longest)n\":{\"S\":\"\"}}")?.kind == .validation)
    }

    @Test func aNameThatComesTwiceIsRefused() {
        #expect(refusal(#"{"a":{"S":"1"},"b":{"S":"2"},"a":{"S":"3"}}"#) == .serialization(""))
        #expect(refusal(#"{"a":{"S":"1"},"\u0061":{"S":"3"}}"#) == .serialization(""))
        #expect(refusal(#"{"a":{"M":{"x":{"S":"1"},"x":{"S":"1"}}}}"#) == .serialization(""))
    }
}
