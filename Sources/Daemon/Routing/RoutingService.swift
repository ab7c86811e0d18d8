package import HTTPFront
private import NIOHTTP1
private import S3

/// The one service that the front knows: Varve's own paths, and everything else for S3.
package struct RoutingService: HTTPService {
    private let own: OwnService
    private let s3: any HTTPService
    private let hostNames: S3HostNames

    /// - Parameter baseHosts: names under which a bucket may stand in the `Host` header. Such a request is S3's
    ///   whatever its path.
    package init(own: OwnService, s3: any HTTPService, baseHosts: [String]) {
        self.own = own
        self.s3 = s3
        hostNames = S3HostNames(baseHosts)
    }

    package func respond(to request: HTTPRequest, with response: ResponseWriter) async {
        if let path = OwnPath(target: request.target),
            hostNames.bucket(inHost: request.headers.first(name: "host") ?? "") == nil
        {
            await own.respond(to: path, request: request, with: response)
        } else {
            await s3.respond(to: request, with: response)
        }
    }
}
