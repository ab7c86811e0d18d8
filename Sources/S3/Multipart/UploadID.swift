import Bytes

/// The text of an upload's id: its commit's sequence number in hexadecimal, so that ids sort by initiation and are
/// never reused.
enum UploadID {
    static func text(_ id: UInt64) -> String { Hex.encode(id) }

    /// - Throws: `noSuchUpload` for anything that `text` does not make.
    static func parse(_ text: String) throws(S3Error) -> UInt64 {
        guard text.utf8.count == 16, let id = UInt64(text, radix: 16), Self.text(id) == text else {
            throw .noSuchUpload(uploadID: text)
        }
        return id
    }
}
