#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "http.h"

enum cps_failure cps_more(struct cps_received *received) {
    size_t room = CPS_ANSWER_LIMIT - received->count;
    if (room == 0) return CPS_MALFORMED;
    size_t count = 0;
    enum cps_failure failure = received->source.read(received->source.state, received->bytes + received->count, room, &count);
    if (failure != CPS_FINE) return failure;
    if (count == 0 || count > room) return CPS_MALFORMED;
    received->count += count;
    return CPS_FINE;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// `HTTP/1.1 200 OK`; the reason may be missing.
static bool read_status(const char *line, size_t length, int *status) {
    static const char version[] = "HTTP/1.1 ";
    const size_t before = sizeof version - 1;
    if (length < before + 3 || memcmp(line, version, before) != 0) return false;
    const char *digits = line + before;
    if (!is_digit(digits[0]) || !is_digit(digits[1]) || !is_digit(digits[2])) return false;
    if (length > before + 3 && digits[3] != ' ') return false;
    *status = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
    return *status >= 200 && *status < 600;
}

static bool is_named(const char *line, size_t length, const char *name) {
    return length == strlen(name) && strncasecmp(line, name, length) == 0;
}

static bool read_length(const char *text, size_t length, size_t *value) {
    *value = 0;
    if (length == 0 || length > 5) return false;
    for (size_t i = 0; i < length; i++) {
        if (!is_digit(text[i])) return false;
        *value = *value * 10 + (size_t)(text[i] - '0');
    }
    return *value <= CPS_BODY_LIMIT;
}

/// A field; those that frame the body may stand there once.
static bool read_field(const char *line, size_t length, struct cps_head *head) {
    const char *colon = memchr(line, ':', length);
    if (colon == NULL || colon == line) return false;
    size_t name = (size_t)(colon - line);
    for (size_t i = 0; i < name; i++) {
        if (line[i] <= ' ' || line[i] == 0x7F) return false;
    }
    const char *value = colon + 1;
    size_t count = length - name - 1;
    for (; count > 0 && (*value == ' ' || *value == '\t'); value++) count--;
    while (count > 0 && (value[count - 1] == ' ' || value[count - 1] == '\t')) count--;
    bool is_length = is_named(line, name, "content-length");
    if (!is_length && !is_named(line, name, "transfer-encoding")) return true;
    if (head->framing != CPS_FRAMING_NONE) return false;
    head->framing = is_length ? CPS_FRAMING_LENGTH : CPS_FRAMING_CHUNKED;
    return is_length ? read_length(value, count, &head->length) : is_named(value, count, "chunked");
}

/// The lines of a head, each with its end. No line may hold another end of line, or a NUL.
static bool read_lines(const char *bytes, size_t count, struct cps_head *head) {
    bool is_first = true;
    while (count > 0) {
        const char *end = memchr(bytes, '\n', count);
        if (end == NULL || end == bytes || end[-1] != '\r') return false;
        size_t length = (size_t)(end - bytes) - 1;
        if (memchr(bytes, '\r', length) != NULL || memchr(bytes, '\0', length) != NULL) return false;
        if (!(is_first ? read_status(bytes, length, &head->status) : read_field(bytes, length, head))) return false;
        is_first = false;
        count -= length + 2;
        bytes = end + 1;
    }
    return !is_first;
}

enum cps_failure cps_head_read(struct cps_received *received, struct cps_head *head) {
    *head = (struct cps_head){0};
    const char *end;
    while ((end = memmem(received->bytes, received->count, "\r\n\r\n", 4)) == NULL) {
        if (received->count > CPS_HEAD_LIMIT) return CPS_MALFORMED;
        enum cps_failure failure = cps_more(received);
        if (failure != CPS_FINE) return failure;
    }
    head->size = (size_t)(end - received->bytes) + 4;
    if (head->size > CPS_HEAD_LIMIT || !read_lines(received->bytes, head->size - 2, head)) return CPS_MALFORMED;
    bool has_body = head->framing == CPS_FRAMING_CHUNKED || head->length > 0;
    if (head->status == 204 ? has_body : head->framing == CPS_FRAMING_NONE) return CPS_MALFORMED;
    return CPS_FINE;
}
