import AWSWire
import NIOHTTP1

extension S3HTTPService {
    /// GetObject.
    func getObject(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        let input = try readInput(call)
        let output = try await calling { () async throws(S3Error) in
            try await service.getObject(input, call.context)
        }
        var reply = try readReply(output.read, call)
        switch output.body {
        case .whole(let bytes): reply.body = .bytes(bytes)
        case .stream(let reader):
            reply.headers.add(name: "Content-Length", value: String(output.read.contentLength))
            reply.body = .stream(reader)
        }
        return reply
    }

    /// HeadObject.
    func headObject(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        let input = try readInput(call)
        let output = try await calling { () async throws(S3Error) in
            try await service.headObject(input, call.context)
        }
        var reply = try readReply(output, call)
        reply.headers.add(name: "Content-Length", value: String(output.contentLength))
        return reply
    }

    private func readInput(_ call: S3Call) throws(S3WireError) -> GetObjectInput {
        var input = GetObjectInput(bucket: call.bucket, key: try call.key())
        if call.target.query.isEmpty, call.headers.items.isEmpty { return input }
        input.versionID = try call.versionID()
        input.partNumber = try partNumber(call)
        input.range = call.headers["range"].flatMap { ByteRange(header: $0) }
        input.conditions = call.headers.readConditions
        return input
    }

    private func partNumber(_ call: S3Call) throws(S3WireError) -> Int? {
        guard let text = call.parameter("partNumber") else { return nil }
        guard let number = Int(text) else { throw Self.badPartNumber(text) }
        return number
    }

    /// What AWS says of a part number that is none.
    static func badPartNumber(_ text: String) -> S3WireError {
        .invalidArgument(
            "partNumber", text, "Part number must be an integer between 1 and \(S3Limits.partNumberMax), inclusive")
    }

    /// Status and headers of an answer with an object.
    private func readReply(_ output: ReadObjectOutput, _ call: S3Call) throws(S3WireError) -> S3Reply {
        let object = output.object
        var headers = HTTPHeaders()
        headers.reserveCapacity(12)
        headers.add(
            name: "Last-Modified", value: object.lastModified.httpDate)
        headers.add(name: "ETag", value: object.etag.quoted)
        headers.add(name: "Accept-Ranges", value: "bytes")
        Self.addMetadata(object.metadata, to: &headers)
        if let range = output.range {
            headers.add(name: "Content-Range", value: "bytes \(range.first)-\(range.last)/\(range.size)")
        }
        if let count = output.partsCount { headers.add(name: "x-amz-mp-parts-count", value: String(count)) }
        if object.tagCount > 0 { headers.add(name: "x-amz-tagging-count", value: String(object.tagCount)) }
        if let checksum = output.checksum, call.headers.wantsChecksum { Self.addChecksum(checksum, to: &headers) }
        try applyOverrides(call, to: &headers)
        return S3Reply(output.range == nil ? .ok : .partialContent, headers: headers)
    }

    private static func addMetadata(_ metadata: ObjectMetadata, to headers: inout HTTPHeaders) {
        headers.add(name: "Content-Type", value: metadata.contentType ?? "binary/octet-stream")
        if let value = metadata.cacheControl { headers.add(name: "Cache-Control", value: value) }
        if let value = metadata.contentDisposition { headers.add(name: "Content-Disposition", value: value) }
        if let value = metadata.contentEncoding { headers.add(name: "Content-Encoding", value: value) }
        if let value = metadata.contentLanguage { headers.add(name: "Content-Language", value: value) }
        if let value = metadata.expires { headers.add(name: "Expires", value: value) }
        for entry in metadata.user {
            headers.add(name: "x-amz-meta-\(entry.name)", value: EncodedWord.encode(entry.value))
        }
    }

    /// `x-amz-checksum-<algorithm>` and `x-amz-checksum-type`.
    static func addChecksum(_ checksum: Checksum, to headers: inout HTTPHeaders) {
        headers.add(name: "x-amz-checksum-\(checksum.algorithm.name.lowercased())", value: checksum.text)
        headers.add(name: "x-amz-checksum-type", value: checksum.type.name)
    }

    private static let overrides = [
        ("response-content-type", "Content-Type"), ("response-content-disposition", "Content-Disposition"),
        ("response-content-encoding", "Content-Encoding"), ("response-content-language", "Content-Language"),
        ("response-expires", "Expires"), ("response-cache-control", "Cache-Control"),
    ]

    /// Replaces headers by those that the query asks for.
    ///
    /// - Throws: `InvalidRequest` for requests that nobody signed; `InvalidArgument` for a value that cannot be a
    ///   header.
    private func applyOverrides(_ call: S3Call, to headers: inout HTTPHeaders) throws(S3WireError) {
        if call.target.query.isEmpty { return }
        for (parameter, header) in Self.overrides {
            guard let value = call.parameter(parameter) else { continue }
            if call.verified.scheme == .anonymous {
                throw S3WireError(
                    .invalidRequest, "Request specific response headers cannot be used for anonymous GET requests.")
            }
            // A line break would let the sender of a link write headers of its own.
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                throw .invalidArgument(parameter, value, "Header value cannot be represented using ISO-8859-1.")
            }
            headers.replaceOrAdd(name: header, value: value)
        }
    }
}
