import Foundation
import HTTPFront
import Logging
import NIOCore
import NIOHTTP1
import Testing

/// TLS with a certificate made at test time, seen by another TLS implementation than the server's.
@Suite struct TLSTests {
    private static func run(_ arguments: [String], input: String? = nil) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        let output = Pipe()
        let feed = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = feed
        try process.run()
        if let input { feed.fileHandleForWriting.write(Data(input.utf8)) }
        feed.fileHandleForWriting.closeFile()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    /// Makes a self-signed certificate for localhost in a directory that is removed afterwards.
    private static func withCertificate(_ test: (FrontTLS) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("front-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let tls = FrontTLS(
            certificateChainPath: directory.appendingPathComponent("cert.pem").path,
            privateKeyPath: directory.appendingPathComponent("key.pem").path)
        let made = try run([
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", tls.privateKeyPath,
            "-out", tls.certificateChainPath,
        ])
        #expect(made.status == 0)
        try await test(tls)
    }

    @Test func requestsAndLargeBodiesGoThroughTLS() async throws {
        try await Self.withCertificate { tls in
            try await FrontFixture.run(tls: tls) { request, response in
                var count = 0
                while let bytes = try? await request.body.next() { count += bytes.readableBytes }
                let text = "\(request.isSecure) \(count)"
                response.start(.ok, headers: ["Content-Length": "\(text.utf8.count + 3_000_000)"])
                try? await response.write(ByteBuffer(string: text))
                try? await response.write(ByteBuffer(repeating: 65, count: 3_000_000))
                response.end()
            } test: { front in
                let upload = tls.privateKeyPath + ".body"
                try Data(repeating: 1, count: 4_000_000).write(to: URL(fileURLWithPath: upload))
                let got = try Self.run([
                    "curl", "-sS", "--cacert", tls.certificateChainPath, "-T", upload,
                    "https://localhost:\(front.port)/a", "--resolve", "localhost:\(front.port):127.0.0.1",
                ])
                #expect(got.status == 0)
                #expect(got.output.hasPrefix("true 4000000AAA"))
                #expect(got.output.utf8.count == "true 4000000".utf8.count + 3_000_000)
            }
        }
    }

    @Test func anEarlyAnswerAndACloseAreCleanOverTLS() async throws {
        try await Self.withCertificate { tls in
            try await FrontFixture.run(tls: tls) { _, response in
                response.send(.forbidden, headers: [:], body: ByteBuffer(string: "no room"))
            } test: { front in
                let upload = tls.privateKeyPath + ".body"
                try Data(repeating: 1, count: 8_000_000).write(to: URL(fileURLWithPath: upload))
                let got = try Self.run([
                    "curl", "-sS", "--cacert", tls.certificateChainPath, "-T", upload, "-H", "Expect:",
                    "https://127.0.0.1:\(front.port)/a", "-w", " %{http_code}",
                ])
                #expect(got.output == "no room 403")
            }
        }
    }

    @Test func aMissingOrUnfitCertificateIsNamed() async throws {
        let tls = FrontTLS(certificateChainPath: "/nonexistent/cert.pem", privateKeyPath: "/nonexistent/key.pem")
        let configuration = FrontConfiguration(tls: tls, requestIDSeed: 1, date: { "Thu, 01 Jan 1970 00:00:00 GMT" })
        do {
            let server = try await FrontServer.start(
                configuration, service: ClosureService(body: describingService), accessLog: { _ in },
                logger: Logger(label: "front-tests"))
            await server.shutdown(graceWithin: 0)
            Issue.record("started without a certificate")
        } catch {
            guard case .badCertificate = error else {
                Issue.record("\(error)")
                return
            }
        }
    }
}
