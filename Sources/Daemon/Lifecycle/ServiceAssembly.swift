private import AWSWire
internal import DynamoDB
private import Encryption
internal import HTTPFront
private import IAM
internal import LabClock
internal import LogStore
internal import S3

/// Builds the services from the configuration.
enum ServiceAssembly {
    /// S3's objects over the store: one for all who use them.
    static func objects(store: LogStore, clock: any LabClock) -> S3Service { S3Service(store: store, clock: clock) }

    /// S3 on the wire.
    static func s3(_ configuration: Configuration, _ objects: S3Service) -> any HTTPService {
        S3HTTPService(
            service: objects, verifier: verifier(.s3, configuration), identities: identities(configuration),
            hosts: S3HostNames(configuration.baseHosts), regions: configuration.checksRegion ? .refused : .served)
    }

    /// DynamoDB's tables over the store, which are exported to objects and imported from them. What is done later of
    /// them is registered with `lab`.
    static func tables(store: LogStore, lab: LabParts, _ objects: S3Service) -> DynamoDBService {
        DynamoDBService(
            store: store, clock: lab.clock, due: lab.due, objects: S3Objects(service: objects),
            random: { SystemRandom.bytes($0) })
    }

    /// DynamoDB on the wire.
    static func dynamoDB(
        _ configuration: Configuration, _ tables: DynamoDBService, _ driver: ThreadedDriver
    ) -> any HTTPService {
        DynamoDBHTTPService(
            executor: tables, verifier: verifier(.dynamoDB, configuration), largeRequests: driver.offloadExecutor)
    }

    private static func identities(_ configuration: Configuration) -> IdentityTable {
        guard let identities = try? IdentityTable(configuration.identities) else {
            preconditionFailure("the configuration has checked that its identities make a table")
        }
        return identities
    }

    private static func verifier(_ rules: SigningRules, _ configuration: Configuration) -> SignatureVerifier {
        SignatureVerifier(
            identities: identities(configuration), rules: rules,
            mode: configuration.verifiesSignatures ? .verify : .relaxed,
            now: { SystemClock.realMilliseconds() / 1000 })
    }

    static let renderFault: FrontFaultRenderer = S3FaultRenderer.render
}
