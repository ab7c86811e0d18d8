import AWSWire
import NIOHTTP1

extension S3HTTPService {
    /// PutObject. Everything that the headers can get wrong is refused before the body is asked for.
    func putObject(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        if call.parameter("uploadId") != nil || call.parameter("partNumber") != nil {
            throw S3WireError(.invalidRequest, "A part needs both uploadId and partNumber.")
        }
        var input = PutObjectInput(bucket: call.bucket, key: try call.key())
        input.metadata = call.headers.metadata
        input.tags = try Tag.list(call.headers["x-amz-tagging"])
        input.conditions = call.headers.writeConditions
        input.checks = try call.headers.bodyChecks()
        input.storageClass = call.headers["x-amz-storage-class"]
        let body = try bodySource(call, input.checks)
        let output = try await calling { () async throws(S3Error) in
            try await service.putObject(input, body: body, call.context)
        }
        var headers: HTTPHeaders = ["ETag": output.etag.quoted]
        Self.addChecksum(output.checksum, to: &headers)
        return S3Reply(headers: headers)
    }

    /// DeleteObject.
    func deleteObject(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        var input = DeleteObjectInput(bucket: call.bucket, key: try call.key())
        input.versionID = try call.versionID()
        input.conditions = try call.headers.deleteConditions()
        try await calling { () async throws(S3Error) in try await service.deleteObject(input, call.context) }
        return S3Reply(.noContent)
    }

    /// CopyObject.
    func copyObject(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        var input = CopyObjectInput(
            bucket: call.bucket, key: try call.key(), source: try CopySource(call.headers))
        if try replaces(call, "x-amz-metadata-directive") { input.metadata = call.headers.metadata }
        if try replaces(call, "x-amz-tagging-directive") { input.tags = try Tag.list(call.headers["x-amz-tagging"]) }
        input.storageClass = call.headers["x-amz-storage-class"]
        input.checksumAlgorithm = try call.headers.checksumAlgorithm()
        input.conditions = call.headers.writeConditions
        let output = try await calling { () async throws(S3Error) in
            try await service.copyObject(input, call.context)
        }
        return Self.copyReply(output, "CopyObjectResult")
    }

    /// The answer of CopyObject and UploadPartCopy.
    static func copyReply(_ output: CopyOutput, _ element: String) -> S3Reply {
        var xml = XMLWriter(result: element)
        xml.time("LastModified", output.lastModified)
        xml.element("ETag", output.etag.quoted)
        xml.checksum(output.checksum)
        if element == "CopyObjectResult" { xml.element("ChecksumType", output.checksum.type.name) }
        xml.end(element)
        return S3Reply(xml: xml)
    }

    /// Whether a directive says REPLACE.
    private func replaces(_ call: S3Call, _ header: String) throws(S3WireError) -> Bool {
        guard let directive = call.headers[header] else { return false }
        switch directive.uppercased() {
        case "COPY": return false
        case "REPLACE": return true
        default: throw .invalidArgument(header, directive, "Unknown directive.")
        }
    }
}
