extension S3Service {
    /// Stores an object, replacing what was there. Bodies up to 64 KiB cost one synced commit; larger ones are written
    /// first and named by a
    /// commit. A failure at any point leaves the key as it was.
    ///
    /// - Throws: `source`, `incompleteBody`, `badDigest`, `badChecksum`, `entityTooLarge`, `metadataTooLarge`, `invalidTag`, `invalidStorageClass`, `notImplemented`, `preconditionFailed`,
    ///   `noSuchKey` (`If-Match` on an absent key),
    ///   `operationAborted`.
    package func putObject(
        _ input: PutObjectInput, body: any ByteSource, _ context: CallContext
    ) async throws(S3Error) -> PutObjectOutput { preconditionFailure("unbuilt") }

    /// Reads an object. Small answers are read whole before this returns, so their damage is an error here and not a
    /// broken answer.
    ///
    /// - Throws: `noSuchKey`, `invalidRange`, `invalidPartNumber`, `preconditionFailed`, `notModified`,
    ///   `invalidArgument` (version, part number),
    ///   `invalidRequest` (range and part number together).
    package func getObject(
        _ input: GetObjectInput, _ context: CallContext
    ) async throws(S3Error) -> GetObjectOutput { preconditionFailure("unbuilt") }

    /// As `getObject` without the bytes, and with the same errors.
    package func headObject(
        _ input: GetObjectInput, _ context: CallContext
    ) async throws(S3Error) -> ReadObjectOutput { preconditionFailure("unbuilt") }

    /// Removes an object. An absent key is success, unless a condition asks for it.
    ///
    /// - Throws: `preconditionFailed`, `noSuchKey` (a condition on an absent key), `invalidArgument` (version),
    ///   `operationAborted`.
    package func deleteObject(_ input: DeleteObjectInput, _ context: CallContext) async throws(S3Error) {
        preconditionFailure("unbuilt")
    }

    /// Removes up to 1,000 objects, each on its own: errors are per key in the answer.
    ///
    /// - Throws: `malformedXML` for no keys or more than 1,000.
    package func deleteObjects(
        _ input: DeleteObjectsInput, _ context: CallContext
    ) async throws(S3Error) -> DeleteObjectsOutput { preconditionFailure("unbuilt") }

    /// What an object is, with its parts a page at a time.
    ///
    /// - Throws: `noSuchKey`, `invalidArgument`.
    package func getObjectAttributes(
        _ input: GetObjectAttributesInput, _ context: CallContext
    ) async throws(S3Error) -> GetObjectAttributesOutput { preconditionFailure("unbuilt") }

    /// An object's tags; none is an empty list.
    ///
    /// - Throws: `noSuchKey`, `invalidArgument` (version).
    package func getObjectTagging(
        bucket: String, key: ObjectKey, versionID: String?, _ context: CallContext
    ) async throws(S3Error) -> [Tag] { preconditionFailure("unbuilt") }

    /// Replaces an object's tags. Last-Modified stays.
    ///
    /// - Throws: `noSuchKey`, `invalidTag`, `invalidArgument` (version).
    package func putObjectTagging(
        bucket: String, key: ObjectKey, versionID: String?, tags: [Tag], _ context: CallContext
    ) async throws(S3Error) { preconditionFailure("unbuilt") }

    /// Removes an object's tags.
    ///
    /// - Throws: `noSuchKey`, `invalidArgument` (version).
    package func deleteObjectTagging(
        bucket: String, key: ObjectKey, versionID: String?, _ context: CallContext
    ) async throws(S3Error) { preconditionFailure("unbuilt") }
}
