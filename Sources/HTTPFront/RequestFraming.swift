import NIOCore
import NIOHTTP1

/// What the front itself reads from a request's head, in one pass over its fields.
struct RequestFraming {
    /// 0 without a body, nil when it comes in chunks.
    var declaredLength: Int? = 0
    /// `Expect: 100-continue` was sent and may be answered.
    var expectsContinue = false
    /// The connection can carry another request after this one.
    var allowsKeepAlive = true
    /// An HTTP/1.0 client keeps the connection only when it is told so.
    var needsKeepAliveHeader = false
    /// HTTP/1.1 clients understand chunks.
    var allowsChunkedResponse = true
    var userAgent: String?

    /// Reads the head.
    ///
    /// - Throws: a fault when the framing is ambiguous or out of bounds. Ambiguity is refused, never resolved: where
    ///   two readers of the same bytes may disagree, a request can be hidden inside another.
    init(head: HTTPRequestHead, limits: FrontLimits) throws(FrontFault) {
        var contentLength: Int?
        var isChunked = false
        var hostCount = 0
        var expectation: String?
        var isUpgrade = false
        for (name, value) in head.headers {
            switch name.utf8.count {
            case 4 where name.isHeaderName("host"): hostCount += 1
            case 6 where name.isHeaderName("expect"): expectation = value
            case 7 where name.isHeaderName("upgrade"): isUpgrade = true
            case 10 where name.isHeaderName("user-agent"): userAgent = value
            case 14 where name.isHeaderName("content-length"):
                guard contentLength == nil, let length = Self.decimal(value) else { throw .malformedRequest }
                contentLength = length
            case 17 where name.isHeaderName("transfer-encoding"):
                guard !isChunked, value.isHeaderName("chunked") else { throw .malformedRequest }
                isChunked = true
            default: break
            }
        }
        let isHTTP10 = head.version.minor == 0
        if isChunked && (contentLength != nil || isHTTP10) { throw .malformedRequest }
        if hostCount > 1 || (hostCount == 0 && !isHTTP10) { throw .malformedRequest }
        if let contentLength, contentLength > limits.bodyBytesMax { throw .bodyTooLarge }
        declaredLength = isChunked ? nil : contentLength ?? 0
        // Other expectations are passed over, as HTTP allows and S3 does.
        if let expectation, !isHTTP10, expectation.isHeaderName("100-continue") {
            // An empty body is waited for like any other: botocore takes a final status without a 100 before it for the
            // last answer of its connection.
            expectsContinue = true
        }
        // The decoder stops after a request that offers an upgrade, so the connection ends with it.
        allowsKeepAlive = head.isKeepAlive && !isUpgrade && head.method != .CONNECT
        needsKeepAliveHeader = isHTTP10 && allowsKeepAlive
        allowsChunkedResponse = !isHTTP10
    }

    /// One to eighteen decimal digits and nothing else; more cannot be a length.
    private static func decimal(_ text: String) -> Int? {
        guard (1...18).contains(text.utf8.count) else { return nil }
        var number = 0
        for byte in text.utf8 {
            guard byte &- 48 < 10 else { return nil }
            number = number * 10 + Int(byte &- 48)
        }
        return number
    }
}
