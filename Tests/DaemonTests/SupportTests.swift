import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import Daemon

@Suite struct SupportTests {
    /// A directory of its own for `body`, removed afterwards.
    private func withDirectory(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/varve-daemon-XXXXXX".utf8CString)
        let path = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer { removeAll(path) }
        try body(path)
    }

    private func removeAll(_ path: String) {
        for name in ["admin-token", "new/admin-token"] { unlink("\(path)/\(name)") }
        rmdir("\(path)/new")
        rmdir(path)
    }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        stat(path, &status)
        return status.st_mode & 0o777
    }

    @Test func theTokenIsMadeOnceAndPrivate() throws {
        try withDirectory { directory in
            _ = try AdminToken.load(dataDirectory: directory)
            let path = "\(directory)/\(AdminToken.fileName)"
            let text = try FileText.read(path)
            #expect(text.count == 65)
            #expect(mode(path) == 0o600)
            let again = try AdminToken.load(dataDirectory: directory)
            #expect(again.isCarried(by: "Bearer \(text.dropLast())"))
            #expect(try FileText.read(path) == text)
        }
    }

    @Test func aDataDirectoryIsMadeForItsOwnerOnly() throws {
        try withDirectory { directory in
            _ = try DataDirectory.open(directory + "/new")
            #expect(mode(directory + "/new") == 0o700)
        }
    }

    @Test func aFileIsNoDataDirectory() throws {
        try withDirectory { directory in
            try FileText.createPrivate("\(directory)/admin-token", "x")
            let error = #expect(throws: StartError.self) {
                try DataDirectory.open("\(directory)/admin-token")
            }
            #expect(error?.status == .cannotCreate)
        }
    }

    @Test func theHolderOfAPortIsFound() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let listener = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        let holder = PortHolder.find(port: port)
        #expect(holder?.processID == getpid())
        #expect(holder?.command.isEmpty == false)
        try await listener.close()
        #expect(PortHolder.find(port: port) == nil)
    }

    @Test func onlyListenersCountInTheSocketTable() {
        let table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:11D6 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1 x
               1: 0100007F:11D6 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 4343 1 x
               2: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4444 1 x
            """
        #expect(PortHolder.listenerInodes(port: 4566, table: table) == ["socket:[4242]"])
    }

    @Test func shellsGetTheirOwnQuotes() throws {
        let settings = try ResolvedSettings(flags: ["--listen", "localhost:9000"], environment: [:], file: nil)
        let environment = ClientEnvironment(try Configuration(settings), endpoint: nil, region: "eu'x")
        let lines = environment.text(for: .sh).split(separator: "\n")
        #expect(lines.first == "export AWS_ENDPOINT_URL='http://127.0.0.1:9000'")
        #expect(lines.last == "export AWS_DEFAULT_REGION='eu'\\''x'")
        #expect(environment.text(for: .fish).contains("set -gx AWS_REGION 'eu\\'x'\n"))
        #expect(environment.text(for: .powershell).contains("$env:AWS_REGION = 'eu''x'\n"))
        #expect(environment.json.contains(#""AWS_ACCESS_KEY_ID":"test""#))
    }

    @Test func blockingCallsPassResultsAndErrorsOn() async throws {
        // On a thread of its own: a thread of the tasks' pool must never wait for a task.
        let group = NIOThreadPool(numberOfThreads: 1)
        group.start()
        let seven = try await group.runIfActive { BlockingCall.run { () async throws(Never) in 7 } }
        #expect(seven == 7)
        await #expect(throws: StartError.self) {
            try await group.runIfActive {
                try BlockingCall.run { () async throws(StartError) -> Int in throw StartError(.usage, "no") }
            }
        }
        try await group.shutdownGracefully()
    }
}
