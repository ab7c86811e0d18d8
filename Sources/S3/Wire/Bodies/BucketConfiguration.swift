import AWSWire

/// `<CreateBucketConfiguration>`.
struct BucketConfiguration {
    var locationConstraint: String?
    var tags: [Tag] = []

    /// - Throws: `MalformedXML`; `NotImplemented` for the buckets of other kinds.
    static func read(_ service: S3HTTPService, _ call: S3Call) async throws(S3WireError) -> BucketConfiguration {
        var configuration = BucketConfiguration()
        guard
            let document = try await RequestDocument.read(
                service, call, root: "CreateBucketConfiguration", limit: RequestDocument.configurationBytesMax)
        else { return configuration }
        for element in document.root.children {
            switch element.name {
            case "LocationConstraint": configuration.locationConstraint = element.text
            case "Tags": configuration.tags = try TaggingDocument.tags(element)
            case "Bucket", "Location": throw .notImplemented("A directory bucket (\(element.name))")
            default: throw S3WireError(.malformedXML)
            }
        }
        return configuration
    }
}
