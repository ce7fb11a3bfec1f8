#include "json.h"

#include <string.h>

#include "json_scan.h"
#include "utf8.h"

/// An object in an object, and so on: levels that an answer may have.
static const int deepest = 16;
static const struct cps_json none = {NULL, 0};

/// Room for a name that is looked for.
#define NAME_ROOM 64

bool cps_json_read(const char *bytes, size_t count, struct cps_json *value) {
    const char *at = bytes;
    const char *end = bytes + count;
    *value = none;
    cps_json_blank(&at, end);
    const char *start = at;
    if (!cps_json_skip(&at, end, deepest)) return false;
    struct cps_json whole = {start, (size_t)(at - start)};
    cps_json_blank(&at, end);
    if (at != end) return false;
    *value = whole;
    return true;
}

/// The next value behind `at`, which moves behind it and the comma that may follow.
static struct cps_json next(const char **at, const char *end) {
    cps_json_blank(at, end);
    const char *start = *at;
    if (!cps_json_skip(at, end, deepest)) return none;
    struct cps_json value = {start, (size_t)(*at - start)};
    cps_json_blank(at, end);
    if (*at < end && (**at == ',' || **at == ':')) (*at)++;
    return value;
}

struct cps_json cps_json_member(struct cps_json object, const char *name) {
    struct cps_json found = none;
    if (!cps_json_is_object(object)) return none;
    const char *at = object.at + 1;
    const char *end = object.at + object.length - 1;
    for (;;) {
        struct cps_json key = next(&at, end);
        struct cps_json value = next(&at, end);
        if (value.at == NULL) return found;
        char text[NAME_ROOM];
        if (!cps_json_text(key, text, sizeof text) || strcmp(text, name) != 0) continue;
        if (found.at != NULL) return none;
        found = value;
    }
}

struct cps_json cps_json_item(struct cps_json array, size_t index) {
    if (array.at == NULL || *array.at != '[') return none;
    const char *at = array.at + 1;
    const char *end = array.at + array.length - 1;
    struct cps_json value = next(&at, end);
    for (; index > 0 && value.at != NULL; index--) value = next(&at, end);
    return value;
}

bool cps_json_count(struct cps_json number, long long *value) {
    if (number.at == NULL || number.length == 0 || number.length > 10) return false;
    *value = 0;
    for (size_t i = 0; i < number.length; i++) {
        if (number.at[i] < '0' || number.at[i] > '9') return false;
        *value = *value * 10 + (number.at[i] - '0');
    }
    return true;
}

bool cps_json_is_object(struct cps_json value) { return value.at != NULL && *value.at == '{'; }

bool cps_json_is_true(struct cps_json value) { return value.at != NULL && *value.at == 't'; }
