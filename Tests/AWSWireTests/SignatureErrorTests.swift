import AWSWire
import IAM
import NIOHTTP1
import Testing

/// Each refusal with AWS's code, status and wording. Most begin with AWS's example of a signed GET and change one
/// thing.
struct SignatureErrorTests {
    static let may24 = PublishedSignatureTests.may24
    static let authorization =
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
        + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
        + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"

    static let presigned =
        "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"

    private func headers(
        authorization: String? = authorization, without removed: String? = nil, adding more: [(String, String)] = []
    ) -> HTTPHeaders {
        var headers = HTTPHeaders([
            ("Host", "examplebucket.s3.amazonaws.com"), ("Range", "bytes=0-9"),
            ("x-amz-content-sha256", PublishedSignatureTests.emptySHA256), ("x-amz-date", "20130524T000000Z"),
        ])
        if let authorization { headers.add(name: "Authorization", value: authorization) }
        if let removed { headers.remove(name: removed) }
        headers.add(contentsOf: more)
        return headers
    }

    private func error(
        _ headers: HTTPHeaders, target: String = "/test.txt", at time: Int64 = may24, region: String? = nil
    ) throws -> AWSError {
        let verifier = SignatureVerifier(
            identities: try IdentityTable([PublishedSignatureTests.example]), rules: .s3, mode: .verify,
            strictRegion: region, now: { time })
        let target = try RequestTarget(target)
        let error = #expect(throws: SignatureError.self) {
            try verifier.verify(method: .GET, target: target, headers: headers)
        }
        return try #require(error).awsError
    }

    private func field(_ error: AWSError, _ name: String) -> String? { error.fields.first { $0.name == name }?.value }

    @Test(arguments: [("examplebucket.s3.amazonaws.com:4566", true), ("examplebucket.s3.amazonaws.com:80a", false)])
    func aHostMayBeSignedWithoutItsPort(host: String, isSigned: Bool) throws {
        let verifier = SignatureVerifier(
            identities: try IdentityTable([PublishedSignatureTests.example]), rules: .s3, mode: .verify,
            strictRegion: nil, now: { Self.may24 })
        var headers = headers()
        headers.replaceOrAdd(name: "Host", value: host)
        let target = try RequestTarget("/test.txt")
        let found = try? verifier.verify(method: .GET, target: target, headers: headers)
        #expect((found != nil) == isSigned)
    }

    @Test func mismatchShowsWhatTheServerSigned() throws {
        let error = try error(headers(without: "range", adding: [("Range", "bytes=0-8")]))
        #expect(error.code == "SignatureDoesNotMatch")
        #expect(error.status == .forbidden)
        #expect(
            error.fields.map(\.name) == [
                "AWSAccessKeyId", "StringToSign", "SignatureProvided", "StringToSignBytes", "CanonicalRequest",
                "CanonicalRequestBytes",
            ])
        #expect(
            field(error, "CanonicalRequest")
                == "GET\n/test.txt\n\nhost:examplebucket.s3.amazonaws.com\nrange:bytes=0-8\n"
                + "x-amz-content-sha256:\(PublishedSignatureTests.emptySHA256)\nx-amz-date:20130524T000000Z\n\n"
                + "host;range;x-amz-content-sha256;x-amz-date\n\(PublishedSignatureTests.emptySHA256)")
        #expect(
            field(error, "StringToSign")?.hasPrefix(
                "AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n") == true)
        #expect(field(error, "CanonicalRequestBytes")?.hasPrefix("47 45 54 0a 2f") == true)
        #expect(field(error, "SignatureProvided")?.hasPrefix("f0e8bdb8") == true)
    }

    @Test(arguments: [
        ("Credential=AKIAIOSFODNN7EXAMPLE", "Credential=UNKNOWN", "InvalidAccessKeyId"),
        ("AWS4-HMAC-SHA256", "Bearer", "InvalidArgument"),
        ("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256", "NotImplemented"),
        ("/20130524/us-east-1/s3/aws4_request", "/20130524", "AuthorizationHeaderMalformed"),
        ("Credential=AKIAIOSFODNN7EXAMPLE", "Credential=", "AuthorizationHeaderMalformed"),
        ("/20130524/", "/20130525/", "AuthorizationHeaderMalformed"),
        ("/20130524/", "/today/", "AuthorizationHeaderMalformed"),
        ("/s3/", "/ec2/", "AuthorizationHeaderMalformed"),
        ("aws4_request", "aws5_request", "AuthorizationHeaderMalformed"),
        ("Signature=f0e8", "Sig=f0e8", "AuthorizationHeaderMalformed"),
        ("SignedHeaders=", "Signed=", "AuthorizationHeaderMalformed"),
        ("host;range;", "range;", "AccessDenied"),
    ])
    func brokenAuthorizationIsNamed(part: String, replacement: String, code: String) throws {
        let text = Self.authorization.replacing(part, with: replacement)
        #expect(text != Self.authorization)
        let error = try error(headers(authorization: text))
        #expect(error.code == code)
        switch code {
        case "AuthorizationHeaderMalformed", "InvalidArgument": #expect(error.status == .badRequest)
        case "NotImplemented": #expect(error.status == .notImplemented)
        default: #expect(error.status == .forbidden)
        }
    }

    @Test func requestTimeMayBeFifteenMinutesOff() throws {
        for seconds: Int64 in [-901, 901] {
            let error = try error(headers(), at: Self.may24 + seconds)
            #expect(error.code == "RequestTimeTooSkewed")
            #expect(error.status == .forbidden)
            #expect(field(error, "RequestTime") == "20130524T000000Z")
            #expect(field(error, "ServerTime") == (seconds < 0 ? "2013-05-23T23:44:59Z" : "2013-05-24T00:15:01Z"))
            #expect(field(error, "MaxAllowedSkewMilliseconds") == "900000")
        }
        for seconds: Int64 in [-900, 900] {
            let time = Self.may24 + seconds
            let verifier = SignatureVerifier(
                identities: try IdentityTable([PublishedSignatureTests.example]), rules: .s3, mode: .verify,
                now: { time })
            #expect(throws: Never.self) {
                try verifier.verify(method: .GET, target: RequestTarget("/test.txt"), headers: headers())
            }
        }
    }

    @Test func wrongRegionIsRefusedInStrictModeOnly() throws {
        let error = try error(headers(), region: "eu-west-1")
        #expect(error.code == "AuthorizationHeaderMalformed")
        #expect(field(error, "Region") == "eu-west-1")
        #expect(error.message.hasSuffix("the region 'us-east-1' is wrong; expecting 'eu-west-1'"))
    }

    @Test func missingAndBrokenHeadersAreNamed() throws {
        let noDate = try error(headers(without: "x-amz-date"))
        #expect(noDate.code == "AccessDenied")
        #expect(noDate.message == "AWS authentication requires a valid Date or x-amz-date header")
        let noDigest = try error(headers(without: "x-amz-content-sha256"))
        #expect(noDigest.code == "InvalidRequest")
        #expect(noDigest.message == "Missing required header for this request: x-amz-content-sha256")
        let badDigest = try error(
            headers(without: "x-amz-content-sha256", adding: [("x-amz-content-sha256", "STREAMING")]))
        #expect(badDigest.code == "InvalidArgument")
        #expect(field(badDigest, "ArgumentValue") == "STREAMING")
        let unsigned = try error(headers(adding: [("x-amz-acl", "private"), ("x-amz-meta-a", "b")]))
        #expect(unsigned.code == "AccessDenied")
        #expect(unsigned.message == "There were headers present in the request which were not signed")
        #expect(field(unsigned, "HeadersNotSigned") == "x-amz-acl, x-amz-meta-a")
        let token = try error(headers(adding: [("x-amz-security-token", "t")]))
        #expect(token.code == "InvalidToken")
        #expect(try error(headers(), target: Self.presigned).code == "InvalidArgument")
    }

    @Test(arguments: [
        ("X-Amz-Expires=86400", "X-Amz-Expires=604801", "less than a week"),
        ("X-Amz-Expires=86400", "X-Amz-Expires=99999999999999999999", "less than a week"),
        ("X-Amz-Expires=86400", "X-Amz-Expires=-1", "non-negative"),
        ("X-Amz-Expires=86400", "X-Amz-Expires=day", "should be a number"),
        ("X-Amz-Expires=86400", "X-Amz-Expires=", "should be a number"),
        ("&X-Amz-Expires=86400", "", "requires the X-Amz-Algorithm"),
        ("&X-Amz-Date=20130524T000000Z", "", "requires the X-Amz-Algorithm"),
        ("X-Amz-Date=20130524T000000Z", "X-Amz-Date=20130524", "ISO8601 Long Format"),
        ("=AWS4-HMAC-SHA256", "=AWS5", "only supports"),
        ("%2F20130524%2Fus-east-1%2Fs3", "", "Credential is mal-formed"),
        ("%2Fs3%2F", "%2Fsqs%2F", "belongs to \"s3\""),
    ])
    func brokenPresignedQueryIsNamed(part: String, replacement: String, words: String) throws {
        let target = Self.presigned.replacing(part, with: replacement)
        #expect(target != Self.presigned)
        let error = try error(HTTPHeaders([("Host", "examplebucket.s3.amazonaws.com")]), target: target)
        #expect(error.code == "AuthorizationQueryParametersError")
        #expect(error.status == .badRequest)
        #expect(error.message.contains(words))
    }

    @Test func presignedTimeIsChecked() throws {
        let host = HTTPHeaders([("Host", "examplebucket.s3.amazonaws.com")])
        let expired = try error(host, target: Self.presigned, at: Self.may24 + 90_000)
        #expect(expired.code == "AccessDenied")
        #expect(expired.message == "Request has expired")
        #expect(
            expired.fields == [
                .init("X-Amz-Expires", "86400"), .init("Expires", "2013-05-25T00:00:00Z"),
                .init("ServerTime", "2013-05-25T01:00:00Z"),
            ])
        let early = try error(host, target: Self.presigned, at: Self.may24 - 901)
        #expect(early.message == "Request is not yet valid")
    }

    @Test(arguments: [
        ("AWS HAHAHA", "InvalidArgument"), ("AWS :sig", "InvalidArgument"), ("AWS key:", "InvalidArgument"),
        ("AWS key:sig", "InvalidAccessKeyId"), ("AWS AKIAIOSFODNN7EXAMPLE:sig", "SignatureDoesNotMatch"),
        ("AWS", "InvalidArgument"), ("nonsense", "InvalidArgument"),
    ])
    func brokenVersion2HeaderIsNamed(authorization: String, code: String) throws {
        let error = try error(headers(authorization: authorization))
        #expect(error.code == code)
        if code == "SignatureDoesNotMatch" {
            #expect(
                error.fields.map(\.name) == [
                    "AWSAccessKeyId", "StringToSign", "SignatureProvided", "StringToSignBytes",
                ])
        }
    }

    @Test(arguments: [
        ("/k?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=x", "AccessDenied", "Query-string authentication requires"),
        ("/k?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=x&Expires=soon", "AccessDenied", "seconds since epoch"),
        ("/k?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=x&Expires=5", "AccessDenied", "Request has expired"),
        ("/k?AWSAccessKeyId=A&Signature=x&Expires=9999999999", "InvalidAccessKeyId", "does not exist"),
        (
            "/k?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=x&Expires=9999999999", "SignatureDoesNotMatch",
            "does not match"
        ),
    ])
    func brokenVersion2QueryIsNamed(target: String, code: String, words: String) throws {
        let error = try error(HTTPHeaders([("Host", "h")]), target: target)
        #expect(error.code == code)
        #expect(error.message.contains(words))
    }
}
