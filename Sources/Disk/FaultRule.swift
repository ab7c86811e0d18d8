/// The calls of the seam, as faults and traces name them.
package enum DiskOperation: UInt8, Sendable, CaseIterable {
    case list, create, open, rename, remove, syncDirectory, link
    case size, read, write, allocate, truncate, sync

    /// Whether the call can change what a crash leaves: those are counted, and can be the one that a crash cuts short.
    package var isMutating: Bool {
        switch self {
        case .create, .rename, .remove, .syncDirectory, .link, .write, .allocate, .truncate, .sync: true
        case .list, .open, .size, .read: false
        }
    }
}

/// An error that a simulated disk is to answer with.
package struct FaultRule: Sendable {
    /// What goes wrong.
    package enum Failure: Sendable {
        case noSpace
        case io(errno: Int32)

        /// What the call throws.
        func error(_ operation: DiskOperation, _ name: String) -> DiskError {
            switch self {
            case .noSpace: .noSpace
            case .io(let errno): .io(operation: "\(operation)", name: name, errno: errno)
            }
        }
    }

    /// The call that fails.
    package var operation: DiskOperation
    /// The end of the names of the files it fails for; the directory's own calls have the empty name. Empty: all.
    package var nameSuffix: String
    /// How many matching calls succeed before.
    package var afterCount: Int
    package var error: Failure
    /// Whether all later matching calls fail too, or only the first.
    package var isSticky: Bool

    package init(
        operation: DiskOperation, nameSuffix: String = "", afterCount: Int = 0, error: Failure, isSticky: Bool = false
    ) {
        self.operation = operation
        self.nameSuffix = nameSuffix
        self.afterCount = afterCount
        self.error = error
        self.isSticky = isSticky
    }
}

/// The rules of a disk with how far each has been counted down.
struct FaultPlan {
    private var rules: [FaultRule] = []

    mutating func add(_ rule: FaultRule) { rules.append(rule) }

    mutating func removeAll() { rules.removeAll() }

    /// The error of the first rule whose time this call is. Every matching rule counts the call.
    mutating func fault(_ operation: DiskOperation, _ name: String) -> DiskError? {
        var fault: DiskError?
        var spent: [Int] = []
        for index in rules.indices {
            guard rules[index].operation == operation, name.hasSuffix(rules[index].nameSuffix) else { continue }
            guard rules[index].afterCount == 0 else {
                rules[index].afterCount -= 1
                continue
            }
            guard fault == nil else { continue }
            fault = rules[index].error.error(operation, name)
            if !rules[index].isSticky { spent.append(index) }
        }
        for index in spent.reversed() { rules.remove(at: index) }
        return fault
    }
}
