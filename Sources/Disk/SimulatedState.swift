internal import Bytes

/// Everything of a simulated disk that changes; kept under the disk's mutex.
struct SimulatedState {
    /// What becomes of a call.
    enum Verdict {
        case proceeds
        /// The machine crashes within the call: some of its effect may be there, and it throws `.crashed`.
        case isCutShort
        case fails(DiskError)
    }

    var random: SeededRandom
    var capacityBytes: UInt64
    var directory = SimulatedDirectory()
    var faults = FaultPlan()
    var locks: Set<String> = []
    var ignoresSyncs = false
    var hasCrashed = false
    var crashAfterOperations: Int?
    var operationCount = 0
    var traceHash: UInt64 = 0

    init(random: SeededRandom, capacityBytes: UInt64) {
        self.random = random
        self.capacityBytes = capacityBytes
    }

    /// What can still be allocated.
    var freeBytes: UInt64 {
        let used = directory.allocatedBytes
        return used < capacityBytes ? capacityBytes - used : 0
    }

    /// Counts and traces a call and says what becomes of it. `detail` is whatever else tells two calls apart.
    ///
    /// - Throws: `.crashed` when the machine is down.
    mutating func begin(_ operation: DiskOperation, _ name: String, detail: [UInt64] = []) throws(DiskError) -> Verdict
    {
        if hasCrashed { throw .crashed }
        if operation.isMutating {
            operationCount += 1
            var record: [UInt8] = [operation.rawValue]
            record.appendLengthPrefixed(name)
            for number in detail { record.appendLittleEndian(number) }
            traceHash = CRC64NVME.hash(record, continuing: traceHash)
            if operationCount == crashAfterOperations {
                hasCrashed = true
                return .isCutShort
            }
        }
        if let error = faults.fault(operation, name) { return .fails(error) }
        return .proceeds
    }

    /// As `begin`, for calls of which nothing happens when they fail.
    ///
    /// - Returns: whether the call is cut short, and must throw `.crashed` once it has had its effect.
    mutating func beginWhole(
        _ operation: DiskOperation, _ name: String, detail: [UInt64] = []
    ) throws(DiskError) -> Bool {
        switch try begin(operation, name, detail: detail) {
        case .proceeds: return false
        case .isCutShort: return true
        case .fails(let error): throw error
        }
    }
}
