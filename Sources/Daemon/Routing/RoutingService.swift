private import DynamoDB
package import HTTPFront
private import NIOHTTP1
private import S3

/// The one service that the front knows: Varve's own paths, what is addressed to DynamoDB, and everything else for S3.
/// Where there is no S3, DynamoDB need not be addressed by more than its path.
package struct RoutingService: HTTPService {
    private let own: OwnService
    private let s3: (any HTTPService)?
    private let dynamoDB: (any HTTPService)?
    private let hostNames: S3HostNames

    /// - Parameters:
    ///   - s3: nil where it is not served.
    ///   - dynamoDB: nil where it is not served.
    ///   - baseHosts: names under which a bucket may stand in the `Host` header. Such a request is S3's whatever its
    ///     path.
    package init(own: OwnService, s3: (any HTTPService)?, dynamoDB: (any HTTPService)?, baseHosts: [String]) {
        self.own = own
        self.s3 = s3
        self.dynamoDB = dynamoDB
        hostNames = S3HostNames(baseHosts)
    }

    package func respond(to request: HTTPRequest, with response: ResponseWriter) async {
        if let path = OwnPath(target: request.target),
            hostNames.bucket(inHost: request.headers.first(name: "host") ?? "") == nil
        {
            await own.respond(to: path, request: request, with: response)
        } else if DynamoDBHTTPService.isAddressed(by: request)
            || s3 == nil && DynamoDBHTTPService.isPath(of: request)
        {
            await respond(to: request, by: dynamoDB, named: .dynamoDB, with: response)
        } else {
            await respond(to: request, by: s3, named: .s3, with: response)
        }
    }

    private func respond(
        to request: HTTPRequest, by service: (any HTTPService)?, named name: ServiceName, with response: ResponseWriter
    ) async {
        guard let service else {
            response.label(service: name.rawValue, operation: "Unknown", errorCode: "NotServed")
            OwnAnswer.error(.notFound, "\(name.rawValue) is not served here: see the setting `services`")
                .send(with: response)
            return
        }
        await service.respond(to: request, with: response)
    }
}
