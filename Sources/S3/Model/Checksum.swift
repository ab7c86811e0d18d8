private import Bytes

/// The checksum algorithms that objects are stored with.
///
/// The raw value is in stored records: never renumber one. The model's newer algorithms (SHA512, MD5, XXHASH64,
/// XXHASH3, XXHASH128) are
/// not built: a request that declares one is refused with `S3Error.unsupportedChecksum`.
package enum ChecksumAlgorithm: UInt8, Sendable, CaseIterable, Hashable {
    case crc32 = 1
    case crc32c = 2
    case crc64nvme = 3
    case sha1 = 4
    case sha256 = 5

    /// The name in `x-amz-checksum-algorithm` and in XML: `CRC32`, `CRC32C`, `CRC64NVME`, `SHA1`, `SHA256`.
    package var name: String {
        switch self {
        case .crc32: "CRC32"
        case .crc32c: "CRC32C"
        case .crc64nvme: "CRC64NVME"
        case .sha1: "SHA1"
        case .sha256: "SHA256"
        }
    }

    /// The algorithm of a name, whatever its case; nil when it is unknown or not built.
    package init?(name: some StringProtocol) {
        let upper = name.uppercased()
        guard let found = Self.allCases.first(where: { $0.name == upper }) else { return nil }
        self = found
    }

    /// Bytes of a value, before base64.
    package var byteCount: Int {
        switch self {
        case .crc32, .crc32c: 4
        case .crc64nvme: 8
        case .sha1: 20
        case .sha256: 32
        }
    }

    /// Whether checksums of pieces can be joined to the checksum of the whole: what full-object checksums of uploads
    /// need.
    package var isLinear: Bool {
        switch self {
        case .crc32, .crc32c, .crc64nvme: true
        case .sha1, .sha256: false
        }
    }
}

/// How the checksum of a multipart object is made.
package enum ChecksumType: UInt8, Sendable, Hashable {
    /// Over all bytes, as if put at once.
    case fullObject = 1
    /// Over the binary checksums of the parts, printed with `-N`.
    case composite = 2

    /// The name on the wire: `FULL_OBJECT`, `COMPOSITE`.
    package var name: String { self == .fullObject ? "FULL_OBJECT" : "COMPOSITE" }

    /// The type of a name; nil when unknown.
    package init?(name: some StringProtocol) {
        switch name.uppercased() {
        case "FULL_OBJECT": self = .fullObject
        case "COMPOSITE": self = .composite
        default: return nil
        }
    }
}

/// A checksum's value with its algorithm.
package struct Checksum: Sendable, Hashable {
    package var algorithm: ChecksumAlgorithm
    /// The value's bytes, most significant first: `algorithm.byteCount` of them.
    package var bytes: [UInt8]
    package var type: ChecksumType
    /// Parts behind a composite value; 0 for a value over all bytes, which a part's is also in a composite object.
    package var partCount: Int

    package init(
        _ algorithm: ChecksumAlgorithm, _ bytes: [UInt8], type: ChecksumType = .fullObject, partCount: Int = 0
    ) {
        self.algorithm = algorithm
        self.bytes = bytes
        self.type = type
        self.partCount = partCount
    }

    /// Reads the header's or the element's text: base64, for composite values with `-N` behind.
    ///
    /// - Throws: `S3Error.invalidChecksum` when it is not base64 of the right length.
    package init(_ algorithm: ChecksumAlgorithm, text: String) throws(S3Error) {
        var base = text[...]
        var parts = 0
        if let dash = text.lastIndex(of: "-") {
            guard let count = Int(text[text.index(after: dash)...]), count > 0 else {
                throw .invalidChecksum(algorithm: algorithm.name)
            }
            parts = count
            base = text[..<dash]
        }
        guard let bytes = Base64.decode(base), bytes.count == algorithm.byteCount else {
            throw .invalidChecksum(algorithm: algorithm.name)
        }
        self.init(algorithm, bytes, type: parts > 0 ? .composite : .fullObject, partCount: parts)
    }

    /// The text on the wire: base64, for composite values with `-N` behind.
    package var text: String {
        let base = Base64.encode(bytes)
        return type == .composite && partCount > 0 ? "\(base)-\(partCount)" : base
    }
}
