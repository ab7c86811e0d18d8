private import CPlatform

/// The C heap of a process that runs a store.
package enum ProcessHeap {
    /// The allocator keeps what is freed for the heap it came from, and glibc makes up to eight heaps a core. Blocks of
    /// the cache are allocated by one thread and freed by another, so each heap grows to the most that ever lay in it:
    /// measured 80 MB of holes beside 115 MB in use with sixteen heaps, 28 MB with four, at equal speed.
    private static let heapsMax: Int32 = 4

    /// Keeps the heap's holes small, so that the process stays near the store's memory budget. Once, before threads are
    /// started; without it the store works and takes more memory.
    package static func limitHoles() { cp_limit_heap_arenas(heapsMax) }
}
