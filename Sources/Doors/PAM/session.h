/// The session of the agent that belongs to this PAM handle.
#pragma once

#include "refusal.h"

#include <sys/types.h>

struct cps_session {
    char id[CPS_ID_ROOM];
    uid_t uid;
    /// The process that logged in: a copy in another one ends nothing.
    pid_t owner;
    /// The stay of the card; empty without a card.
    char insertion[CPS_ID_ROOM];
    /// Whether the application opened a session on it, so that closing ends it.
    bool is_open;
    /// Whether the user had a session with this stay of the card before, whose place it took: it is not for us to end.
    bool is_shared;
};

/// Whether an answer names a local account, of the same number here as there, that is the user of this handle or may become it; says so where not.
bool cps_account_fits(struct cps *c, struct cps_json answer);

/// Takes what the agent answered to the right PIN, or password: a live session of this mode, for the local account that it names, which is the
/// user of this handle or becomes it. The session is then this handle's. What does not fit is ended and refused.
/// - Parameters:
///   - began: the answer to the beginning of the login; none where it names no account.
///   - is_shared: what `cps_session_is_there` said before.
int cps_session_take(struct cps *c, struct cps_json opened, struct cps_json began, const char *mode, bool is_shared);

/// Whether the account of this login has a live session already with this stay of the card, which a new one replaces: somebody unlocks a screen,
/// or gives the PIN to `sudo`.
bool cps_session_is_there(struct cps *c, struct cps_json login);

/// The session of this handle; NULL when our `auth` did not succeed on it.
struct cps_session *cps_session_of(pam_handle_t *pamh);

/// Ends what an earlier `auth` of this handle opened.
int cps_session_forget(struct cps *c);

/// Whether the agent says that it is live and belongs to the user of this handle.
int cps_session_check(struct cps *c, const struct cps_session *session);

/// Ends what belongs to the session of PAM that closes: its own, or the one that took its place meanwhile. What was shared goes on.
int cps_session_close(struct cps *c, const struct cps_session *session);

/// A uid as the agent writes it; false for everything else.
bool cps_uid_read(struct cps_json value, uid_t *uid);

/// Ends it. Returns PAM_SUCCESS when it is over, PAM_SESSION_ERR when that is not known.
int cps_session_end(struct cps *c, const char *id);
