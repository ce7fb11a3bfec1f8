/// The local user that a login is for.
#pragma once

#include "agent.h"
#include "passwd.h"
#include "writer.h"

/// The user that the application named; NULL when it named nobody.
const char *cps_user(struct cps *c);

/// Puts `"for_account":"NAME"` for a user who was named, else `"for_holder":true`; and the audience where there is one.
void cps_put_purpose(struct cps *c, struct cps_writer *writer);
