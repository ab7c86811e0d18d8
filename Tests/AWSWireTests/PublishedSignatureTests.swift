import AWSWire
import IAM
import LabClock
import NIOHTTP1
import Testing

/// The examples that AWS publishes with their signatures.
struct PublishedSignatureTests {
    static let example = Identity(
        name: "example", accountID: "123456789012", accessKey: "AKIAIOSFODNN7EXAMPLE",
        secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    static let emptySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    /// 24 May 2013, 00:00:00 UTC.
    static let may24: Int64 = 1_369_353_600

    private func verifier(at time: Int64) throws -> SignatureVerifier {
        SignatureVerifier(
            identities: try IdentityTable([Self.example]), rules: .s3, mode: .verify, now: { time })
    }

    private func authorization(_ signedHeaders: String, _ signature: String) -> String {
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
            + "SignedHeaders=\(signedHeaders),Signature=\(signature)"
    }

    @Test(arguments: [
        (
            HTTPMethod.GET, "/test.txt", [("Range", "bytes=0-9"), ("x-amz-content-sha256", emptySHA256)],
            "host;range;x-amz-content-sha256;x-amz-date",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        ),
        (
            .PUT, "/test%24file.text",
            [
                ("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                ("x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"),
            ],
            "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        ),
        (
            .GET, "/?lifecycle", [("x-amz-content-sha256", emptySHA256)], "host;x-amz-content-sha256;x-amz-date",
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
        ),
        (
            .GET, "/?max-keys=2&prefix=J", [("x-amz-content-sha256", emptySHA256)],
            "host;x-amz-content-sha256;x-amz-date",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
        ),
    ])
    func version4HeaderExamplesVerify(
        method: HTTPMethod, target: String, headers: [(String, String)], signedHeaders: String, signature: String
    ) throws {
        var all = HTTPHeaders([("Host", "examplebucket.s3.amazonaws.com"), ("x-amz-date", "20130524T000000Z")])
        all.add(contentsOf: headers)
        all.add(name: "Authorization", value: authorization(signedHeaders, signature))
        let verified = try verifier(at: Self.may24).verify(
            method: method, target: try RequestTarget(target), headers: all, virtualBucket: "examplebucket")
        #expect(verified.identity == Self.example)
        #expect(verified.region == "us-east-1")
        #expect(verified.scheme == .v4Header)
    }

    @Test func version4PresignedExampleVerifiesUntilItExpires() throws {
        let target = try RequestTarget(
            "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
                + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")
        let headers = HTTPHeaders([("Host", "examplebucket.s3.amazonaws.com")])
        let verified = try verifier(at: Self.may24 + 86_399).verify(method: .GET, target: target, headers: headers)
        #expect(verified.identity == Self.example)
        #expect(verified.scheme == .v4Query)
        #expect(verified.payload == .unsigned)
        let late = try verifier(at: Self.may24 + 86_400)
        #expect(
            throws: SignatureError.expired(
                lifeSeconds: 86_400, expiresAt: Self.may24 + 86_400, serverTime: Self.may24 + 86_400)
        ) { try late.verify(method: .GET, target: target, headers: headers) }
    }

    /// Not among the published examples: made by hand as botocore makes it.
    @Test func version2SignsABucketWithOrWithoutItsSlash() throws {
        let date = "Tue, 27 Mar 2007 21:15:45 +0000"
        let headers = HTTPHeaders([
            ("Host", "s3.amazonaws.com"), ("Date", date),
            ("Authorization", "AWS AKIAIOSFODNN7EXAMPLE:pUI+q9idLcEtwYMPjdCuMJ8a79w="),
        ])
        let verifier = try verifier(at: try #require(HTTPDate.parse(date)))
        for path in ["/johnsmith", "/johnsmith/"] {
            let verified = try verifier.verify(method: .PUT, target: try RequestTarget(path), headers: headers)
            #expect(verified.scheme == .v2Header)
        }
        #expect(throws: SignatureError.self) {
            try verifier.verify(method: .PUT, target: try RequestTarget("/johnsmit"), headers: headers)
        }
    }

    @Test(arguments: [
        (HTTPMethod.GET, "/photos/puppy.jpg", "johnsmith", [], "19:36:42", "bWq2s1WEIj+Ydj0vQ697zp+IXMU="),
        (
            .PUT, "/photos/puppy.jpg", "johnsmith", [("Content-Type", "image/jpeg"), ("Content-Length", "94328")],
            "21:15:45", "MyyxeRY7whkBe+bq8fHCL/2kKUg="
        ),
        (
            .GET, "/?prefix=photos&max-keys=50&marker=puppy", "johnsmith", [], "19:42:41",
            "htDYFYduRNen8P9ZfE/s9SuKy0U="
        ),
        (.GET, "/?acl", "johnsmith", [], "19:44:46", "c2WLPFtWHVgbEmeEG93a4cG37dM="),
        (
            .DELETE, "/johnsmith/photos/puppy.jpg", "", [("x-amz-date", "Tue, 27 Mar 2007 21:20:26 +0000")],
            "21:20:27", "R4dJ53KECjStyBO5iTBJZ4XVOaI="
        ),
        (
            .PUT, "/db-backup.dat.gz", "static.johnsmith.net",
            [
                ("x-amz-acl", "public-read"), ("content-type", "application/x-download"),
                ("Content-MD5", "4gJE4saaMU4BqNR0kLY+lw=="), ("X-Amz-Meta-ReviewedBy", "joe@johnsmith.net"),
                ("X-Amz-Meta-ReviewedBy", "jane@johnsmith.net"), ("X-Amz-Meta-FileChecksum", "0x02661779"),
                ("X-Amz-Meta-ChecksumAlgorithm", "crc32"),
            ], "21:06:08", "ilyl83RwaSoYIEdixDQcA4OnAnc="
        ),
    ])
    func version2HeaderExamplesVerify(
        method: HTTPMethod, target: String, bucket: String, headers: [(String, String)], clock: String,
        signature: String
    ) throws {
        let date = "Tue, 27 Mar 2007 \(clock) +0000"
        var all = HTTPHeaders([("Host", "s3.amazonaws.com"), ("Date", date)])
        all.add(contentsOf: headers)
        all.add(name: "Authorization", value: "AWS AKIAIOSFODNN7EXAMPLE:\(signature)")
        let time = try #require(HTTPDate.parse(date))
        let verified = try verifier(at: time).verify(
            method: method, target: try RequestTarget(target), headers: all,
            virtualBucket: bucket.isEmpty ? nil : bucket)
        #expect(verified.identity == Self.example)
        #expect(verified.scheme == .v2Header)
    }

    @Test func version2PresignedExampleVerifiesUntilItExpires() throws {
        let target = try RequestTarget(
            "/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D"
                + "&Expires=1175139620")
        let headers = HTTPHeaders([("Host", "johnsmith.s3.amazonaws.com")])
        let verified = try verifier(at: 1_175_139_619).verify(
            method: .GET, target: target, headers: headers, virtualBucket: "johnsmith")
        #expect(verified.scheme == .v2Query)
        let late = try verifier(at: 1_175_139_620)
        let error = #expect(throws: SignatureError.self) {
            try late.verify(method: .GET, target: target, headers: headers, virtualBucket: "johnsmith")
        }
        #expect(error?.awsError.code == "AccessDenied")
        #expect(error?.awsError.message == "Request has expired")
        #expect(error?.awsError.fields.map(\.name) == ["Expires", "ServerTime"])
    }
}
