import Bytes
import LabClock

/// A bucket's record: what never changes of it. Its tags lie beside.
struct BucketRecord: Sendable, Equatable {
    /// Where the commit's sequence number is stamped: the bucket's id.
    static let idOffset = 8

    var id: UInt64
    var created: LabTime
    var ownerAccountID: String
    var region: String

    init(id: UInt64 = 0, created: LabTime, ownerAccountID: String, region: String) {
        self.id = id
        self.created = created
        self.ownerAccountID = ownerAccountID
        self.region = region
    }

    /// - Throws: `damagedRecord`.
    init(_ bytes: [UInt8]) throws(S3Error) {
        guard bytes.count >= 24, bytes[0] == RecordFormat.version else { throw .damagedRecord("bucket record") }
        id = bytes.bigEndian(UInt64.self, at: Self.idOffset)
        created = LabTime(millisecondsSinceEpoch: bytes.bigEndian(Int64.self, at: 16))
        do {
            (ownerAccountID, region) = try bytes.withUnsafeBytes { raw in
                var reader = ByteReader(UnsafeRawBufferPointer(rebasing: raw[24...]))
                return (
                    String(decoding: try reader.readLengthPrefixedSlice(), as: UTF8.self),
                    String(decoding: try reader.readLengthPrefixedSlice(), as: UTF8.self)
                )
            }
        } catch {
            throw .damagedRecord("bucket record: \(error)")
        }
    }

    var encoded: [UInt8] {
        var bytes: [UInt8] = [RecordFormat.version, 0, 0, 0, 0, 0, 0, 0]
        bytes.appendBigEndian(id)
        bytes.appendBigEndian(created.millisecondsSinceEpoch)
        bytes.appendLengthPrefixed(ownerAccountID)
        bytes.appendLengthPrefixed(region)
        return bytes
    }

    func description(named name: String) -> BucketDescription {
        BucketDescription(name: name, region: region, ownerAccountID: ownerAccountID, created: created)
    }
}
