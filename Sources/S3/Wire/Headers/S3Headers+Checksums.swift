import AWSWire
import Bytes

extension S3Headers {
    /// What a write declares about its body: Content-MD5, and a checksum in a header or announced for the trailer.
    ///
    /// - Throws: `InvalidDigest`; `InvalidRequest` for unbuilt algorithms, values of the wrong length, several
    ///   checksums, and an algorithm that is named while no checksum comes.
    func bodyChecks() throws(S3WireError) -> BodyChecks {
        var checks = BodyChecks()
        if items.isEmpty { return checks }
        checks.md5 = try contentMD5()
        checks.checksum = try checksum()
        if let trailer = self["x-amz-trailer"] {
            checks.trailingAlgorithm = try Self.trailingAlgorithm(trailer)
            if checks.checksum != nil { throw Self.severalChecksums }
        }
        if let named = self["x-amz-sdk-checksum-algorithm"] {
            try Self.compare(named, with: checks.checksum?.algorithm ?? checks.trailingAlgorithm)
        }
        return checks
    }

    /// `x-amz-checksum-<algorithm>`; nil when none was sent.
    ///
    /// - Throws: as `bodyChecks`.
    func checksum() throws(S3WireError) -> Checksum? {
        var found: Checksum?
        for item in items where item.name.hasPrefix("x-amz-checksum-") {
            let name = item.name.dropFirst(15)
            // Three headers of this prefix are about checksums without being one.
            if name == "algorithm" || name == "type" || name == "mode" { continue }
            if found != nil { throw Self.severalChecksums }
            let algorithm = try Self.algorithm(name)
            do { found = try Checksum(algorithm, text: item.value) } catch { throw S3WireError(error) }
        }
        return found
    }

    /// `x-amz-checksum-algorithm` of copies and uploads.
    ///
    /// - Throws: `InvalidRequest`.
    func checksumAlgorithm() throws(S3WireError) -> ChecksumAlgorithm? {
        try self["x-amz-checksum-algorithm"].map { name throws(S3WireError) in try Self.algorithm(name[...]) }
    }

    /// `x-amz-checksum-type`.
    ///
    /// - Throws: `InvalidRequest`.
    func checksumType() throws(S3WireError) -> ChecksumType? {
        guard let name = self["x-amz-checksum-type"] else { return nil }
        guard let type = ChecksumType(name: name) else {
            throw S3WireError(.invalidRequest, "Value for x-amz-checksum-type header is invalid.")
        }
        return type
    }

    /// Whether the reader asks for checksums.
    var wantsChecksum: Bool { self["x-amz-checksum-mode"]?.uppercased() == "ENABLED" }

    private static let severalChecksums = S3WireError(
        .invalidRequest, "Only one checksum may be declared, and in one place.")

    private func contentMD5() throws(S3WireError) -> [UInt8]? {
        guard let text = self["content-md5"] else { return nil }
        guard let digest = Base64.decode(Array(text.utf8)), digest.count == 16 else {
            throw S3WireError(.invalidDigest).with("Content-MD5", text)
        }
        return digest
    }

    private static func algorithm(_ name: Substring) throws(S3WireError) -> ChecksumAlgorithm {
        guard let algorithm = ChecksumAlgorithm(name: name) else {
            throw S3WireError(S3Error.unsupportedChecksum(algorithm: name.uppercased()))
        }
        return algorithm
    }

    private static func trailingAlgorithm(_ trailer: String) throws(S3WireError) -> ChecksumAlgorithm {
        let name = trailer.lowercased()
        guard name.hasPrefix("x-amz-checksum-") else {
            throw S3WireError(.invalidRequest, "The value specified in the x-amz-trailer header is not supported.")
        }
        return try algorithm(name.dropFirst(15))
    }

    private static func compare(_ named: String, with sent: ChecksumAlgorithm?) throws(S3WireError) {
        let wanted = try algorithm(named[...])
        guard let sent else {
            throw S3WireError(
                .invalidRequest,
                "x-amz-sdk-checksum-algorithm names an algorithm, but no checksum header or trailer came.")
        }
        if sent != wanted {
            throw S3WireError(.invalidRequest, "Value for x-amz-sdk-checksum-algorithm header is invalid.")
        }
    }
}
