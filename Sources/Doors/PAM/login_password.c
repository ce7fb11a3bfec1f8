#include <string.h>

#include "conversation.h"
#include "login.h"
#include "profile.h"
#include "secret.h"
#include "session.h"
#include "user.h"
#include "writer.h"

#define REQUEST_ROOM 8192
#define REASON_ROOM 128
#define CONTACT_ROOM 256

/// More than an establishment will list.
static const int most_reasons = 20;

/// What is shown for a code of a reason; the code itself where the establishment has its own.
static const char *describe(const struct cps *c, const char *reason) {
    static const char *const texts[][3] = {
        {"card_lost", "carte perdue", "card lost"},
        {"card_forgotten", "carte oubliée", "card forgotten"},
        {"card_stolen", "carte volée", "card stolen"},
        {"card_broken", "carte abîmée", "card broken"},
        {"pin_blocked", "code porteur bloqué", "PIN blocked"},
        {"reader_broken", "lecteur en panne", "reader broken"},
        {"certificate_expired", "carte expirée", "card expired"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (strcmp(texts[i][0], reason) == 0) return texts[i][c->is_french ? 1 : 2];
    }
    return reason;
}

static void announce(struct cps *c, struct cps_json rules) {
    char contact[CONTACT_ROOM];
    cps_tell(c, CPS_PROBLEM, "%s",
             CPS_TEXT(c, "ACCÈS SANS LA CARTE (mode dégradé) : droits réduits, durée courte, tracé, relu par quelqu'un d'autre.",
                      "ACCESS WITHOUT THE CARD (degraded mode): fewer rights, a short time, traced, reviewed by somebody else."));
    if (cps_json_text(cps_json_member(rules, "contact"), contact, sizeof contact)) {
        cps_tell(c, CPS_INFORMATION, CPS_TEXT(c, "Qui appeler : %s", "Whom to call: %s"), contact);
    }
}

/// Lists the reasons and asks for one. False when none was chosen.
static bool choose_reason(struct cps *c, struct cps_json reasons, char reason[REASON_ROOM]) {
    int count = 0;
    for (; count < most_reasons; count++) {
        if (!cps_json_text(cps_json_item(reasons, (size_t)count), reason, REASON_ROOM)) break;
        cps_tell(c, CPS_INFORMATION, "  %d  %s", count + 1, describe(c, reason));
    }
    int index = cps_ask_number(c, CPS_TEXT(c, "Motif (numéro) : ", "Reason (number): "), count);
    return index >= 0 && cps_json_text(cps_json_item(reasons, (size_t)index), reason, REASON_ROOM);
}

static int give_password(struct cps *c, const char *id) {
    char path[CPS_PATH_ROOM];
    cps_path(path, "degraded/logins", id, "/password");
    struct cps_answer answer = {0};
    if (!cps_ask_secret(c, CPS_TEXT(c, "Mot de passe : ", "Password: "), path, &answer)) return PAM_AUTH_ERR;
    int result;
    if (answer.failure != CPS_FINE || answer.status != 200) {
        result = cps_refused(c, &answer).result;
    } else {
        result = cps_session_take(c, answer.body, (struct cps_json){NULL, 0}, "degraded", false);
        if (result == PAM_SUCCESS) result = cps_profile_choose(c, answer.body);
    }
    cps_answer_drop(&answer);
    return result;
}

static int begin(struct cps *c, const char *identifier, const char *reason) {
    char request[REQUEST_ROOM];
    char id[CPS_ID_ROOM];
    struct cps_writer writer = cps_writer_on(request, sizeof request);
    cps_put(&writer, "{\"identifier\":");
    cps_put_string(&writer, identifier);
    cps_put(&writer, ",\"reason\":");
    cps_put_string(&writer, reason);
    cps_put(&writer, ",");
    cps_put_purpose(c, &writer);
    cps_put(&writer, "}");
    if (writer.is_broken) return PAM_AUTH_ERR;
    struct cps_answer answer = cps_ask_json(c, "POST", "/v1/degraded/logins", request);
    int result;
    if (answer.failure != CPS_FINE || answer.status != 201 || !cps_id_read(cps_json_member(answer.body, "id"), id)) {
        result = cps_refused(c, &answer).result;
    } else {
        result = give_password(c, id);
        if (result != PAM_SUCCESS) {
            (void)cps_session_forget(c);
            cps_cancel(c, "degraded/logins", id);
        }
    }
    cps_answer_drop(&answer);
    return result;
}

/// Identifier and reason; an empty identifier gives up.
static int ask(struct cps *c, struct cps_json rules, int otherwise) {
    char reason[REASON_ROOM];
    announce(c, rules);
    char *identifier = cps_ask(
        c, true, CPS_TEXT(c, "Identifiant (RPPS ou national ; rien pour abandonner) : ", "Identifier (RPPS or national; nothing to give up): "));
    int result = otherwise;
    if (identifier != NULL && *identifier != '\0') {
        result = choose_reason(c, cps_json_member(rules, "reasons"), reason) ? begin(c, identifier, reason) : PAM_AUTH_ERR;
    }
    cps_reply_drop(identifier);
    return result;
}

int cps_login_by_password(struct cps *c, int otherwise) {
    struct cps_answer answer = cps_ask_plainly(c, "GET", "/v1/degraded");
    int result = otherwise;
    if (answer.failure != CPS_FINE || answer.status != 200) {
        result = cps_refused(c, &answer).result;
    } else if (cps_json_is_true(cps_json_member(answer.body, "enabled"))) {
        result = ask(c, answer.body, otherwise);
    } else {
        cps_debug(c, "degraded mode is not open here");
    }
    cps_answer_drop(&answer);
    return result;
}
