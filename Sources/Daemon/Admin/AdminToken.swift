private import Bytes
private import Encryption

/// The secret that the admin API asks for: a line in the file `admin-token` of the data directory, readable by the
/// owner of the directory only.
package struct AdminToken: Sendable {
    /// The file's name within the data directory.
    package static let fileName = "admin-token"
    /// 256 bits: nobody guesses it.
    private static let randomBytes = 32

    private let text: [UInt8]

    package init(_ text: String) { self.text = Array(text.utf8) }

    /// Reads the token of a data directory, and makes one when there is none.
    package static func load(dataDirectory: String) throws(FileText.Failure) -> AdminToken {
        let path = dataDirectory + "/" + fileName
        do throws(FileText.Failure) {
            let text = String(try FileText.read(path).prefix { !$0.isWhitespace })
            // An empty token would let an empty header in.
            guard !text.isEmpty else { throw FileText.Failure(path: path, errno: FileText.Failure.badContent) }
            return AdminToken(text)
        } catch {
            guard error.isNotFound else { throw error }
        }
        let text = Hex.encode(SystemRandom.bytes(randomBytes))
        try FileText.createPrivate(path, text + "\n")
        return AdminToken(text)
    }

    /// Whether an `Authorization` header carries this token. Takes the same time whichever byte differs.
    package func isCarried(by authorization: String?) -> Bool {
        let scheme = "bearer "
        guard let authorization, authorization.prefix(scheme.count).lowercased() == scheme else { return false }
        let given = Array(authorization.utf8.dropFirst(scheme.utf8.count))
        guard given.count == text.count, !text.isEmpty else { return false }
        return zip(given, text).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
