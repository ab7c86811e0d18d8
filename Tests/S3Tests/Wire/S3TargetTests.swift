import AWSWire
import Testing

@testable import S3

@Suite struct S3TargetTests {
    @Test(arguments: [
        ("/b/a//b", "a//b"),
        ("/b//a", "/a"),
        ("/b/a/", "a/"),
        ("/b/a/../b", "a/../b"),
        ("/b/a+b", "a+b"),
        ("/b/a%2Bb", "a+b"),
        ("/b/a%20b", "a b"),
        ("/b/a%2520b", "a%20b"),
        ("/b/%c3%a9", "é"),
        ("/b/a%2fb", "a/b"),
        ("/b/./a", "./a"),
        ("/b/health", "health"),
    ])
    func pathsDecodeOnceAndAreNeverNormalised(target: String, key: String) throws {
        let parsed = try S3Target(RequestTarget(target), hostBucket: nil)
        #expect(parsed.bucket == "b")
        #expect(String(decoding: parsed.key, as: UTF8.self) == key)
        #expect(parsed.scope == .object)
    }

    @Test(arguments: ["/b/a/../../c", "/b/../c", "/b/..", "/b/a/..%2F../c"])
    func pathsAboveTheirRootAreRefused(target: String) {
        #expect(throws: (any Error).self) { _ = try S3Target(RequestTarget(target), hostBucket: nil) }
    }

    @Test(arguments: ["/b/a%2", "/b/a%zz", "/b?prefix=%f", "/b?prefix=%ff", "b/a", "/%ff"])
    func brokenEscapesAreRefused(target: String) {
        #expect(throws: (any Error).self) { _ = try S3Target(RequestTarget(target), hostBucket: nil) }
    }

    @Test func queriesDecodePlusAsSpace() throws {
        let parsed = try S3Target(RequestTarget("/b?prefix=a+b%2Bc&delimiter&x=a=b"), hostBucket: nil)
        #expect(parsed.scope == .bucket)
        #expect(parsed.query.first(name: "prefix") == "a b+c")
        #expect(parsed.query.first(name: "delimiter") == "")
        #expect(parsed.query.first(name: "x") == "a=b")
        #expect(parsed.query.first(name: "marker") == nil)
    }

    @Test func virtualHostsNameTheBucket() throws {
        let object = try S3Target(RequestTarget("/a/b?x-id=GetObject"), hostBucket: "photos")
        #expect(object.bucket == "photos")
        #expect(String(decoding: object.key, as: UTF8.self) == "a/b")
        let bucket = try S3Target(RequestTarget("/"), hostBucket: "photos")
        #expect(bucket.scope == .bucket)
        let slash = try S3Target(RequestTarget("//a"), hostBucket: "photos")
        #expect(String(decoding: slash.key, as: UTF8.self) == "/a")
    }
}
