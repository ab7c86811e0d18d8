private import Glibc

/// Calls `body` until it is not interrupted by a signal, and throws the `DiskError` of its `errno` when it returns -1.
func posixCall<Result: SignedInteger>(
    _ operation: String, _ name: String, _ body: () -> Result
) throws(DiskError) -> Result {
    while true {
        let result = body()
        if result != -1 { return result }
        let cause = errno
        if cause != EINTR { throw diskError(cause, operation, name) }
    }
}

/// The `DiskError` that an `errno` stands for.
func diskError(_ cause: Int32, _ operation: String, _ name: String) -> DiskError {
    switch cause {
    case ENOSPC, EDQUOT: .noSpace
    case ENOENT: .notFound(name: name)
    case EEXIST: .alreadyExists(name: name)
    default: .io(operation: operation, name: name, errno: cause)
    }
}

/// Traps for what is not a plain file name: the engine makes all names itself.
func checkFileName(_ name: String) {
    precondition(
        !name.isEmpty && name != "." && name != ".." && !name.utf8.contains(UInt8(ascii: "/"))
            && !name.utf8.contains(0),
        "a file name of the engine must be plain")
}

/// Whether names sort in ascending byte order, which is not that of Swift's strings.
func fileNamePrecedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
