package import NIOHTTP1

/// The headers of a request that operations read, from one pass over all of them.
///
/// Headers of features that are not built are refused here by name, for every operation, so that nothing is silently
/// dropped.
package struct S3Headers: Sendable {
    package struct Item: Sendable, Equatable {
        /// Lower case.
        package var name: String
        package var value: String
    }

    package private(set) var items: [Item] = []

    /// Headers outside `x-amz-` that operations read.
    private static let standard: Set<String> = [
        "cache-control", "content-disposition", "content-encoding", "content-language", "content-md5", "content-type",
        "expires", "if-match", "if-modified-since", "if-none-match", "if-unmodified-since", "range",
    ]

    /// Those of signing and transfer, which operations do not read. Telemetry of SDKs is not in the model and does not
    /// matter either.
    private static let signing: Set<String> = [
        "x-amz-date", "x-amz-content-sha256", "x-amz-security-token", "x-amz-user-agent",
        "x-amz-decoded-content-length", "x-amz-algorithm", "x-amz-credential", "x-amz-expires", "x-amz-signedheaders",
        "x-amz-signature", "x-amz-region-set",
    ]

    /// - Parameter headers: with those that a presigned URL carries as query parameters.
    /// - Throws: `NotImplemented`, naming the header.
    package init(_ headers: HTTPHeaders) throws(S3WireError) {
        for (name, value) in headers { try take(name, value) }
    }

    /// The value of a header, named in lower case; nil when it was not sent.
    package subscript(name: String) -> String? {
        for item in items where item.name == name { return item.value }
        return nil
    }

    /// The headers whose names begin so, with what follows.
    package func suffixes(after prefix: String) -> [(suffix: String, value: String)] {
        items.compactMap { $0.name.hasPrefix(prefix) ? (String($0.name.dropFirst(prefix.count)), $0.value) : nil }
    }

    private mutating func take(_ name: String, _ value: String) throws(S3WireError) {
        // Most headers of most requests are decided by their first letter.
        guard let first = name.utf8.first.map({ $0 | 0x20 }) else { return }
        if first == UInt8(ascii: "x") {
            let name = name.lowercased()
            guard name.hasPrefix("x-amz-"), !Self.signing.contains(name) else { return }
            try refuseUnbuilt(name, value)
            items.append(Item(name: name, value: value))
        } else if (0x63...0x72).contains(first) {
            let name = name.lowercased()
            if Self.standard.contains(name) { items.append(Item(name: name, value: value)) }
        }
    }

    private func refuseUnbuilt(_ name: String, _ value: String) throws(S3WireError) {
        guard let accepted = S3UnbuiltHeaders.acceptedValues(name), !accepted.contains(value.lowercased()) else {
            return
        }
        // Keys that customers send for encryption are not repeated in answers, which may be logged.
        let shown = name.hasSuffix("customer-key") ? "" : " with the value \(value)"
        throw .notImplemented("The header \(name)\(shown)").with("Header", name)
    }
}
