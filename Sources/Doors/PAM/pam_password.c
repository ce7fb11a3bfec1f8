#include <security/pam_ext.h>
#include <string.h>
#include <syslog.h>

#include "conversation.h"
#include "export.h"
#include "holder.h"
#include "last_try.h"
#include "refusal.h"
#include "secret.h"

/// Asks for a code and sends it. Given up: PAM_AUTHTOK_ERR.
static int give(struct cps *c, const char *path, char *code) {
    struct cps_answer answer = {0};
    if (!cps_send_secret(c, code, path, &answer)) {
        cps_tell(c, CPS_PROBLEM, "%s", CPS_TEXT(c, "Opération abandonnée.", "Operation given up."));
        return PAM_AUTHTOK_ERR;
    }
    bool is_taken = answer.failure == CPS_FINE && answer.status == 200;
    if (!is_taken) (void)cps_refused(c, &answer);
    cps_answer_drop(&answer);
    return is_taken ? PAM_SUCCESS : PAM_AUTHTOK_ERR;
}

/// The new PIN, typed twice alike; NULL otherwise.
static char *ask_new(struct cps *c) {
    char *first = cps_ask(c, false, CPS_TEXT(c, "Nouveau code porteur : ", "New PIN: "));
    if (first == NULL || *first == '\0') return first;
    char *second = cps_ask(c, false, CPS_TEXT(c, "Nouveau code porteur, encore une fois : ", "New PIN, once more: "));
    bool is_same = second != NULL && strcmp(first, second) == 0;
    cps_reply_drop(second);
    if (is_same) return first;
    cps_tell(c, CPS_PROBLEM, "%s", CPS_TEXT(c, "Les deux saisies diffèrent.", "The two differ."));
    cps_reply_drop(first);
    return NULL;
}

/// The card is asked when both codes are there: no try is spent for a new one that nobody can type twice.
static int change(struct cps *c, struct cps_json operation, const char *id) {
    char path[CPS_PATH_ROOM];
    cps_introduce(c, operation, cps_json_member(cps_json_member(operation, "pin"), "tries_left"));
    cps_path(path, "pin-changes", id, "/current");
    if (!cps_last_try(c, operation, path)) return PAM_AUTHTOK_ERR;
    int result = give(c, path, cps_ask(c, false, CPS_TEXT(c, "Code porteur actuel : ", "PIN in force: ")));
    if (result != PAM_SUCCESS) return result;
    cps_path(path, "pin-changes", id, "/new");
    result = give(c, path, ask_new(c));
    if (result == PAM_SUCCESS) cps_tell(c, CPS_INFORMATION, "%s", CPS_TEXT(c, "Code porteur changé.", "PIN changed."));
    return result;
}

/// Whether the agent answers: all that can be known before the card is asked.
static int check(struct cps *c) {
    struct cps_answer answer = cps_ask_plainly(c, "GET", "/v1/readers");
    bool is_there = answer.failure == CPS_FINE && answer.status == 200;
    if (!is_there) (void)cps_refused(c, &answer);
    cps_answer_drop(&answer);
    return is_there ? PAM_SUCCESS : PAM_TRY_AGAIN;
}

/// Changes the PIN of the card that is there, by the PIN in force.
CPS_EXPORT int pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv) {
    struct cps c;
    int result = cps_begin(&c, pamh, flags, argc, argv);
    if (result != PAM_SUCCESS) return result == PAM_SERVICE_ERR ? result : PAM_PERM_DENIED;
    if ((flags & PAM_PRELIM_CHECK) != 0) return check(&c);
    struct cps_answer answer = cps_ask_json(&c, "POST", "/v1/pin-changes", "{}");
    char id[CPS_ID_ROOM];
    if (answer.failure != CPS_FINE || answer.status != 201 || !cps_id_read(cps_json_member(answer.body, "id"), id)) {
        (void)cps_refused(&c, &answer);
        result = PAM_AUTHTOK_ERR;
    } else {
        result = change(&c, answer.body, id);
        if (result != PAM_SUCCESS) cps_cancel(&c, "pin-changes", id);
        if (result == PAM_SUCCESS) pam_syslog(pamh, LOG_INFO, "the PIN of a card was changed");
    }
    cps_answer_drop(&answer);
    return result;
}
