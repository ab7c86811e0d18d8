import Expressions
import Items
import Testing

struct UpdateTests {
    private static let item =
        #"{"a":{"N":"5"},"d":{"M":{"x":{"N":"1"},"y":{"S":"z"}}},"l":{"L":[{"S":"0"},{"S":"1"},{"S":"2"}]},"#
        + #""ns":{"NS":["1","2"]},"s":{"S":"t"}}"#
    private static let values = #"""
        {":1":{"N":"1"},":big":{"N":"9e125"},":s":{"S":"new"},":l":{"L":[{"S":"p"}]},":ns":{"NS":["2","3"]},
         ":12":{"NS":["1","2"]},":ss":{"SS":["q"]},":m":{"M":{}}}
        """#

    private func updated(_ text: String, item: String = item) throws -> String {
        try Lab(item, values: Self.values).updated(text)
    }

    @Test(
        arguments: [
            ("set a = :s", #""a":{"N":"5"}"#, #""a":{"S":"new"}"#), ("SET a = a + :1", #""N":"5""#, #""N":"6""#),
            ("set a = a - :1", #""N":"5""#, #""N":"4""#), ("set a = (a + d.x)", #""N":"5""#, #""N":"6""#),
            ("set a = (a) - (:1)", #""N":"5""#, #""N":"4""#), ("set d.x = :s", #"{"N":"1"}"#, #"{"S":"new"}"#),
            ("set d.y = s, s = d.y", #""y":{"S":"z"}"#, #""y":{"S":"t"}"#),
            ("set a = if_not_exists(nope, :1)", #""N":"5""#, #""N":"1""#),
            ("set a = if_not_exists(a, :1) + :1", #""N":"5""#, #""N":"6""#),
            ("set a = if_not_exists(nope, if_not_exists(d.x, :s))", #""N":"5""#, #""N":"1""#),
            ("set l = list_append(l, :l)", #"{"S":"2"}]"#, #"{"S":"2"},{"S":"p"}]"#),
            ("set l = list_append(:l, l)", #"[{"S":"0"}"#, #"[{"S":"p"},{"S":"0"}"#),
            ("set l[1] = :s", #"{"S":"1"}"#, #"{"S":"new"}"#),
            ("set l[7] = :s", #"{"S":"2"}]"#, #"{"S":"2"},{"S":"new"}]"#),
            ("set l[50] = :1, l[20] = :s", #"{"S":"2"}]"#, #"{"S":"2"},{"S":"new"},{"N":"1"}]"#),
            ("set l[0] = l[1] remove l[1]", #"[{"S":"0"},{"S":"1"},"#, #"[{"S":"1"},"#),
            ("remove l[0], l[2]", #"{"S":"0"},{"S":"1"},{"S":"2"}"#, #"{"S":"1"}"#),
            ("remove l[9], d.nope, nope", "", ""),
            ("remove s", #","s":{"S":"t"}"#, ""), ("remove d.x", #""x":{"N":"1"},"#, ""),
            ("add a :1", #""N":"5""#, #""N":"6""#),
            ("add d.x :1", #""x":{"N":"1"}"#, #""x":{"N":"2"}"#), ("add ns :ns", #"["1","2"]"#, #"["1","2","3"]"#),
            ("delete ns :ns", #"["1","2"]"#, #"["1"]"#), ("delete ns :12", #""ns":{"NS":["1","2"]},"#, ""),
            ("delete nope :12", "", ""), ("add nope :1", #""ns""#, #""nope":{"N":"1"},"ns""#),
            ("add nope :ns", #""ns""#, #""nope":{"NS":["2","3"]},"ns""#),
            ("set b = :1 remove a", #""a":{"N":"5"}"#, #""b":{"N":"1"}"#),
            ("set d.fresh = :m", #""x":{"N":"1"}"#, #""fresh":{"M":{}},"x":{"N":"1"}"#),
            ("SET a = :1 REMOVE s ADD d.x :1 DELETE ns :12", "", nil),
        ] as [(String, String, String?)])
    func updatesChangeWhatTheySay(text: String, before: String, after: String?) throws {
        let result = try updated(text)
        guard let after else {
            #expect(
                result
                    == #"{"a":{"N":"1"},"d":{"M":{"x":{"N":"2"},"y":{"S":"z"}}},"#
                    + #""l":{"L":[{"S":"0"},{"S":"1"},{"S":"2"}]}}"#
            )
            return
        }
        var expected = Self.item
        if let range = expected.firstRange(of: before), !before.isEmpty { expected.replaceSubrange(range, with: after) }
        if text.contains("s = d.y") { expected = expected.replacing(#""s":{"S":"t"}"#, with: #""s":{"S":"z"}"#) }
        #expect(result == expected, "\(text)")
    }

    private static let path = "The document path provided in the update expression is invalid for update"
    private static let type = "An operand in the update expression has an incorrect data type"
    private static let missing = "The provided expression refers to an attribute that does not exist in the item"

    @Test(arguments: [
        ("set nope.x = :1", path), ("set s.x = :1", path), ("set l.x = :1", path), ("set d[0] = :1", path),
        ("set d.nope.x = :1", path), ("set l[9].x = :1", path), ("set nope[0] = :1", path), ("remove nope.x", path),
        ("remove s[0]", path), ("remove a.c", path), ("add nope.x :1", path), ("set a = nope", missing),
        ("set a = a + nope", missing), ("set a = list_append(nope, :l)", missing), ("set a = a + s", type),
        ("set a = s - a", type), ("set a = list_append(l, s)", type), ("add s :1", type), ("add a :ns", type),
        ("add ns :ss", type), ("delete ns :ss", type), ("delete a :ns", type),
        (
            "set a = :big + :big",
            "Number overflow. Attempting to store a number with magnitude larger than supported range"
        ),
        ("add a :big", "Number overflow. Attempting to store a number with magnitude larger than supported range"),
    ])
    func updatesThatDoNotFitTheItem(text: String, message: String) throws {
        #expect(throws: ExpressionError(message)) { try updated(text) }
    }

    @Test func removingFromNoItemTakesNothing() throws {
        let lab = try Lab(#"{"k":{"S":"k"}}"#, values: #"{":1":{"N":"1"}}"#)
        #expect(try lab.updated("remove x.y, w[0].z", exists: false) == #"{"k":{"S":"k"}}"#)
        #expect(throws: ExpressionError(Self.path)) { try lab.updated("set x.y = :1", exists: false) }
    }

    @Test func namesAreTheSameWhenTheirBytesAre() throws {
        // One letter of two spellings, which Swift's strings take for the same.
        let lab = try Lab(names: ["#a": "\u{E9}", "#b": "e\u{301}"], values: #"{":1":{"N":"1"},":2":{"N":"2"}}"#)
        let result = try lab.updated("set #a = :1, #b = :2")
        #expect(Array(result.utf8) == Array("{\"e\u{301}\":{\"N\":\"2\"},\"\u{E9}\":{\"N\":\"1\"}}".utf8))
    }

    @Test func whatAnUpdateTouchedIsShown() throws {
        let lab = try Lab(Self.item, values: Self.values)
        let nested = try lab.touched("set d.x = :s, l[1] = :1, nope = :1 remove s")
        #expect(nested.before == #"{"d":{"M":{"x":{"N":"1"}}},"l":{"L":[{"S":"1"}]},"s":{"S":"t"}}"#)
        #expect(nested.after == #"{"d":{"M":{"x":{"S":"new"}}},"l":{"L":[{"N":"1"}]},"nope":{"N":"1"}}"#)
    }

    @Test func documentsDoNotGrowDeeperThan32Levels() throws {
        func nested(_ count: Int) -> String {
            String(repeating: "{\"M\":{\"n\":", count: count) + "{\"S\":\"x\"}" + String(repeating: "}}", count: count)
        }
        let lab = try Lab(
            "{\"a\":{\"M\":{\"b\":{\"M\":{}}}}}",
            values: "{\":29\":\(nested(29)),\":30\":\(nested(30)),\":31\":\(nested(31))}")
        _ = try lab.updated("set a.b.c = :29")
        _ = try lab.updated("set x = :31")
        let error = ExpressionError("Nesting Levels have exceeded supported limits")
        #expect(throws: error) { try lab.updated("set a.b.c = :30") }
    }
}
