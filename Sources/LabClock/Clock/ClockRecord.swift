internal import Bytes
internal import LogStore

/// A clock's setting as the store keeps it: `docs/format/due.md`.
struct ClockRecord: Equatable {
    /// The first byte is the clock's own in the catalog: 0x10 to 0x1F are this module's.
    static let key: [UInt8] = [0x10]
    private static let byteCount = 40
    private static let format: UInt8 = 1

    var setting: ClockSetting
    /// Lab time is known to have been this, and is never less again.
    var floor: LabTime

    /// What a store without a record goes by.
    static let new = ClockRecord(setting: .real, floor: LabTime(millisecondsSinceEpoch: 0))

    init(setting: ClockSetting, floor: LabTime) {
        self.setting = setting
        self.floor = floor
    }

    /// - Throws: `.damaged` when the bytes are no record.
    init(_ bytes: [UInt8]) throws(StoreError) {
        let damage = StoreError.damaged(file: "", offset: 0, what: "the lab clock's record")
        guard bytes.count == Self.byteCount, bytes[0] == Self.format, let mode = ClockMode(rawValue: bytes[1]),
            bytes[2..<8].allSatisfy({ $0 == 0 })
        else { throw damage }
        func field(_ index: Int) -> UInt64 { bytes[(index * 8)..<(index * 8 + 8)].reduce(0) { $0 << 8 | UInt64($1) } }
        let lab = LabTime(millisecondsSinceEpoch: Int64(bitPattern: field(1)))
        let speed = Double(bitPattern: field(3))
        floor = LabTime(millisecondsSinceEpoch: Int64(bitPattern: field(4)))
        guard lab <= .end, floor <= .end else { throw damage }
        switch mode {
        case .real: setting = .real
        case .frozen: setting = .frozen(at: lab)
        case .running:
            guard StoredLabClock.speeds.contains(speed) else { throw damage }
            setting = .running(from: lab, at: Int64(bitPattern: field(2)), speed: speed)
        }
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = [Self.format, setting.mode.rawValue] + [UInt8](repeating: 0, count: 6)
        bytes.appendBigEndian(setting.labMilliseconds)
        bytes.appendBigEndian(setting.realNanoseconds)
        bytes.appendBigEndian(setting.speed.bitPattern)
        bytes.appendBigEndian(floor.millisecondsSinceEpoch)
        return bytes
    }
}
