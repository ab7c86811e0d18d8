import AWSWire
import Testing

struct XMLDocumentTests {
    private func parse(_ text: String, limits: XMLLimits = XMLLimits()) throws -> XMLElement {
        try XMLDocument(parsing: Array(text.utf8), limits: limits).root
    }

    @Test func elementsTextsAndAttributesAreRead() throws {
        let root = try parse(
            """
            \u{feff}<?xml version="1.0" encoding="UTF-8"?>
            <!-- a comment -->
            <d:Delete xmlns:d="http://s3.amazonaws.com/doc/2006-03-01/" a = 'x &amp; "y"'>
              <Quiet>true</Quiet>
              <d:Object><Key>a &lt;b&gt; &#65;&#x42; &quot;&apos;</Key></d:Object>
              <Object><Key><![CDATA[<raw> & ]] ]]>tail</Key><VersionId/></Object>
              <Object ><Key>日本</Key ></Object>
            </d:Delete>
            """)
        #expect(root.name == "Delete")
        #expect(root.attribute("a") == "x & \"y\"")
        #expect(root.attribute("d") == "http://s3.amazonaws.com/doc/2006-03-01/")
        #expect(root.attribute("b") == nil)
        #expect(root.text(of: "Quiet") == "true")
        let objects = root.all("Object")
        #expect(objects.map { $0.text(of: "Key") } == ["a <b> AB \"'", "<raw> & ]] tail", "日本"])
        #expect(objects[1].first("VersionId")?.text == "")
        #expect(objects[1].first("VersionId")?.hasChildren == false)
        #expect(root.children.map(\.name) == ["Quiet", "Object", "Object", "Object"])
    }

    @Test func lineEndsAreNormalisedButReferencesAreNot() throws {
        #expect(try parse("<K>a\r\nb\rc&#13;d\n</K>").text == "a\nb\nc\rd\n")
        #expect(try parse("<K> a<!-- x -->b </K>").text == " ab ")
    }

    @Test(arguments: [("5", 5), (" 10\n", 10), ("-3", -3), ("", nil), ("1.5", nil), ("x", nil)])
    func integersAreRead(text: String, value: Int?) throws {
        #expect(try parse("<N>\(text)</N>").integer == value)
    }

    @Test(arguments: [
        "", " ", "text", "<a>", "</a>", "<a></b>", "<a/><b/>", "<a/>x", "x<a/>", "<a b></a>", "<a b=c/>", "<a b='<'/>",
        "<a b='1'c='2'/>", "<a><b></a></b>", "<1a/>", "<a:/>", "< a/>", "<a", "<a/", "<a>&amp</a>", "<a>&#0;</a>",
        "<a>&#xD800;</a>", "<a>&#;</a>", "<a>&;</a>", "<a>\u{1}</a>", "<a>text<b/></a>", "<a><b/>text</a>", "<!-- <a/>",
        "<a><![CDATA[x</a>", "<?xml <a/>",
    ])
    func malformedDocumentIsRefused(text: String) {
        #expect(throws: XMLError.self) { try parse(text) }
    }

    @Test(arguments: [
        "<!DOCTYPE a><a/>", "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "<a>&x;</a>", "<a>&nbsp;</a>",
        "<a><!ELEMENT b></a>",
    ])
    func documentTypesAndEntitiesAreForbidden(text: String) {
        let error = #expect(throws: XMLError.self) { try parse(text) }
        guard case .forbidden = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func invalidUTF8IsRefused() {
        #expect(throws: XMLError.self) { try XMLDocument(parsing: Array("<a>".utf8) + [0xff] + Array("</a>".utf8)) }
    }

    @Test func depthAndSizeAreLimited() throws {
        var limits = XMLLimits()
        limits.depthMax = 3
        limits.byteCountMax = 40
        #expect(try parse("<a><b><c/></b></a>", limits: limits).name == "a")
        #expect(throws: XMLError.tooDeep) { try parse("<a><b><c><d/></c></b></a>", limits: limits) }
        #expect(throws: XMLError.tooLarge) {
            try parse("<a>" + String(repeating: " ", count: 40) + "</a>", limits: limits)
        }
        let bomb = String(repeating: "<a>", count: 100_000)
        #expect(throws: XMLError.tooDeep) { try parse(bomb) }
    }

    @Test func tenThousandPartsAreRead() throws {
        var text = "<CompleteMultipartUpload>"
        for number in 1...10_000 {
            text += "<Part><ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag>"
            text += "<PartNumber>\(number)</PartNumber></Part>"
        }
        text += "</CompleteMultipartUpload>"
        let parts = try parse(text).all("Part")
        #expect(parts.count == 10_000)
        #expect(parts.last?.first("PartNumber")?.integer == 10_000)
        #expect(parts.last?.text(of: "ETag") == "\"d41d8cd98f00b204e9800998ecf8427e\"")
    }

    @Test func everyPrefixIsRefusedWithoutHarm() throws {
        let text = "<?xml version='1.0'?><a b=\"c\"><!--x--><d>&lt;e<![CDATA[f]]></d><g/></a>"
        for length in 0..<text.utf8.count {
            #expect(throws: XMLError.self) { try XMLDocument(parsing: Array(text.utf8.prefix(length))) }
        }
    }
}
