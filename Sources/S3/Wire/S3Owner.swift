import AWSWire
import Bytes
import Encryption
import IAM
import LabClock

/// An account as S3's documents name it.
struct S3Owner {
    /// A canonical user id: 64 hexadecimal characters, always the same for an account.
    var id: String
    var displayName: String

    init(accountID: String, identities: IdentityTable) {
        id = Hex.encode(Digest.sha256(Array("account \(accountID)".utf8)))
        displayName = identities.all.first { $0.accountID == accountID }?.name ?? accountID
    }

    /// Writes `<name><ID/><DisplayName/></name>`.
    func append(_ name: String, to xml: inout XMLWriter) {
        xml.start(name)
        xml.element("ID", id)
        xml.element("DisplayName", displayName)
        xml.end(name)
    }
}

extension XMLWriter {
    /// Begins a result document in S3's namespace.
    init(result name: String, capacity: Int = 1024) {
        self.init(capacity: capacity)
        start(name, namespace: Self.s3Namespace)
    }

    /// A time as S3's documents have it: with milliseconds, which are always zero at AWS.
    mutating func time(_ name: String, _ time: LabTime) {
        element(name, ISO8601.extended(unixMilliseconds: time.millisecondsSinceEpoch / 1000 * 1000))
    }

    /// A checksum's element, such as `ChecksumCRC32`.
    mutating func checksum(_ checksum: Checksum?) {
        if let checksum { element("Checksum\(checksum.algorithm.name)", checksum.text) }
    }
}

extension LabTime {
    /// The time as headers carry it.
    var httpDate: String { HTTPDate.format(unixSeconds: millisecondsSinceEpoch / 1000) }
}
