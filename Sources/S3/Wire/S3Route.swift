package import AWSWire
package import NIOHTTP1

/// What tells one operation's requests from the others of its method and scope. The tables are generated from the
/// model.
package struct S3Route: Sendable {
    /// What a request is addressed to.
    package enum Scope: Sendable, Hashable {
        case service
        case bucket
        case object
    }

    /// A query parameter that must be there, with a certain value where one is given.
    package struct Query: Sendable {
        let name: String
        let value: String?

        package init(_ name: String, _ value: String? = nil) {
            self.name = name
            self.value = value
        }
    }

    package let operation: S3Operation
    let queries: [Query]
    let headers: [String]

    package init(_ operation: S3Operation, queries: [Query] = [], headers: [String] = []) {
        self.operation = operation
        self.queries = queries
        self.headers = headers
    }

    /// The operation that a request asks for; nil when the method means nothing for the resource.
    ///
    /// Parameters that no route knows (`x-id`, signatures, SDK telemetry) do not matter. Costs a walk over at most some
    /// thirty routes, of which a request without a query looks only at those that need none.
    package static func operation(
        method: HTTPMethod, scope: Scope, query: QueryItems, headers: HTTPHeaders
    ) -> S3Operation? {
        for route in table(method, scope) where route.matches(query, headers) { return route.operation }
        return nil
    }

    private func matches(_ query: QueryItems, _ requestHeaders: HTTPHeaders) -> Bool {
        if queries.count > query.items.count { return false }
        for wanted in queries {
            guard let found = query.first(name: wanted.name) else { return false }
            if let value = wanted.value, value != found { return false }
        }
        for name in headers where !requestHeaders.contains(name: name) { return false }
        return true
    }
}
