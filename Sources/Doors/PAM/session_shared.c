#include <string.h>

#include "session.h"

/// Sessions of a workstation that are looked at.
static const size_t most = 256;

/// Whether it is the card session of this user with this stay of the card, locked or not.
static bool is_of_stay(struct cps_json session, uid_t uid, const char *insertion) {
    char id[CPS_ID_ROOM];
    uid_t owner = 0;
    return !cps_json_is(cps_json_member(session, "state"), "ended") && cps_json_is(cps_json_member(session, "mode"), "card")
        && cps_uid_read(cps_json_member(session, "uid"), &owner) && owner == uid
        && cps_id_read(cps_json_member(session, "insertion"), id) && strcmp(id, insertion) == 0;
}

/// The id of that session, of all that the caller may see; false where there is none, or the agent does not say.
static bool find(struct cps *c, uid_t uid, const char *insertion, char id[CPS_ID_ROOM]) {
    struct cps_answer answer = cps_ask_plainly(c, "GET", "/v1/sessions");
    struct cps_json sessions = cps_json_member(answer.body, "sessions");
    bool is_found = false;
    for (size_t i = 0; !is_found && answer.failure == CPS_FINE && answer.status == 200 && i < most; i++) {
        struct cps_json session = cps_json_item(sessions, i);
        if (session.at == NULL) break;
        is_found = is_of_stay(session, uid, insertion) && cps_id_read(cps_json_member(session, "id"), id);
    }
    cps_answer_drop(&answer);
    return is_found;
}

bool cps_session_is_there(struct cps *c, struct cps_json login) {
    char insertion[CPS_ID_ROOM];
    char id[CPS_ID_ROOM];
    uid_t uid = 0;
    return cps_id_read(cps_json_member(login, "insertion"), insertion)
        && cps_uid_read(cps_json_member(cps_json_member(login, "account"), "uid"), &uid) && find(c, uid, insertion, id);
}

int cps_session_close(struct cps *c, const struct cps_session *session) {
    char successor[CPS_ID_ROOM];
    if (session->is_shared) return PAM_SUCCESS;
    int result = cps_session_end(c, session->id);
    if (session->insertion[0] == '\0' || !find(c, session->uid, session->insertion, successor)) return result;
    return cps_session_end(c, successor);
}
