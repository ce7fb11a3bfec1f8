/// The local user that a login is for.
#pragma once

#include <sys/types.h>

#include "agent.h"
#include "writer.h"

/// The user's number; false when there is no such user, or the name is none.
bool cps_uid_of(const char *name, uid_t *uid);

/// The user that the application named; NULL when it named nobody.
const char *cps_user(struct cps *c);

/// Puts `"for_account":"NAME"` for a user who was named, else `"for_holder":true`; and the audience where there is one.
void cps_put_purpose(struct cps *c, struct cps_writer *writer);
