private import AWSWire
internal import DynamoDB
private import Encryption
internal import HTTPFront
private import IAM
internal import LabClock
internal import LogStore
private import S3

/// Builds the services from the configuration.
enum ServiceAssembly {
    /// S3 over the store.
    static func s3(_ configuration: Configuration, store: LogStore, clock: any LabClock) -> any HTTPService {
        S3HTTPService(
            service: S3Service(store: store, clock: clock), verifier: verifier(.s3, configuration),
            identities: identities(configuration), hosts: S3HostNames(configuration.baseHosts),
            regions: configuration.checksRegion ? .refused : .served)
    }

    /// DynamoDB's tables over the store. What is done later of them is registered with `lab`.
    static func tables(store: LogStore, lab: LabParts) -> DynamoDBService {
        DynamoDBService(store: store, clock: lab.clock, due: lab.due, random: { SystemRandom.bytes($0) })
    }

    /// DynamoDB on the wire.
    static func dynamoDB(_ configuration: Configuration, _ tables: DynamoDBService) -> any HTTPService {
        DynamoDBHTTPService(executor: tables, verifier: verifier(.dynamoDB, configuration))
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
