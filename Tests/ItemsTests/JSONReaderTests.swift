import Bytes
import Items
import Testing

struct JSONReaderTests {
    /// Text that is no JSON, within a value that nobody looks at and within one that somebody does.
    @Test(arguments: [
        "", " ", "{", "}", "{]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\":1 \"b\":2}", "{a:1}", "{'a':1}",
        "[1,]",
        "[1 2]", "[", "]", "{\"a\":[}", "{\"a\":{]}", "01", "1.", ".5", "+1", "-", "1e", "1e+", "0x1", "NaN", "tru",
        "truex",
        "nul", "True", "\"", "\"a", "\"\\x\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\ud800\"", "\"\\ud800x\"",
        "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\\ud800\\", "\"a\u{1}b\"", "\"12345678\n\"", "\"tab\t\"", "1 2",
        "{} {}",
        "{}x", "\u{FEFF}{}", "/**/1", "1//", "\u{0}", "[\u{0}]",
    ])
    func malformedTextIsRefused(text: String) {
        #expect(throws: InputError.serialization("")) { try skip(Array(text.utf8)) }
        #expect(refusal(Array("{\"x\":{\"y\":".utf8) + Array(text.utf8) + Array("}}".utf8))?.kind == .serialization)
    }

    @Test(arguments: [
        "80", "C0AF", "C1BF", "C2", "E0A0", "E09FBF", "EDA080", "EDBFBF", "F08FBFBF", "F4908080", "F5808080", "FF",
        "FE",
        "E282", "C3C3", "F09F98", "31323334353637FF", "3132333435363738C0",
    ])
    func stringsThatAreNotUTF8AreRefused(hex: String) throws {
        let bytes = try #require(Hex.decode(hex))
        #expect(throws: InputError.serialization("")) { try skip([0x22] + bytes + [0x22]) }
        #expect(throws: InputError.serialization("")) { try skip([0x22] + bytes) }
    }

    @Test(arguments: [
        "{}", "[]", " \r\n\t{ } ", "{\"a\":{\"b\":[1,-0,1.5,2e9,2E-9,true,false,null,\"\"]},\"\":[[],[[]],{}]}",
        "\"é漢😀\u{7F}\"",
        #""\"\\\/\b\f\n\r\t\u0000\uD83D\uDE00""#, "-0.0e+00", "0",
    ])
    func jsonIsSkipped(text: String) throws { try skip(Array(text.utf8)) }

    @Test func deepTextTakesNoStack() throws {
        let depth = 512
        try skip(Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8))
        for open in ["[", "{\"a\":"] {
            let text = Array(String(repeating: open, count: 1_000_000).utf8)
            #expect(throws: InputError.serialization("")) { try skip(text) }
        }
    }

    private func skip(_ text: [UInt8]) throws(InputError) {
        let result = text.withUnsafeBytes { (bytes) -> Result<Void, InputError> in
            var reader = JSONReader(bytes)
            do throws(InputError) {
                try reader.skipValue()
                try reader.end()
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    @Test func stringsAreDecoded() throws {
        func decoded(_ json: String) throws -> String? {
            let item = try storedItem("{\"a\":{\"S\":\(json)}}")
            return item.withItem { $0["a"]?.string }
        }
        #expect(try decoded(#""\"\\\/\b\f\n\r\t""#) == "\"\\/\u{8}\u{C}\n\r\t")
        #expect(try decoded(#""\u0041\u00e9\u6F22\uD83D\uDE00\u0000x""#) == "Aé漢😀\u{0}x")
        #expect(try decoded(#""12345678\u0041é12345678""#) == "12345678Aé12345678")
        // An escape at each place of a run of eight.
        for length in 0..<20 {
            let plain = String(repeating: "p", count: length)
            #expect(try decoded("\"\(plain)\\n\(plain)\"") == plain + "\n" + plain)
        }
        // The byte count takes fewer bytes than that of the text.
        let escaped = String(repeating: "\\u0061", count: 100)
        #expect(try decoded("\"\(escaped)\"") == String(repeating: "a", count: 100))
    }

    /// Reads as generated code would.
    private struct Request: Equatable {
        var tableName: String?
        var limit: Int?
        var total: Double?
        var isConsistent: Bool?
        var names: [String: String] = [:]
        var keys: [String]?
        var item: [UInt8]?

        init(_ text: String) throws {
            var text = text
            try text.withUTF8 { try read(UnsafeRawBufferPointer($0)) }
        }

        private mutating func read(_ text: UnsafeRawBufferPointer) throws {
            var reader = JSONReader(text)
            var builder = ValueBuilder(capacity: text.count)
            guard try reader.beginStructure("TestInput", in: .root) else { return }
            while let name = try reader.nextMember() {
                switch name {
                case "TableName": tableName = try reader.readString()
                case "Limit": limit = try reader.readInteger()
                case "Total": total = try reader.readDouble()
                case "ConsistentRead": isConsistent = try reader.readBoolean()
                case "Names":
                    guard try reader.beginMap(of: "java.lang.String") else { continue }
                    while let key = try reader.nextMember() { names[key.string] = try reader.readString() }
                case "Keys":
                    guard try reader.beginList() else { continue }
                    keys = []
                    while try reader.nextElement() { keys?.append(try reader.readString() ?? "null") }
                case "Item": item = try reader.readItem(into: &builder).map { Array(builder.item(at: $0).bytes) }
                default: try reader.skipValue()
                }
            }
            try reader.end()
        }
    }

    @Test func requestsAreReadMemberByMember() throws {
        let request = try Request(
            #"""
            {"Unknown": {"deep": [1, {"x": null}]}, "TableName": "t\u0031", "Limit": 7, "Total": 0.5,
             "ConsistentRead": true, "Names": {"#a": "b", "#c": "d"}, "Keys": ["x", "y"],
             "Item": {"k": {"S": "v"}}, "TableNam": 1, "TableNames": 2}
            """#)
        #expect(request.tableName == "t1")
        #expect(request.limit == 7)
        #expect(request.total == 0.5)
        #expect(request.isConsistent == true)
        #expect(request.names == ["#a": "b", "#c": "d"])
        #expect(request.keys == ["x", "y"])
        #expect(try request.item == storedItem(#"{"k":{"S":"v"}}"#))
    }

    @Test func nullMembersAreAbsent() throws {
        let request = try Request(
            #"{"TableName":null,"Limit":null,"Total":null,"ConsistentRead":null,"Names":null,"Keys":null,"Item":null}"#)
        #expect(try request == Request("{}"))
        #expect(try Request("null") == Request("{}"))
    }

    @Test(arguments: [
        (#"{"TableName":1}"#, "NUMBER_VALUE cannot be converted to String"),
        (#"{"Limit":"7"}"#, "STRING_VALUE cannot be converted to Integer"),
        (#"{"Limit":true}"#, "TRUE_VALUE cannot be converted to Integer"),
        (#"{"Limit":[]}"#, "Unrecognized collection type class java.lang.Integer"),
        (#"{"Limit":{}}"#, "Start of structure or map found where not expected"),
        (#"{"Limit":1e30}"#, ""), (#"{"Limit":99999999999999999999}"#, ""),
        (#"{"ConsistentRead":1.5}"#, "DECIMAL_VALUE cannot be converted to Boolean"),
        (#"{"Names":[]}"#, "Unrecognized collection type java.util.Map<java.lang.String, java.lang.String>"),
        (#"{"Names":"x"}"#, "Unexpected field type"), (#"{"Keys":"x"}"#, "Unexpected field type"),
        (#"{"Keys":{}}"#, "Start of structure or map found where not expected"),
        ("[]", "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.TestInput"),
    ])
    func wrongTypesAreRefused(text: String, message: String) {
        #expect(throws: InputError.serialization(message)) { try Request(text) }
    }

    @Test func fractionsOfIntegersAreCutOff() throws { #expect(try Request(#"{"Limit":1.9}"#).limit == 1) }
}
