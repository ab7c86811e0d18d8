private import CPlatform

/// CRC-32C (Castagnoli): the checksum of every record and block on disk, and one of S3's.
///
/// Costs about 0.06 ns a byte where the processor has the instruction, 0.7 ns elsewhere.
package enum CRC32C {
    /// The checksum of `bytes` after those whose checksum is `previous`; 0 at the start.
    package static func hash(_ bytes: UnsafeRawBufferPointer, continuing previous: UInt32 = 0) -> UInt32 {
        guard let base = bytes.baseAddress else { return previous }
        return cp_crc32c(previous, base, bytes.count)
    }

    /// As `hash`, of an array's bytes.
    package static func hash(_ bytes: [UInt8], continuing previous: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeBytes { hash($0, continuing: previous) }
    }

    /// The checksum of A followed by B, from theirs. Costs some microseconds, whatever the length.
    package static func combine(_ a: UInt32, _ b: UInt32, lengthOfB: UInt64) -> UInt32 {
        cp_crc32c_combine(a, b, lengthOfB)
    }

    /// As `hash`, without the processor's help: for tests.
    package static func softwareHash(_ bytes: UnsafeRawBufferPointer, continuing previous: UInt32 = 0) -> UInt32 {
        guard let base = bytes.baseAddress else { return previous }
        return cp_crc32c_software(previous, base, bytes.count)
    }
}

/// CRC-32 (that of Ethernet and zip), one of S3's checksums.
package enum CRC32 {
    /// The checksum of `bytes` after those whose checksum is `previous`; 0 at the start.
    package static func hash(_ bytes: UnsafeRawBufferPointer, continuing previous: UInt32 = 0) -> UInt32 {
        guard let base = bytes.baseAddress else { return previous }
        return cp_crc32(previous, base, bytes.count)
    }

    /// As `hash`, of an array's bytes.
    package static func hash(_ bytes: [UInt8], continuing previous: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeBytes { hash($0, continuing: previous) }
    }

    /// The checksum of A followed by B, from theirs. Costs some microseconds, whatever the length.
    package static func combine(_ a: UInt32, _ b: UInt32, lengthOfB: UInt64) -> UInt32 {
        cp_crc32_combine(a, b, lengthOfB)
    }

    /// As `hash`, without the processor's help: for tests.
    package static func softwareHash(_ bytes: UnsafeRawBufferPointer, continuing previous: UInt32 = 0) -> UInt32 {
        guard let base = bytes.baseAddress else { return previous }
        return cp_crc32_software(previous, base, bytes.count)
    }
}

/// CRC-64/NVME, the checksum that S3 clients send by default.
package enum CRC64NVME {
    /// The checksum of `bytes` after those whose checksum is `previous`; 0 at the start.
    package static func hash(_ bytes: UnsafeRawBufferPointer, continuing previous: UInt64 = 0) -> UInt64 {
        guard let base = bytes.baseAddress else { return previous }
        return cp_crc64nvme(previous, base, bytes.count)
    }

    /// As `hash`, of an array's bytes.
    package static func hash(_ bytes: [UInt8], continuing previous: UInt64 = 0) -> UInt64 {
        bytes.withUnsafeBytes { hash($0, continuing: previous) }
    }

    /// The checksum of A followed by B, from theirs. Costs some microseconds, whatever the length.
    package static func combine(_ a: UInt64, _ b: UInt64, lengthOfB: UInt64) -> UInt64 {
        cp_crc64nvme_combine(a, b, lengthOfB)
    }

    /// As `hash`, without the processor's help: for tests.
    package static func softwareHash(_ bytes: UnsafeRawBufferPointer, continuing previous: UInt64 = 0) -> UInt64 {
        guard let base = bytes.baseAddress else { return previous }
        return cp_crc64nvme_software(previous, base, bytes.count)
    }
}
