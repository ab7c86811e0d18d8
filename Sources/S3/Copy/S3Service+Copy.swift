extension S3Service {
    /// Copies an object. Content kept in a body is shared, not moved, unless another checksum algorithm must be
    /// computed.
    ///
    /// - Throws: `noSuchKey` (source, or `If-Match` on an absent destination), `invalidRequest` (a copy onto itself
    ///   without change; a source over 5 GiB),
    ///   `preconditionFailed`, `metadataTooLarge`, `invalidTag`, `invalidStorageClass`, `notImplemented`,
    ///   `invalidArgument` (version).
    package func copyObject(
        _ input: CopyObjectInput, _ context: CallContext
    ) async throws(S3Error) -> CopyOutput { preconditionFailure("unbuilt") }

    /// Copies a range of an object into a part.
    ///
    /// - Throws: as `uploadPart` and `copyObject`; `invalidArgument` for a malformed range, `invalidRange` for one
    ///   beyond the source.
    package func uploadPartCopy(
        _ input: UploadPartCopyInput, _ context: CallContext
    ) async throws(S3Error) -> CopyOutput { preconditionFailure("unbuilt") }
}
