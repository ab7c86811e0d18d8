import AWSWire

extension S3Headers {
    /// System and user metadata of a write. The size of user metadata is checked by the semantics.
    var metadata: ObjectMetadata {
        var metadata = ObjectMetadata()
        for item in items {
            switch item.name {
            case "content-type": metadata.contentType = item.value
            case "cache-control": metadata.cacheControl = item.value
            case "content-disposition": metadata.contentDisposition = item.value
            case "content-encoding": metadata.contentEncoding = ContentCoding.stored(item.value)
            case "content-language": metadata.contentLanguage = item.value
            case "expires": metadata.expires = item.value
            default: Self.addUser(item, to: &metadata.user)
            }
        }
        return metadata
    }

    /// Adds an `x-amz-meta-` header. A name that is sent twice is one entry whose values are joined, as HTTP reads
    /// repeated headers.
    private static func addUser(_ item: Item, to user: inout [UserMetadata]) {
        let prefix = "x-amz-meta-"
        guard item.name.hasPrefix(prefix) else { return }
        let name = String(item.name.dropFirst(prefix.utf8.count))
        let value = EncodedWord.decode(item.value)
        if let index = user.firstIndex(where: { $0.name == name }) {
            user[index].value += "," + value
        } else {
            user.append(UserMetadata(name: name, value: value))
        }
    }
}
