internal import HTTPFront
private import IAM
private import LabClock
internal import LogStore
private import NIOHTTP1

/// Builds the services from the configuration.
enum ServiceAssembly {
    /// S3 over the store.
    static func s3(_ configuration: Configuration, store: LogStore) -> any HTTPService {
        NotYet()
    }

    static let renderFault: FrontFaultRenderer = FrontFault.plainText
}

private struct NotYet: HTTPService {
    func respond(to request: HTTPRequest, with response: ResponseWriter) async {
        response.send(.notImplemented, headers: [:], body: nil)
    }
}
