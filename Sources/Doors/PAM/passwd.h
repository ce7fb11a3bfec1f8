/// Users of this machine.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/// The user's number; false when there is no such user, or the name is none.
bool cps_uid_of(const char *name, uid_t *uid);
