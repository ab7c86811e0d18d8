// What the kernel says of this process.
#pragma once

#include <cstdint>

// Bytes sent to the block layer so far, or owed to it by dirtied pages; what was cancelled before it got there is not.
uint64_t written_bytes();

// Processor time of all threads so far, in clock ticks.
uint64_t cpu_ticks();

// Starts a new measurement of the peak of resident memory.
void reset_peak_resident();

// The peak since then, in bytes.
uint64_t peak_resident_bytes();

// Monotonic nanoseconds.
uint64_t now_ns();
