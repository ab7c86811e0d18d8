import AWSWire
import NIOHTTP1

extension S3HTTPService {
    private static let attributes: Set<String> = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]

    /// GetObjectAttributes: of what there is, the parts that were asked for.
    func getObjectAttributes(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        let wanted = try wantedAttributes(call)
        var input = GetObjectAttributesInput(bucket: call.bucket, key: try call.key())
        input.versionID = try call.versionID()
        input.maxParts = try call.headers.unsigned("x-amz-max-parts").map { Int(clamping: $0) }
        input.partNumberMarker = try call.headers.unsigned("x-amz-part-number-marker").map { Int(clamping: $0) }
        let output = try await calling { () async throws(S3Error) in
            try await service.getObjectAttributes(input, call.context)
        }
        var xml = XMLWriter(result: "GetObjectAttributesResponse")
        // The one place where S3 writes an entity tag without quotes.
        if wanted.contains("ETag") { xml.element("ETag", output.object.etag.description) }
        if wanted.contains("Checksum") {
            xml.start("Checksum")
            xml.checksum(output.object.checksum)
            xml.element("ChecksumType", output.object.checksum.type.name)
            xml.end("Checksum")
        }
        if wanted.contains("ObjectParts"), let parts = output.parts { append(parts, to: &xml) }
        if wanted.contains("StorageClass") { xml.element("StorageClass", "STANDARD") }
        if wanted.contains("ObjectSize") { xml.element("ObjectSize", output.object.size) }
        xml.end("GetObjectAttributesResponse")
        let modified = output.object.lastModified.httpDate
        return S3Reply(headers: ["Last-Modified": modified], xml: xml)
    }

    private func wantedAttributes(_ call: S3Call) throws(S3WireError) -> Set<String> {
        var wanted: Set<String> = []
        for header in call.verified.headers[canonicalForm: "x-amz-object-attributes"] where !header.isEmpty {
            guard Self.attributes.contains(String(header)) else {
                throw .invalidArgument("x-amz-object-attributes", String(header), "Invalid attribute name specified.")
            }
            wanted.insert(String(header))
        }
        if wanted.isEmpty {
            throw S3WireError(
                .invalidRequest,
                "The header x-amz-object-attributes must name the attributes to be retrieved.")
        }
        return wanted
    }

    private func append(_ parts: GetObjectAttributesOutput.Parts, to xml: inout XMLWriter) {
        xml.start("ObjectParts")
        xml.element("PartsCount", parts.total)
        if !parts.parts.isEmpty {
            xml.element("PartNumberMarker", parts.partNumberMarker)
            xml.element("NextPartNumberMarker", parts.nextPartNumberMarker)
            xml.element("MaxParts", parts.maxParts)
            xml.element("IsTruncated", parts.isTruncated)
        }
        for part in parts.parts {
            xml.start("Part")
            xml.element("PartNumber", part.number)
            xml.element("Size", part.size)
            xml.checksum(part.checksum)
            xml.end("Part")
        }
        xml.end("ObjectParts")
    }
}
