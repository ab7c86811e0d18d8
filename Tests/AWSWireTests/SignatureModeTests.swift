import AWSWire
import Encryption
import IAM
import NIOHTTP1
import Testing

struct SignatureModeTests {
    private func verifier(_ mode: SignatureMode, rules: SigningRules = .s3) throws -> SignatureVerifier {
        SignatureVerifier(
            identities: try IdentityTable([.standard]), rules: rules, mode: mode, defaultRegion: "eu-west-1",
            now: { 1_800_000_000 })
    }

    private func relaxed(_ headers: [(String, String)], target: String = "/b/k") throws -> VerifiedRequest {
        try verifier(.relaxed).verify(
            method: .GET, target: try RequestTarget(target), headers: HTTPHeaders(headers))
    }

    private func authorization(_ key: String) -> (String, String) {
        (
            "Authorization",
            "AWS4-HMAC-SHA256 Credential=\(key)/20130524/us-west-2/s3/aws4_request, SignedHeaders=host, Signature=x"
        )
    }

    @Test func unsignedRequestIsAnonymous() throws {
        for headers in [[], [("Authorization", "")], [("Authorization", "  ")]] {
            let verified = try verifier(.verify).verify(
                method: .GET, target: try RequestTarget("/b/k?Expires=1"), headers: HTTPHeaders(headers))
            #expect(verified.identity == nil)
            #expect(verified.scheme == .anonymous)
            #expect(verified.region == "eu-west-1")
            #expect(verified.payload == .unsigned)
        }
    }

    @Test func signedChunksNeedASignature() throws {
        let headers = HTTPHeaders([("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")])
        #expect(throws: SignatureError.contentSHA256Invalid("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")) {
            try verifier(.verify).verify(method: .PUT, target: RequestTarget("/b/k"), headers: headers)
        }
        let unsigned = HTTPHeaders([("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")])
        let verified = try verifier(.verify).verify(method: .PUT, target: RequestTarget("/b/k"), headers: unsigned)
        #expect(verified.payload == .streamingUnsignedTrailer)
    }

    @Test func relaxedModeBelievesTheAccessKey() throws {
        let account = try relaxed([authorization("210987654321")])
        #expect(account.identity?.accountID == "210987654321")
        #expect(account.region == "us-west-2")
        #expect(account.chunkSigning == nil)
        #expect(try relaxed([authorization("anything")]).identity?.accountID == "000000000000")
        #expect(try relaxed([authorization("test")]).identity == .standard)
        #expect(try relaxed([]).identity == .standard)
        #expect(try relaxed([("Authorization", "AWS 210987654321:x")]).identity?.accountID == "210987654321")
        #expect(
            try relaxed([], target: "/b/k?AWSAccessKeyId=123456789012&Signature=x&Expires=1").identity?.accountID
                == "123456789012")
        #expect(throws: SignatureError.self) { try relaxed([("Authorization", "Bearer x")]) }
    }

    @Test func parametersOfPresignedRequestsStandForHeaders() throws {
        let verified = try relaxed(
            [("x-amz-meta-a", "header")],
            target: "/b/k?AWSAccessKeyId=test&Signature=x&Expires=1&x-amz-meta-a=query&X-Amz-Meta-B=two%20words"
                + "&content-type=text%2Fplain&x-id=PutObject")
        #expect(verified.headers["x-amz-meta-a"] == ["header"])
        #expect(verified.headers["x-amz-meta-b"] == ["two words"])
        #expect(verified.headers["content-type"] == ["text/plain"])
        #expect(!verified.headers.contains(name: "x-id"))
        let version4 = try relaxed(
            [],
            target:
                "/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=5&X-Amz-SignedHeaders=host&X-Amz-Signature=x"
                + "&X-Amz-Acl=private&content-type=a")
        #expect(version4.headers.map(\.name) == ["x-amz-acl"])
    }

    @Test func parametersOfUnsignedRequestsStandForNothing() throws {
        let verified = try relaxed([], target: "/b/k?x-amz-acl=private")
        #expect(verified.headers.isEmpty)
    }

    /// From AWS's test suite for version 4 (`get-vanilla`): service `service`, and no `x-amz-content-sha256`.
    @Test func otherServicesSignTheirBodyWithoutSayingSo() throws {
        let identity = Identity(
            name: "suite", accountID: "123456789012", accessKey: "AKIDEXAMPLE",
            secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        let rules = SigningRules(
            serviceNames: ["service"], encodesPathTwice: true, requiresContentSHA256: false, requiresExpires: false)
        let verifier = SignatureVerifier(
            identities: try IdentityTable([identity]), rules: rules, mode: .verify, now: { 1_440_938_160 })
        let headers = HTTPHeaders([
            ("Host", "example.amazonaws.com"), ("X-Amz-Date", "20150830T123600Z"),
            (
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                    + "SignedHeaders=host;x-amz-date, "
                    + "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
            ),
        ])
        let target = try RequestTarget("/")
        #expect(try verifier.verify(method: .GET, target: target, headers: headers).identity == identity)
        let digest = [UInt8](repeating: 0, count: 32)
        #expect(throws: SignatureError.self) {
            try verifier.verify(method: .GET, target: target, headers: headers, bodySHA256: digest)
        }
    }

    @Test func otherServicesLookAtTheTimeFirst() throws {
        let rules = SigningRules(
            serviceNames: ["service"], encodesPathTwice: true, requiresContentSHA256: false, requiresExpires: false)
        let verifier = SignatureVerifier(
            identities: try IdentityTable([]), rules: rules, mode: .verify, now: { 1_440_938_160 })
        let headers = HTTPHeaders([
            ("Host", "h"), ("X-Amz-Date", "20150830T113600Z"),
            ("Authorization", "AWS4-HMAC-SHA256 Credential=none/2/3/4/5, SignedHeaders=host, Signature=x"),
        ])
        let error = #expect(throws: SignatureError.self) {
            try verifier.verify(method: .GET, target: try RequestTarget("/"), headers: headers)
        }
        guard case .tooSkewed = error else {
            Issue.record("refused as \(String(describing: error))")
            return
        }
    }

    /// The signature was made by a program of its own.
    @Test func otherServicesNeedNotSayHowLongASignatureInTheQueryLives() throws {
        let identity = Identity(
            name: "suite", accountID: "123456789012", accessKey: "AKIDEXAMPLE",
            secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        let rules = SigningRules(
            serviceNames: ["service"], encodesPathTwice: true, requiresContentSHA256: false, requiresExpires: false)
        let target = try RequestTarget(
            "/?X-Amz-Algorithm=AWS4-HMAC-SHA256"
                + "&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fservice%2Faws4_request"
                + "&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=359fe211d8c9b77c4c7ceb160481b42da4e09ab0092be54d8a8d210d1fff9a6d")
        let digest = Digest.sha256([])
        func verify(atSecond second: Int64) throws -> VerifiedRequest {
            try SignatureVerifier(
                identities: try IdentityTable([identity]), rules: rules, mode: .verify, now: { 1_440_938_160 + second }
            ).verify(
                method: .GET, target: target, headers: HTTPHeaders([("Host", "example.amazonaws.com")]),
                bodySHA256: digest)
        }
        #expect(try verify(atSecond: 899).identity == identity)
        #expect(throws: SignatureError.self) { try verify(atSecond: 900) }
        #expect(throws: SignatureError.self) { try verify(atSecond: -901) }
    }

    @Test(arguments: [
        ("UNSIGNED-PAYLOAD", PayloadForm.unsigned), (PublishedSignatureTests.emptySHA256, .empty),
        ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", .streamingSigned),
        ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", .streamingSignedTrailer),
        ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", .streamingUnsignedTrailer),
        (String(repeating: "aB", count: 32), .signed(sha256: [UInt8](repeating: 0xab, count: 32))),
        ("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", nil), ("unsigned-payload", nil), ("", nil),
        (String(repeating: "ab", count: 31), nil), (String(repeating: "zz", count: 32), nil),
    ])
    func payloadFormsAreRead(text: String, form: PayloadForm?) {
        #expect(PayloadForm(headerValue: text) == form)
    }
}
