#include "session.h"

#include <security/pam_ext.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "conversation.h"
#include "session_data.h"
#include "user.h"

#define NAME_ROOM 256

static bool is_live(struct cps_json session) {
    struct cps_json state = cps_json_member(session, "state");
    return cps_json_is(state, "active") || cps_json_is(state, "profile_required");
}

bool cps_uid_read(struct cps_json value, uid_t *uid) {
    long long number = 0;
    if (!cps_json_count(value, &number) || number >= (uid_t)-1) return false;
    *uid = (uid_t)number;
    return true;
}

/// The user of this handle, or who will be it: NULL when the agent names somebody else, or nobody.
static const char *name_of(struct cps *c, struct cps_json account, char name[NAME_ROOM], uid_t *uid) {
    uid_t known = 0;
    const char *user = cps_user(c);
    if (!cps_json_text(cps_json_member(account, "name"), name, NAME_ROOM)) return NULL;
    if (!cps_uid_read(cps_json_member(account, "uid"), uid)) return NULL;
    if (user == NULL) user = name;
    return cps_uid_of(user, &known) && known == *uid ? user : NULL;
}

bool cps_account_fits(struct cps *c, struct cps_json answer) {
    char name[NAME_ROOM];
    uid_t uid = 0;
    if (name_of(c, cps_json_member(answer, "account"), name, &uid) != NULL) return true;
    pam_syslog(c->pamh, LOG_ALERT, "the agent names another account, or none: refused");
    cps_tell(c, CPS_PROBLEM, "%s",
             CPS_TEXT(c, "La session n'est pas celle de ce compte : refusé.", "The session is not one of this account: refused."));
    return false;
}

/// Makes the account of the answer the user of this handle where nobody was named.
static bool become(struct cps *c, struct cps_json account, uid_t uid) {
    char name[NAME_ROOM];
    uid_t named = 0;
    const char *user = name_of(c, account, name, &named);
    if (user == NULL || named != uid) return false;
    return cps_user(c) != NULL || pam_set_item(c->pamh, PAM_USER, user) == PAM_SUCCESS;
}

int cps_session_take(struct cps *c, struct cps_json opened, struct cps_json began, const char *mode, bool is_shared) {
    struct cps_json json = cps_json_member(opened, "session");
    struct cps_json account = cps_json_member(opened, "account");
    struct cps_session session = {.owner = getpid(), .is_shared = is_shared};
    if (account.at == NULL) account = cps_json_member(began, "account");
    if (!cps_id_read(cps_json_member(json, "id"), session.id)) {
        pam_syslog(c->pamh, LOG_ERR, "the answer of the agent names no session");
        return PAM_AUTHINFO_UNAVAIL;
    }
    if (!cps_id_read(cps_json_member(json, "insertion"), session.insertion)) session.insertion[0] = '\0';
    bool fits = cps_json_is(cps_json_member(json, "mode"), mode) && is_live(json) && cps_uid_read(cps_json_member(json, "uid"), &session.uid)
        && become(c, account, session.uid);
    int result = fits ? cps_session_keep(c->pamh, &session) : PAM_PERM_DENIED;
    if (result == PAM_SUCCESS) {
        pam_syslog(c->pamh, LOG_INFO, "session %s (%s) opened for uid %u", session.id, mode, (unsigned)session.uid);
        return PAM_SUCCESS;
    }
    if (!fits) pam_syslog(c->pamh, LOG_ALERT, "the session is not what was asked for: refused");
    (void)cps_session_end(c, session.id);
    return result;
}

int cps_session_check(struct cps *c, const struct cps_session *session) {
    char path[CPS_PATH_ROOM];
    const char *user = cps_user(c);
    uid_t known = 0;
    uid_t uid = 0;
    if (user == NULL || !cps_uid_of(user, &known) || known != session->uid) return PAM_PERM_DENIED;
    cps_path(path, "sessions", session->id, "");
    struct cps_answer answer = cps_ask_plainly(c, "GET", path);
    char id[CPS_ID_ROOM];
    bool is_ours = answer.failure == CPS_FINE && answer.status == 200 && is_live(answer.body)
        && cps_id_read(cps_json_member(answer.body, "id"), id) && strcmp(id, session->id) == 0
        && cps_uid_read(cps_json_member(answer.body, "uid"), &uid) && uid == session->uid;
    cps_answer_drop(&answer);
    if (!is_ours) pam_syslog(c->pamh, LOG_NOTICE, "the session of this login is not live any more");
    return is_ours ? PAM_SUCCESS : PAM_PERM_DENIED;
}
