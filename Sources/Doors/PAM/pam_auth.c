#include "export.h"
#include "login.h"
#include "session.h"

CPS_EXPORT int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv) {
    struct cps c;
    int result = cps_begin(&c, pamh, flags, argc, argv);
    if (result == PAM_SUCCESS) result = cps_session_forget(&c);
    if (result != PAM_SUCCESS) return result;
    struct cps_refusal refusal = cps_login_by_card(&c);
    if (refusal.result == PAM_SUCCESS || !refusal.is_of_card || !c.options.has_fallback) return refusal.result;
    return cps_login_by_password(&c, refusal.result);
}

/// There are no credentials beside the session: what `auth` decided stands.
CPS_EXPORT int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv) {
    (void)flags;
    (void)argc;
    (void)argv;
    return cps_session_of(pamh) != NULL ? PAM_SUCCESS : PAM_IGNORE;
}
