import AWSWire
import DynamoDB
import NIOHTTP1
import Testing

/// How signatures are checked, and how what is wrong with them is worded: as AWS does.
struct DynamoDBSignatureTests {
    private static let body = #"{"TableName":"abc"}"#
    private static let target = "DynamoDB_20120810.GetItem"

    /// What botocore signs with `AKID` and `SECRET` at 2023-11-14T22:13:20Z.
    private static let signed: HTTPHeaders = [
        "host": "localhost:4566", "x-amz-target": target, "content-type": "application/x-amz-json-1.0",
        "x-amz-date": "20231114T221320Z",
        "authorization": "AWS4-HMAC-SHA256 Credential=AKID/20231114/eu-west-1/dynamodb/aws4_request, "
            + "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
            + "Signature=e5f43a4dd2c5e0f5724d73c5b1e465b55a5b7aac265914acd8c93164e816c643",
    ]

    private func answer(
        _ headers: HTTPHeaders, body: String = body, target: String = "/", now: Int64 = 1_700_000_000
    ) async throws -> AnswerRecorder.Answer {
        try await WireFixture(mode: .verify, now: now).answer(.POST, target, headers: headers, body: Array(body.utf8))
    }

    private func replacing(_ name: String, _ value: String?) -> HTTPHeaders {
        var headers = Self.signed
        headers.remove(name: name)
        if let value { headers.add(name: name, value: value) }
        return headers
    }

    @Test func botocoresSignatureIsTaken() async throws {
        #expect(try await answer(Self.signed).status == 200)
    }

    @Test func anotherBodyIsNotCovered() async throws {
        let answer = try await answer(Self.signed, body: #"{"TableName":"abd"}"#)
        #expect(answer.status == 400)
        #expect(answer.text.contains("com.amazon.coral.service#InvalidSignatureException"))
        #expect(answer.text.contains("The request signature we calculated does not match the signature you provided."))
        #expect(!answer.text.contains("SECRET"))
    }

    /// A client that names a digest signs it, and sends another body: the signature holds, the body does not.
    @Test func aDeclaredDigestMustBeThatOfTheBody() async throws {
        for declared in ["UNSIGNED-PAYLOAD", String(repeating: "0", count: 64)] {
            var headers = Self.signed
            headers.add(name: "x-amz-content-sha256", value: declared)
            #expect(try await answer(headers).errorCode == "InvalidSignatureException")
        }
    }

    @Test(arguments: [
        (
            Int64(1_700_000_901),
            "Signature expired: 20231114T221320Z is now earlier than 20231114T221321Z "
                + "(20231114T222821Z - 15 min.)"
        ),
        (
            Int64(1_699_999_099),
            "Signature not yet current: 20231114T221320Z is still later than 20231114T221319Z "
                + "(20231114T215819Z + 15 min.)"
        ),
    ])
    func clocksMayBeFifteenMinutesApart(now: Int64, message: String) async throws {
        let answer = try await answer(Self.signed, now: now)
        #expect(
            answer.text == #"{"__type":"com.amazon.coral.service#InvalidSignatureException","message":"\#(message)"}"#)
    }

    @Test func unknownKeysAreUnrecognized() async throws {
        let text = Self.signed.first(name: "authorization") ?? ""
        let answer = try await answer(replacing("authorization", text.replacing("AKID", with: "AKIX")))
        #expect(
            answer.text
                == #"{"__type":"com.amazon.coral.service#UnrecognizedClientException","#
                + #""message":"The security token included in the request is invalid."}"#)
    }

    @Test(arguments: [
        (
            "a/b/c/d", "IncompleteSignatureException",
            "Credential must have exactly 5 slash-delimited elements, "
                + "e.g. keyid/date/region/service/term, got 'a/b/c/d'"
        ),
        (
            "AKID/20231114/eu-west-1/s3/aws4_request", "InvalidSignatureException",
            "Credential should be scoped to correct service: 'dynamodb'. "
        ),
        (
            "AKID/20231114/eu-west-1/dynamodb/e", "InvalidSignatureException",
            "Credential should be scoped with a valid terminator: 'aws4_request', not 'e'. "
        ),
        (
            "AKID/20231113/eu-west-1/dynamodb/aws4_request", "InvalidSignatureException",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                + "'20231113' != '20231114', from '20231114T221320Z'."
        ),
    ])
    func credentialsAreTakenApart(credential: String, code: String, message: String) async throws {
        let text = "AWS4-HMAC-SHA256 Credential=\(credential), SignedHeaders=host, Signature=b"
        let answer = try await answer(replacing("authorization", text))
        #expect(answer.text == #"{"__type":"com.amazon.coral.service#\#(code)","message":"\#(message)"}"#)
    }

    @Test func theHostMustBeSigned() async throws {
        let text =
            "AWS4-HMAC-SHA256 Credential=AKID/20231114/eu-west-1/dynamodb/aws4_request, "
            + "SignedHeaders=x-amz-date;x-amz-target, Signature=b"
        let answer = try await answer(replacing("authorization", text))
        #expect(answer.text.contains("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."))
    }

    /// The checksums are those of AWS's answers.
    @Test(
        arguments: [
            ("/", nil, nil, 2_088_342_776),
            ("/", "AWS4", nil, 2_088_342_776),
            ("/", "AWS AKID:c2lnbmF0dXJl", nil, 2_088_342_776),
            ("/?X-Amz-Algorith", "X", nil, 2_088_342_776),
            ("/?X-Amz-Credential=a&X-Amz-Signature=b&X-Amz-SignedHeaders=c&X-Amz-Date=d", nil, nil, 2_088_342_776),
            ("/?X-Amz-Algorithm", "X", nil, 2_139_606_068),
            ("/", "AWS4-", nil, 1_828_866_742),
            ("/", "AWS4- Signature=b Credential=a", "a", 15_336_762),
            ("/", "AWS4- Signature=b,Credential=a", "a", 1_159_703_774),
            ("/", "AWS4- Signature=b, Credential=a", "a", 164_353_342),
            ("/?X-Amz-Algorithm", nil, nil, 2_900_502_663),
            ("/?X-Amz-Algorithm=a&X-Amz-Credential=b&X-Amz-Signature=c&X-Amz-Date=d", nil, nil, 3_712_057_481),
        ] as [(String, String?, String?, UInt32)])
    func whatIsMissingIsNamed(target: String, authorization: String?, date: String?, checksum: UInt32) async throws {
        var headers: HTTPHeaders = ["host": "localhost", "x-amz-target": Self.target]
        if let authorization { headers.add(name: "authorization", value: authorization) }
        if let date { headers.add(name: "date", value: date) }
        let answer = try await answer(headers, body: "", target: target)
        #expect(answer.status == 400)
        #expect(answer.headers["x-amz-crc32"] == [String(checksum)], "\(answer.text)")
    }

    @Test func textThatIsNoJSONIsReportedFirst() async throws {
        let headers: HTTPHeaders = ["x-amz-target": Self.target, "content-type": "application/json"]
        #expect(try await answer(headers, body: "hi").errorCode == "SerializationException")
        #expect(try await answer(headers, body: "{}").errorCode == "MissingAuthenticationTokenException")
    }
}
