/// `AKID/20130524/us-east-1/s3/aws4_request`, in its parts.
struct CredentialScope {
    let accessKey: String
    let date: ArraySlice<UInt8>
    let region: String
    let service: String
    let terminal: ArraySlice<UInt8>
    /// Everything after the access key: what is signed.
    let scope: ArraySlice<UInt8>
    /// The whole text, which names a derived key.
    let whole: ArraySlice<UInt8>

    /// The date as it stands in messages.
    var dateText: String { String(decoding: date, as: UTF8.self) }

    /// Splits from the right, since an access key may hold slashes. Nil when there are fewer than five parts.
    init?(_ text: ArraySlice<UInt8>) {
        var ends: [Int] = []
        ends.reserveCapacity(4)
        var index = text.endIndex
        while index > text.startIndex, ends.count < 4 {
            index -= 1
            if text[index] == UInt8(ascii: "/") { ends.append(index) }
        }
        guard ends.count == 4 else { return nil }
        let (terminalSlash, serviceSlash, regionSlash, dateSlash) = (ends[0], ends[1], ends[2], ends[3])
        accessKey = String(decoding: text[..<dateSlash], as: UTF8.self)
        date = text[(dateSlash + 1)..<regionSlash]
        region = String(decoding: text[(regionSlash + 1)..<serviceSlash], as: UTF8.self)
        service = String(decoding: text[(serviceSlash + 1)..<terminalSlash], as: UTF8.self)
        terminal = text[(terminalSlash + 1)...]
        scope = text[(dateSlash + 1)...]
        whole = text
    }
}
