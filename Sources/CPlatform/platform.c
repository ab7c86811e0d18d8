#define _GNU_SOURCE
#include "CPlatform.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <malloc.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

int cp_o_direct(void) { return O_DIRECT; }

ssize_t cp_preadv2_nowait(int fd, void *buffer, size_t count, int64_t offset) {
    struct iovec vector = {.iov_base = buffer, .iov_len = count};
    return preadv2(fd, &vector, 1, (off_t)offset, RWF_NOWAIT);
}

int cp_fallocate(int fd, int64_t offset, int64_t length) { return fallocate(fd, 0, (off_t)offset, (off_t)length); }

int cp_fdatasync(int fd) { return fdatasync(fd); }

int cp_start_writeback(int fd, int64_t offset, int64_t length) {
    return sync_file_range(fd, (off_t)offset, (off_t)length, SYNC_FILE_RANGE_WRITE);
}

int cp_fadvise_dontneed(int fd, int64_t offset, int64_t length) {
    return posix_fadvise(fd, (off_t)offset, (off_t)length, POSIX_FADV_DONTNEED);
}

int cp_flock_exclusive_nowait(int fd) { return flock(fd, LOCK_EX | LOCK_NB); }

void cp_limit_heap(int arenas, int mapped_bytes_min, int trimmed_bytes_min) {
    mallopt(M_ARENA_MAX, arenas);
    mallopt(M_MMAP_THRESHOLD, mapped_bytes_min);
    mallopt(M_TRIM_THRESHOLD, trimmed_bytes_min);
}

void cp_wait_while_u32(const uint32_t *word, uint32_t expected) {
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, NULL, NULL, 0);
}

void cp_wake_all(const uint32_t *word) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0); }

void cp_wake_one(const uint32_t *word) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0); }

void cp_lock_slow(uint32_t *word) {
    // Sections are shorter than a trip into the kernel: look again for about a microsecond first.
    for (int round = 0; round < 64; round++) {
        uint32_t expected = 0;
        if (__atomic_load_n(word, __ATOMIC_RELAXED) == 0 &&
            __atomic_compare_exchange_n(word, &expected, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return;
#if defined(__x86_64__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        __asm__ volatile("yield");
#endif
    }
    while (__atomic_exchange_n(word, 2, __ATOMIC_ACQUIRE) != 0) cp_wait_while_u32(word, 2);
}

int cp_processor_count(void) {
    long count = sysconf(_SC_NPROCESSORS_CONF);
    return count < 1 ? 1 : count > INT_MAX ? INT_MAX : (int)count;
}

unsigned cp_processor(void) {
    int number = sched_getcpu();
    return number < 0 ? 0 : (unsigned)number;
}

uint64_t cp_ns_monotonic(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
