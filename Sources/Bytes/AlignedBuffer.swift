/// Memory aligned for direct I/O, zeroed at first and freed with its owner.
// Safe to send: pointer and count never change. The bytes are as shared as any raw memory's: whoever gives the buffer
// to another thread orders the accesses.
package final class AlignedBuffer: @unchecked Sendable {
    /// The alignment of the memory in bytes: a page, and the disk's physical block.
    package static let alignment = 4096

    /// The memory, `count` bytes of it.
    package let bytes: UnsafeMutableRawBufferPointer

    /// Allocates `count` bytes. Traps when memory is exhausted, as every Swift allocation does.
    package init(count: Int) {
        bytes = .allocate(byteCount: count, alignment: Self.alignment)
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit { bytes.deallocate() }

    /// The bytes of the memory.
    package var count: Int { bytes.count }

    /// The same memory, to read.
    package var readable: UnsafeRawBufferPointer { UnsafeRawBufferPointer(bytes) }

    /// `count` rounded up to whole units of `alignment`.
    package static func roundedUp(_ count: Int) -> Int { (count + 4095) & ~4095 }
}
