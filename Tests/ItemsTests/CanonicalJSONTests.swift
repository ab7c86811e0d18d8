import Items
import Testing

struct CanonicalJSONTests {
    @Test(arguments: [
        (#"{"b":1,"a":{"y":[],"x":{}}}"#, #" { "a" : {"x":{ } , "y":[ ]},"b":1}"#),
        (#"[{"b":"{","a":"]","c":"\""},true]"#, #"[{"c":"\"","a":"]","b":"{"}, true]"#),
        (#"{"aa":1,"a":2,"":[{"q":1.50,"p":null}]}"#, #"{"":[{"p":null,"q":1.50}],"a":2,"aa":1}"#),
        (#"{"é":1,"e":2}"#, #"{"e":2,"é":1}"#),
        ("7", " 7 "),
    ])
    func textsThatSayTheSameAreTheSame(first: String, second: String) throws {
        #expect(try form(first) == form(second))
    }

    @Test(arguments: [
        (#"{"a":1,"b":2}"#, #"{"a":2,"b":1}"#), ("[1,2]", "[2,1]"), (#"{"a":1}"#, #"{"a":1,"b":1}"#),
        (#"{"a":[{"b":1}]}"#, #"{"a":{"b":1}}"#), (#"{"a":["b"]}"#, #"{"a":["b",""]}"#), ("[[1],2]", "[[1,2]]"),
        (#"{"a":1,"a":2}"#, #"{"a":2,"a":1}"#), (#"{"b":0,"a":1,"a":2}"#, #"{"b":0,"a":2,"a":1}"#),
        ("{}", "[]"), ("1", "1.0"), (#""a b""#, #""ab""#),
    ])
    func otherTextsAreOthers(first: String, second: String) throws {
        #expect(try form(first) != form(second))
    }

    @Test(arguments: ["", "{", "[1", #"{"a"}"#, #"{"a":1]"#, "[}", "nul", String(repeating: "[", count: 513)])
    func whatIsNoJSONIsRefused(text: String) {
        #expect(throws: InputError.self) { try form(text) }
    }

    private func form(_ text: String) throws -> [UInt8] { try CanonicalJSON.bytes(of: Array(text.utf8)) }
}
