private import Glibc

/// Small files as text: configuration, tokens, `/proc`.
package enum FileText {
    /// A file that cannot be read or written.
    package struct Failure: Error, Equatable, Sendable {
        package let path: String
        package let errno: Int32

        /// What the system calls the reason.
        package var reason: String { SystemError.text(errno) }
        /// What a file is said to fail with whose content is of no use.
        package static let badContent = EINVAL
        package var isNotFound: Bool { errno == ENOENT }
    }

    /// Reads a whole file. Bytes that are not UTF-8 are replaced.
    ///
    /// - Parameter limit: reads no more bytes than this.
    package static func read(_ path: String, limit: Int = 1 << 20) throws(Failure) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(path: path, errno: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while bytes.count < limit {
            let count = Glibc.read(descriptor, &buffer, min(buffer.count, limit - bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure(path: path, errno: errno) }
            if count == 0 { break }
            bytes.append(contentsOf: buffer[..<count])
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Creates a file that only its owner may read; it must not exist.
    package static func createPrivate(_ path: String, _ text: String) throws(Failure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(path: path, errno: errno) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw Failure(path: path, errno: errno)
        }
    }
}

/// The system's error numbers as words.
package enum SystemError {
    package static func text(_ number: Int32) -> String {
        guard let text = strerror(number) else { return "errno \(number)" }
        return String(cString: text)
    }
}
