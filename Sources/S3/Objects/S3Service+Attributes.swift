extension S3Service {
    /// What an object is, with its parts a page at a time.
    ///
    /// - Throws: `noSuchKey`, `invalidArgument`.
    package func getObjectAttributes(
        _ input: GetObjectAttributesInput, _ context: CallContext
    ) async throws(S3Error) -> GetObjectAttributesOutput {
        let bucket = try await bucket(input.bucket, context)
        try InputRules.checkVersionID(input.versionID)
        let maxParts = try InputRules.pageSize(input.maxParts ?? S3Limits.pageMax, name: "max-parts")
        let marker = input.partNumberMarker ?? 0
        if marker < 0 {
            throw .invalidArgument(
                name: "part-number-marker", value: String(marker), message: "part-number-marker must not be negative")
        }
        let found = try await find(bucket, input.key, ReadConditions())
        let object = try found.record.description()
        guard let table = found.table else { return GetObjectAttributesOutput(object: object) }

        let first = table.index(ofNumberAtLeast: marker + 1)
        let end = min(table.count, first + maxParts)
        let page = (first..<end).map { table.entry($0) }
        let isDeclared = found.record.isChecksumDeclared
        return GetObjectAttributesOutput(
            object: object,
            parts: GetObjectAttributesOutput.Parts(
                total: table.count, partNumberMarker: marker, nextPartNumberMarker: page.last?.number ?? 0,
                maxParts: maxParts, isTruncated: end < table.count,
                parts: isDeclared
                    ? page.map {
                        GetObjectAttributesOutput.Part(number: $0.number, size: $0.size, checksum: $0.checksum)
                    } : []))
    }
}
