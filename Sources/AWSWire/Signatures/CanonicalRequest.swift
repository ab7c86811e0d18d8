import Bytes
import Encryption
import NIOHTTP1

/// Builds the text that version 4 signs. One growing block of bytes holds it, and the error message if it does not
/// match.
struct CanonicalRequest {
    private(set) var bytes: [UInt8]

    /// - Parameters:
    ///   - excludesSignature: whether `X-Amz-Signature` is left out of the query, as in presigned requests.
    ///   - headers: marked where the list of signed headers names them.
    init(
        method: HTTPMethod, target: RequestTarget, rules: SigningRules, excludesSignature: Bool,
        headers: inout HeaderTable, signedHeaders: ArraySlice<UInt8>, payloadHash: some Sequence<UInt8>
    ) {
        bytes = []
        bytes.reserveCapacity(1_024 + target.path.count)
        bytes.append(contentsOf: method.rawValue.utf8)
        bytes.append(ASCII.lineFeed)
        appendPath(target, rules)
        bytes.append(ASCII.lineFeed)
        appendQuery(target.query, excludesSignature: excludesSignature)
        bytes.append(ASCII.lineFeed)
        signedHeaders.withUnsafeBufferPointer { list in
            var start = 0
            while start < list.count {
                var end = start
                while end < list.count, list[end] != UInt8(ascii: ";") { end += 1 }
                headers.appendSigned(UnsafeBufferPointer(rebasing: list[start..<end]), to: &bytes)
                start = end + 1
            }
        }
        bytes.append(ASCII.lineFeed)
        bytes.append(contentsOf: signedHeaders)
        bytes.append(ASCII.lineFeed)
        bytes.append(contentsOf: payloadHash)
    }

    /// `AWS4-HMAC-SHA256`, the time, the scope, and the digest of the canonical request.
    func stringToSign(timestamp: some Sequence<UInt8>, scope: some Sequence<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(192)
        AuthorizationV4.algorithm.withUTF8Buffer { output.append(contentsOf: $0) }
        output.append(ASCII.lineFeed)
        output.append(contentsOf: timestamp)
        output.append(ASCII.lineFeed)
        output.append(contentsOf: scope)
        output.append(ASCII.lineFeed)
        bytes.withUnsafeBytes { bytes in Digest.withSHA256(of: bytes) { Hex.append($0, to: &output) } }
        return output
    }

    /// S3 signs the path encoded once; whatever way a client wrote it, decoding and encoding it again gives that. Other
    /// services sign the path as it travels, encoded once more.
    private mutating func appendPath(_ target: RequestTarget, _ rules: SigningRules) {
        if target.path.isEmpty {
            bytes.append(UInt8(ascii: "/"))
        } else if rules.encodesPathTwice {
            URLCoding.append(target.rawPath.utf8, to: &bytes, preservingSlash: true)
        } else {
            URLCoding.append(target.path, to: &bytes, preservingSlash: true)
        }
    }

    /// Parameters sorted by encoded name, then by encoded value.
    private mutating func appendQuery(_ query: QueryItems, excludesSignature: Bool) {
        guard !query.isEmpty else { return }
        var encoded: [UInt8] = []
        encoded.reserveCapacity(512)
        var parameters: [(name: Range<Int>, value: Range<Int>)] = []
        parameters.reserveCapacity(query.items.count)
        for item in query.items where !(excludesSignature && item.name == "X-Amz-Signature") {
            let start = encoded.count
            URLCoding.append(item.name.utf8, to: &encoded, preservingSlash: false)
            let middle = encoded.count
            URLCoding.append(item.value.utf8, to: &encoded, preservingSlash: false)
            parameters.append((start..<middle, middle..<encoded.count))
        }
        encoded.withUnsafeBufferPointer { encoded in
            parameters.sort { left, right in
                let order = Self.compare(encoded, left.name, right.name)
                return order == 0 ? Self.compare(encoded, left.value, right.value) < 0 : order < 0
            }
            for (index, parameter) in parameters.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: "&")) }
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: encoded[parameter.name]))
                bytes.append(UInt8(ascii: "="))
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: encoded[parameter.value]))
            }
        }
    }

    /// Below, at or above zero as the bytes of `left` sort before, with or after those of `right`.
    private static func compare(_ bytes: UnsafeBufferPointer<UInt8>, _ left: Range<Int>, _ right: Range<Int>) -> Int {
        for offset in 0..<min(left.count, right.count) {
            let (a, b) = (bytes[left.lowerBound + offset], bytes[right.lowerBound + offset])
            if a != b { return Int(a) - Int(b) }
        }
        return left.count - right.count
    }
}
