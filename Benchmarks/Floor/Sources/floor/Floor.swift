import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// The benchmark's floor: what HTTP over SwiftNIO costs by itself. It answers GET with a constant body and PUT, once its body has been
/// read, with 200; with `--commit` only after the body is on disk. It checks nothing, looks nothing up and logs nothing.
@main
struct Floor {
    static func main() throws {
        guard let options = Options(CommandLine.arguments.dropFirst()) else {
            say("usage: floor [--port N] [--bytes N] [--loops N] [--commit FILE]", to: STDERR_FILENO)
            exit(64)
        }
        let writer = try options.commitPath.map { try GroupWriter(path: $0) }
        let body = ByteBuffer(repeating: 0x78, count: options.bytes)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: options.loops)
        let listener = try ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(HTTPResponseEncoder())
                    try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
                    try pipeline.addHandler(FloorHandler(body: body, writer: writer))
                }
            }
            .bind(host: "127.0.0.1", port: options.port).wait()
        say("ready endpoint=http://127.0.0.1:\(listener.localAddress?.port ?? 0)", to: STDOUT_FILENO)
        try listener.closeFuture.wait()
    }
}

/// What the command line says.
struct Options {
    var port = 0
    var bytes = 4096
    var loops = 1
    var commitPath: String?

    /// Nil when an option is unknown or its value is missing or no number.
    init?(_ arguments: some Sequence<String>) {
        var rest = arguments.makeIterator()
        while let name = rest.next() {
            guard let value = rest.next() else { return nil }
            switch (name, Int(value)) {
            case ("--port", let number?): port = number
            case ("--bytes", let number?): bytes = number
            case ("--loops", let number?): loops = number
            case ("--commit", _): commitPath = value
            default: return nil
            }
        }
    }
}

/// Writes a line, unbuffered: readers of a pipe wait for it.
func say(_ line: String, to descriptor: Int32) {
    _ = (line + "\n").withCString { write(descriptor, $0, strlen($0)) }
}
