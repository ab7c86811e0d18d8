import Bytes
import Compression
import NIOHTTP1
import Testing

@testable import DynamoDB

/// What is answered before and after an operation. Texts and checksums are AWS's own.
struct DynamoDBWireTests {
    @Test func operationsAreCarriedOutForWhoAsks() async throws {
        let fixture = try WireFixture(answer: .success(Array(#"{"TableNames":[]}"#.utf8)))
        let answer = await fixture.call("ListTables", "{}")
        #expect(answer.status == 200)
        #expect(answer.text == #"{"TableNames":[]}"#)
        #expect(answer.headers["x-amzn-RequestId"] == ["0123456789ABCDEF" + "VARVE00000VV4KQNSO5AEMVJF66Q9ASUAAJG"])
        #expect(answer.headers["content-type"] == ["application/x-amz-json-1.0"])
        #expect(answer.headers["x-amz-crc32"] == [String(CRC32.hash(answer.body))])
        #expect(answer.operation == "dynamodb ListTables")
        let context = CallContext(
            accountID: "123456789012", region: "eu-west-1", requestID: "0123456789ABCDEF", host: "localhost:4566")
        #expect(
            fixture.executor.asked == [.init(operation: .listTables, body: Array("{}".utf8), context: context)])
    }

    @Test func streamsHaveATargetOfTheirOwn() async throws {
        let fixture = try WireFixture()
        let headers: HTTPHeaders = [
            "x-amz-target": "DynamoDBStreams_20120810.ListStreams", "content-type": "application/x-amz-json-1.0",
        ]
        #expect(
            await fixture.answer(headers: headers, body: Array("{}".utf8)).operation == "dynamodbstreams ListStreams")
        #expect(await fixture.call("ListStreams", "{}").errorCode == "UnknownOperationException")
    }

    // MARK: Refusals

    @Test(arguments: [
        ([:], "{}", 1_368_724_161, "UnknownOperationException"),
        (["x-amz-target": "whatever"], "{}", 1_368_724_161, "UnknownOperationException"),
        (["x-amz-target": "DynamoDB_20120810.ListTable"], "{}", 1_368_724_161, "UnknownOperationException"),
        (["x-amz-target": "DynamoDB_20111205.ListTables"], "{}", 1_368_724_161, "UnknownOperationException"),
        ([:], "hi", 3_948_637_019, "SerializationException"),
        (["x-amz-target": "DynamoDB_20120810.ListTables"], "", 3_948_637_019, "SerializationException"),
    ])
    func whatCannotBeCarriedOutIsRefused(
        headers: [String: String], body: String, checksum: UInt32, code: String
    ) async throws {
        let fixture = try WireFixture()
        var all = HTTPHeaders(headers.map { ($0.key, $0.value) })
        all.add(name: "content-type", value: "application/json;charset=utf-8")
        let answer = await fixture.answer(headers: all, body: Array(body.utf8))
        #expect(answer.status == 400)
        #expect(answer.text == #"{"__type":"com.amazon.coral.service#\#(code)"}"#)
        #expect(answer.headers["x-amz-crc32"] == [String(checksum)])
        #expect(answer.headers["content-type"] == ["application/json"])
        #expect(answer.errorCode == code)
        #expect(fixture.executor.asked.isEmpty)
    }

    @Test func whatIsNotBuiltIsRefusedByName() async throws {
        let fixture = try WireFixture()
        let answer = await fixture.call("PutResourcePolicy", "{}")
        #expect(answer.status == 400)
        #expect(answer.text.contains("#UnknownOperationException"))
        #expect(answer.text.contains("The operation PutResourcePolicy is not implemented by this server."))
        #expect(fixture.executor.asked.isEmpty)
    }

    @Test(arguments: [HTTPMethod.PUT, .DELETE, .HEAD, .OPTIONS])
    func otherMethodsAreNotFound(method: HTTPMethod) async throws {
        let answer = await (try WireFixture()).answer(method, headers: [:])
        #expect(answer.status == 404)
        #expect(answer.text == "<UnknownOperationException/>\n")
        #expect(answer.headers["x-amz-crc32"] == ["3552371480"])
    }

    @Test(arguments: ["", "whatever", "application/x-amz-json-1.1", "application/jsonasdf"])
    func otherContentTypesAreNotFound(type: String) async throws {
        let headers: HTTPHeaders = ["x-amz-target": "DynamoDB_20120810.ListTables", "content-type": type]
        #expect(await (try WireFixture()).answer(headers: headers, body: Array("{}".utf8)).status == 404)
    }

    @Test func exceptionsCarryWhatBelongsToThem() async throws {
        let error = DynamoDBError(
            .conditionalCheckFailedException, "The conditional request failed",
            members: Array(#""Item":{"a":{"S":"\u00e9"}}"#.utf8))
        let answer = await (try WireFixture(answer: .failure(error))).call("PutItem", "{}")
        #expect(answer.status == 400)
        #expect(
            answer.text
                == #"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","#
                + #""message":"The conditional request failed","Item":{"a":{"S":"\u00e9"}}}"#)
        #expect(answer.errorCode == "ConditionalCheckFailedException")
    }

    // MARK: Other requests

    @Test func healthIsAText() async throws {
        let answer = await (try WireFixture()).answer(.GET, headers: [:])
        #expect(answer.status == 200)
        #expect(answer.text == "healthy: dynamodb.eu-west-1.amazonaws.com ")
        #expect(answer.headers["x-amz-crc32"] == [String(CRC32.hash(answer.body))])
    }

    @Test func pagesFromAnywhereMayAsk() async throws {
        let fixture = try WireFixture()
        let preflight = await fixture.answer(
            .OPTIONS,
            headers: [
                "origin": "whatever", "access-control-request-headers": "a, b, c",
                "access-control-request-method": "d",
            ])
        #expect(preflight.status == 200)
        #expect(preflight.body.isEmpty)
        #expect(preflight.headers["access-control-allow-origin"] == ["*"])
        #expect(preflight.headers["access-control-allow-headers"].first == "a, b, c")
        #expect(preflight.headers["access-control-allow-methods"] == ["d"])
        #expect(preflight.headers["access-control-max-age"] == ["172800"])
        let answer = await fixture.call("ListTables", "{}", headers: ["origin": "whatever"])
        #expect(answer.headers["access-control-allow-origin"] == ["*"])
        #expect(answer.headers["access-control-expose-headers"].first?.contains("x-amzn-RequestId") == true)
    }

    @Test func requestsAreToldFromS3s() {
        func isAddressed(_ target: String, _ headers: HTTPHeaders) -> Bool {
            DynamoDBHTTPService.isAddressed(by: WireFixture.request(.POST, target, headers: headers))
        }
        let credential = "AWS4-HMAC-SHA256 Credential=a/20231114/eu-west-1/dynamodb/aws4_request, Signature=b"
        #expect(isAddressed("/", ["x-amz-target": "DynamoDB_20120810.GetItem"]))
        #expect(isAddressed("/?x", ["x-amz-target": "DynamoDBStreams_20120810.GetItem"]))
        #expect(isAddressed("/", ["x-amz-target": "DynamoDB_20111205.Nothing"]))
        #expect(isAddressed("/", ["authorization": credential]))
        #expect(isAddressed("/", ["host": "dynamodb.eu-west-1.localhost:4566"]))
        #expect(!isAddressed("/", ["x-amz-target": "TrentService.Encrypt"]))
        #expect(!isAddressed("/bucket", ["x-amz-target": "DynamoDB_20120810.GetItem"]))
        #expect(!isAddressed("/", ["host": "localhost", "authorization": "AWS4-HMAC-SHA256 Credential=a/b/c/s3/d"]))
    }

    // MARK: Compression and size

    @Test(arguments: ["gzip", "GZIP", "deflate"])
    func compressedRequestsAreExpanded(coding: String) async throws {
        let fixture = try WireFixture()
        let text = Array(#"{"TableName":"abc"}"#.utf8)
        // Either wrapper is told by its first bytes.
        let body = text.withUnsafeBytes { Gzip.compress($0) }
        let headers: HTTPHeaders = [
            "x-amz-target": "DynamoDB_20120810.DescribeTable", "content-type": "application/x-amz-json-1.0",
            "content-encoding": coding,
        ]
        #expect(await fixture.answer(headers: headers, body: body).status == 200)
        #expect(fixture.executor.asked.map(\.body) == [text])
    }

    @Test(arguments: [("gzip", "{}"), ("deflate", "{}"), ("br", "{}"), ("gzip, gzip", "{}"), ("gzip", "")])
    func badCompressionIsRefused(coding: String, body: String) async throws {
        let answer = await (try WireFixture()).call("ListTables", body, headers: ["content-encoding": coding])
        #expect(answer.status == 400)
        #expect(answer.errorCode == "SerializationException")
    }

    @Test func requestsOverTheLimitAreRefused() async throws {
        let fixture = try WireFixture()
        let headers: HTTPHeaders = [
            "x-amz-target": "DynamoDB_20120810.ListTables", "content-type": "application/x-amz-json-1.0",
        ]
        let large = [UInt8](repeating: UInt8(ascii: " "), count: (16 << 20) + 1)
        let answer = await fixture.answer(headers: headers, body: large)
        #expect(answer.status == 413)
        #expect(answer.body.isEmpty)
        var compressed = headers
        compressed.add(name: "content-encoding", value: "gzip")
        let bomb = large.withUnsafeBytes { Gzip.compress($0) }
        #expect(await fixture.answer(headers: compressed, body: bomb).status == 413)
        #expect(fixture.executor.asked.isEmpty)
    }

    @Test func largeAnswersAreCompressedForWhoTakesIt() async throws {
        let large = Array("\"".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 5000) + Array("\"".utf8)
        let fixture = try WireFixture(answer: .success(large))
        for (accepted, coding) in [("gzip", "gzip"), ("deflate, gzip;q=0.5", "deflate")] {
            let answer = await fixture.call("Scan", "{}", headers: ["accept-encoding": accepted])
            #expect(answer.headers["content-encoding"] == [coding])
            #expect(answer.headers["x-amz-crc32"] == [String(CRC32.hash(answer.body))])
            #expect(try answer.body.withUnsafeBytes { try Inflate.expand($0, limit: 10_000) } == large)
        }
        for accepted in ["identity", "gzip;q=0", "br"] {
            #expect(await fixture.call("Scan", "{}", headers: ["accept-encoding": accepted]).body == large)
        }
        let small = try WireFixture()
        let answer = await small.call("Scan", "{}", headers: ["accept-encoding": "gzip"])
        #expect(answer.text == "{}")
        #expect(answer.headers["content-encoding"].isEmpty)
    }

    /// The preferences are the service's own.
    @Test(arguments: [
        ("gzip, deflate", "gzip"), ("br, identity, deflate, gzip", "deflate"), ("GZIP, identity", "gzip"),
        ("dog, gzip ,, cat", "gzip"), ("gzip;q=0.8, deflate;q=0.5", "gzip"),
        ("br, gzip;q=0, deflate; q = 0.5 , identity;q=0", "deflate"), ("*", "gzip"), ("*, deflate;q=0.5", "gzip"),
        ("*, deflate", "deflate"), ("*, gzip;q=0.5", "deflate"), ("gzip ;q=0", nil), ("*;q=0", nil),
        ("*;q=0.5,identity", "gzip"), ("br;q=0.8,*;q=0", nil), ("\"gzip\"", nil), ("gzip br", nil), ("gzip:q=1", nil),
        ("gzip;q=31,deflate;q=51", "gzip"), ("deflate;q=0.5, gzip;q=1;q=0.2", "gzip"),
        ("deflate;q=0.5,gzip;q=0.", "deflate"), ("deflate;q=0.5,gzip;q=0.x", "gzip"),
        ("deflate;q=-0.5,gzip;q=0.2", "gzip"), ("gzip;q= 0;q=1", nil), ("gzip;q =0;q=1", "gzip"),
        ("gzip;nq=0;q=1", nil), ("gzip;q=0, gzip;q=1, gzip;q=0", "gzip"), ("", nil), ("x-gzip", nil),
    ])
    func codingsArePreferred(accepted: String, coding: String?) {
        #expect(AnswerCoding.preferred(accepted)?.rawValue == coding)
    }
}
