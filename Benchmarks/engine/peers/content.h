// Keys and values: the same bytes from every program. `Benchmarks/EngineBench` holds the same in Swift.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

// SplitMix64.
class Random {
public:
    explicit Random(uint64_t seed) : state_(seed) {}

    uint64_t next() {
        state_ += 0x9E3779B97F4A7C15;
        uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    // Uniform in 0..<bound.
    uint64_t below(uint64_t bound) {
        __extension__ using Wide = unsigned __int128;
        return static_cast<uint64_t>((Wide{next()} * bound) >> 64);
    }

    // Uniform in 0..<1.
    double fraction() { return static_cast<double>(next() >> 11) * 0x1p-53; }

private:
    uint64_t state_;
};

// A key of 16 bytes as db_bench makes them: the number, big-endian, then zeros in ASCII. A key of another number's
// neighbourhood that nobody wrote ends in a dot.
inline void make_key(std::string &key, uint64_t number, bool missing = false) {
    key.assign(16, '0');
    for (int i = 0; i < 8; i++) key[static_cast<size_t>(i)] = static_cast<char>(number >> (56 - 8 * i));
    if (missing) key[15] = '.';
}

inline uint64_t key_number(std::string_view key) {
    uint64_t number = 0;
    for (size_t i = 0; i < 8; i++) number = number << 8 | static_cast<unsigned char>(key[i]);
    return number;
}

// Values that compress to half, as db_bench makes them: slices of a pool in which 50 random bytes are said twice. In
// front stand the key's number and the place in the pool, so that what was read can be compared.
class Values {
public:
    static constexpr size_t header_bytes = 12;
    static constexpr size_t pool_bytes = 1 << 20;

    explicit Values(size_t value_bytes) : value_bytes_(value_bytes) {
        Random random(301);
        while (pool_.size() < pool_bytes + value_bytes) {
            char piece[50];
            for (char &byte : piece) byte = static_cast<char>(' ' + random.below(95));
            pool_.append(piece, 50).append(piece, 50);
        }
    }

    size_t value_bytes() const { return value_bytes_; }

    void make(std::string &value, uint64_t number, Random &random) const {
        const auto place = static_cast<uint32_t>(random.below(pool_bytes));
        value.resize(value_bytes_);
        memcpy(value.data(), &number, 8);
        memcpy(value.data() + 8, &place, 4);
        memcpy(value.data() + header_bytes, pool_.data() + place, value_bytes_ - header_bytes);
    }

    // Whether the value was made for the key of this number; `whole` compares every byte.
    bool fits(std::string_view value, uint64_t number, bool whole) const {
        if (value.size() != value_bytes_ || memcmp(value.data(), &number, 8) != 0) return false;
        if (!whole) return true;
        uint32_t place = 0;
        memcpy(&place, value.data() + 8, 4);
        return place < pool_bytes &&
               memcmp(value.data() + header_bytes, pool_.data() + place, value_bytes_ - header_bytes) == 0;
    }

private:
    size_t value_bytes_;
    std::string pool_;
};

// The numbers 0..<count in an order without pattern: four Feistel rounds over the next power of four, walked until the
// result is in range.
class Shuffle {
public:
    explicit Shuffle(uint64_t count) : count_(count) {
        while ((uint64_t{1} << (2 * half_bits_)) < count) half_bits_++;
    }

    uint64_t operator()(uint64_t index) const {
        do index = once(index);
        while (index >= count_);
        return index;
    }

private:
    uint64_t once(uint64_t index) const {
        const uint64_t mask = (uint64_t{1} << half_bits_) - 1;
        uint64_t left = index >> half_bits_;
        uint64_t right = index & mask;
        for (uint64_t round = 0; round < 4; round++) {
            const uint64_t mixed = Random(right + (round << 40)).next() & mask;
            const uint64_t next = left ^ mixed;
            left = right;
            right = next;
        }
        return left << half_bits_ | right;
    }

    uint64_t count_;
    unsigned half_bits_ = 1;
};

// YCSB's zipfian choice (theta 0.99) of a rank in 0..<count; rank 0 is the favourite.
class Zipfian {
public:
    explicit Zipfian(uint64_t count) : count_(static_cast<double>(count)) {
        for (uint64_t i = 1; i <= count; i++) zeta_ += 1 / std::pow(static_cast<double>(i), theta);
        const double zeta_2 = 1 + std::pow(0.5, theta);
        eta_ = (1 - std::pow(2 / count_, 1 - theta)) / (1 - zeta_2 / zeta_);
    }

    uint64_t rank(Random &random) const {
        const double u = random.fraction();
        const double uz = u * zeta_;
        if (uz < 1) return 0;
        if (uz < 1 + std::pow(0.5, theta)) return 1;
        const double rank = count_ * std::pow(eta_ * u - eta_ + 1, 1 / (1 - theta));
        return rank < count_ ? static_cast<uint64_t>(rank) : static_cast<uint64_t>(count_) - 1;
    }

    // The same popularity, spread over all keys.
    uint64_t scrambled(Random &random) const {
        return Random(rank(random)).below(static_cast<uint64_t>(count_));
    }

private:
    static constexpr double theta = 0.99;
    double count_;
    double zeta_ = 0;
    double eta_ = 0;
};
