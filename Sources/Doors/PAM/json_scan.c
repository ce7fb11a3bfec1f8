#include "json_scan.h"

#include <stddef.h>
#include <string.h>

#include "utf8.h"

static bool is_digit(const char *at, const char *end) { return at < end && *at >= '0' && *at <= '9'; }

static bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

void cps_json_blank(const char **at, const char *end) {
    while (*at < end && (**at == ' ' || **at == '\t' || **at == '\n' || **at == '\r')) (*at)++;
}

static bool skip_word(const char **at, const char *end, const char *word) {
    size_t length = strlen(word);
    if ((size_t)(end - *at) < length || memcmp(*at, word, length) != 0) return false;
    *at += length;
    return true;
}

static bool skip_digits(const char **at, const char *end) {
    if (!is_digit(*at, end)) return false;
    while (is_digit(*at, end)) (*at)++;
    return true;
}

static bool skip_number(const char **at, const char *end) {
    if (*at < end && **at == '-') (*at)++;
    if (*at < end && **at == '0') {
        (*at)++;
    } else if (!skip_digits(at, end)) {
        return false;
    }
    if (*at < end && **at == '.') {
        (*at)++;
        if (!skip_digits(at, end)) return false;
    }
    if (*at < end && (**at == 'e' || **at == 'E')) {
        (*at)++;
        if (*at < end && (**at == '+' || **at == '-')) (*at)++;
        if (!skip_digits(at, end)) return false;
    }
    return true;
}

static bool skip_escape(const char **at, const char *end) {
    if (*at == end) return false;
    char kind = *(*at)++;
    if (kind != 'u') return kind != '\0' && strchr("\"\\/bfnrt", kind) != NULL;
    for (int i = 0; i < 4; i++, (*at)++) {
        if (*at == end || !is_hex(**at)) return false;
    }
    return true;
}

bool cps_json_skip_string(const char **at, const char *end) {
    if (*at == end || **at != '"') return false;
    (*at)++;
    while (*at < end && **at != '"') {
        if (**at == '\\') {
            (*at)++;
            if (!skip_escape(at, end)) return false;
            continue;
        }
        unsigned scalar = 0;
        size_t length = cps_utf8_next(*at, (size_t)(end - *at), &scalar);
        if (length == 0 || scalar < 0x20) return false;
        *at += length;
    }
    if (*at == end) return false;
    (*at)++;
    return true;
}

/// Members of an object, or elements of an array, behind the opening bracket.
static bool skip_parts(const char **at, const char *end, int depth, char close) {
    cps_json_blank(at, end);
    if (*at < end && **at == close) {
        (*at)++;
        return true;
    }
    for (;;) {
        cps_json_blank(at, end);
        if (close == '}') {
            if (!cps_json_skip_string(at, end)) return false;
            cps_json_blank(at, end);
            if (!skip_word(at, end, ":")) return false;
            cps_json_blank(at, end);
        }
        if (!cps_json_skip(at, end, depth)) return false;
        cps_json_blank(at, end);
        if (*at == end) return false;
        char mark = *(*at)++;
        if (mark == close) return true;
        if (mark != ',') return false;
    }
}

bool cps_json_skip(const char **at, const char *end, int depth) {
    if (*at == end || depth == 0) return false;
    switch (**at) {
    case '"': return cps_json_skip_string(at, end);
    case '{': (*at)++; return skip_parts(at, end, depth - 1, '}');
    case '[': (*at)++; return skip_parts(at, end, depth - 1, ']');
    case 't': return skip_word(at, end, "true");
    case 'f': return skip_word(at, end, "false");
    case 'n': return skip_word(at, end, "null");
    default: return skip_number(at, end);
    }
}
