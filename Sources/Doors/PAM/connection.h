/// A connection to the agent: only to one that can be trusted, and never longer than the deadline.
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "deadline.h"

enum cps_failure {
    CPS_FINE = 0,
    /// Nobody listens there, or the connection broke.
    CPS_UNREACHABLE,
    /// Others than root may have put the socket there, or somebody else listens.
    CPS_UNTRUSTED,
    CPS_LATE,
    /// What came is no answer of the agent, or too large.
    CPS_MALFORMED,
    CPS_NO_MEMORY,
};

/// Connects to the socket. The folders above it belong to root, the last one to root or the agent's user, and nobody else may write to them;
/// whoever listens (SO_PEERCRED) is root, the owner of the last folder, or the user `cps-agent` of this machine.
enum cps_failure cps_connect(const char *path, struct cps_deadline deadline, int *connection);

enum cps_failure cps_send(int connection, const char *bytes, size_t count, struct cps_deadline deadline);

/// Receives at least a byte. `count` is 0 at the end of the connection.
enum cps_failure cps_receive(int connection, char *bytes, size_t room, struct cps_deadline deadline, size_t *count);
