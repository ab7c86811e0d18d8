/// How much, and with which values.
struct Plan: Sendable {
    /// Keys of the store: the numbers `0..<keys`.
    var keys: UInt64 = 1_000_000
    var valueBytes = 100
    var seed: UInt64 = 1
}

/// One workload with its options: `readrandom:threads=2:seconds=3`.
struct Workload: Sendable {
    let name: String
    private let options: [String: String]

    init(_ text: String) {
        let parts = text.split(separator: ":")
        name = parts.first.map(String.init) ?? ""
        var options: [String: String] = [:]
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            options[String(pair[0])] = pair.count == 2 ? String(pair[1]) : "1"
        }
        self.options = options
    }

    func has(_ option: String) -> Bool { options[option] != nil }

    func number(_ option: String, otherwise: UInt64) -> UInt64 { options[option].flatMap(UInt64.init) ?? otherwise }

    /// What its line is called: two runs of one workload need two names.
    var label: String { options["as"] ?? name }

    var threads: Int { Int(number("threads", otherwise: 1)) }

    /// `otherwise` operations when neither a number nor a time is given.
    func extent(otherwise: UInt64) -> Extent {
        if let seconds = options["seconds"].flatMap(Double.init), seconds > 0 { return .seconds(seconds) }
        return .operations(number("ops", otherwise: otherwise))
    }
}
