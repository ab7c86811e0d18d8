import AWSWire

/// `<CompleteMultipartUpload>`.
enum CompletedParts {
    /// The parts in the order sent; their order, sizes and tags are checked by the semantics.
    ///
    /// - Throws: `MalformedXML` for no parts, more than 10,000, and a part without number or tag; `InvalidRequest` for
    ///   checksums.
    static func read(
        _ service: S3HTTPService, _ call: S3Call
    ) async throws(S3WireError) -> [CompleteMultipartUploadInput.Part] {
        guard
            let document = try await RequestDocument.read(
                service, call, root: "CompleteMultipartUpload", limit: RequestDocument.listBytesMax)
        else {
            throw S3WireError(.invalidRequest, "You must specify at least one part")
        }
        var parts: [CompleteMultipartUploadInput.Part] = []
        for element in document.root.children {
            guard element.isNamed("Part"), parts.count < S3Limits.partNumberMax else {
                throw S3WireError(.malformedXML)
            }
            parts.append(try part(element))
        }
        if parts.isEmpty { throw S3WireError(.malformedXML) }
        return parts
    }

    private static func part(_ element: XMLElement) throws(S3WireError) -> CompleteMultipartUploadInput.Part {
        var number: Int?
        var etag: String?
        var checksum: Checksum?
        for child in element.children {
            if child.isNamed("PartNumber") {
                number = child.integer
            } else if child.isNamed("ETag") {
                etag = child.text
            } else {
                checksum = try self.checksum(child)
            }
        }
        guard let number, let etag else { throw S3WireError(.malformedXML) }
        guard (1...S3Limits.partNumberMax).contains(number) else {
            throw S3HTTPService.badPartNumber(String(number))
        }
        return CompleteMultipartUploadInput.Part(number: number, etag: etag, checksum: checksum)
    }

    private static func checksum(_ element: XMLElement) throws(S3WireError) -> Checksum {
        let name = element.name
        guard name.hasPrefix("Checksum") else { throw S3WireError(.malformedXML) }
        do throws(S3Error) {
            guard let algorithm = ChecksumAlgorithm(name: name.dropFirst(8)) else {
                throw .unsupportedChecksum(algorithm: String(name.dropFirst(8)))
            }
            return try Checksum(algorithm, text: element.text)
        } catch { throw S3WireError(error) }
    }
}
