import AWSWire
import NIOCore
import NIOHTTP1
import Testing

struct XMLWriterTests {
    @Test func documentIsWritten() {
        var xml = XMLWriter()
        xml.start("Result", namespace: XMLWriter.s3Namespace)
        xml.element("Name", "a")
        xml.element("None", ifPresent: nil)
        xml.element("Count", 5)
        xml.element("Truncated", false)
        xml.element("Owner") { $0.element("ID", "1") }
        xml.end("Result")
        #expect(
            String(decoding: xml.bytes, as: UTF8.self) == """
                <?xml version="1.0" encoding="UTF-8"?>
                <Result xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>a</Name><Count>5</Count>\
                <Truncated>false</Truncated><Owner><ID>1</ID></Owner></Result>
                """)
    }

    @Test func textComesBackAsItWas() throws {
        let text = "a<b>&\"c\" 'd'\r\n\te\u{1}\u{7f}ü日"
        var xml = XMLWriter()
        xml.element("K", text)
        let written = String(decoding: xml.bytes, as: UTF8.self)
        #expect(written.contains("a&lt;b&gt;&amp;&quot;c&quot; 'd'&#13;\n\te&#1;&#127;ü日"))
        #expect(try XMLDocument(parsing: xml.bytes).root.text == text)
    }

    @Test func errorDocumentHasNoNamespaceAndKeepsItsOrder() {
        let error = AWSError(
            code: "NoSuchKey", status: .notFound, message: "The specified key does not exist.",
            fields: [.init("Key", "a&b")], resource: "/b/a&b"
        ).with("BucketName", "b")
        let document = String(buffer: error.xmlDocument(requestID: "R", hostID: "H"))
        #expect(
            document == """
                <?xml version="1.0" encoding="UTF-8"?>
                <Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>a&amp;b</Key>\
                <BucketName>b</BucketName><Resource>/b/a&amp;b</Resource><RequestId>R</RequestId><HostId>H</HostId>\
                </Error>
                """)
    }
}
