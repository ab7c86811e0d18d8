import AWSWire
import LogStore
import NIOHTTP1
import Testing

@testable import S3

@Suite struct S3HeadersTests {
    @Test(arguments: [
        ("x-amz-acl", "private"), ("X-Amz-Acl", "bucket-owner-full-control"), ("x-amz-object-lock-legal-hold", "OFF"),
        ("x-amz-request-payer", "requester"), ("x-amz-unknown-to-the-model", "anything"),
    ])
    func whatIsGivenAnywayMayBeAskedFor(name: String, value: String) throws {
        _ = try S3Headers([name: value])
    }

    @Test(arguments: [
        ("x-amz-acl", "public-read"), ("x-amz-server-side-encryption", "AES256"), ("x-amz-grant-read", "id=1"),
        ("X-Amz-Write-Offset-Bytes", "0"),
    ])
    func headersOfUnbuiltFeaturesAreRefusedByName(name: String, value: String) {
        let refusal = #expect(throws: S3WireError.self) { _ = try S3Headers([name: value]) }
        #expect(refusal?.code == .notImplemented)
        #expect(refusal?.error.message.contains(name.lowercased()) == true)
    }

    @Test func metadataIsReadWithoutTheTransfersCoding() throws {
        let metadata = try S3Headers([
            "Content-Type": "a/b", "Content-Encoding": "aws-chunked,gzip", "X-Amz-Meta-Name": "=?UTF-8?B?w6k=?=",
            "x-amz-meta-name": "2", "Expires": "never", "User-Agent": "x",
        ]).metadata
        #expect(metadata.contentType == "a/b")
        #expect(metadata.contentEncoding == "gzip")
        #expect(metadata.expires == "never")
        #expect(metadata.user == [UserMetadata(name: "name", value: "é,2")])
    }

    @Test(
        arguments: [
            ("plain", "plain"), ("=?UTF-8?B?w6k=?=", "é"), ("=?utf-8?q?=C3=A9_b?=", "é b"), ("=?latin-1?B?w6k=?=", nil),
            ("a =?UTF-8?B?w6k=?= b", "a é b"), ("=?UTF-8?B?w6k=?= =?UTF-8?B?w6k=?=", "éé"), ("=?UTF-8?B?!?=", nil),
            ("=?", nil),
        ] as [(String, String?)])
    func encodedWordsAreDecoded(sent: String, meant: String?) {
        #expect(EncodedWord.decode(sent) == meant ?? sent)
    }

    @Test func textOutsideASCIIIsAnsweredAsAnEncodedWord() {
        #expect(EncodedWord.encode("plain text") == "plain text")
        #expect(EncodedWord.encode("é") == "=?UTF-8?B?w6k=?=")
        #expect(EncodedWord.decode(EncodedWord.encode("日本 🔑")) == "日本 🔑")
    }

    @Test(
        arguments: [
            ("/b/k", "k", nil), ("b/k", "k", nil), ("b/a%20b%2Bc", "a b+c", nil), ("b/a+b", "a+b", nil),
            ("b/k%3FversionId=1", "k?versionId=1", nil), ("b/k?versionId=null", "k", "null"), ("/b//k", "/k", nil),
        ] as [(String, String, String?)])
    func copySourcesAreRead(header: String, key: String, version: String?) throws {
        let source = try CopySource(S3Headers(["x-amz-copy-source": header]))
        #expect(source.bucket == "b")
        #expect(source.key.description == key)
        #expect(source.versionID == version)
    }

    @Test(arguments: ["", "/", "b", "b/", "/b/", "b/%zz"])
    func copySourcesMustNameAnObject(header: String) {
        let refusal = #expect(throws: S3WireError.self) {
            _ = try CopySource(S3Headers(["x-amz-copy-source": header]))
        }
        #expect(refusal?.code == .invalidArgument)
    }

    @Test func aChecksumIsDeclaredOnceAndOfABuiltAlgorithm() throws {
        let checks = try S3Headers(["x-amz-checksum-crc32": "AAAAAA==", "x-amz-sdk-checksum-algorithm": "CRC32"])
            .bodyChecks()
        #expect(checks.checksum == Checksum(.crc32, [0, 0, 0, 0]))
        let trailer = try S3Headers(["x-amz-trailer": "x-amz-checksum-crc64nvme"]).bodyChecks()
        #expect(trailer.trailingAlgorithm == .crc64nvme)
        for headers in [
            ["x-amz-checksum-xxhash3": "AAAAAAAAAAA="], ["x-amz-checksum-sha512": "AAAA"],
            ["x-amz-checksum-crc32": "AAAAAA==", "x-amz-checksum-sha1": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="],
            ["x-amz-sdk-checksum-algorithm": "CRC32"],
        ] as [HTTPHeaders] {
            let refusal = #expect(throws: S3WireError.self) { _ = try S3Headers(headers).bodyChecks() }
            #expect(refusal?.code == .invalidRequest)
        }
    }

    @Test func failuresOfTheStoreHaveStatusesThatClientsUnderstand() {
        #expect(S3WireError(S3Error.store(.noSpace)).error.status == .insufficientStorage)
        // Both pass when the client tries again.
        #expect(S3WireError(S3Error.store(.restored)).error.status == .serviceUnavailable)
        #expect(S3WireError(S3Error.store(.tooOld)).error.status == .serviceUnavailable)
        #expect(S3WireError(S3Error.store(.poisoned(reason: "x"))).error.status == .internalServerError)
        let damaged = S3WireError(S3Error.store(.damaged(file: "f", offset: 7, what: "checksum")))
        #expect(damaged.code == .internalError)
        #expect(damaged.error.message.contains("damaged"))
        let range = S3WireError(S3Error.invalidRange(requested: "bytes=9-", actualSize: 5))
        #expect(range.headers.first?.value == "bytes */5")
    }
}
