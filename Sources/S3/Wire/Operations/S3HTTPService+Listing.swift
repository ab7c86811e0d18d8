import AWSWire
import NIOHTTP1

extension S3HTTPService {
    /// ListObjects, the first version.
    func listObjects(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        let keys = try KeyText(call)
        var input = ListObjectsInput(bucket: call.bucket)
        input.prefix = call.parameterBytes("prefix")
        input.delimiter = call.parameterBytes("delimiter")
        input.marker = call.parameterBytes("marker")
        if let most = try call.integer("max-keys") { input.maxKeys = most }
        let page = try await calling { () async throws(S3Error) in
            try await service.listObjects(input, call.context)
        }
        var xml = XMLWriter(result: "ListBucketResult", capacity: 512 + page.objects.count * 320)
        xml.element("Name", call.bucket)
        keys.append("Prefix", input.prefix, to: &xml)
        keys.append("Marker", input.marker, to: &xml)
        // AWS tells the marker only where the last key of the page may not be it.
        if let next = page.nextMarker, !input.delimiter.isEmpty { keys.append("NextMarker", next, to: &xml) }
        xml.element("MaxKeys", page.maxKeys)
        if !input.delimiter.isEmpty { keys.append("Delimiter", input.delimiter, to: &xml) }
        xml.element("IsTruncated", page.isTruncated)
        keys.appendType(to: &xml)
        append(page, owner: true, keys, to: &xml)
        xml.end("ListBucketResult")
        return S3Reply(xml: xml)
    }

    /// ListObjectsV2.
    func listObjectsV2(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        let keys = try KeyText(call)
        var input = ListObjectsV2Input(bucket: call.bucket)
        input.prefix = call.parameterBytes("prefix")
        input.delimiter = call.parameterBytes("delimiter")
        input.startAfter = call.parameterBytes("start-after")
        input.continuationToken = call.parameter("continuation-token")
        if input.continuationToken == "" {
            throw .invalidArgument("continuation-token", "", "The continuation token provided is incorrect")
        }
        if let most = try call.integer("max-keys") { input.maxKeys = most }
        let page = try await calling { () async throws(S3Error) in
            try await service.listObjectsV2(input, call.context)
        }
        var xml = XMLWriter(result: "ListBucketResult", capacity: 512 + page.objects.count * 256)
        xml.element("Name", call.bucket)
        keys.append("Prefix", input.prefix, to: &xml)
        xml.element("ContinuationToken", ifPresent: input.continuationToken)
        xml.element("NextContinuationToken", ifPresent: page.nextContinuationToken)
        if call.parameter("start-after") != nil { keys.append("StartAfter", input.startAfter, to: &xml) }
        xml.element("KeyCount", page.keyCount)
        xml.element("MaxKeys", page.maxKeys)
        if !input.delimiter.isEmpty { keys.append("Delimiter", input.delimiter, to: &xml) }
        xml.element("IsTruncated", page.isTruncated)
        keys.appendType(to: &xml)
        append(page, owner: call.parameter("fetch-owner")?.lowercased() == "true", keys, to: &xml)
        xml.end("ListBucketResult")
        return S3Reply(xml: xml)
    }

    /// ListObjectVersions of a bucket without versions: every object is its own and latest version, `null`.
    func listObjectVersions(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        let keys = try KeyText(call)
        var input = ListObjectsInput(bucket: call.bucket)
        input.prefix = call.parameterBytes("prefix")
        input.delimiter = call.parameterBytes("delimiter")
        input.marker = call.parameterBytes("key-marker")
        let versionMarker = call.parameter("version-id-marker") ?? ""
        if !versionMarker.isEmpty, input.marker.isEmpty {
            throw .invalidArgument(
                "version-id-marker", versionMarker, "A version-id marker cannot be specified without a key marker.")
        }
        if let most = try call.integer("max-keys") { input.maxKeys = most }
        let page = try await calling { () async throws(S3Error) in
            try await service.listObjects(input, call.context)
        }
        var xml = XMLWriter(result: "ListVersionsResult", capacity: 512 + page.objects.count * 320)
        xml.element("Name", call.bucket)
        keys.append("Prefix", input.prefix, to: &xml)
        keys.append("KeyMarker", input.marker, to: &xml)
        xml.element("VersionIdMarker", versionMarker)
        if let next = page.nextMarker {
            keys.append("NextKeyMarker", next, to: &xml)
            // A common prefix has no versions.
            if page.objects.last?.key == next { xml.element("NextVersionIdMarker", "null") }
        }
        xml.element("MaxKeys", page.maxKeys)
        if !input.delimiter.isEmpty { keys.append("Delimiter", input.delimiter, to: &xml) }
        xml.element("IsTruncated", page.isTruncated)
        keys.appendType(to: &xml)
        append(page, owner: true, keys, to: &xml, isVersions: true)
        xml.end("ListVersionsResult")
        return S3Reply(xml: xml)
    }

    /// Objects and common prefixes.
    private func append(
        _ page: ListObjectsOutput, owner: Bool, _ keys: KeyText, to xml: inout XMLWriter, isVersions: Bool = false
    ) {
        let owner = owner ? S3Owner(accountID: page.ownerAccountID, identities: identities) : nil
        let element = isVersions ? "Version" : "Contents"
        for object in page.objects {
            xml.start(element)
            keys.append("Key", object.key, to: &xml)
            if isVersions {
                xml.element("VersionId", "null")
                xml.element("IsLatest", true)
            }
            xml.time("LastModified", object.lastModified)
            xml.element("ETag", object.etag.quoted)
            xml.element("ChecksumAlgorithm", object.checksumAlgorithm.name)
            xml.element("ChecksumType", object.checksumType.name)
            xml.element("Size", object.size)
            owner?.append("Owner", to: &xml)
            xml.element("StorageClass", "STANDARD")
            xml.end(element)
        }
        keys.appendCommonPrefixes(page.commonPrefixes, to: &xml)
    }
}

/// Writes keys into documents: as they are, or percent-coded where the request asks for it.
struct KeyText {
    private let isEncoded: Bool

    init(_ call: S3Call) throws(S3WireError) { isEncoded = try call.encodesKeys() }

    /// An element with a key, a prefix or a delimiter.
    func append(_ element: String, _ bytes: [UInt8], to xml: inout XMLWriter) {
        let text = String(decoding: bytes, as: UTF8.self)
        xml.element(element, isEncoded ? URLCoding.encodeForm(text) : text)
    }

    /// `<EncodingType>`, where keys are coded.
    func appendType(to xml: inout XMLWriter) {
        if isEncoded { xml.element("EncodingType", "url") }
    }

    /// The prefixes that a delimiter rolled up.
    func appendCommonPrefixes(_ prefixes: [[UInt8]], to xml: inout XMLWriter) {
        for prefix in prefixes {
            xml.start("CommonPrefixes")
            append("Prefix", prefix, to: &xml)
            xml.end("CommonPrefixes")
        }
    }
}
