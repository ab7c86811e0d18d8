import Compression
import HTTPFront
import Items
import NIOCore
import NIOHTTP1

/// The bytes of a request.
enum RequestCoding {
    /// Reads a body whole, as it was sent.
    static func read(_ body: RequestBody) async throws(DynamoDBRefusal) -> [UInt8] {
        do {
            let bytes = try await body.collect(limit: DynamoDBWireLimits.bodyBytesMax)
            return Array(bytes.readableBytesView)
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

    /// A body as the client had it before it made it small.
    ///
    /// - Parameter coding: `Content-Encoding`.
    static func expand(_ body: [UInt8], coding: String?) throws(DynamoDBRefusal) -> [UInt8] {
        switch coding?.lowercased() {
        // What the first SDKs for Java say of bodies that are as they are.
        case nil, "", "identity", "amz-1.0": return body
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
