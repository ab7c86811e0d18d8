/// Whose name a store's files carry.
///
/// A branch begins with files of the store it comes from, under their names. Which store a file number belongs to
/// follows from the number: each ancestor gave out those below a bound.
struct StoreIdentity: Sendable, Equatable {
    /// An ancestor, and the bound of the numbers that are its own and its ancestors'.
    struct Origin: Sendable, Equatable {
        var numbersBelow: UInt64
        var storeID: UInt64
    }

    let storeID: UInt64
    /// By ascending bound: the oldest ancestor first.
    let origins: [Origin]

    /// The store that gave out a file number.
    func owner(of number: UInt64) -> UInt64 {
        origins.first { number < $0.numbersBelow }?.storeID ?? storeID
    }

    func name(_ number: UInt64, _ kind: FileKind) -> String {
        FileName(storeID: owner(of: number), number: number, kind: kind).string
    }

    /// Whether a file of the directory is this store's by its name.
    func owns(_ file: FileName) -> Bool { file.storeID == owner(of: file.number) }
}
