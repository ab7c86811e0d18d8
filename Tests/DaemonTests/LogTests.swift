import HTTPFront
import LogStore
import Testing

@testable import Daemon

#if canImport(Glibc)
import Glibc
#endif

@Suite struct LogTests {
    private func record(target: String = "/b/k", agent: String? = nil) -> AccessRecord {
        AccessRecord(
            requestID: "0123456789ABCDEF", method: "GET", target: target, status: 200, isComplete: true,
            bytesReceived: 3, bytesSent: 4096, durationNanoseconds: 1_234_567, remoteAddress: "127.0.0.1",
            userAgent: agent, service: "s3", operation: "GetObject", errorCode: nil)
    }

    /// What a sink has written after `body` has used it.
    private func written(_ body: (LogSink) -> Void) throws -> String {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let sink = LogSink(descriptor: ends[1])
        body(sink)
        sink.stop()
        close(ends[1])
        defer { close(ends[0]) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(ends[0], &buffer, buffer.count)
            guard count > 0 else { break }
            bytes.append(contentsOf: buffer[..<count])
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func line(_ record: AccessRecord, format: AccessLogChoice.Format = .json) throws -> String {
        try written { sink in
            AccessLog(sink: sink, format: format, realMilliseconds: { 1_795_256_130_007 }).write(record)
        }
    }

    @Test func aRequestIsOneJSONLine() throws {
        let expected =
            #"{"time":"2026-11-21T10:15:30.007Z","kind":"access","request_id":"0123456789ABCDEF","#
            + #""remote":"127.0.0.1","method":"GET","target":"/b/k","status":200,"service":"s3","#
            + #""operation":"GetObject","bytes_received":3,"bytes_sent":4096,"duration_us":1234}"# + "\n"
        #expect(try line(record()) == expected)
    }

    @Test func errorsBrokenAnswersAndAgentsAreAdded() throws {
        var record = record(agent: "aws-cli/2")
        record.errorCode = "NoSuchKey"
        record.isComplete = false
        let line = try line(record)
        #expect(line.contains(#","error":"NoSuchKey","#))
        #expect(line.hasSuffix(#","complete":false,"user_agent":"aws-cli/2"}"# + "\n"))
    }

    @Test func whatAClientWritesCannotForgeALine() throws {
        let line = try line(record(target: "/a\"b\\c\nd", agent: "x\"}\n{\"kind\":\"access\"\u{1}\u{7f}\t\r"))
        #expect(line.count { $0 == "\n" } == 1)
        #expect(line.contains(#""target":"/a\"b\\c\nd""#))
        #expect(line.contains(#""user_agent":"x\"}\n{\"kind\":\"access\"\u0001\u007f\t\r""#))
        let text = try self.line(record(target: "/a\"b\nc"), format: .text)
        #expect(text.count { $0 == "\n" } == 1)
    }

    @Test(arguments: [
        ("/b/k", "/b/k"),
        ("/b/k?list-type=2", "/b/k?list-type=2"),
        ("/b/k?X-Amz-Date=1&X-Amz-Signature=abc&x=1", "/b/k?X-Amz-Date=1&X-Amz-Signature=REDACTED&x=1"),
        ("/b/k?AWSAccessKeyId=a&Signature=s%2B&Expires=1", "/b/k?AWSAccessKeyId=a&Signature=REDACTED&Expires=1"),
        ("/k?X-Amz-Security-Token=t&Signature=", "/k?X-Amz-Security-Token=REDACTED&Signature=REDACTED"),
        ("/Signature=kept?a", "/Signature=kept?a"),
        ("/b?&&=&signature=x&", "/b?&&=&signature=REDACTED&"),
    ])
    func signaturesAreNotLogged(target: String, logged: String) {
        var text = ""
        TargetRedaction.pieces(of: target) { text += $0 }
        #expect(text == logged)
    }

    @Test func theTextFormatIsTheCommonOneAndMore() throws {
        let expected =
            "127.0.0.1 - - [2026-11-21T10:15:30.007Z] \"GET /b/k\" 200 4096 \"-\" 0123456789ABCDEF GetObject 1234us\n"
        #expect(try line(record(), format: .text) == expected)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (951_782_399_999, "2000-02-28T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"), (1_795_256_130_007, "2026-11-21T10:15:30.007Z"),
    ])
    func momentsAreWrittenInUTC(milliseconds: Int64, text: String) {
        var timestamp = TimestampText()
        for _ in 0..<2 {
            var bytes: [UInt8] = []
            timestamp.append(milliseconds: milliseconds, to: &bytes)
            #expect(String(decoding: bytes, as: UTF8.self) == text)
        }
    }

    @Test func linesOfAllThreadsArriveWhole() async throws {
        let text = try written { sink in
            let threads = (0..<4).map { thread in
                SystemThread(name: "test-log") {
                    for number in 0..<200 {
                        sink.line { $0.appendRaw("\(thread):\(number)") }
                    }
                }
            }
            for thread in threads { thread.join() }
        }
        let lines = text.split(separator: "\n")
        #expect(Set(lines).count == 800)
        let own = lines.filter { $0.hasPrefix("2:") }
        #expect(own == (0..<200).map { "2:\($0)" })
    }

    @Test func linesThatNobodyReadsAreDroppedAndCounted() {
        // A descriptor that cannot be written to.
        let sink = LogSink(descriptor: -1)
        for _ in 0..<3 { sink.line { $0.append("lost") } }
        sink.stop()
        #expect(sink.droppedLineCount == 3)
    }
}
