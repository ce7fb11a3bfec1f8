#include <string.h>

#include "json.h"
#include "utf8.h"

#define WORD_ROOM 32

/// Four hexadecimal digits, which were checked.
static unsigned hex4(const char *at) {
    unsigned value = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        value = value << 4 | (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return value;
}

/// The character behind `\u`; a pair of surrogates is one (RFC 8259 §7). False for half a pair.
static bool read_unicode(const char **at, const char *end, unsigned *scalar) {
    *scalar = hex4(*at);
    *at += 4;
    if (*scalar < 0xD800 || *scalar > 0xDFFF) return true;
    if (*scalar > 0xDBFF || end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u') return false;
    unsigned low = hex4(*at + 2);
    if (low < 0xDC00 || low > 0xDFFF) return false;
    *scalar = 0x10000 + ((*scalar - 0xD800) << 10) + (low - 0xDC00);
    *at += 6;
    return true;
}

static bool read_character(const char **at, const char *end, unsigned *scalar) {
    if (**at != '\\') {
        size_t length = cps_utf8_next(*at, (size_t)(end - *at), scalar);
        *at += length;
        return length > 0;
    }
    static const char marks[] = "\"\\/bfnrt";
    static const char meant[] = "\"\\/\b\f\n\r\t";
    char kind = (*at)[1];
    *at += 2;
    if (kind == 'u') return read_unicode(at, end, scalar);
    const char *mark = strchr(marks, kind);
    if (mark == NULL) return false;
    *scalar = (unsigned char)meant[mark - marks];
    return true;
}

bool cps_json_text(struct cps_json string, char *text, size_t room) {
    if (string.at == NULL || *string.at != '"' || room == 0) return false;
    const char *at = string.at + 1;
    const char *end = string.at + string.length - 1;
    size_t count = 0;
    while (at < end) {
        unsigned scalar = 0;
        char bytes[4];
        if (!read_character(&at, end, &scalar) || scalar == 0) return false;
        size_t length = cps_utf8_put(scalar, bytes);
        if (count + length >= room) return false;
        memcpy(text + count, bytes, length);
        count += length;
    }
    text[count] = '\0';
    return true;
}

bool cps_json_is(struct cps_json value, const char *word) {
    char text[WORD_ROOM];
    return cps_json_text(value, text, sizeof text) && strcmp(text, word) == 0;
}
