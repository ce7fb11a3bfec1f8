#include "export.h"
#include "session.h"

/// Whether the session that `auth` opened is live still and the user's. Of a login that was not ours nothing is said.
CPS_EXPORT int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv) {
    struct cps c;
    const struct cps_session *session = cps_session_of(pamh);
    int result = cps_begin(&c, pamh, flags, argc, argv);
    if (result == PAM_SERVICE_ERR) return result;
    if (session == NULL) return PAM_IGNORE;
    return result == PAM_SUCCESS ? cps_session_check(&c, session) : PAM_PERM_DENIED;
}
