/// How the session is kept at the PAM handle.
#pragma once

#include "session.h"

#define CPS_SESSION_DATA "cps_session"

/// Keeps a copy of it until the handle ends.
int cps_session_keep(pam_handle_t *pamh, const struct cps_session *session);
