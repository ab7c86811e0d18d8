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
