import AWSWire

extension CopySource {
    /// Reads `x-amz-copy-source`: `/bucket/key` or `bucket/key`, percent-encoded, perhaps with `?versionId=`.
    ///
    /// - Throws: `InvalidArgument` when it names no object; `NotImplemented` for access points; the key's own errors.
    init(_ headers: S3Headers) throws(S3WireError) {
        let header = headers["x-amz-copy-source"] ?? ""
        // The version is cut off before decoding: a `?` in a key is `%3F` here.
        let mark = header.firstRange(of: "?versionId=")
        guard let decoded = URLCoding.decode(header[..<(mark?.lowerBound ?? header.endIndex)].utf8, plusIsSpace: false)
        else { throw Self.malformed(header) }
        if decoded.starts(with: "arn:".utf8) { throw .notImplemented("A copy source that is an ARN") }
        let path = decoded.first == UInt8(ascii: "/") ? decoded.dropFirst() : decoded[...]
        guard let slash = path.firstIndex(of: UInt8(ascii: "/")), slash > path.startIndex,
            slash + 1 < path.endIndex, let bucket = String(validating: path[..<slash], as: UTF8.self)
        else { throw Self.malformed(header) }
        self.init(
            bucket: bucket, key: try ObjectKey.parse(Array(path[(slash + 1)...])),
            versionID: mark.map { String(header[$0.upperBound...]) },
            conditions: headers.copySourceConditions)
    }

    private static func malformed(_ header: String) -> S3WireError {
        .invalidArgument(
            "x-amz-copy-source", header, "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
    }
}

extension ObjectKey {
    /// A key off the wire.
    ///
    /// - Throws: `KeyTooLongError`; `InvalidURI` for NUL and invalid UTF-8.
    static func parse(_ bytes: [UInt8]) throws(S3WireError) -> ObjectKey {
        do { return try ObjectKey(bytes) } catch { throw S3WireError(error) }
    }
}

extension Tag {
    /// Reads `x-amz-tagging`: `key=value` pairs coded like a query. Names and counts are checked by the semantics.
    ///
    /// - Throws: `InvalidArgument`.
    static func list(_ header: String?) throws(S3WireError) -> [Tag] {
        guard let header, !header.isEmpty else { return [] }
        do { return try QueryItems(raw: header[...]).items.map { Tag(key: $0.name, value: $0.value) } } catch {
            throw .invalidArgument(
                "x-amz-tagging", header,
                "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters.")
        }
    }
}
