private import CPlatform

/// The C heap of a process that runs a store.
package enum ProcessHeap {
    /// The allocator keeps what is freed for the heap it came from, and glibc makes up to eight heaps a core. Blocks of
    /// the cache are allocated by one thread and freed by another, so each heap grows to the most that ever lay in it:
    /// measured 80 MB of holes beside 115 MB in use with sixteen heaps, 28 MB with four, at equal speed.
    private static let heapsMax: Int32 = 4
    /// Buffers from this size on go back to the system when they are freed. Left to itself glibc raises the bound to
    /// the largest that was ever freed, and what large values and merges need for a moment stays for good: 60 MB.
    private static let mappedBytesMin: Int32 = 256 << 10
    /// A heap's free end goes back above this size: twice the above, as glibc has it.
    private static let trimmedBytesMin: Int32 = 2 * mappedBytesMin

    /// Keeps the heap's holes small, so that the process stays near the store's memory budget. Once, before threads are
    /// started; without it the store works and takes more memory.
    package static func limitHoles() { cp_limit_heap(heapsMax, mappedBytesMin, trimmedBytesMin) }
}
