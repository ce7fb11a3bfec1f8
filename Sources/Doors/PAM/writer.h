/// Text put together in a buffer of fixed size.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct cps_writer {
    char *bytes;
    size_t room;
    size_t count;
    /// Whether something did not fit, or was no text; what was written is then of no use.
    bool is_broken;
};

struct cps_writer cps_writer_on(char *bytes, size_t room);

/// Puts the text as it is, and keeps a NUL behind it.
void cps_put(struct cps_writer *writer, const char *text);

/// Puts the text as a JSON string; broken where it is not UTF-8.
void cps_put_string(struct cps_writer *writer, const char *text);

/// Puts a value of a query, percent-encoded but for the unreserved characters of RFC 3986 §2.3.
void cps_put_query(struct cps_writer *writer, const char *text);

/// Puts what may be shown to a person: characters that would move the cursor, hide or turn text around become `?`; what does not fit is left out.
void cps_put_shown(struct cps_writer *writer, const char *text);
