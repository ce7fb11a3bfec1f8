#include <security/pam_ext.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "session.h"
#include "session_data.h"

/// Milliseconds that are given to ending, also when the budget of the call is used up.
static const int patience = 2 * CPS_SECOND;

int cps_session_end(struct cps *c, const char *id) {
    char path[CPS_PATH_ROOM];
    cps_path(path, "sessions", id, "?reason=logout");
    struct cps_answer answer = cps_ask_agent(c, "DELETE", path, (struct cps_body){0}, patience);
    bool is_over = answer.failure == CPS_FINE && (answer.status == 204 || answer.status == 404);
    if (!is_over) pam_syslog(c->pamh, LOG_ERR, "the session could not be ended; it ends with the stay of the card");
    cps_answer_drop(&answer);
    return is_over ? PAM_SUCCESS : PAM_SESSION_ERR;
}

/// Called by PAM when the handle ends, or another session takes the place. A login that the application gave up is ended; one that succeeded
/// without a session of PAM, as screen lockers do, goes on.
static void clean(pam_handle_t *pamh, void *data, int status) {
    struct cps_session *session = data;
    if (session == NULL) return;
    bool is_replaced = (status & PAM_DATA_REPLACE) != 0;
    bool is_copy = (status & PAM_DATA_SILENT) != 0 || session->owner != getpid();
    bool has_failed = (status & ~(PAM_DATA_REPLACE | PAM_DATA_SILENT)) != PAM_SUCCESS;
    if (!session->is_open && !session->is_shared && !is_copy && (is_replaced || has_failed)) {
        struct cps c = {.pamh = pamh};
        (void)cps_session_end(&c, session->id);
    }
    explicit_bzero(session, sizeof *session);
    free(session);
}

int cps_session_keep(pam_handle_t *pamh, const struct cps_session *session) {
    struct cps_session *kept = malloc(sizeof *kept);
    if (kept == NULL) return PAM_BUF_ERR;
    *kept = *session;
    int result = pam_set_data(pamh, CPS_SESSION_DATA, kept, clean);
    if (result != PAM_SUCCESS) free(kept);
    return result;
}

int cps_session_forget(struct cps *c) {
    if (cps_session_of(c->pamh) == NULL) return PAM_SUCCESS;
    return pam_set_data(c->pamh, CPS_SESSION_DATA, NULL, NULL);
}

struct cps_session *cps_session_of(pam_handle_t *pamh) {
    const void *data = NULL;
    if (pam_get_data(pamh, CPS_SESSION_DATA, &data) != PAM_SUCCESS) return NULL;
    return (struct cps_session *)data;
}
