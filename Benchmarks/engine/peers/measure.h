// How operations are timed. `Benchmarks/EngineBench` holds the same in Swift.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "process.h"

// Latencies in buckets of at most 1/32 of their value.
class Histogram {
public:
    void add(uint64_t nanoseconds) { counts_[bucket(nanoseconds)]++; }

    void merge(const Histogram &other) {
        for (size_t i = 0; i < counts_.size(); i++) counts_[i] += other.counts_[i];
    }

    // Microseconds below which `part` of all operations stayed.
    double percentile(double part) const {
        uint64_t total = 0;
        for (const uint64_t count : counts_) total += count;
        const auto wanted = static_cast<uint64_t>(part * static_cast<double>(total));
        uint64_t seen = 0;
        for (size_t i = 0; i < counts_.size(); i++) {
            seen += counts_[i];
            if (seen > wanted) return middle(i) / 1000;
        }
        return 0;
    }

private:
    // Powers of two, each in 32 parts; below 32 ns every nanosecond.
    static size_t bucket(uint64_t value) {
        if (value < 32) return value;
        const int power = 63 - __builtin_clzll(value);
        return static_cast<size_t>(power - 4) * 32 + ((value >> (power - 5)) & 31);
    }

    static double middle(size_t bucket) {
        if (bucket < 32) return static_cast<double>(bucket);
        const size_t power = bucket / 32 + 4;
        return (static_cast<double>(32 + bucket % 32) + 0.5) * static_cast<double>(uint64_t{1} << (power - 5));
    }

    std::array<uint64_t, 60 * 32> counts_{};
};

// When to stop: after a number of operations in all, or after a time.
struct Extent {
    uint64_t operations = 0;
    double seconds = 0;
};

// One thread's clock: asks whether to go on, notes each operation's end.
class Recorder {
public:
    static constexpr uint64_t window_ns = 100000000;

    Recorder(uint64_t start, Extent extent, uint64_t own_operations)
        : start_(start), last_(start), left_(own_operations),
          deadline_(extent.operations == 0 ? start + static_cast<uint64_t>(extent.seconds * 1e9) : UINT64_MAX) {}

    bool goes_on() const { return left_ > 0 && last_ < deadline_; }

    // An operation has ended; the next one begins.
    void note() {
        const uint64_t now = now_ns();
        histogram.add(now - last_);
        last_ = now;
        left_--;
        operations++;
        const size_t window = (now - start_) / window_ns;
        if (window >= windows.size()) windows.resize(window + 64);
        windows[window]++;
    }

    // What came before does not belong to the next operation.
    void skip_to_now() { last_ = now_ns(); }

    uint64_t last() const { return last_; }

    Histogram histogram;
    std::vector<uint32_t> windows;
    uint64_t operations = 0;
    // Reads that found their key, and reads whose bytes were compared with what was written.
    uint64_t found = 0;
    uint64_t verified = 0;
    // Sum of the numbers of the keys used: equal for equal work.
    uint64_t key_sum = 0;

private:
    uint64_t start_;
    uint64_t last_;
    uint64_t left_;
    uint64_t deadline_;
};
