extension S3Service {
    /// Starts an upload. One synced commit.
    ///
    /// - Throws: `invalidRequest` (checksum type without algorithm, or one the algorithm does not have),
    ///   `metadataTooLarge`, `invalidTag`,
    ///   `invalidStorageClass`, `notImplemented`.
    package func createMultipartUpload(
        _ input: CreateMultipartUploadInput, _ context: CallContext
    ) async throws(S3Error) -> CreateMultipartUploadOutput { preconditionFailure("unbuilt") }

    /// Stores a part, replacing an earlier one of the same number.
    ///
    /// - Throws: `noSuchUpload`, `invalidArgument` (part number), `invalidRequest` (a checksum of another algorithm
    ///   than the upload's), and the body errors of `putObject`.
    package func uploadPart(
        _ input: UploadPartInput, body: any ByteSource, _ context: CallContext
    ) async throws(S3Error) -> UploadPartOutput { preconditionFailure("unbuilt") }

    /// A page of an upload's parts.
    ///
    /// - Throws: `noSuchUpload`, `invalidArgument`.
    package func listParts(
        _ input: ListPartsInput, _ context: CallContext
    ) async throws(S3Error) -> ListPartsOutput { preconditionFailure("unbuilt") }

    /// A page of the bucket's uploads in progress.
    ///
    /// - Throws: `invalidArgument`.
    package func listMultipartUploads(
        _ input: ListMultipartUploadsInput, _ context: CallContext
    ) async throws(S3Error) -> ListMultipartUploadsOutput { preconditionFailure("unbuilt") }

    /// Makes the object of the listed parts: one commit that moves no data. Repeated with the same parts within 24
    /// hours of lab time it gives the same answer, also
    /// after a crash.
    ///
    /// - Throws: `noSuchUpload`, `malformedXML` (no parts), `invalidPart`, `invalidPartOrder`, `entityTooSmall`,
    ///   `badChecksum`, `invalidRequest` (object size, checksum type),
    ///   `preconditionFailed`, `noSuchKey` (`If-Match` on an absent key).
    package func completeMultipartUpload(
        _ input: CompleteMultipartUploadInput, _ context: CallContext
    ) async throws(S3Error) -> CompleteMultipartUploadOutput { preconditionFailure("unbuilt") }

    /// Gives an upload up and frees its parts.
    ///
    /// - Throws: `noSuchUpload`, `preconditionFailed`.
    package func abortMultipartUpload(
        _ input: AbortMultipartUploadInput, _ context: CallContext
    ) async throws(S3Error) { preconditionFailure("unbuilt") }
}
