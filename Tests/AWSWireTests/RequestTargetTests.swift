import AWSWire
import Testing

struct RequestTargetTests {
    @Test(arguments: [
        ("/", "/"), ("/b/a//b///c", "/b/a//b///c"), ("/b/folder/", "/b/folder/"), ("/b/a/../c/./d", "/b/a/../c/./d"),
        ("/b/1+1", "/b/1+1"), ("/b/%2B%20%25%32%35", "/b/+ %25"), ("/b/%E6%97%A5", "/b/日"), ("/b/a%2Fb", "/b/a/b"),
        ("http://host:80/b/k", "/b/k"), ("HTTPS://host", "/"), ("*", "*"), ("/b/日", "/b/日"), ("/b/a..", "/b/a.."),
        ("/b/..", "/b/.."), ("/b/?x", "/b/"),
    ])
    func pathIsDecodedOnceAndNeverNormalised(target: String, path: String) throws {
        #expect(try RequestTarget(target).pathText() == path)
    }

    @Test(arguments: ["/..", "/../b", "/b/../../c", "/%2e%2e/b", "/b/%2E./..", "/b/..%2F..%2Fc", "/./.."])
    func climbingAboveTheRootIsRefused(target: String) {
        #expect(throws: RequestTargetError.aboveRoot) { try RequestTarget(target) }
    }

    @Test(arguments: ["/%", "/%1", "/%zz", "/b/100%", "/b?a=%4", "/b?%x=1"])
    func brokenPercentCodingIsRefused(target: String) {
        #expect(throws: RequestTargetError.malformedPercentEncoding) { try RequestTarget(target) }
    }

    @Test func badTextIsNamed() throws {
        #expect(throws: RequestTargetError.nulByte) { try RequestTarget("/b/a%00").pathText() }
        #expect(throws: RequestTargetError.invalidUTF8) { try RequestTarget("/b/%ff%fe").pathText() }
        #expect(try RequestTarget("/b/%ff").path == Array("/b/".utf8) + [0xff])
        #expect(throws: RequestTargetError.invalidUTF8) { try RequestTarget("/b?prefix=%ff") }
    }

    @Test func queryKeepsOrderAndDuplicates() throws {
        let target = try RequestTarget("/b?list-type=2&prefix=a+b%2Bc&acl&empty=&prefix=x=y&&%C3%BC=%26?/")
        let query = target.query
        #expect(target.rawQuery == "list-type=2&prefix=a+b%2Bc&acl&empty=&prefix=x=y&&%C3%BC=%26?/")
        #expect(query.items.map(\.name) == ["list-type", "prefix", "acl", "empty", "prefix", "ü"])
        #expect(query.items.map(\.value) == ["2", "a b+c", "", "", "x=y", "&?/"])
        #expect(query.items.map(\.hasValue) == [true, true, false, true, true, true])
        #expect(query.items[1].rawValue == "a+b%2Bc")
        #expect(query.first(name: "prefix") == "a b+c")
        #expect(query.first(name: "acl") == "")
        #expect(query.first(name: "ACL") == nil)
        #expect(query.contains("empty") && !query.contains("none"))
        #expect(try RequestTarget("/b").query.isEmpty && RequestTarget("/b?").query.isEmpty)
    }

    @Test func codingIsAWSs() {
        let unreserved = "ABCXYZabcxyz0189-_.~"
        #expect(URLCoding.encode(unreserved) == unreserved)
        #expect(URLCoding.encode("a b+c/ü*'()!") == "a%20b%2Bc%2F%C3%BC%2A%27%28%29%21")
        #expect(URLCoding.encode("a b/c", preservingSlash: true) == "a%20b/c")
        #expect(URLCoding.encodeForm("a b+c/d&") == "a+b%2Bc/d%26")
        #expect(URLCoding.decode("a%20b+c", plusIsSpace: false) == "a b+c")
        #expect(URLCoding.decode("a%20b+c", plusIsSpace: true) == "a b c")
        #expect(URLCoding.decode("%f", plusIsSpace: true) == String?.none)
        let all = String(decoding: (0..<128).map { UInt8($0) }, as: UTF8.self)
        #expect(URLCoding.decode(URLCoding.encode(all), plusIsSpace: false) == all)
    }
}
