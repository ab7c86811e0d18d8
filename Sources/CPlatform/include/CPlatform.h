#pragma once

// What Swift cannot say or Glibc's Swift module does not export: atomics on raw memory, checksums in hardware, and a
// few Linux calls. Calls return what the system call returns, with the cause in errno.

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// --- Atomics on raw memory. The address must be aligned to 8 bytes. ---

static inline uint64_t cp_atomic_load_acquire_u64(const void *address) {
    return __atomic_load_n((const uint64_t *)address, __ATOMIC_ACQUIRE);
}

static inline uint64_t cp_atomic_load_relaxed_u64(const void *address) {
    return __atomic_load_n((const uint64_t *)address, __ATOMIC_RELAXED);
}

static inline void cp_atomic_store_release_u64(void *address, uint64_t value) {
    __atomic_store_n((uint64_t *)address, value, __ATOMIC_RELEASE);
}

static inline void cp_atomic_store_relaxed_u64(void *address, uint64_t value) {
    __atomic_store_n((uint64_t *)address, value, __ATOMIC_RELAXED);
}

/// Adds and returns the value before; relaxed order, for counters.
static inline uint64_t cp_atomic_fetch_add_relaxed_u64(void *address, uint64_t value) {
    return __atomic_fetch_add((uint64_t *)address, value, __ATOMIC_RELAXED);
}

/// Asks the processor to bring the cache line of an address nearer; any address will do.
static inline void cp_prefetch(const void *address) { __builtin_prefetch(address); }

// --- Checksums. `crc` is the checksum of the bytes before (0 at the start); the result is that of both together. ---

uint32_t cp_crc32c(uint32_t crc, const void *bytes, size_t count);
uint32_t cp_crc32(uint32_t crc, const void *bytes, size_t count);
uint64_t cp_crc64nvme(uint64_t crc, const void *bytes, size_t count);

/// The same without special instructions: what other processors use, and what the tests compare with.
uint32_t cp_crc32c_software(uint32_t crc, const void *bytes, size_t count);
uint32_t cp_crc32_software(uint32_t crc, const void *bytes, size_t count);
uint64_t cp_crc64nvme_software(uint64_t crc, const void *bytes, size_t count);

/// The checksum of A followed by B, from those of A and of B and the length of B.
uint32_t cp_crc32c_combine(uint32_t a, uint32_t b, uint64_t length_of_b);
uint32_t cp_crc32_combine(uint32_t a, uint32_t b, uint64_t length_of_b);
uint64_t cp_crc64nvme_combine(uint64_t a, uint64_t b, uint64_t length_of_b);

// --- Text. ---

/// Bytes at the start of a text that a JSON string holds as they are, and that are whole characters: neither controls,
/// quotes and backslashes nor parts of what UTF-8 writes in several bytes.
size_t cp_json_plain_ascii(const void *text, size_t count);

/// The same with all of UTF-8.
size_t cp_json_plain(const void *text, size_t count);

/// The same but for DEL, which a terminal takes for a control.
size_t cp_json_printable(const void *text, size_t count);

// --- Files. ---

/// The flag that asks `open` to bypass the page cache.
int cp_o_direct(void);

/// Reads only what is in the page cache: fails with EAGAIN when a byte would have to wait.
ssize_t cp_preadv2_nowait(int fd, void *buffer, size_t count, int64_t offset);

/// Reserves and zeroes a range, growing the file.
int cp_fallocate(int fd, int64_t offset, int64_t length);

int cp_fdatasync(int fd);

/// Begins to write a dirty range to the device without waiting for it: a hint.
int cp_start_writeback(int fd, int64_t offset, int64_t length);

/// Drops a clean range from the page cache: a hint.
int cp_fadvise_dontneed(int fd, int64_t offset, int64_t length);

/// Takes the exclusive lock of an open file without waiting: fails with EWOULDBLOCK when another holds it.
int cp_flock_exclusive_nowait(int fd);

// --- Memory. ---

/// Sets how many heaps the C allocator makes at most for threads that allocate at once, from which size on it maps
/// memory apart from them, and how much free memory it leaves at a heap's end. Call it before there are threads.
void cp_limit_heap(int arenas, int mapped_bytes_min, int trimmed_bytes_min);

// --- Threads that wait. ---

/// Sleeps while the word is `expected`; may return early, so look again.
void cp_wait_while_u32(const uint32_t *word, uint32_t expected);

/// Wakes everybody who sleeps on the word.
void cp_wake_all(const uint32_t *word);

static inline uint32_t cp_atomic_load_acquire_u32(const uint32_t *address) {
    return __atomic_load_n(address, __ATOMIC_ACQUIRE);
}

/// Stores and returns the value before; orders both ways.
static inline uint32_t cp_atomic_exchange_u32(uint32_t *address, uint32_t value) {
    return __atomic_exchange_n(address, value, __ATOMIC_ACQ_REL);
}

/// Stores `value` if the word is `expected`; returns whether it was.
static inline int cp_atomic_compare_exchange_u32(uint32_t *address, uint32_t expected, uint32_t value) {
    return __atomic_compare_exchange_n(address, &expected, value, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

// --- A lock for short sections: free, held, or held with sleepers. ---

/// What `cp_lock` does when the lock is not free.
void cp_lock_slow(uint32_t *word);

/// Wakes one sleeper.
void cp_wake_one(const uint32_t *word);

static inline void cp_lock(uint32_t *word) {
    uint32_t expected = 0;
    if (!__atomic_compare_exchange_n(word, &expected, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) cp_lock_slow(word);
}

static inline void cp_unlock(uint32_t *word) {
    if (__atomic_exchange_n(word, 0, __ATOMIC_RELEASE) == 2) cp_wake_one(word);
}

// --- Processors. ---

/// How many processors the machine has; 1 when that cannot be known.
int cp_processor_count(void);

/// The one that the calling thread runs on, which may change at any time: a hint. 0 when that cannot be known.
unsigned cp_processor(void);

// --- Time. ---

/// Nanoseconds of the monotonic clock.
uint64_t cp_ns_monotonic(void);
