import Items
import Testing

struct JSONWriterTests {
    private func written(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter(capacity: 1)
        body(&writer)
        return String(decoding: writer.copyBytes(), as: UTF8.self)
    }

    @Test func membersAndElementsAreSeparated() {
        let text = written { writer in
            writer.beginObject()
            writer.name("Count")
            writer.integer(-2)
            writer.name("Empty")
            writer.beginArray()
            writer.endArray()
            writer.name("List")
            writer.beginArray()
            writer.boolean(true)
            writer.double(0.5)
            writer.double(1)
            writer.null()
            writer.beginObject()
            writer.endObject()
            writer.string("s")
            writer.endArray()
            writer.name("a\"b")
            writer.string("x")
            writer.endObject()
        }
        #expect(text == #"{"Count":-2,"Empty":[],"List":[true,0.5,1.0,null,{},"s"],"a\"b":"x"}"#)
    }

    /// Text is looked at sixteen bytes at a time, and what is left of it one by one.
    @Test func specialBytesAreFoundAtEveryPlace() throws {
        for special in ["\u{0}", "\u{1F}", "\"", "\\", "\u{7F}", "é", "😀"] {
            for place in 0..<40 {
                for rest in [0, 1, 15, 16, 17] {
                    let text = String(repeating: "a", count: place) + special + String(repeating: "~", count: rest)
                    let json = written { $0.string(text) }
                    let escapes = ["\u{0}": #"\u0000"#, "\u{1F}": #"\u001f"#, "\"": #"\""#, "\\": #"\\"#]
                    let escape = escapes[special] ?? special
                    #expect(json == "\"" + text.replacing(special, with: escape) + "\"")
                    let readBack = try Array(json.utf8).withUnsafeBytes { bytes in
                        var reader = JSONReader(bytes)
                        return try reader.readString()
                    }
                    #expect(readBack == text)
                }
            }
        }
    }

    @Test func stringsAreEscapedWhereJSONWantsIt() {
        let text = written { $0.string("\"\\/\u{8}\u{9}\n\u{C}\r\u{1}\u{1F}\u{7F}é😀 and a run of plain text\"") }
        #expect(text == #""\"\\/\b\t\n\f\r\u0001\u001f"# + "\u{7F}é😀 and a run of plain text" + #"\"""#)
    }

    @Test func blobsAreBase64() {
        #expect(
            written { writer in [UInt8]("any carnal pleas".utf8).withUnsafeBytes { writer.blob($0) } }
                == #""YW55IGNhcm5hbCBwbGVhcw==""#)
        #expect(written { writer in [UInt8]().withUnsafeBytes { writer.blob($0) } } == #""""#)
    }
}
