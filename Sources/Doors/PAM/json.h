/// JSON (RFC 8259), read strictly and where it lies: nothing is copied or allocated.
#pragma once

#include <stdbool.h>
#include <stddef.h>

/// One value of a text that was checked. `at` is NULL where there is none: every question to it answers with none.
struct cps_json {
    const char *at;
    size_t length;
};

/// Checks a whole text: one value, valid UTF-8, at most 16 levels deep, nothing behind it.
bool cps_json_read(const char *bytes, size_t count, struct cps_json *value);

/// A member of an object; none where it is missing or there twice.
struct cps_json cps_json_member(struct cps_json object, const char *name);

/// An element of an array; none beyond its end.
struct cps_json cps_json_item(struct cps_json array, size_t index);

/// The text of a string, with a NUL behind it; false when it is no string, holds a NUL or has more than `room - 1` bytes.
bool cps_json_text(struct cps_json string, char *text, size_t room);

/// Whether it is the string `word`, of less than 32 bytes.
bool cps_json_is(struct cps_json value, const char *word);

/// A whole number from 0 to 9 999 999 999, without fraction or exponent.
bool cps_json_count(struct cps_json number, long long *value);

bool cps_json_is_object(struct cps_json value);
bool cps_json_is_true(struct cps_json value);
