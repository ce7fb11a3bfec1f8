#include <stdbool.h>
#include <string.h>

#include "http.h"

/// Longest line that tells the size of a piece, or of a field behind the last one.
static const size_t line_limit = 256;
/// Fields behind the last piece.
static const int trailer_limit = 16;

/// The line at `place`, its end left out; `place` moves behind it.
static enum cps_failure read_line(struct cps_received *received, size_t *place, size_t *length) {
    for (;;) {
        const char *start = received->bytes + *place;
        const char *end = memchr(start, '\n', received->count - *place);
        if (end != NULL) {
            *length = (size_t)(end - start);
            if (*length == 0 || *length > line_limit || end[-1] != '\r') return CPS_MALFORMED;
            *place += *length + 1;
            (*length)--;
            return CPS_FINE;
        }
        if (received->count - *place > line_limit) return CPS_MALFORMED;
        enum cps_failure failure = cps_more(received);
        if (failure != CPS_FINE) return failure;
    }
}

/// The size of a piece: up to five hexadecimal digits, an extension behind `;` is passed over (RFC 9112 §7.1.1).
static bool read_size(const char *line, size_t length, size_t *size) {
    size_t digits = 0;
    *size = 0;
    for (; digits < length && line[digits] != ';'; digits++) {
        char c = line[digits];
        unsigned value;
        if (c >= '0' && c <= '9') {
            value = (unsigned)(c - '0');
        } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
            value = (unsigned)((c | 0x20) - 'a') + 10;
        } else {
            return false;
        }
        if (digits == 5) return false;
        *size = *size << 4 | value;
    }
    return digits > 0 && *size <= CPS_BODY_LIMIT;
}

/// Receives until there are `count` bytes from `place` on.
static enum cps_failure receive_until(struct cps_received *received, size_t place, size_t count) {
    while (received->count - place < count) {
        enum cps_failure failure = cps_more(received);
        if (failure != CPS_FINE) return failure;
    }
    return CPS_FINE;
}

/// Pieces, moved together at the end of the head.
static enum cps_failure read_chunks(struct cps_received *received, size_t start, size_t *count) {
    size_t place = start;
    *count = 0;
    for (;;) {
        size_t length = 0;
        size_t size = 0;
        size_t line = place;
        enum cps_failure failure = read_line(received, &place, &length);
        if (failure != CPS_FINE) return failure;
        if (!read_size(received->bytes + line, length, &size) || *count + size > CPS_BODY_LIMIT) return CPS_MALFORMED;
        if (size == 0) break;
        failure = receive_until(received, place, size + 2);
        if (failure != CPS_FINE) return failure;
        if (memcmp(received->bytes + place + size, "\r\n", 2) != 0) return CPS_MALFORMED;
        memmove(received->bytes + start + *count, received->bytes + place, size);
        *count += size;
        place += size + 2;
    }
    for (int i = 0; i < trailer_limit; i++) {
        size_t length = 0;
        enum cps_failure failure = read_line(received, &place, &length);
        if (failure != CPS_FINE) return failure;
        if (length == 0) return place == received->count ? CPS_FINE : CPS_MALFORMED;
    }
    return CPS_MALFORMED;
}

enum cps_failure cps_body_read(struct cps_received *received, const struct cps_head *head, const char **body, size_t *count) {
    *body = received->bytes + head->size;
    if (head->framing == CPS_FRAMING_CHUNKED) return read_chunks(received, head->size, count);
    *count = head->length;
    enum cps_failure failure = receive_until(received, head->size, head->length);
    if (failure != CPS_FINE) return failure;
    return received->count == head->size + head->length ? CPS_FINE : CPS_MALFORMED;
}
