import Bytes

/// The keys that S3's records lie under: see `docs/format/s3-keys.md`.
enum S3Keys {
    // First bytes in the catalog keyspace; S3 owns 0x01 to 0x0F.
    private static let bucketByName: UInt8 = 0x01
    private static let bucketOfAccount: UInt8 = 0x02
    private static let bucketTags: UInt8 = 0x03
    private static let bucketCount: UInt8 = 0x04

    /// Ends an account, and a key before an upload id: no account and no key has a zero byte, so order and parsing are
    /// sound.
    private static let terminator: UInt8 = 0x00

    /// Where completed uploads lie in the uploads keyspace: no bucket has this id, for no commit has this sequence
    /// number.
    static let completedUploadsPrefix = [UInt8](repeating: 0xFF, count: 8)

    // MARK: Catalog

    static func bucket(named name: String) -> [UInt8] { [bucketByName] + name.utf8 }

    static func buckets(ofAccount accountID: String) -> [UInt8] { [bucketOfAccount] + accountID.utf8 + [terminator] }

    static func bucket(named name: String, ofAccount accountID: String) -> [UInt8] {
        buckets(ofAccount: accountID) + name.utf8
    }

    static func bucketTags(_ bucketID: UInt64) -> [UInt8] { id([bucketTags], bucketID) }

    static func bucketCount(ofAccount accountID: String) -> [UInt8] { [bucketCount] + accountID.utf8 }

    // MARK: Objects

    /// The prefix of a bucket's objects and of its uploads.
    static func bucketPrefix(_ bucketID: UInt64) -> [UInt8] { id([], bucketID) }

    static func object(_ bucketID: UInt64, _ key: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + key.count)
        bytes.appendBigEndian(bucketID)
        bytes.append(contentsOf: key)
        return bytes
    }

    // MARK: Bodies

    static func bodyPrefix(_ bodyID: UInt64) -> [UInt8] { id([], bodyID) }

    static func bodyPart(_ bodyID: UInt64, _ number: Int) -> [UInt8] {
        var bytes = id([], bodyID)
        bytes.appendBigEndian(UInt32(number))
        return bytes
    }

    /// The number of a key made by `bodyPart`.
    static func partNumber(ofBodyKey key: [UInt8]) -> Int {
        key.suffix(4).reduce(0) { $0 << 8 | Int($1) }
    }

    static func reference(_ bodyID: UInt64, _ bucketID: UInt64, _ key: [UInt8]) -> [UInt8] {
        id(id([], bodyID), bucketID) + key
    }

    // MARK: Uploads

    static func uploads(_ bucketID: UInt64, ofKey key: [UInt8]) -> [UInt8] { object(bucketID, key) + [terminator] }

    static func upload(_ bucketID: UInt64, _ key: [UInt8], _ uploadID: UInt64) -> [UInt8] {
        id(uploads(bucketID, ofKey: key), uploadID)
    }

    /// Where the upload id lies in a key made by `upload`, from the end.
    static let uploadIDBytes = 8

    /// The object's key and the upload's id out of a key made by `upload`.
    static func parseUpload(_ bytes: [UInt8]) -> (key: [UInt8], uploadID: UInt64) {
        (Array(bytes[8..<bytes.count - 9]), bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    static func completedUpload(_ uploadID: UInt64) -> [UInt8] { id(completedUploadsPrefix, uploadID) }

    private static func id(_ prefix: [UInt8], _ id: UInt64) -> [UInt8] {
        var bytes = prefix
        bytes.reserveCapacity(prefix.count + 8)
        bytes.appendBigEndian(id)
        return bytes
    }
}
