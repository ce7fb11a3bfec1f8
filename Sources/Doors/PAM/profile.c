#include "profile.h"

#include <string.h>

#include "conversation.h"
#include "refusal.h"
#include "session.h"
#include "user.h"
#include "writer.h"

#define WORD_ROOM 32
#define LABEL_ROOM 256
#define REQUEST_ROOM 8192

/// More than anybody has; what is beyond is not offered.
static const int most = 50;

/// Lists them. Returns how many there are.
static int list(struct cps *c, struct cps_json profiles) {
    for (int i = 0; i < most; i++) {
        struct cps_json profile = cps_json_item(profiles, (size_t)i);
        char label[LABEL_ROOM];
        char sector[WORD_ROOM];
        if (profile.at == NULL) return i;
        if (!cps_json_text(cps_json_member(profile, "label"), label, sizeof label)) label[0] = '\0';
        if (!cps_json_text(cps_json_member(profile, "sector"), sector, sizeof sector)) sector[0] = '\0';
        cps_tell(c, CPS_INFORMATION, "  %d  %s %s", i + 1, label, sector);
    }
    return most;
}

static int send(struct cps *c, struct cps_json session, struct cps_json profile) {
    char id[CPS_ID_ROOM];
    char path[CPS_PATH_ROOM];
    char choice[REQUEST_ROOM / 4];
    char request[REQUEST_ROOM];
    struct cps_writer writer = cps_writer_on(request, sizeof request);
    if (!cps_id_read(cps_json_member(session, "id"), id)) return PAM_AUTHINFO_UNAVAIL;
    if (!cps_json_text(cps_json_member(profile, "id"), choice, sizeof choice)) return PAM_AUTHINFO_UNAVAIL;
    cps_put(&writer, "{\"profile\":");
    cps_put_string(&writer, choice);
    cps_put(&writer, "}");
    if (writer.is_broken) return PAM_AUTHINFO_UNAVAIL;
    cps_path(path, "sessions", id, "/profile");
    struct cps_answer answer = cps_ask_json(c, "PUT", path, request);
    bool is_chosen = answer.failure == CPS_FINE && answer.status == 200;
    int result = is_chosen ? PAM_SUCCESS : cps_refused(c, &answer).result;
    cps_answer_drop(&answer);
    return result;
}

int cps_profile_choose(struct cps *c, struct cps_json opened) {
    struct cps_json session = cps_json_member(opened, "session");
    struct cps_json profiles = cps_json_member(session, "profiles");
    char state[WORD_ROOM];
    if (!cps_json_text(cps_json_member(session, "state"), state, sizeof state) || strcmp(state, "profile_required") != 0) return PAM_SUCCESS;
    cps_tell(c, CPS_INFORMATION, "%s", CPS_TEXT(c, "Dans quelle situation travaillez-vous ?", "Which situation do you work in?"));
    int count = list(c, profiles);
    int index = cps_ask_number(c, CPS_TEXT(c, "Situation (numéro) : ", "Situation (number): "), count);
    if (index >= 0) return send(c, session, cps_json_item(profiles, (size_t)index));
    cps_tell(c, CPS_INFORMATION, "%s",
             CPS_TEXT(c, "À choisir plus tard, dans une application ou par `cpsctl session profile`.",
                      "To be chosen later, in an application or by `cpsctl session profile`."));
    return PAM_SUCCESS;
}
