@testable import LogStore

/// Options small enough that a few hundred commits reach every part of the engine.
func smallOptions() -> StoreOptions {
    var options = StoreOptions()
    options.memoryBudgetBytes = 8 << 20
    options.memtableBytes = 256 << 10
    options.level0RunsMin = 4
    options.firstSegmentBytes = 9 << 20
    options.segmentBytes = 10 << 20
    options.extentFileBytes = 4 << 20
    return options
}

/// Options so small that every step of the engine happens within some dozens of commits.
func tinyOptions() -> StoreOptions {
    var options = StoreOptions()
    options.memoryBudgetBytes = 2 << 20
    options.memtableBytes = 128 << 10
    options.level0RunsMin = 4
    options.commitBytesMax = 96 << 10
    options.firstSegmentBytes = 256 << 10
    options.segmentBytes = 384 << 10
    options.extentFileBytes = 256 << 10
    // A few dozen keys already make several levels of several tables.
    options.tableBytes = 512
    options.levelBaseBytes = 2 << 10
    return options
}

func key(_ text: String) -> [UInt8] { [UInt8](text.utf8) }

func value(_ text: String) -> StoredValue { StoredValue(head: [UInt8](text.utf8)) }
