internal import Bytes

/// Where an output table ends early, for the sake of its next merge: before it would overlap too much of the level
/// below its own. Asked for ascending keys.
struct TableCuts {
    private let tables: [(largestKey: [UInt8], bytes: UInt64)]
    private let bytesMax: UInt64
    private var position = 0
    /// Bytes of the tables that the present output table has passed.
    private var passedBytes: UInt64 = 0

    /// - Parameters:
    ///   - grandparents: the tables of the level below the output's.
    ///   - bytesMax: so many bytes of them may lie under one output table.
    init(grandparents: [Table] = [], bytesMax: UInt64 = .max) {
        tables = grandparents.map { ($0.properties.largestKey, $0.length) }
        self.bytesMax = bytesMax
    }

    /// Notes the next key; true when the output table should end before it.
    mutating func shouldCut(before key: UnsafeRawBufferPointer) -> Bool {
        while position < tables.count, tables[position].largestKey.withUnsafeBytes({ compareBytes($0, key) < 0 }) {
            passedBytes += tables[position].bytes
            position += 1
        }
        return passedBytes > bytesMax
    }

    /// A new output table begins.
    mutating func restart() { passedBytes = 0 }
}
