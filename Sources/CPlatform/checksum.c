// CRC-32C, CRC-32 and CRC-64/NVME: one software form for all (eight tables, eight bytes a step), and on x86-64 the
// crc32 instruction in three interleaved streams and carry-less multiplication folding.
//
// All three are reflected: the lowest bit of the first byte is the highest power of x. Checksums start from all ones
// and end inverted; "state" below is the register without that inversion. Every constant is computed from the
// polynomial when the library is loaded (some microseconds), so that nothing here has to be taken on trust.

#include "CPlatform.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define POLYNOMIAL_CRC32C 0x82F63B78u
#define POLYNOMIAL_CRC32 0xEDB88320u
#define POLYNOMIAL_CRC64NVME 0x9A6C9329AC4BC9B5ull

// Bytes in each of the three streams of one CRC-32C step; 1344 lets a 4 KiB page go in one.
#define STREAM_LONG 4096
#define STREAM_PAGE 1344
#define STREAM_SHORT 336

// Folding pays from here; below, the tables are as fast.
#define FOLD_MINIMUM 64

static uint32_t table32c[8][256];
static uint32_t table32[8][256];
static uint64_t table64[8][256];

// How far a folding step moves a block: by four blocks, and by one. `low` multiplies the earlier eight bytes.
typedef struct {
    uint64_t far_low, far_high, near_low, near_high;
} fold_constants;

static fold_constants fold32;
static fold_constants fold64;
static uint32_t shift_long[2], shift_page[2], shift_short[2];
#if defined(__x86_64__)
static int has_crc_instructions;
#endif

// x to the power n modulo the polynomial, reflected.
static uint64_t power_of_x(uint64_t n, uint64_t polynomial, int width) {
    uint64_t value = 1ull << (width - 1);
    for (uint64_t i = 0; i < n; i++) value = (value >> 1) ^ ((value & 1) ? polynomial : 0);
    return value;
}

static fold_constants make_fold_constants(uint64_t polynomial, int width) {
    // A product of two reflected words comes out multiplied by x once more: hence the -1 in each exponent.
    int align = 64 - width;
    fold_constants made = {
        .far_low = power_of_x(512 + 64 - 1, polynomial, width) << align,
        .far_high = power_of_x(512 - 1, polynomial, width) << align,
        .near_low = power_of_x(128 + 64 - 1, polynomial, width) << align,
        .near_high = power_of_x(128 - 1, polynomial, width) << align,
    };
    return made;
}

static void make_table32(uint32_t table[8][256], uint32_t polynomial) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; bit++) value = (value >> 1) ^ ((value & 1) ? polynomial : 0);
        table[0][i] = value;
    }
    for (int k = 1; k < 8; k++) {
        for (int i = 0; i < 256; i++) table[k][i] = (table[k - 1][i] >> 8) ^ table[0][table[k - 1][i] & 0xFF];
    }
}

static void make_table64(void) {
    for (uint64_t i = 0; i < 256; i++) {
        uint64_t value = i;
        for (int bit = 0; bit < 8; bit++) value = (value >> 1) ^ ((value & 1) ? POLYNOMIAL_CRC64NVME : 0);
        table64[0][i] = value;
    }
    for (int k = 1; k < 8; k++) {
        for (int i = 0; i < 256; i++) table64[k][i] = (table64[k - 1][i] >> 8) ^ table64[0][table64[k - 1][i] & 0xFF];
    }
}

// The factor that moves a 32-bit state past `bytes` zero bytes, for a product that the crc32 instruction then reduces
// (which multiplies by x^32, and the product by x).
static uint32_t shift_factor(uint64_t bytes) { return (uint32_t)power_of_x(8 * bytes - 33, POLYNOMIAL_CRC32C, 32); }

__attribute__((constructor)) static void prepare_checksums(void) {
    make_table32(table32c, POLYNOMIAL_CRC32C);
    make_table32(table32, POLYNOMIAL_CRC32);
    make_table64();
    fold32 = make_fold_constants(POLYNOMIAL_CRC32, 32);
    fold64 = make_fold_constants(POLYNOMIAL_CRC64NVME, 64);
    for (int k = 0; k < 2; k++) {
        shift_long[k] = shift_factor((uint64_t)(k + 1) * STREAM_LONG);
        shift_page[k] = shift_factor((uint64_t)(k + 1) * STREAM_PAGE);
        shift_short[k] = shift_factor((uint64_t)(k + 1) * STREAM_SHORT);
    }
#if defined(__x86_64__)
    __builtin_cpu_init();
    has_crc_instructions = __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
#endif
}

static inline uint64_t load64(const uint8_t *bytes) {
    uint64_t value;
    memcpy(&value, bytes, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    return value;
}

static uint32_t state32_software(uint32_t state, const uint8_t *bytes, size_t count, const uint32_t table[8][256]) {
    for (; count >= 8; bytes += 8, count -= 8) {
        uint64_t word = load64(bytes) ^ state;
        state = table[7][word & 0xFF] ^ table[6][(word >> 8) & 0xFF] ^ table[5][(word >> 16) & 0xFF]
            ^ table[4][(word >> 24) & 0xFF] ^ table[3][(word >> 32) & 0xFF] ^ table[2][(word >> 40) & 0xFF]
            ^ table[1][(word >> 48) & 0xFF] ^ table[0][word >> 56];
    }
    for (; count > 0; bytes++, count--) state = (state >> 8) ^ table[0][(state ^ *bytes) & 0xFF];
    return state;
}

static uint64_t state64_software(uint64_t state, const uint8_t *bytes, size_t count) {
    for (; count >= 8; bytes += 8, count -= 8) {
        uint64_t word = load64(bytes) ^ state;
        state = table64[7][word & 0xFF] ^ table64[6][(word >> 8) & 0xFF] ^ table64[5][(word >> 16) & 0xFF]
            ^ table64[4][(word >> 24) & 0xFF] ^ table64[3][(word >> 32) & 0xFF] ^ table64[2][(word >> 40) & 0xFF]
            ^ table64[1][(word >> 48) & 0xFF] ^ table64[0][word >> 56];
    }
    for (; count > 0; bytes++, count--) state = (state >> 8) ^ table64[0][(state ^ *bytes) & 0xFF];
    return state;
}

#if defined(__x86_64__)

#define CRC_TARGET __attribute__((target("sse4.2,pclmul")))

CRC_TARGET static inline uint64_t shifted(uint64_t state, uint32_t factor) {
    __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)state), _mm_cvtsi32_si128((int)factor), 0);
    return _mm_crc32_u64(0, (uint64_t)_mm_cvtsi128_si64(product));
}

// One step of three streams: the instruction has a latency of three cycles and a throughput of one.
CRC_TARGET static inline uint64_t three_streams(
    uint64_t state, const uint8_t *bytes, size_t stream, const uint32_t factors[2]) {
    uint64_t second = 0, third = 0;
    for (size_t i = 0; i < stream; i += 8) {
        state = _mm_crc32_u64(state, load64(bytes + i));
        second = _mm_crc32_u64(second, load64(bytes + stream + i));
        third = _mm_crc32_u64(third, load64(bytes + 2 * stream + i));
    }
    return shifted(state, factors[1]) ^ shifted(second, factors[0]) ^ third;
}

CRC_TARGET static uint32_t state32c_hardware(uint32_t start, const uint8_t *bytes, size_t count) {
    uint64_t state = start;
    for (; count >= 3 * STREAM_LONG; bytes += 3 * STREAM_LONG, count -= 3 * STREAM_LONG) {
        state = three_streams(state, bytes, STREAM_LONG, shift_long);
    }
    for (; count >= 3 * STREAM_PAGE; bytes += 3 * STREAM_PAGE, count -= 3 * STREAM_PAGE) {
        state = three_streams(state, bytes, STREAM_PAGE, shift_page);
    }
    for (; count >= 3 * STREAM_SHORT; bytes += 3 * STREAM_SHORT, count -= 3 * STREAM_SHORT) {
        state = three_streams(state, bytes, STREAM_SHORT, shift_short);
    }
    for (; count >= 8; bytes += 8, count -= 8) state = _mm_crc32_u64(state, load64(bytes));
    uint32_t narrow = (uint32_t)state;
    for (; count > 0; bytes++, count--) narrow = _mm_crc32_u8(narrow, *bytes);
    return narrow;
}

CRC_TARGET static inline __m128i folded(__m128i block, __m128i constants, __m128i next) {
    __m128i low = _mm_clmulepi64_si128(block, constants, 0x00);
    __m128i high = _mm_clmulepi64_si128(block, constants, 0x11);
    return _mm_xor_si128(next, _mm_xor_si128(low, high));
}

CRC_TARGET static inline __m128i load128(const uint8_t *bytes) { return _mm_loadu_si128((const __m128i *)bytes); }

// Folds all whole blocks of 16 bytes (at least four) into one block with the same remainder, `state` mixed in.
CRC_TARGET static size_t fold(
    uint64_t state, const uint8_t *bytes, size_t count, const fold_constants *constants, uint8_t block[16]) {
    const __m128i far = _mm_set_epi64x((long long)constants->far_high, (long long)constants->far_low);
    const __m128i near = _mm_set_epi64x((long long)constants->near_high, (long long)constants->near_low);
    __m128i a = _mm_xor_si128(load128(bytes), _mm_cvtsi64_si128((long long)state));
    __m128i b = load128(bytes + 16), c = load128(bytes + 32), d = load128(bytes + 48);
    size_t done = 64;
    for (; done + 64 <= count; done += 64) {
        a = folded(a, far, load128(bytes + done));
        b = folded(b, far, load128(bytes + done + 16));
        c = folded(c, far, load128(bytes + done + 32));
        d = folded(d, far, load128(bytes + done + 48));
    }
    d = folded(folded(folded(a, near, b), near, c), near, d);
    for (; done + 16 <= count; done += 16) d = folded(d, near, load128(bytes + done));
    _mm_storeu_si128((__m128i *)block, d);
    return done;
}

#endif

uint32_t cp_crc32c_software(uint32_t crc, const void *bytes, size_t count) {
    return ~state32_software(~crc, bytes, count, table32c);
}

uint32_t cp_crc32_software(uint32_t crc, const void *bytes, size_t count) {
    return ~state32_software(~crc, bytes, count, table32);
}

uint64_t cp_crc64nvme_software(uint64_t crc, const void *bytes, size_t count) {
    return ~state64_software(~crc, bytes, count);
}

uint32_t cp_crc32c(uint32_t crc, const void *bytes, size_t count) {
#if defined(__x86_64__)
    if (has_crc_instructions) return ~state32c_hardware(~crc, bytes, count);
#endif
    return cp_crc32c_software(crc, bytes, count);
}

uint32_t cp_crc32(uint32_t crc, const void *bytes, size_t count) {
#if defined(__x86_64__)
    if (has_crc_instructions && count >= FOLD_MINIMUM) {
        uint8_t block[16];
        size_t done = fold(~crc, bytes, count, &fold32, block);
        uint32_t state = state32_software(0, block, 16, table32);
        return ~state32_software(state, (const uint8_t *)bytes + done, count - done, table32);
    }
#endif
    return cp_crc32_software(crc, bytes, count);
}

uint64_t cp_crc64nvme(uint64_t crc, const void *bytes, size_t count) {
#if defined(__x86_64__)
    if (has_crc_instructions && count >= FOLD_MINIMUM) {
        uint8_t block[16];
        size_t done = fold(~crc, bytes, count, &fold64, block);
        uint64_t state = state64_software(0, block, 16);
        return ~state64_software(state, (const uint8_t *)bytes + done, count - done);
    }
#endif
    return cp_crc64nvme_software(crc, bytes, count);
}

// The product of two reflected polynomials modulo a third.
static uint64_t product(uint64_t a, uint64_t b, uint64_t polynomial, int width) {
    uint64_t sum = 0;
    for (uint64_t bit = 1ull << (width - 1); bit != 0; bit >>= 1) {
        if (a & bit) sum ^= b;
        b = (b >> 1) ^ ((b & 1) ? polynomial : 0);
    }
    return sum;
}

// a * x^(8 * count) + b, by repeated squaring.
static uint64_t combined(uint64_t a, uint64_t b, uint64_t count, uint64_t polynomial, int width) {
    uint64_t square = power_of_x(8, polynomial, width);
    for (; count != 0; count >>= 1) {
        if (count & 1) a = product(a, square, polynomial, width);
        square = product(square, square, polynomial, width);
    }
    return a ^ b;
}

uint32_t cp_crc32c_combine(uint32_t a, uint32_t b, uint64_t length_of_b) {
    return (uint32_t)combined(a, b, length_of_b, POLYNOMIAL_CRC32C, 32);
}

uint32_t cp_crc32_combine(uint32_t a, uint32_t b, uint64_t length_of_b) {
    return (uint32_t)combined(a, b, length_of_b, POLYNOMIAL_CRC32, 32);
}

uint64_t cp_crc64nvme_combine(uint64_t a, uint64_t b, uint64_t length_of_b) {
    return combined(a, b, length_of_b, POLYNOMIAL_CRC64NVME, 64);
}
