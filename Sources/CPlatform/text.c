#include "CPlatform.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

static inline int is_plain(uint8_t byte, uint8_t beyond, uint8_t other) {
    return byte >= 0x20 && byte != '"' && byte != '\\' && byte != other && (byte & beyond) == 0;
}

/// `beyond` has the bits of a byte that make it none: 0x80 for ASCII only. `other` is one more that is none.
static inline size_t plain(const uint8_t *text, size_t count, uint8_t beyond, uint8_t other) {
    size_t index = 0;
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i one_more = _mm_set1_epi8((char)other);
    const __m128i control = _mm_set1_epi8(0x1F);
    const __m128i high = _mm_set1_epi8((char)beyond);
    for (; count - index >= 16; index += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(text + index));
        __m128i special = _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));
        special = _mm_or_si128(special, _mm_cmpeq_epi8(bytes, one_more));
        special = _mm_or_si128(special, _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes));
        // The mask is made of the bytes' high bits.
        int found = _mm_movemask_epi8(_mm_or_si128(special, _mm_and_si128(bytes, high)));
        if (found != 0) return index + (size_t)__builtin_ctz((unsigned)found);
    }
#endif
    while (index < count && is_plain(text[index], beyond, other)) index++;
    return index;
}

size_t cp_json_plain_ascii(const void *text, size_t count) { return plain(text, count, 0x80, '"'); }

size_t cp_json_plain(const void *text, size_t count) { return plain(text, count, 0, '"'); }

size_t cp_json_printable(const void *text, size_t count) { return plain(text, count, 0, 0x7F); }
