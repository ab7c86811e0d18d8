import Expressions
import Items
import Testing

struct ProjectionTests {
    private static let item =
        #"{"a":{"M":{"b":{"L":[{"N":"2"},{"N":"4"},{"M":{"x":{"S":"hi"},"y":{"S":"yo"}}}]},"#
        + #""c":{"N":"5"}}},"b":{"S":"hello"}}"#

    @Test(arguments: [
        ("b", #"{"b":{"S":"hello"}}"#), ("a.c,b", #"{"a":{"M":{"c":{"N":"5"}}},"b":{"S":"hello"}}"#),
        ("a.b[0]", #"{"a":{"M":{"b":{"L":[{"N":"2"}]}}}}"#),
        ("a.b[2].y", #"{"a":{"M":{"b":{"L":[{"M":{"y":{"S":"yo"}}}]}}}}"#),
        ("a.b[1], a.b[0]", #"{"a":{"M":{"b":{"L":[{"N":"2"},{"N":"4"}]}}}}"#),
        ("a.b[0],a.c", #"{"a":{"M":{"b":{"L":[{"N":"2"}]},"c":{"N":"5"}}}}"#),
        ("a.x, a.b[0], x, a.b[3].x", #"{"a":{"M":{"b":{"L":[{"N":"2"}]}}}}"#),
        ("#d", "{}"), ("x", "{}"), ("a.b[3]", "{}"), ("a.x", "{}"), ("a.x.y", "{}"), ("a.b.x", "{}"), ("a[0]", "{}"),
        ("a.b[0].x", "{}"), ("a.b[0][0]", "{}"), ("b[0]", "{}"), ("a", #"{"a":"#),
    ])
    func projectionsShowWhatIsThere(text: String, expected: String) throws {
        let lab = try Lab(Self.item, names: ["#d": "a.c"])
        let result = try lab.projected(text)
        #expect(text == "a" ? result.hasPrefix(expected) : result == expected)
    }

    @Test func attributesAloneAreKnownByName() throws {
        var placeholders = Placeholders(names: ["#x": "a.b"])
        #expect(try Projection.parse("b, #x, a", &placeholders).attributes == ["a", "a.b", "b"].map { Array($0.utf8) })
        #expect(try Projection.parse("b, a.x", &placeholders).attributes == nil)
    }
}
