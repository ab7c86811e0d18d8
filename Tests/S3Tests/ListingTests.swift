import Testing

@testable import S3

struct ListingTests {
    private func text(_ bytes: [[UInt8]]) -> [String] { bytes.map { String(decoding: $0, as: UTF8.self) } }

    private func list(
        _ fixture: S3Fixture, _ change: (inout ListObjectsV2Input) -> Void
    ) async throws -> ListObjectsOutput {
        var input = ListObjectsV2Input(bucket: S3Fixture.bucket)
        change(&input)
        return try await fixture.service.listObjectsV2(input, fixture.me)
    }

    private func names(_ output: ListObjectsOutput) -> [String] { text(output.objects.map(\.key)) }

    private func filled(_ keys: [String]) async throws -> S3Fixture {
        let fixture = try await S3Fixture()
        for key in keys { try await fixture.put(key, "v") }
        return fixture
    }

    @Test func keysComeInTheOrderOfTheirBytes() async throws {
        let fixture = try await filled(["b", "a", "ü", "B", "a/b", "a!", "\u{1}"])
        #expect(try await fixture.keys() == ["\u{1}", "B", "a", "a!", "a/b", "b", "ü"])
    }

    @Test func aDelimiterRollsKeysUp() async throws {
        let fixture = try await filled(["asdf", "boo/bar", "boo/baz/xyzzy", "cquux/thud", "cquux/bla", "boo"])
        let root = try await list(fixture) { $0.delimiter = Array("/".utf8) }
        #expect(names(root) == ["asdf", "boo"] && text(root.commonPrefixes) == ["boo/", "cquux/"])
        #expect(root.keyCount == 4 && !root.isTruncated)
        let below = try await list(fixture) {
            $0.prefix = Array("boo/".utf8)
            $0.delimiter = Array("/".utf8)
        }
        #expect(names(below) == ["boo/bar"] && text(below.commonPrefixes) == ["boo/baz/"])
        let long = try await list(fixture) { $0.delimiter = Array("/ba".utf8) }
        #expect(text(long.commonPrefixes) == ["boo/ba"])
    }

    @Test(arguments: [1, 2, 3, 7], [("", ""), ("/", ""), ("a", ""), ("", "b"), ("/", "b"), ("a", "b"), ("/", "boo/")])
    func pagesJoinToTheWhole(pageSize: Int, rolled: (delimiter: String, prefix: String)) async throws {
        let (delimiter, prefix) = rolled
        let keys = ["asdf", "b", "boo/bar", "boo/baz/xyzzy", "boo/baz/z", "cquux/thud", "cquux/bla", "boo", "boo/"]
        let fixture = try await filled(keys)
        let whole = try await list(fixture) {
            $0.prefix = Array(prefix.utf8)
            $0.delimiter = Array(delimiter.utf8)
        }
        var objects: [String] = []
        var prefixes: [String] = []
        var token: String?
        var pages = 0
        repeat {
            let page = try await list(fixture) {
                $0.prefix = Array(prefix.utf8)
                $0.delimiter = Array(delimiter.utf8)
                $0.maxKeys = pageSize
                $0.continuationToken = token
            }
            #expect(page.keyCount <= pageSize)
            #expect(page.isTruncated == (page.nextContinuationToken != nil))
            objects += names(page)
            prefixes += text(page.commonPrefixes)
            token = page.nextContinuationToken
            pages += 1
        } while token != nil && pages < 50
        #expect(objects == names(whole) && prefixes == text(whole.commonPrefixes))
    }

    @Test func theFirstVersionGoesOnFromItsNextMarker() async throws {
        let fixture = try await filled(["a/1", "a/2", "b", "c/1", "d"])
        var markers: [String] = []
        var seen: [String] = []
        var input = ListObjectsInput(bucket: S3Fixture.bucket)
        input.delimiter = Array("/".utf8)
        input.maxKeys = 1
        for _ in 0..<10 {
            let page = try await fixture.service.listObjects(input, fixture.me)
            seen += names(page) + text(page.commonPrefixes)
            guard let marker = page.nextMarker else { break }
            markers.append(String(decoding: marker, as: UTF8.self))
            input.marker = marker
        }
        #expect(seen == ["a/", "b", "c/", "d"] && markers == ["a/", "b", "c/"])
    }

    @Test func startAfterNeedNotExist() async throws {
        let fixture = try await filled(["a", "b", "c"])
        func after(_ key: String) async throws -> [String] {
            names(try await list(fixture) { $0.startAfter = Array(key.utf8) })
        }
        #expect(try await after("a") == ["b", "c"])
        #expect(try await after("aa") == ["b", "c"])
        #expect(try await after("zzz").isEmpty)
        #expect(try await after("\u{1}") == ["a", "b", "c"])
    }

    @Test func aTokenOutranksStartAfterAndStrangeTokensAreRefused() async throws {
        let fixture = try await filled(["a", "b", "c", "d"])
        let page = try await list(fixture) { $0.maxKeys = 2 }
        let next = try await list(fixture) {
            $0.continuationToken = page.nextContinuationToken
            $0.startAfter = Array("a".utf8)
        }
        #expect(names(next) == ["c", "d"])
        for token in ["", "x", "02", "zz"] {
            #expect(await code { _ = try await list(fixture) { $0.continuationToken = token } } == "InvalidArgument")
        }
    }

    @Test func pageSizesAreClamped() async throws {
        let fixture = try await filled(["a", "b"])
        let none = try await list(fixture) { $0.maxKeys = 0 }
        #expect(none.keyCount == 0 && !none.isTruncated && none.maxKeys == 0)
        #expect(try await list(fixture) { $0.maxKeys = 5000 }.maxKeys == 1000)
        #expect(await code { _ = try await list(fixture) { $0.maxKeys = -1 } } == "InvalidArgument")
    }

    @Test func aListingTellsWhatTheObjectIs() async throws {
        let fixture = try await S3Fixture()
        let put = try await fixture.put("k", noise(largeBytes))
        let listed = try #require(try await list(fixture) { _ in }.objects.first)
        #expect(listed.etag == put.etag && listed.size == put.size && listed.lastModified == put.lastModified)
        #expect(listed.checksumAlgorithm == .crc64nvme && listed.checksumType == .fullObject)
    }

    @Test func aPageOfPrefixesDoesNotWalkTheirKeys() async throws {
        let fixture = try await S3Fixture()
        for prefix in 0..<3 {
            for key in 0..<200 { try await fixture.put("p\(prefix)/k\(key)", "") }
        }
        let walk = PrefixWalk(prefix: [], delimiter: Array("/".utf8))
        #expect(walk.start(after: Array("p0/".utf8)) == Array("p00".utf8))
        let page = try await list(fixture) { $0.delimiter = Array("/".utf8) }
        #expect(text(page.commonPrefixes) == ["p0/", "p1/", "p2/"])
    }

    @Test func bucketsDoNotShowEachOthersKeys() async throws {
        let fixture = try await S3Fixture()
        _ = try await fixture.service.createBucket(CreateBucketInput(bucket: "other"), fixture.me)
        try await fixture.put("a", "1")
        try await fixture.put("b", "2", in: "other")
        #expect(try await fixture.keys() == ["a"])
    }
}
