// What the kernel says of this process.
#pragma once

#include <cstdint>

// Bytes handed to write calls so far. Not `write_bytes`: where the page cache uses large folios, that counts a whole
// folio for every 4 KiB dirtied in it.
uint64_t written_bytes();

// Processor time of all threads so far, in microseconds.
uint64_t cpu_us();

// Starts a new measurement of the peak of resident memory.
void reset_peak_resident();

// The peak since then, in bytes.
uint64_t peak_resident_bytes();

// Monotonic nanoseconds.
uint64_t now_ns();
