package import HTTPFront

/// Writes one line for each request. On the event loop this costs well under a microsecond: a lock and a copy of bytes.
package struct AccessLog: Sendable {
    private let sink: LogSink
    private let format: AccessLogChoice.Format
    private let realMilliseconds: @Sendable () -> Int64

    /// - Parameter realMilliseconds: real time since 1970, called once for each line.
    package init(
        sink: LogSink, format: AccessLogChoice.Format, realMilliseconds: @escaping @Sendable () -> Int64
    ) {
        self.sink = sink
        self.format = format
        self.realMilliseconds = realMilliseconds
    }

    /// Takes a finished exchange. From any thread.
    package func write(_ record: AccessRecord) {
        let time = realMilliseconds()
        sink.line { line in
            switch format {
            case .json: Self.appendJSON(record, time, to: &line)
            case .text: Self.appendText(record, time, to: &line)
            }
        }
    }

    private static func appendJSON(_ record: AccessRecord, _ time: Int64, to line: inout LineBuilder) {
        line.append("{\"time\":\"")
        line.appendTime(milliseconds: time)
        line.append("\",\"kind\":\"access\",\"request_id\":\"")
        line.appendEscaped(record.requestID)
        line.append("\",\"remote\":\"")
        line.appendEscaped(record.remoteAddress)
        line.append("\",\"method\":\"")
        line.appendEscaped(record.method)
        line.append("\",\"target\":\"")
        TargetRedaction.pieces(of: record.target) { line.appendEscaped($0) }
        line.append("\",\"status\":")
        line.append(UInt64(clamping: record.status))
        line.append(",\"service\":\"")
        line.appendEscaped(record.service)
        line.append("\",\"operation\":\"")
        line.appendEscaped(record.operation)
        line.append("\"")
        if let code = record.errorCode {
            line.append(",\"error\":\"")
            line.appendEscaped(code)
            line.append("\"")
        }
        line.append(",\"bytes_received\":")
        line.append(UInt64(clamping: record.bytesReceived))
        line.append(",\"bytes_sent\":")
        line.append(UInt64(clamping: record.bytesSent))
        line.append(",\"duration_us\":")
        line.append(UInt64(clamping: record.durationNanoseconds / 1000))
        if !record.isComplete { line.append(",\"complete\":false") }
        if let agent = record.userAgent {
            line.append(",\"user_agent\":\"")
            line.appendEscaped(agent)
            line.append("\"")
        }
        line.append("}")
    }

    /// The common log format, with request id, operation and duration behind. What a client wrote is escaped as in
    /// JSON, so that it cannot forge lines.
    private static func appendText(_ record: AccessRecord, _ time: Int64, to line: inout LineBuilder) {
        line.appendEscaped(record.remoteAddress)
        line.append(" - - [")
        line.appendTime(milliseconds: time)
        line.append("] \"")
        line.appendEscaped(record.method)
        line.append(" ")
        TargetRedaction.pieces(of: record.target) { line.appendEscaped($0) }
        line.append("\" ")
        line.append(UInt64(clamping: record.status))
        line.append(" ")
        line.append(UInt64(clamping: record.bytesSent))
        line.append(" \"")
        line.appendEscaped(record.userAgent ?? "-")
        line.append("\" ")
        line.appendEscaped(record.requestID)
        line.append(" ")
        line.appendEscaped(record.operation.isEmpty ? "-" : record.operation)
        line.append(" ")
        line.append(UInt64(clamping: record.durationNanoseconds / 1000))
        line.append("us")
    }
}

/// Takes out of a request target what would let a reader of the log act as the signer: a presigned URL is a key for as
/// long as it is valid.
enum TargetRedaction {
    private static let secretParameters: [StaticString] = ["x-amz-signature", "signature", "x-amz-security-token"]

    /// Hands out the target in pieces, the values of signatures and session tokens replaced.
    static func pieces(of target: String, _ take: (String) -> Void) {
        guard let query = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return take(target) }
        var taken = target.startIndex
        var position = target.utf8.index(after: query)
        while position < target.endIndex {
            let end = target.utf8[position...].firstIndex(of: UInt8(ascii: "&")) ?? target.endIndex
            if let equals = target.utf8[position..<end].firstIndex(of: UInt8(ascii: "=")),
                isSecret(target.utf8[position..<equals])
            {
                let value = target.utf8.index(after: equals)
                take(String(target[taken..<value]))
                take("REDACTED")
                taken = end
            }
            position = end < target.endIndex ? target.utf8.index(after: end) : end
        }
        take(taken == target.startIndex ? target : String(target[taken...]))
    }

    private static func isSecret(_ name: Substring.UTF8View) -> Bool {
        secretParameters.contains { secret in
            guard name.count == secret.utf8CodeUnitCount else { return false }
            return secret.withUTF8Buffer { bytes in
                // Setting bit 5 makes ASCII letters lower case; the other bytes of these names have it set already.
                zip(name, bytes).allSatisfy { $0 | 0x20 == $1 }
            }
        }
    }
}
