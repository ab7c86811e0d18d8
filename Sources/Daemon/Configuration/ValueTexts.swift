package import LogStore

/// A host and a port as people write them.
package struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    /// A name or an address, without brackets.
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `HOST:PORT` or `[IPV6]:PORT`.
    package init(parsing text: String) throws(ValueError) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65535).contains(port)
        else { throw ValueError("must be HOST:PORT with a port from 0 to 65535") }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw ValueError("must hold an IPv6 address in brackets, as in [::1]:4566")
        }
        guard !host.isEmpty else { throw ValueError("must name a host, as in 127.0.0.1:4566") }
        self.init(host: String(host), port: port)
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Whether only this machine can reach it.
    package var isLoopback: Bool { LoopbackHost.matches(host) }
}

/// The names and addresses that mean this machine.
package enum LoopbackHost {
    /// Whether a host (without port, without brackets) is loopback: `localhost`, `127.0.0.0/8` or `::1`.
    package static func matches(_ host: some StringProtocol) -> Bool {
        let name = host.lowercased()
        if name == "localhost" || name == "::1" { return true }
        let octets = name.split(separator: ".", omittingEmptySubsequences: false)
        guard octets.count == 4, octets[0] == "127" else { return false }
        return octets.allSatisfy { UInt8($0) != nil }
    }
}

/// Numbers of bytes as people write them.
package enum ByteCount {
    private static let units: [(suffix: String, bytes: Int)] = [
        ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1000), ("B", 1),
    ]

    /// Reads `256MiB`, `1GB`, `4096`.
    package static func parse(_ text: String, within range: ClosedRange<Int>) throws(ValueError) -> Int {
        var digits = text[...]
        var factor = 1
        for unit in units where text.hasSuffix(unit.suffix) {
            digits = text.dropLast(unit.suffix.count)
            factor = unit.bytes
            break
        }
        guard let number = Int(digits.trimmingASCIISpace()) else {
            throw ValueError("must be a number of bytes, as in 256MiB")
        }
        let (product, overflowed) = number.multipliedReportingOverflow(by: factor)
        guard !overflowed, range.contains(product) else {
            throw ValueError("must be from \(describe(range.lowerBound)) to \(describe(range.upperBound))")
        }
        return product
    }

    /// The shortest exact text: `256MiB`, `1000B`.
    package static func describe(_ bytes: Int) -> String {
        for unit in units.prefix(4) where bytes != 0 && bytes.isMultiple(of: unit.bytes) {
            return "\(bytes / unit.bytes)\(unit.suffix)"
        }
        return "\(bytes)B"
    }
}

/// The store's durability as people write it.
package struct DurabilityText: Sendable, Hashable, CustomStringConvertible {
    package var durability: Durability

    package init(_ durability: Durability) { self.durability = durability }

    /// A sync a minute at the least: beyond that, `never` is the honest name.
    private static let intervalMillisecondsMax = 60_000

    /// Reads `always`, `never`, `every(50)` or `every(50ms)`.
    package static func parse(_ text: String) throws(ValueError) -> DurabilityText {
        switch text {
        case "always": return DurabilityText(.always)
        case "never": return DurabilityText(.never)
        default:
            guard text.hasPrefix("every("), text.hasSuffix(")") else {
                throw ValueError("must be always, every(MILLISECONDS) or never")
            }
            var inner = text.dropFirst("every(".count).dropLast()
            if inner.hasSuffix("ms") { inner = inner.dropLast(2) }
            guard let interval = Int(inner), (1...intervalMillisecondsMax).contains(interval) else {
                throw ValueError("must be every(N) with N from 1 to \(intervalMillisecondsMax) milliseconds")
            }
            return DurabilityText(.every(milliseconds: interval))
        }
    }

    package var description: String {
        switch durability {
        case .always: "always"
        case .never: "never"
        case .every(let milliseconds): "every(\(milliseconds))"
        }
    }
}

extension StringProtocol {
    /// The text without spaces and tabs at its ends.
    package func trimmingASCIISpace() -> SubSequence {
        var part = self[...]
        while let first = part.first, first == " " || first == "\t" { part = part.dropFirst() }
        while let last = part.last, last == " " || last == "\t" { part = part.dropLast() }
        return part
    }
}
