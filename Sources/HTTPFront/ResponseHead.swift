import NIOCore
import NIOHTTP1

/// How the end of a response's body is told.
enum ResponseFraming: Equatable {
    /// No body is sent; `announced` goes into `Content-Length` when not nil.
    case bodiless(announced: Int?)
    case length(Int)
    case chunked
    /// The end of the connection is the end of the body: what is left for HTTP/1.0.
    case untilClose

    /// Chooses the framing. `declared` is the length the service gave or that of the whole body it gave.
    static func choose(method: HTTPMethod, status: HTTPResponseStatus, declared: Int?, allowsChunked: Bool) -> Self {
        let code = status.code
        if code < 200 || code == 204 { return .bodiless(announced: nil) }
        if method == .HEAD || code == 304 { return .bodiless(announced: declared) }
        if let declared { return .length(declared) }
        return allowsChunked ? .chunked : .untilClose
    }
}

/// What goes into the `Connection` header.
enum ConnectionDirective {
    /// HTTP/1.1's default needs no header.
    case silent
    case keepAlive
    case close
}

/// The head of a response, ready to be rendered in one pass into one buffer.
struct ResponseHead {
    var status: HTTPResponseStatus
    var headers: HTTPHeaders
    var framing: ResponseFraming
    var directive: ConnectionDirective
    var id: RequestID
    var idText: String

    /// Space for the status line's and the front's own fixed texts and numbers.
    private static let fixedBytes = 256

    /// Appends the head. `commonLines` are the lines that are the same for all responses of this second. An answer that
    /// has a header with its id, as all services but S3 have it, is not given S3's two.
    func write(to buffer: inout ByteBuffer, commonLines: [UInt8]) {
        var capacity = Self.fixedBytes + commonLines.count + status.reasonPhrase.utf8.count
        var isIdentified = false
        for (name, value) in headers {
            capacity += name.utf8.count + value.utf8.count + 4
            if name.isHeaderName("x-amzn-requestid") { isIdentified = true }
        }
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { raw in
            var cursor = HeadCursor(raw)
            cursor.put("HTTP/1.1 ")
            cursor.put(number: Int(status.code))
            cursor.put(" ")
            cursor.put(string: status.reasonPhrase)
            cursor.put("\r\n")
            cursor.put(bytes: commonLines)
            if !isIdentified {
                cursor.put("x-amz-request-id: ")
                cursor.put(string: idText)
                cursor.put("\r\nx-amz-id-2: ")
                cursor.put(hostIDOf: id)
                cursor.put("\r\n")
            }
            for (name, value) in headers where !Self.isOwnedByFront(name) {
                cursor.put(string: name)
                cursor.put(": ")
                cursor.put(string: value)
                cursor.put("\r\n")
            }
            putFraming(&cursor)
            return cursor.written
        }
    }

    private func putFraming(_ cursor: inout HeadCursor) {
        switch framing {
        case .bodiless(nil), .untilClose: break
        case .bodiless(let length?), .length(let length):
            cursor.put("Content-Length: ")
            cursor.put(number: length)
            cursor.put("\r\n")
        case .chunked: cursor.put("Transfer-Encoding: chunked\r\n")
        }
        switch directive {
        case .silent: cursor.put("\r\n")
        case .keepAlive: cursor.put("Connection: keep-alive\r\n\r\n")
        case .close: cursor.put("Connection: close\r\n\r\n")
        }
    }

    /// Headers the front writes itself; a service's own are left out.
    private static func isOwnedByFront(_ name: String) -> Bool {
        switch name.utf8.count {
        case 4: name.isHeaderName("date")
        case 6: name.isHeaderName("server")
        case 10: name.isHeaderName("connection") || name.isHeaderName("x-amz-id-2")
        case 14: name.isHeaderName("content-length")
        case 16: name.isHeaderName("x-amz-request-id")
        case 17: name.isHeaderName("transfer-encoding")
        default: false
        }
    }
}

extension String {
    /// Whether this is the header `lowercase`, whatever its case. `lowercase` is ASCII without upper-case letters.
    func isHeaderName(_ lowercase: StaticString) -> Bool {
        guard utf8.count == lowercase.utf8CodeUnitCount else { return false }
        var text = self
        return text.withUTF8 { bytes in
            for index in bytes.indices {
                let byte = bytes[index]
                if (byte &- 65 < 26 ? byte | 32 : byte) != lowercase.utf8Start[index] { return false }
            }
            return true
        }
    }
}

/// Writes head bytes one after another into memory whose size was computed beforehand.
private struct HeadCursor {
    private let memory: UnsafeMutableRawBufferPointer
    private(set) var written = 0

    init(_ memory: UnsafeMutableRawBufferPointer) {
        self.memory = memory
    }

    mutating func put(_ text: StaticString) {
        copy(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func put(bytes: [UInt8]) {
        bytes.withUnsafeBytes { copy($0) }
    }

    mutating func put(hostIDOf id: RequestID) {
        precondition(memory.count - written >= RequestID.hostIDLength, "the head outgrew its computed size")
        guard let base = memory.baseAddress else { return }
        id.writeHostID(to: base + written)
        written += RequestID.hostIDLength
    }

    mutating func put(number: Int) {
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
        withUnsafeMutableBytes(of: &digits) { scratch in
            var rest = number
            var start = scratch.count
            repeat {
                start -= 1
                scratch[start] = UInt8(48 + rest % 10)
                rest /= 10
            } while rest > 0
            copy(UnsafeRawBufferPointer(rebasing: scratch[start...]))
        }
    }

    /// Text from outside. Control bytes become spaces, so that no value can end its line and start another.
    mutating func put(string: String) {
        var text = string
        let start = written
        text.withUTF8 { copy(UnsafeRawBufferPointer($0)) }
        if hasControlByte(from: start) {
            for index in start..<written where memory[index] < 32 { memory[index] = 32 }
        }
    }

    private func hasControlByte(from start: Int) -> Bool {
        var index = start
        // Eight bytes at a time: the high bit of a byte is set in the sum's complement only where the byte was below
        // 32.
        while index + 8 <= written {
            let word = memory.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            if (word &- 0x2020_2020_2020_2020) & ~word & 0x8080_8080_8080_8080 != 0 { return true }
            index += 8
        }
        while index < written {
            if memory[index] < 32 { return true }
            index += 1
        }
        return false
    }

    private mutating func copy(_ source: UnsafeRawBufferPointer) {
        precondition(memory.count - written >= source.count, "the head outgrew its computed size")
        guard let from = source.baseAddress, let base = memory.baseAddress else { return }
        (base + written).copyMemory(from: from, byteCount: source.count)
        written += source.count
    }
}
