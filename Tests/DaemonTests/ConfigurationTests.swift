import IAM
import LogStore
import Testing

@testable import Daemon

@Suite struct ConfigurationTests {
    private func resolve(
        flags: [String] = [], environment: [String: String] = [:], file: String? = nil
    ) throws -> ResolvedSettings {
        try ResolvedSettings(
            flags: flags, environment: environment,
            file: try file.map { try ConfigurationFile(path: "varve.toml", text: $0) })
    }

    /// The error that putting the sources together ends with.
    private func error(
        flags: [String] = [], environment: [String: String] = [:], file: String? = nil
    ) -> ConfigurationError? {
        do {
            _ = try Configuration(try resolve(flags: flags, environment: environment, file: file))
            return nil
        } catch {
            return error as? ConfigurationError
        }
    }

    @Test func flagsOverEnvironmentOverFileOverDefaults() throws {
        let file = "io-threads = 8\nlog-level = \"debug\"\nauth = \"relaxed\""
        let environment = ["VARVE_IO_THREADS": "9", "VARVE_LOG_LEVEL": "error"]
        let settings = try resolve(flags: ["--io-threads", "10"], environment: environment, file: file)
        #expect(settings[.inputOutputThreads].value == .integer(10))
        #expect(settings[.inputOutputThreads].origin == .flag("--io-threads"))
        #expect(settings[.logLevel].value == .text("error"))
        #expect(settings[.logLevel].origin == .environment(name: "VARVE_LOG_LEVEL"))
        #expect(settings[.auth].value == .text("relaxed"))
        #expect(settings[.auth].origin == .file(path: "varve.toml"))
        #expect(settings[.connectionsMax].origin == .defaultValue)
    }

    @Test func theDefaultsAreAConfiguration() throws {
        let configuration = try Configuration(try resolve())
        #expect(configuration.listen == Endpoint(host: "127.0.0.1", port: 4566))
        #expect(configuration.durability == .always)
        #expect(configuration.identities == [.standard])
        #expect(configuration.verifiesSignatures)
        #expect(configuration.accessLog == AccessLogChoice(format: .json, path: nil))
        #expect(configuration.tls == nil)
    }

    @Test func aFileSaysEverythingThatFlagsSay() throws {
        let file = """
            data-dir = "/tmp/x"
            listen = "127.0.0.1:0"
            durability = "every(20)"
            memory-budget = "64MiB"
            compression = false
            base-host = ["one.example", "Two.Example"]
            access-log-format = "text"
            access-log-file = "/tmp/log"
            allow-public-with-default-keys = true
            """
        let configuration = try Configuration(try resolve(file: file))
        #expect(configuration.dataDirectory == "/tmp/x")
        #expect(configuration.durability == .every(milliseconds: 20))
        #expect(configuration.memoryBudgetBytes == 64 << 20)
        #expect(!configuration.compression)
        #expect(configuration.baseHosts == ["one.example", "two.example"])
        #expect(configuration.accessLog == AccessLogChoice(format: .text, path: "/tmp/log"))
    }

    @Test func identitiesReplaceTheDefaultOne() throws {
        let file = """
            [[identity]]
            name = "ada"
            account_id = "111122223333"
            access_key = "ADA"
            secret_key = "s/e+c"

            [[identity]]
            name = "bob"
            account_id = "111122223333"
            access_key = "BOB"
            secret_key = "other"
            """
        let configuration = try Configuration(try resolve(file: file))
        #expect(configuration.identities.map(\.name) == ["ada", "bob"])
        #expect(configuration.identities[0].secretKey == "s/e+c")
    }

    @Test(arguments: [
        ("\n\nlisten-on = \"x\"", 3, "listen-on"),
        ("io-threads = 4\nio-threads = 5", 2, "io-threads"),
        ("io-threads = 0", 1, "io-threads must be a whole number of threads from 1 to 256"),
        ("io-threads = 1.5", 1, "io-threads must be"),
        ("auth = \"lax\"", 1, "auth must be one of strict, relaxed"),
        ("base-host = [1]", 1, "array of strings"),
        ("[server]\nlisten = \"x\"", 1, "server"),
        ("identity = \"me\"", 1, "[[identity]]"),
        ("[[identity]]\nname = \"a\"\ncolour = \"red\"", 3, "colour"),
        ("[[identity]]\nname = \"a\"\naccount_id = \"1\"", 3, "twelve digits"),
        ("[[identity]]\nname = 3", 2, "name must be a string"),
        ("listen = ", 1, ""),
    ])
    func aWrongFileIsRefusedWithItsLine(text: String, line: Int, words: String) {
        guard case .file(let path, let found, let problem)? = error(file: text) else {
            Issue.record("the file was taken")
            return
        }
        #expect(path == "varve.toml")
        #expect(found == line)
        #expect(words.isEmpty || problem.contains(words), "\(problem)")
    }

    @Test func aMissingKeyOfTheSecondIdentityNamesItsTable() {
        let whole = "[[identity]]\nname=\"a\"\naccount_id=\"000000000001\"\naccess_key=\"A\"\nsecret_key=\"s\"\n"
        let expected = ConfigurationError.file(path: "varve.toml", line: 6, problem: "[[identity]] lacks account_id")
        #expect(error(file: whole + "[[identity]]\nname=\"b\"") == expected)
    }

    @Test(arguments: [
        (["--bogus", "1"], "--bogus"), (["stray"], "stray"), (["--listen"], "needs a value"),
        (["--listen", "nowhere"], "HOST:PORT"), (["--io-threads=many"], "whole number"),
    ])
    func aWrongFlagIsAUsageError(flags: [String], words: String) {
        let error = error(flags: flags)
        #expect(error?.exitStatus == .usage)
        #expect(error?.description.contains(words) == true)
    }

    @Test func aWrongVariableIsNamed() {
        let error = error(environment: ["VARVE_MEMORY_BUDGET": "lots"])
        #expect(error?.exitStatus == .configuration)
        #expect(error?.description.contains("VARVE_MEMORY_BUDGET") == true)
    }

    @Test func repeatedListFlagsAddUpAndReplaceTheDefault() throws {
        let settings = try resolve(flags: ["--base-host", "a.example", "--base-host=b.example,c.example"])
        #expect(settings[.baseHosts].value == .list(["a.example", "b.example", "c.example"]))
    }

    @Test func aBooleanFlagMayStandAlone() throws {
        let settings = try resolve(flags: ["--allow-public-with-default-keys", "--access-log", "off"])
        #expect(settings[.allowPublicWithDefaultKeys].value == .boolean(true))
        #expect(settings[.accessLog].value == .boolean(false))
    }

    @Test func servicesAreChosenByName() throws {
        #expect(try Configuration(resolve()).services == [.s3, .dynamoDB])
        let flags = ["--services", "DynamoDB"]
        #expect(try Configuration(resolve(flags: flags)).services == [.dynamoDB])
        #expect(error(flags: ["--services", "s3,sqs"])?.exitStatus == .configuration)
        #expect(error(flags: ["--services", ""])?.exitStatus == .configuration)
    }

    @Test func listeningPubliclyWithTheDefaultKeyNeedsAWord() {
        #expect(error(flags: ["--listen", "0.0.0.0:4566"])?.exitStatus == .configuration)
        #expect(error(flags: ["--listen", "0.0.0.0:4566", "--allow-public-with-default-keys"]) == nil)
        let own = "[[identity]]\nname=\"a\"\naccount_id=\"000000000001\"\naccess_key=\"A\"\nsecret_key=\"s\"\n"
        #expect(error(flags: ["--listen", "0.0.0.0:4566"], file: own) == nil)
        #expect(error(flags: ["--listen", "0.0.0.0:4566", "--auth", "relaxed"], file: own) != nil)
    }

    @Test func certificateAndKeyGoTogether() {
        #expect(error(flags: ["--tls-certificate", "a.pem"]) != nil)
        #expect(error(flags: ["--tls-key", "a.pem"]) != nil)
        #expect(error(flags: ["--tls-certificate", "a.pem", "--tls-key", "b.pem"]) == nil)
    }

    @Test func twoIdentitiesCannotShareAnAccessKey() {
        let one = "[[identity]]\nname=\"a\"\naccount_id=\"000000000001\"\naccess_key=\"A\"\nsecret_key=\"s\"\n"
        #expect(error(file: one + one)?.description.contains("access key \"A\"") == true)
    }

    @Test func printedConfigurationReadsBackTheSame() throws {
        let settings = try resolve(flags: ["--durability", "every(9)", "--memory-budget", "33MiB", "--access-log=off"])
        let text = ConfigurationPrinter.text(settings)
        #expect(text.contains("# flag --durability"))
        // Identities are printed without their secrets, so that they alone cannot be read back.
        let values = text.split(separator: "\n").prefix { !$0.hasPrefix("[[") }
        let again = try resolve(file: values.joined(separator: "\n"))
        for name in SettingName.allCases { #expect(again[name].value == settings[name].value) }
    }

    @Test func secretsAreNotPrinted() throws {
        let file = """
            [[identity]]
            name = "ada"
            account_id = "111122223333"
            access_key = "ADA"
            secret_key = "hush-hush"
            """
        let settings = try resolve(file: file)
        #expect(!ConfigurationPrinter.text(settings).contains("hush-hush"))
        #expect(!ConfigurationPrinter.json(settings).contains("hush-hush"))
        #expect(ConfigurationPrinter.json(settings).contains("111122223333"))
    }
}
