private import AWSWire
internal import HTTPFront
private import IAM
internal import LabClock
internal import LogStore
private import S3

/// Builds the services from the configuration.
enum ServiceAssembly {
    /// S3 over the store.
    static func s3(_ configuration: Configuration, store: LogStore, clock: any LabClock) -> any HTTPService {
        guard let identities = try? IdentityTable(configuration.identities) else {
            preconditionFailure("the configuration has checked that its identities make a table")
        }
        let verifier = SignatureVerifier(
            identities: identities, rules: .s3, mode: configuration.verifiesSignatures ? .verify : .relaxed,
            now: { SystemClock.realMilliseconds() / 1000 })
        return S3HTTPService(
            service: S3Service(store: store, clock: clock), verifier: verifier, identities: identities,
            hosts: S3HostNames(configuration.baseHosts), regions: configuration.checksRegion ? .refused : .served)
    }

    static let renderFault: FrontFaultRenderer = S3FaultRenderer.render
}
