/// One answer of HTTP/1.1 (RFC 9112), read strictly and within bounds.
#pragma once

#include <stddef.h>

#include "connection.h"

/// Bytes of a head, of a body, and of everything with the marks between the pieces of a body.
#define CPS_HEAD_LIMIT 16384
#define CPS_BODY_LIMIT 65536
#define CPS_ANSWER_LIMIT (CPS_HEAD_LIMIT + 2 * CPS_BODY_LIMIT)

/// Where bytes come from. `count` is 0 at the end.
struct cps_source {
    enum cps_failure (*read)(void *state, char *bytes, size_t room, size_t *count);
    void *state;
};

/// What was received so far; `bytes` has room for `CPS_ANSWER_LIMIT`.
struct cps_received {
    struct cps_source source;
    char *bytes;
    size_t count;
};

/// How the length of a body is told (RFC 9112 §6.3). What ends with the connection cannot be told from what broke, and is refused.
enum cps_framing { CPS_FRAMING_NONE, CPS_FRAMING_LENGTH, CPS_FRAMING_CHUNKED };

struct cps_head {
    int status;
    enum cps_framing framing;
    /// Of the body, where it is told.
    size_t length;
    /// Bytes of the head, with the empty line.
    size_t size;
};

/// Receives more. CPS_MALFORMED when the answer is too large or ended too early.
enum cps_failure cps_more(struct cps_received *received);

/// Receives the head.
enum cps_failure cps_head_read(struct cps_received *received, struct cps_head *head);

/// Receives the body. It then lies in one piece in `received`.
enum cps_failure cps_body_read(struct cps_received *received, const struct cps_head *head, const char **body, size_t *count);
