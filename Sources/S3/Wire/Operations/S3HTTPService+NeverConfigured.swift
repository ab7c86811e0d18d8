import AWSWire
import NIOHTTP1

/// Reads of features that nobody can have configured here. They answer what AWS answers of a bucket on which nobody
/// has.
extension S3HTTPService {
    /// The answers of `S3Operation.Support.answeredAsNeverConfigured`.
    func neverConfigured(_ call: S3Call) async throws(S3WireError) -> S3Reply {
        let bucket = try await describe(call)
        switch call.operation {
        case .getBucketAcl: return S3Reply(xml: accessControl(bucket.ownerAccountID))
        case .getObjectAcl:
            try await requireObject(call)
            return S3Reply(xml: accessControl(bucket.ownerAccountID))
        case .getObjectLegalHold, .getObjectRetention:
            try await requireObject(call)
            throw S3WireError(.invalidRequest, "Bucket is missing Object Lock Configuration")
        default: break
        }
        if let refusal = Self.refusal(of: call.operation) { throw refusal.with("BucketName", call.bucket) }
        guard let document = Self.emptyDocument(of: call.operation) else {
            throw .notImplemented("The operation \(call.operation.rawValue)")
        }
        return S3Reply(xml: document)
    }

    /// Configurations whose absence is an error.
    private static func refusal(of operation: S3Operation) -> S3WireError? {
        switch operation {
        case .getBucketCors: S3WireError(.noSuchCORSConfiguration)
        case .getBucketEncryption: S3WireError(.serverSideEncryptionConfigurationNotFoundError)
        case .getBucketLifecycleConfiguration: S3WireError(.noSuchLifecycleConfiguration)
        case .getBucketOwnershipControls: S3WireError(.ownershipControlsNotFoundError)
        case .getBucketPolicy, .getBucketPolicyStatus: S3WireError(.noSuchBucketPolicy)
        case .getBucketReplication: S3WireError(.replicationConfigurationNotFoundError)
        case .getBucketWebsite: S3WireError(.noSuchWebsiteConfiguration)
        case .getObjectLockConfiguration: S3WireError(.objectLockConfigurationNotFoundError)
        case .getPublicAccessBlock: S3WireError(.noSuchPublicAccessBlockConfiguration)
        default: nil
        }
    }

    /// Configurations whose absence is an empty document.
    private static func emptyDocument(of operation: S3Operation) -> XMLWriter? {
        switch operation {
        case .getBucketAccelerateConfiguration: empty("AccelerateConfiguration")
        case .getBucketLogging: empty("BucketLoggingStatus")
        case .getBucketNotificationConfiguration: empty("NotificationConfiguration")
        case .getBucketVersioning: empty("VersioningConfiguration")
        case .getBucketRequestPayment: empty("RequestPaymentConfiguration") { $0.element("Payer", "BucketOwner") }
        case .listBucketAnalyticsConfigurations: emptyList("ListBucketAnalyticsConfigurationResult")
        case .listBucketIntelligentTieringConfigurations: emptyList("ListBucketIntelligentTieringConfigurationsOutput")
        case .listBucketInventoryConfigurations: emptyList("ListInventoryConfigurationsResult")
        case .listBucketMetricsConfigurations: emptyList("ListMetricsConfigurationsResult")
        default: nil
        }
    }

    private static func emptyList(_ name: String) -> XMLWriter { empty(name) { $0.element("IsTruncated", false) } }

    private static func empty(_ name: String, _ content: (inout XMLWriter) -> Void = { _ in }) -> XMLWriter {
        var xml = XMLWriter(result: name)
        content(&xml)
        xml.end(name)
        return xml
    }

    private func requireObject(_ call: S3Call) async throws(S3WireError) {
        var input = GetObjectInput(bucket: call.bucket, key: try call.key())
        input.versionID = try call.versionID()
        _ = try await calling { () async throws(S3Error) in try await service.headObject(input, call.context) }
    }

    /// The access control list that everything has: the owner may do all.
    private func accessControl(_ accountID: String) -> XMLWriter {
        let owner = S3Owner(accountID: accountID, identities: identities)
        var xml = XMLWriter(result: "AccessControlPolicy")
        owner.append("Owner", to: &xml)
        xml.start("AccessControlList")
        xml.start("Grant")
        xml.start(
            "Grantee",
            attributes: [
                ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"), ("xsi:type", "CanonicalUser"),
            ])
        xml.element("ID", owner.id)
        xml.element("DisplayName", owner.displayName)
        xml.end("Grantee")
        xml.element("Permission", "FULL_CONTROL")
        xml.end("Grant")
        xml.end("AccessControlList")
        xml.end("AccessControlPolicy")
        return xml
    }
}
