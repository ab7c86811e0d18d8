import Glibc

/// A blocking TCP client that sends and receives exactly what it is told to. Reads give up after five seconds.
final class RawClient {
    struct ConnectionFailure: Error { var code: Int32 }

    struct Response {
        var status: Int
        var headers: [(name: String, value: String)]
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }

        func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    private let descriptor: Int32
    private var buffered: [UInt8] = []
    private(set) var isAtEnd = false
    private(set) var wasReset = false

    init(port: Int, receiveBytes: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        // Only ends what hangs: a loaded machine may take seconds for anything.
        var timeout = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        if var receiveBytes {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBytes, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw ConnectionFailure(code: errno) }
    }

    deinit { close(descriptor) }

    /// Whether the peer has closed and nothing is left to read. Does not wait.
    var isClosedByPeer: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) == 0
    }

    /// Whether the peer has sent nothing that is not read yet, and not closed either. Does not wait.
    var hasNothingToRead: Bool {
        var byte: UInt8 = 0
        return buffered.isEmpty && recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) < 0
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// Sends without waiting until the connection takes no more for `patienceMilliseconds`; returns how much it took.
    func sendWhileAccepted(upTo limit: Int, patienceMilliseconds: Int32) -> Int {
        let chunk = [UInt8](repeating: 120, count: 65536)
        var sent = 0
        while sent < limit {
            var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&poller, 1, patienceMilliseconds) > 0 else { break }
            let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
            let count = chunk.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress!, min($0.count, limit - sent), flags)
            }
            guard count > 0 else { break }
            sent += count
        }
        return sent
    }

    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Reads some bytes into the buffer; false at the end, a reset or the timeout.
    @discardableResult
    func fill() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress!, $0.count, 0) }
        if count == 0 { isAtEnd = true }
        if count < 0 && errno == ECONNRESET { wasReset = true }
        guard count > 0 else { return false }
        buffered += chunk[..<count]
        return true
    }

    /// Everything until the connection ends.
    func readToEnd() -> [UInt8] {
        while fill() {}
        defer { buffered = [] }
        return buffered
    }

    func readLine() -> String? {
        while true {
            if let end = buffered.firstIndex(of: 10) {
                let line = String(decoding: buffered[..<max(0, end - 1)], as: UTF8.self)
                buffered.removeFirst(end + 1)
                return line
            }
            guard fill() else { return nil }
        }
    }

    func read(count: Int) -> [UInt8]? {
        while buffered.count < count { guard fill() else { return nil } }
        defer { buffered.removeFirst(count) }
        return Array(buffered[..<count])
    }

    /// One response, read as HTTP/1.1 says. `hasBody` is false for answers to HEAD.
    func readResponse(hasBody: Bool = true) -> Response? {
        guard let statusLine = readLine(), statusLine.hasPrefix("HTTP/1.1 ") else { return nil }
        var response = Response(status: Int(statusLine.split(separator: " ")[1]) ?? 0, headers: [], body: [])
        while let line = readLine(), !line.isEmpty {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            response.headers.append((String(parts[0]), String(parts[1].drop { $0 == " " })))
        }
        guard hasBody, response.status >= 200, response.status != 204, response.status != 304 else { return response }
        if let length = response.header("Content-Length").flatMap({ Int($0) }) {
            guard let body = read(count: length) else { return nil }
            response.body = body
        } else if response.header("Transfer-Encoding") == "chunked" {
            while let size = readLine().flatMap({ Int($0, radix: 16) }) {
                guard let chunk = read(count: size), readLine() == "" else { return nil }
                if size == 0 { return response }
                response.body += chunk
            }
            return nil
        } else {
            response.body = readToEnd()
        }
        return response
    }

    func get(_ target: String) -> Response? {
        send("GET \(target) HTTP/1.1\r\nHost: test\r\n\r\n")
        return readResponse()
    }
}
