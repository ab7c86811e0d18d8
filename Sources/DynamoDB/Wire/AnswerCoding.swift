import Bytes

/// How an answer can be made small, in the order in which the service prefers them.
enum AnswerCoding: String, CaseIterable {
    case gzip
    case deflate

    /// What an `Accept-Encoding` prefers; nil for answers as they are. Read as the service reads it: `identity` counts
    /// for nothing, what is no quality for 1, and a coding that is named before one that `*` stands for.
    static func preferred(_ header: String?) -> AnswerCoding? {
        guard let header else { return nil }
        var qualities: [String: Double] = [:]
        var order: [String] = []
        for element in header.lowercased().split(separator: ",") {
            let parts = element.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(Substring(ASCII.trimmed(parts[0].utf8)))
            let quality = parts.count > 1 ? Self.quality(parts[1]) : 1
            order.append(name)
            qualities[name] = max(quality, qualities[name] ?? 0)
        }
        var best: (coding: AnswerCoding, quality: Double)?
        let named = order.compactMap { AnswerCoding(rawValue: $0) }
        for coding in named + allCases.filter({ !named.contains($0) }) {
            let quality = qualities[coding.rawValue] ?? qualities["*"] ?? 0
            if quality > best?.quality ?? 0 { best = (coding, quality) }
        }
        return best?.coding
    }

    /// What follows the first `q=` in a coding's parameters.
    private static func quality(_ parameters: Substring) -> Double {
        guard let start = parameters.firstRange(of: "q=")?.upperBound else { return 1 }
        let text = Substring(ASCII.trimmed(parameters[start...].prefix { $0 != ";" }.utf8))
        guard text.allSatisfy({ "0123456789.-".contains($0) }), let quality = Double(text) else { return 1 }
        return min(quality, 1)
    }
}
