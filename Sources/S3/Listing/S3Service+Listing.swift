extension S3Service {
    /// A page of keys, first version. Costs what it returns: common prefixes are skipped by seeking.
    ///
    /// - Throws: `invalidArgument` for a negative page size.
    package func listObjects(
        _ input: ListObjectsInput, _ context: CallContext
    ) async throws(S3Error) -> ListObjectsOutput { preconditionFailure("unbuilt") }

    /// A page of keys, second version.
    ///
    /// - Throws: `invalidArgument` for a negative page size or a token that is not ours.
    package func listObjectsV2(
        _ input: ListObjectsV2Input, _ context: CallContext
    ) async throws(S3Error) -> ListObjectsOutput { preconditionFailure("unbuilt") }
}
