/// The session of the agent that belongs to this PAM handle.
#pragma once

#include "refusal.h"

#include <sys/types.h>

struct cps_session {
    char id[CPS_ID_ROOM];
    uid_t uid;
    /// The process that logged in: a copy in another one ends nothing.
    pid_t owner;
    /// Whether the application opened a session on it, so that closing ends it.
    bool is_open;
};

/// Whether an answer names a local account, of the same number here as there, that is the user of this handle or may become it; says so where not.
bool cps_account_fits(struct cps *c, struct cps_json answer);

/// Takes what the agent answered to the right PIN, or password: a live session of this mode, for the local account that it names, which is the
/// user of this handle or becomes it. The session is then this handle's. What does not fit is ended and refused.
/// - Parameter began: the answer to the beginning of the login; none where it names no account.
int cps_session_take(struct cps *c, struct cps_json opened, struct cps_json began, const char *mode);

/// The session of this handle; NULL when our `auth` did not succeed on it.
struct cps_session *cps_session_of(pam_handle_t *pamh);

/// Ends what an earlier `auth` of this handle opened.
int cps_session_forget(struct cps *c);

/// Whether the agent says that it is live and belongs to the user of this handle.
int cps_session_check(struct cps *c, const struct cps_session *session);

/// Ends it. Returns PAM_SUCCESS when it is over, PAM_SESSION_ERR when that is not known.
int cps_session_end(struct cps *c, const char *id);
