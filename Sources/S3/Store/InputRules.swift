/// AWS's rules on what a request may say of an object, a bucket or its tags.
enum InputRules {
    /// Storage classes of AWS's model that are not built.
    private static let otherStorageClasses: Set<String> = [
        "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE",
        "OUTPOSTS", "GLACIER_IR", "SNOW", "EXPRESS_ONEZONE", "FSX_OPENZFS", "FSX_ONTAP",
    ]

    /// - Throws: `notImplemented` for a class that exists at AWS only, `invalidStorageClass` for one that exists
    ///   nowhere.
    static func checkStorageClass(_ name: String?) throws(S3Error) {
        guard let name, name != "STANDARD" else { return }
        if otherStorageClasses.contains(name) { throw .notImplemented(what: "x-amz-storage-class: \(name)") }
        throw .invalidStorageClass(name)
    }

    /// - Throws: `metadataTooLarge`.
    static func checkMetadata(_ metadata: ObjectMetadata) throws(S3Error) {
        let size = metadata.user.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        if size > S3Limits.userMetadataBytesMax {
            throw .metadataTooLarge(sizeBytes: size, maxBytes: S3Limits.userMetadataBytesMax)
        }
    }

    /// - Throws: `invalidTag`; for too many the code is AWS's `BadRequest`.
    static func checkTags(_ tags: [Tag], max: Int) throws(S3Error) {
        if tags.count > max { throw .tooManyTags(max: max) }
        var seen: Set<String> = []
        for tag in tags {
            guard !tag.key.isEmpty, tag.key.unicodeScalars.count <= S3Limits.tagKeyCharactersMax, isAllowed(tag.key)
            else { throw .invalidTag(message: "The TagKey you have provided is invalid") }
            guard tag.value.unicodeScalars.count <= S3Limits.tagValueCharactersMax, isAllowed(tag.value) else {
                throw .invalidTag(message: "The TagValue you have provided is invalid")
            }
            if tag.key.hasPrefix("aws:") {
                throw .invalidTag(message: "System tags cannot be added/updated by requester")
            }
            if !seen.insert(tag.key).inserted {
                throw .invalidTag(message: "Cannot provide multiple Tags with the same key")
            }
        }
    }

    /// Letters, numbers and spaces of any script, and `+ - = . _ : / @`.
    private static func isAllowed(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            if scalar.isASCII {
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", " ", "+", "-", "=", ".", "_", ":", "/", "@": return true
                default: return false
                }
            }
            switch scalar.properties.generalCategory {
            case .control, .surrogate, .unassigned, .privateUse: return false
            default: return true
            }
        }
    }

    /// - Throws: `invalidArgument`.
    static func checkPartNumber(_ number: Int) throws(S3Error) {
        if !(1...S3Limits.partNumberMax).contains(number) {
            throw .invalidArgument(
                name: "partNumber", value: String(number),
                message: "Part number must be an integer between 1 and \(S3Limits.partNumberMax), inclusive")
        }
    }

    /// A bucket without versions knows only the version `null`.
    ///
    /// - Throws: `invalidArgument`.
    static func checkVersionID(_ versionID: String?) throws(S3Error) {
        if let versionID, versionID != "null" {
            throw .invalidArgument(name: "versionId", value: versionID, message: "Invalid version id specified")
        }
    }

    /// A page size: clamped above, refused below zero.
    ///
    /// - Throws: `invalidArgument`.
    static func pageSize(_ size: Int, name: String) throws(S3Error) -> Int {
        if size < 0 {
            throw .invalidArgument(
                name: name, value: String(size), message: "Argument \(name) must be an integer between 0 and 2147483647"
            )
        }
        return min(size, S3Limits.pageMax)
    }
}
