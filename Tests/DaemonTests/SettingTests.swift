import LogStore
import Testing

@testable import Daemon

@Suite struct SettingTests {
    @Test func everyNameIsDeclaredOnce() {
        #expect(Setting.all.map(\.name) == SettingName.allCases)
    }

    @Test(arguments: SettingName.allCases)
    func everyDefaultIsAValueOfItsKind(name: SettingName) throws {
        let setting = Setting.named(name)
        _ = try setting.kind.parse(setting.defaultText)
        #expect(setting.summary.hasSuffix("."))
    }

    @Test func namesOfFlagAndEnvironmentFollowFromTheKey() {
        let setting = Setting.named(.memoryBudget)
        #expect(setting.flag == "--memory-budget")
        #expect(setting.environmentName == "VARVE_MEMORY_BUDGET")
    }

    @Test(arguments: [
        ("4096", 4096), ("1KiB", 1024), ("256MiB", 256 << 20), ("2 GiB", 2 << 30), ("1KB", 1000), ("7B", 7),
    ])
    func bytesAreReadWithUnits(text: String, bytes: Int) throws {
        #expect(try ByteCount.parse(text, within: 0...Int.max) == bytes)
    }

    @Test(arguments: ["", "MiB", "1.5GiB", "-1", "12 apples", "99999999999TiB", "9223372036854775808"])
    func whatIsNoNumberOfBytesIsRefused(text: String) {
        #expect(throws: ValueError.self) { try ByteCount.parse(text, within: 0...Int.max) }
    }

    @Test(arguments: [0, 1, 1000, 1024, 256 << 20, 3 << 30, (1 << 30) + 1])
    func bytesAreShownSoThatTheyReadBackTheSame(bytes: Int) throws {
        #expect(try ByteCount.parse(ByteCount.describe(bytes), within: 0...Int.max) == bytes)
    }

    @Test(arguments: [
        ("always", Durability.always), ("never", .never), ("every(50)", .every(milliseconds: 50)),
        ("every(7ms)", .every(milliseconds: 7)),
    ])
    func durabilityIsRead(text: String, durability: Durability) throws {
        #expect(try DurabilityText.parse(text).durability == durability)
    }

    @Test(arguments: ["", "sometimes", "every", "every()", "every(0)", "every(-1)", "every(60001)", "every(5s)"])
    func whatIsNoDurabilityIsRefused(text: String) {
        #expect(throws: ValueError.self) { try DurabilityText.parse(text) }
    }

    @Test(arguments: [
        ("127.0.0.1:4566", "127.0.0.1", 4566), ("[::1]:0", "::1", 0), ("localhost:65535", "localhost", 65535),
    ])
    func endpointsAreRead(text: String, host: String, port: Int) throws {
        let endpoint = try Endpoint(parsing: text)
        #expect(endpoint == Endpoint(host: host, port: port))
        #expect(endpoint.description == text)
    }

    @Test(arguments: ["", "4566", "host", "host:", "host:65536", "host:-1", "::1:80", ":80", "host:http"])
    func whatIsNoEndpointIsRefused(text: String) {
        #expect(throws: ValueError.self) { try Endpoint(parsing: text) }
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.8.9.10", true), ("localhost", true), ("LOCALHOST", true), ("::1", true),
        ("0.0.0.0", false), ("::", false), ("127.0.0.1.example.com", false), ("127.example.com.x", false),
        ("localhost.example.com", false), ("10.0.0.1", false), ("127.0.0.256", false),
    ])
    func loopbackIsRecognised(host: String, isLoopback: Bool) {
        #expect(LoopbackHost.matches(host) == isLoopback)
    }
}
