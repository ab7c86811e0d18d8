extension Setting {
    /// Below this the engine could not hold two memtables and a useful cache.
    private static let memoryBudgetBytesMin = 32 << 20
    private static let memoryBudgetBytesMax = 1 << 44

    /// Every setting there is.
    package static let all: [Setting] = [
        Setting(
            .dataDirectory, .path, default: "DataDirs/default",
            "Where the store lives. Created, readable by its owner only, when missing."),
        Setting(
            .listen, .endpoint, default: "127.0.0.1:4566",
            "The address to serve on. Port 0 picks a free one; the ready line names it."),
        Setting(
            .durability, .durability, default: "always",
            "What an acknowledged write has survived: `always` a power cut; `every(N)` a crash of Varve, and "
                + "a power cut N milliseconds later; `never` a crash of Varve."),
        Setting(
            .memoryBudget, .bytes(memoryBudgetBytesMin...memoryBudgetBytesMax), default: "256MiB",
            "One budget for the engine's memtables, block cache, filters and buffers. Clients' large bodies and "
                + "answers may take a quarter of it each on top, and 64 MiB at least."),
        Setting(
            .compression, .boolean, default: "on",
            "Whether object content is compressed with LZ4 where that saves at least an eighth."),
        Setting(
            .eventLoops, .count(0...256, unit: "threads"), default: "0",
            "Threads that serve connections; 0 means one for each processor."),
        Setting(
            .inputOutputThreads, .count(1...256, unit: "threads"), default: "4",
            "Threads for what may wait on the disk: cold reads, large writes, digests of large bodies."),
        Setting(
            .tlsCertificate, .path, default: "",
            "A PEM file with the certificate chain. With `tls-key`, the listener speaks TLS only."),
        Setting(.tlsKey, .path, default: "", "A PEM file with the certificate's private key."),
        Setting(
            .services, .list, default: "s3,dynamodb",
            "The services that are served, of `s3` and `dynamodb` (with its Streams). "
                + "What the others keep stays as it is."),
        Setting(
            .baseHosts, .list, default: "localhost,s3.localhost.localstack.cloud",
            "Host names under which `BUCKET.NAME` addresses a bucket (virtual-hosted style)."),
        Setting(
            .auth, .choice(["strict", "relaxed"]), default: "strict",
            "`strict` verifies every signature against the identities. `relaxed` does not verify: "
                + "an access key of twelve digits is the account of that number, any other unknown one "
                + "acts for account 000000000000."),
        Setting(
            .regionCheck, .choice(["relaxed", "strict"]), default: "relaxed",
            "`relaxed` serves a bucket whatever region the request was signed for; `strict` answers as AWS does."),
        Setting(
            .headerBytesMax, .bytes(4096...(1 << 20)), default: "32KiB",
            "The most bytes of request line and headers together."),
        Setting(
            .headerSeconds, .count(1...3600, unit: "seconds"), default: "30",
            "How long the head of a request may take to arrive."),
        Setting(
            .bodyIdleSeconds, .count(1...3600, unit: "seconds"), default: "30",
            "How long a request's body may stand still before the connection is given up."),
        Setting(
            .responseIdleSeconds, .count(1...3600, unit: "seconds"), default: "60",
            "How long a client may leave its answer unread before the connection is given up."),
        Setting(
            .keepAliveSeconds, .count(1...86400, unit: "seconds"), default: "75",
            "How long an idle connection is kept for the next request."),
        Setting(
            .connectionsMax, .count(1...100_000, unit: "connections"), default: "8192",
            "The most connections at once; one more is answered 503."),
        Setting(
            .drainSeconds, .count(0...3600, unit: "seconds"), default: "10",
            "How long requests in progress may go on after a request to stop."),
        Setting(.accessLog, .boolean, default: "on", "Whether each request leaves a line in the access log."),
        Setting(
            .accessLogFormat, .choice(["json", "text"]), default: "json",
            "`json`: an object a line; `text`: the common log format, with request id and duration behind."),
        Setting(
            .accessLogFile, .path, default: "",
            "A file to append the access log to; standard error when unset."),
        Setting(
            .logLevel,
            .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]), default: "info",
            "The least severe of the daemon's own events that is logged."),
        Setting(
            .allowPublicWithDefaultKeys, .boolean, default: "off",
            "Allows listening beyond this machine while the default identity `test`/`test` exists or `auth` is relaxed."
        ),
    ]
}
