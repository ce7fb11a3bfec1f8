#include <stdio.h>

#include "export.h"
#include "session.h"

/// The session is live, and its id stands in the environment: for programs to know, for nobody to trust.
CPS_EXPORT int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv) {
    struct cps c;
    struct cps_session *session = cps_session_of(pamh);
    int result = cps_begin(&c, pamh, flags, argc, argv);
    if (result == PAM_SERVICE_ERR) return result;
    if (session == NULL) return PAM_IGNORE;
    if (result != PAM_SUCCESS || cps_session_check(&c, session) != PAM_SUCCESS) return PAM_SESSION_ERR;
    char variable[sizeof "CPS_SESSION=" + CPS_ID_ROOM];
    snprintf(variable, sizeof variable, "CPS_SESSION=%s", session->id);
    if (pam_putenv(pamh, variable) != PAM_SUCCESS) return PAM_SESSION_ERR;
    session->is_open = true;
    return PAM_SUCCESS;
}

/// Ends the session of the agent.
CPS_EXPORT int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv) {
    struct cps c;
    struct cps_session *session = cps_session_of(pamh);
    int result = cps_begin(&c, pamh, flags, argc, argv);
    if (result == PAM_SERVICE_ERR) return result;
    if (session == NULL) return PAM_IGNORE;
    return cps_session_close(&c, session);
}
