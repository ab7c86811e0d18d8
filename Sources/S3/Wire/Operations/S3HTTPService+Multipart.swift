import AWSWire
import HTTPFront
import NIOHTTP1

extension S3HTTPService {
    /// CreateMultipartUpload.
    func createMultipartUpload(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        var input = CreateMultipartUploadInput(bucket: call.bucket, key: try call.key())
        input.metadata = call.headers.metadata
        input.tags = try Tag.list(call.headers["x-amz-tagging"])
        input.storageClass = call.headers["x-amz-storage-class"]
        input.checksumAlgorithm = try call.headers.checksumAlgorithm()
        input.checksumType = try call.headers.checksumType()
        let output = try await calling { () async throws(S3Error) in
            try await service.createMultipartUpload(input, call.context)
        }
        var reply = S3Reply()
        if let algorithm = output.checksumAlgorithm {
            reply.headers.add(name: "x-amz-checksum-algorithm", value: algorithm.name)
        }
        if let type = output.checksumType { reply.headers.add(name: "x-amz-checksum-type", value: type.name) }
        var xml = XMLWriter(result: "InitiateMultipartUploadResult")
        xml.element("Bucket", call.bucket)
        xml.element("Key", input.key.description)
        xml.element("UploadId", output.uploadID)
        xml.end("InitiateMultipartUploadResult")
        return S3Reply(headers: reply.headers, xml: xml)
    }

    /// UploadPart.
    func uploadPart(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        var input = UploadPartInput(
            bucket: call.bucket, key: try call.key(), uploadID: call.uploadID, partNumber: try partNumber(call))
        input.checks = try call.headers.bodyChecks()
        let body = try bodySource(call, input.checks)
        let output = try await calling { () async throws(S3Error) in
            try await service.uploadPart(input, body: body, call.context)
        }
        var headers: HTTPHeaders = ["ETag": output.etag.quoted]
        if let checksum = output.checksum {
            headers.add(name: "x-amz-checksum-\(checksum.algorithm.name.lowercased())", value: checksum.text)
        }
        return S3Reply(headers: headers)
    }

    /// UploadPartCopy.
    func uploadPartCopy(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        var input = UploadPartCopyInput(
            bucket: call.bucket, key: try call.key(), uploadID: call.uploadID, partNumber: try partNumber(call),
            source: try CopySource(call.headers))
        input.sourceRange = call.headers["x-amz-copy-source-range"]
        let output = try await calling { () async throws(S3Error) in
            try await service.uploadPartCopy(input, call.context)
        }
        return Self.copyReply(output, "CopyPartResult")
    }

    private func partNumber(_ call: S3Call) throws(S3WireError) -> Int {
        let text = call.parameter("partNumber") ?? ""
        guard let number = Int(text), (1...S3Limits.partNumberMax).contains(number) else {
            throw Self.badPartNumber(text)
        }
        return number
    }

    /// CompleteMultipartUpload.
    func completeMultipartUpload(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        let key = try call.key()
        let parts = try await CompletedParts.read(self, call)
        var input = CompleteMultipartUploadInput(
            bucket: call.bucket, key: key, uploadID: call.uploadID, parts: parts)
        input.conditions = call.headers.writeConditions
        input.checksum = try call.headers.checksum()
        input.checksumType = try call.headers.checksumType()
        input.objectSize = try call.headers.unsigned("x-amz-mp-object-size")
        let output = try await calling { () async throws(S3Error) in
            try await service.completeMultipartUpload(input, call.context)
        }
        var xml = XMLWriter(result: "CompleteMultipartUploadResult")
        xml.element("Location", location(call))
        xml.element("Bucket", call.bucket)
        xml.element("Key", key.description)
        xml.element("ETag", output.etag.quoted)
        xml.checksum(output.checksum)
        xml.element("ChecksumType", output.checksum.type.name)
        xml.end("CompleteMultipartUploadResult")
        return S3Reply(xml: xml)
    }

    /// The URL of the object that a request names, on the host that it was sent to.
    func location(_ call: S3Call) -> String {
        let scheme = call.request.isSecure ? "https" : "http"
        let host = call.request.headers.first(name: "host") ?? "localhost"
        let path = call.request.target.prefix { $0 != "?" }
        return "\(scheme)://\(host)\(path)"
    }

    /// AbortMultipartUpload.
    func abortMultipartUpload(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        var input = AbortMultipartUploadInput(bucket: call.bucket, key: try call.key(), uploadID: call.uploadID)
        input.ifMatchInitiated = try call.headers.time("x-amz-if-match-initiated-time")
        try await calling { () async throws(S3Error) in
            try await service.abortMultipartUpload(input, call.context)
        }
        return S3Reply(.noContent)
    }

    /// ListParts.
    func listParts(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        let keys = try KeyText(call)
        var input = ListPartsInput(bucket: call.bucket, key: try call.key(), uploadID: call.uploadID)
        if let most = try call.integer("max-parts") { input.maxParts = most }
        if let marker = try call.integer("part-number-marker") { input.partNumberMarker = marker }
        let page = try await calling { () async throws(S3Error) in
            try await service.listParts(input, call.context)
        }
        var xml = XMLWriter(result: "ListPartsResult", capacity: 512 + page.parts.count * 200)
        xml.element("Bucket", call.bucket)
        keys.append("Key", input.key.bytes, to: &xml)
        xml.element("UploadId", input.uploadID)
        S3Owner(accountID: page.initiatorAccountID, identities: identities).append("Initiator", to: &xml)
        S3Owner(accountID: page.ownerAccountID, identities: identities).append("Owner", to: &xml)
        xml.element("StorageClass", "STANDARD")
        xml.element("PartNumberMarker", page.partNumberMarker)
        xml.element("NextPartNumberMarker", page.nextPartNumberMarker)
        xml.element("MaxParts", page.maxParts)
        xml.element("IsTruncated", page.isTruncated)
        xml.element("ChecksumAlgorithm", ifPresent: page.checksumAlgorithm?.name)
        xml.element("ChecksumType", ifPresent: page.checksumType?.name)
        for part in page.parts {
            xml.start("Part")
            xml.element("PartNumber", part.number)
            xml.time("LastModified", part.lastModified)
            xml.element("ETag", part.etag.quoted)
            xml.element("Size", part.size)
            xml.checksum(part.checksum)
            xml.end("Part")
        }
        xml.end("ListPartsResult")
        return S3Reply(xml: xml)
    }

    /// ListMultipartUploads.
    func listMultipartUploads(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        let keys = try KeyText(call)
        var input = ListMultipartUploadsInput(bucket: call.bucket)
        input.prefix = call.parameterBytes("prefix")
        input.delimiter = call.parameterBytes("delimiter")
        input.keyMarker = call.parameterBytes("key-marker")
        input.uploadIDMarker = call.parameter("upload-id-marker").flatMap { $0.isEmpty ? nil : $0 }
        if let most = try call.integer("max-uploads") { input.maxUploads = most }
        let page = try await calling { () async throws(S3Error) in
            try await service.listMultipartUploads(input, call.context)
        }
        var xml = XMLWriter(result: "ListMultipartUploadsResult", capacity: 512 + page.uploads.count * 500)
        xml.element("Bucket", call.bucket)
        keys.append("KeyMarker", input.keyMarker, to: &xml)
        xml.element("UploadIdMarker", input.uploadIDMarker ?? "")
        keys.append("NextKeyMarker", page.nextKeyMarker ?? [], to: &xml)
        xml.element("NextUploadIdMarker", page.nextUploadIDMarker ?? "")
        if !input.delimiter.isEmpty { keys.append("Delimiter", input.delimiter, to: &xml) }
        keys.append("Prefix", input.prefix, to: &xml)
        keys.appendType(to: &xml)
        xml.element("MaxUploads", page.maxUploads)
        xml.element("IsTruncated", page.isTruncated)
        for upload in page.uploads { append(upload, owner: page.ownerAccountID, keys, to: &xml) }
        keys.appendCommonPrefixes(page.commonPrefixes, to: &xml)
        xml.end("ListMultipartUploadsResult")
        return S3Reply(xml: xml)
    }

    private func append(_ upload: ListedUpload, owner: String, _ keys: KeyText, to xml: inout XMLWriter) {
        xml.start("Upload")
        keys.append("Key", upload.key, to: &xml)
        xml.element("UploadId", upload.uploadID)
        S3Owner(accountID: upload.initiatorAccountID, identities: identities).append("Initiator", to: &xml)
        S3Owner(accountID: owner, identities: identities).append("Owner", to: &xml)
        xml.element("StorageClass", "STANDARD")
        xml.time("Initiated", upload.initiated)
        xml.element("ChecksumAlgorithm", ifPresent: upload.checksumAlgorithm?.name)
        xml.element("ChecksumType", ifPresent: upload.checksumType?.name)
        xml.end("Upload")
    }
}
