import AWSWire
import Foundation
import IAM
import NIOHTTP1
import Testing

/// Requests that botocore signed (see `Fixtures/sign_with_botocore.py`): each is accepted, and none is once it was
/// touched.
struct BotocoreSignatureTests {
    struct Fixture: Decodable {
        var accessKey: String
        var secretKey: String
        var unixSeconds: Int64
        var requests: [Signed]

        static let shared: Fixture? = {
            let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("Fixtures/signed-requests.json")
            return (try? Data(contentsOf: path)).flatMap { try? JSONDecoder().decode(Fixture.self, from: $0) }
        }()

        func verifier(secretKey: String? = nil) throws -> SignatureVerifier {
            let identity = Identity(
                name: "fixture", accountID: "123456789012", accessKey: accessKey,
                secretKey: secretKey ?? self.secretKey)
            let time = unixSeconds
            return SignatureVerifier(
                identities: try IdentityTable([identity]), rules: .s3, mode: .verify, now: { time })
        }
    }

    struct Signed: Decodable, CustomTestStringConvertible, Sendable {
        var name: String
        var method: String
        var target: String
        var headers: [[String]]

        var testDescription: String { name }

        var httpHeaders: HTTPHeaders { HTTPHeaders(headers.map { ($0[0], $0[1]) }) }

        func verify(with verifier: SignatureVerifier) throws -> VerifiedRequest {
            try verifier.verify(
                method: HTTPMethod(rawValue: method), target: try RequestTarget(target), headers: httpHeaders)
        }
    }

    @Test func fixtureHoldsAllSchemes() throws {
        let fixture = try #require(Fixture.shared)
        let schemes = Set(fixture.requests.compactMap { $0.name.split(separator: ":").first })
        #expect(schemes == ["v4Header", "v4Query", "v2Header", "v2Query"])
        #expect(fixture.requests.count > 80)
    }

    @Test(arguments: Fixture.shared?.requests ?? [])
    func botocoreRequestIsAccepted(_ request: Signed) throws {
        let fixture = try #require(Fixture.shared)
        let verified = try request.verify(with: fixture.verifier())
        #expect(verified.identity?.accessKey == fixture.accessKey)
        #expect("\(verified.scheme)" == String(request.name.prefix { $0 != ":" }))
    }

    @Test(arguments: Fixture.shared?.requests ?? [])
    func touchedBotocoreRequestIsRefused(_ request: Signed) throws {
        let fixture = try #require(Fixture.shared)
        let verifier = try fixture.verifier()
        var mutants: [Signed] = []
        var mutant = request
        mutant.method = request.method == "GET" ? "DELETE" : "POST"
        mutants.append(mutant)
        mutant = request
        mutant.target = request.target.replacing("/bucket/", with: "/bucket/x", maxReplacements: 1)
        mutants.append(mutant)
        mutant = request
        mutant.target += (request.target.contains("?") ? "&" : "?") + "versionId=1"
        mutants.append(mutant)
        mutant = request
        mutant.headers.append(["x-amz-acl", "public-read"])
        mutants.append(mutant)
        if request.name.hasPrefix("v4") {
            mutant = request
            mutant.headers = mutant.headers.map { $0[0] == "Host" ? ["Host", "127.0.0.1:4567"] : $0 }
            mutants.append(mutant)
        }
        for mutant in mutants {
            #expect(throws: SignatureError.self) { try mutant.verify(with: verifier) }
        }
        let error = #expect(throws: SignatureError.self) {
            try request.verify(with: fixture.verifier(secretKey: "another"))
        }
        #expect(error?.awsError.code == "SignatureDoesNotMatch")
    }
}
