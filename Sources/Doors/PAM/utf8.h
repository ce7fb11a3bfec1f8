/// UTF-8 (RFC 3629), checked.
#pragma once

#include <stddef.h>

/// Bytes of the first character, its value in `scalar`; 0 when it is none: broken, overlong, a surrogate, beyond U+10FFFF.
size_t cps_utf8_next(const char *bytes, size_t count, unsigned *scalar);

/// Writes the character. Returns its bytes, at most 4.
size_t cps_utf8_put(unsigned scalar, char bytes[4]);
