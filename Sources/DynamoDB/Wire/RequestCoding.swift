import Compression
import HTTPFront
import Items
import NIOCore
import NIOHTTP1

/// The bytes of a request.
enum RequestCoding {
    /// Reads a body whole, as it was sent, once there is room for it and for what `expand` will make of it.
    ///
    /// - Parameter coding: `Content-Encoding`.
    static func read(_ body: RequestBody, coding: String?) async throws(DynamoDBRefusal) -> [UInt8] {
        let limit = DynamoDBWireLimits.bodyBytesMax
        let sent = min(body.declaredLength ?? limit, limit)
        let expanded = isIdentity(coding) ? 0 : min(sent * Self.expansionMax, limit)
        do {
            return try await body.collect(limit: limit, with: expanded)
        } catch {
            switch error {
            case .tooLarge: throw .tooLarge
            case .incomplete, .timedOut: throw .error(DynamoDBError(.serializationException))
            }
        }
    }

    /// Whether a body is too much work for an event loop: it is long, or nobody knows how long it will be.
    static func isLarge(_ body: [UInt8], coding: String?) -> Bool {
        body.count > DynamoDBWireLimits.loopBytesMax || coding != nil
    }

    /// How many times its length a body can expand to. DEFLATE codes 258 bytes with two bits at best.
    private static let expansionMax = 1032

    /// Whether a body is sent as it is; also what the first SDKs for Java say of those.
    private static func isIdentity(_ coding: String?) -> Bool {
        switch coding?.lowercased() {
        case nil, "", "identity", "amz-1.0": true
        default: false
        }
    }

    /// A body as the client had it before it made it small.
    ///
    /// - Parameter coding: `Content-Encoding`.
    static func expand(_ body: [UInt8], coding: String?) throws(DynamoDBRefusal) -> [UInt8] {
        if isIdentity(coding) { return body }
        switch coding?.lowercased() {
        case "gzip", "deflate": return try inflate(body)
        default: throw .error(Self.unreadable)
        }
    }

    /// The refusal of a body that is not coded as it is said to be. AWS's is a 500, which SDKs send again in vain.
    private static let unreadable = DynamoDBError(.serializationException)

    private static func inflate(_ body: [UInt8]) throws(DynamoDBRefusal) -> [UInt8] {
        let result = body.withUnsafeBytes { (bytes) -> Result<[UInt8], CompressionError> in
            do throws(CompressionError) {
                return .success(try Inflate.expand(bytes, limit: DynamoDBWireLimits.bodyBytesMax))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let expanded): return expanded
        case .failure(.tooLarge): throw .tooLarge
        case .failure(.malformed): throw .error(Self.unreadable)
        }
    }

    /// Whether a body is JSON. Costs a pass over it.
    static func isJSON(_ body: [UInt8]) -> Bool {
        body.withUnsafeBytes { bytes in
            var reader = JSONReader(bytes)
            do throws(InputError) {
                try reader.skipValue()
                try reader.end()
                return true
            } catch {
                return false
            }
        }
    }
}

/// A refusal of the wire.
enum DynamoDBRefusal: Error {
    /// As an exception.
    case error(DynamoDBError)
    /// 413, without a body.
    case tooLarge
    /// 404, as AWS answers what is not for this service at all.
    case notFound
}
