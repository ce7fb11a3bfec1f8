#include "utf8.h"

size_t cps_utf8_next(const char *bytes, size_t count, unsigned *scalar) {
    if (count == 0) return 0;
    const unsigned char *at = (const unsigned char *)bytes;
    if (at[0] < 0x80) {
        *scalar = at[0];
        return 1;
    }
    size_t length = at[0] >= 0xF0 ? 4 : at[0] >= 0xE0 ? 3 : 2;
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (at[0] < 0xC2 || at[0] > 0xF4 || count < length) return 0;
    unsigned value = at[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xC0) != 0x80) return 0;
        value = value << 6 | (at[i] & 0x3F);
    }
    if (value < least[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return 0;
    *scalar = value;
    return length;
}

size_t cps_utf8_put(unsigned scalar, char bytes[4]) {
    if (scalar < 0x80) {
        bytes[0] = (char)scalar;
        return 1;
    }
    size_t length = scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--, scalar >>= 6) bytes[i] = (char)(0x80 | (scalar & 0x3F));
    bytes[0] = (char)(0xF0u << (4 - length) | scalar);
    return length;
}
