import AWSWire

/// `<Tagging>`: read from PutBucketTagging and PutObjectTagging, written for the reads.
enum TaggingDocument {
    /// The tags of a request. Their names and number are checked by the semantics.
    ///
    /// - Throws: `MalformedXML`.
    static func read(_ service: S3HTTPService, _ call: S3Call) async throws(S3WireError) -> [Tag] {
        let document = try await RequestDocument.read(
            service, call, root: "Tagging", limit: RequestDocument.configurationBytesMax)
        guard let set = document?.root.first("TagSet") else { throw S3WireError(.malformedXML) }
        return try tags(set)
    }

    /// The `<Tag>`s inside an element.
    ///
    /// - Throws: `MalformedXML`.
    static func tags(_ set: XMLElement) throws(S3WireError) -> [Tag] {
        var tags: [Tag] = []
        for element in set.children {
            guard element.isNamed("Tag"), let key = element.text(of: "Key"), let value = element.text(of: "Value")
            else { throw S3WireError(.malformedXML) }
            tags.append(Tag(key: key, value: value))
        }
        return tags
    }

    static func write(_ tags: [Tag]) -> XMLWriter {
        var xml = XMLWriter(result: "Tagging")
        xml.start("TagSet")
        for tag in tags {
            xml.start("Tag")
            xml.element("Key", tag.key)
            xml.element("Value", tag.value)
            xml.end("Tag")
        }
        xml.end("TagSet")
        xml.end("Tagging")
        return xml
    }
}
