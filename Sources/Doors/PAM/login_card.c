#include <string.h>

#include "conversation.h"
#include "holder.h"
#include "last_try.h"
#include "login.h"
#include "profile.h"
#include "secret.h"
#include "session.h"
#include "user.h"
#include "waiting.h"
#include "writer.h"

#define REQUEST_ROOM 4096
#define LINE_ROOM 64

/// Milliseconds that a person has at the keypad of a reader; more than the agent gives.
static const int keypad_patience = 90 * CPS_SECOND;
/// A login lives a minute, and people come to a screen that has asked for longer. Such a PIN was not tried, and is asked for again.
static const int most_attempts = 3;
/// Lines that are shown of what was done without the card.
static const size_t most_lines = 5;

static const struct cps_refusal granted = {PAM_SUCCESS, false, ""};

static struct cps_refusal given_up(struct cps *c) {
    cps_tell(c, CPS_PROBLEM, "%s", CPS_TEXT(c, "Connexion abandonnée ; aucun essai n'a été consommé.", "Login given up; no try was spent."));
    return (struct cps_refusal){PAM_AUTH_ERR, false, ""};
}

/// What was done without the card since its holder was last told: the agent tells it once.
static void tell_degraded(struct cps *c, struct cps_json list) {
    if (cps_json_item(list, 0).at == NULL) return;
    cps_tell(c, CPS_PROBLEM, "%s",
             CPS_TEXT(c, "Sans votre carte, depuis votre dernière connexion avec elle :", "Without your card, since your last login with it:"));
    for (size_t i = 0; cps_json_item(list, i).at != NULL; i++) {
        struct cps_json item = cps_json_item(list, i);
        char kind[LINE_ROOM];
        char at[LINE_ROOM];
        if (i == most_lines) {
            cps_tell(c, CPS_PROBLEM, "  ...");
            return;
        }
        if (!cps_json_text(cps_json_member(item, "kind"), kind, sizeof kind) || !cps_json_text(cps_json_member(item, "at"), at, sizeof at)) continue;
        const char *what = strcmp(kind, "vouched") == 0    ? CPS_TEXT(c, "entrée par un collègue", "let in by a colleague")
            : strcmp(kind, "password") == 0 ? CPS_TEXT(c, "mot de passe donné par un référent", "password given by a référent")
                                            : CPS_TEXT(c, "entrée par mot de passe", "came in by password");
        cps_tell(c, CPS_PROBLEM, "  %.19s  %s", at, what);
    }
}

/// The password of the holder of a card that was reported lost, before its PIN.
static struct cps_refusal give_password(struct cps *c, const char *id) {
    char path[CPS_PATH_ROOM];
    cps_path(path, "logins", id, "/password");
    cps_tell(c, CPS_PROBLEM, "%s",
             CPS_TEXT(c, "Cette carte a été déclarée perdue ou volée : il faut aussi votre mot de passe.",
                      "This card was reported lost or stolen: your password is needed too."));
    struct cps_answer answer = {0};
    if (!cps_ask_secret(c, CPS_TEXT(c, "Mot de passe : ", "Password: "), path, &answer)) return given_up(c);
    bool is_taken = answer.failure == CPS_FINE && answer.status == 200;
    struct cps_refusal refusal = is_taken ? granted : cps_refused(c, &answer);
    cps_answer_drop(&answer);
    return refusal;
}

/// The answer to the PIN, typed here or on the reader. Sent once: no try is spent by the machine.
static bool give_pin(struct cps *c, struct cps_json login, const char *id, struct cps_answer *answer) {
    char path[CPS_PATH_ROOM];
    if (cps_json_is_true(cps_json_member(login, "keypad"))) {
        char code[CPS_CODE_ROOM];
        cps_path(path, "logins", id, "/keypad");
        if (!cps_last_try(c, login, path)) return false;
        cps_tell(c, CPS_INFORMATION, "%s", CPS_TEXT(c, "Saisir le code porteur sur le lecteur.", "Enter the PIN on the reader."));
        *answer = cps_ask_agent(c, "POST", path, (struct cps_body){0}, keypad_patience);
        bool is_unusable = answer->failure == CPS_FINE && cps_json_text(cps_json_member(answer->body, "code"), code, sizeof code)
            && strcmp(code, "keypad_unavailable") == 0;
        if (!is_unusable) return true;
        cps_answer_drop(answer);
    }
    cps_path(path, "logins", id, "/pin");
    if (!cps_last_try(c, login, path)) return false;
    return cps_ask_secret(c, CPS_TEXT(c, "Code porteur : ", "PIN: "), path, answer);
}

static struct cps_refusal enter(struct cps *c, struct cps_json login, const char *id) {
    if (!cps_account_fits(c, login)) return (struct cps_refusal){PAM_PERM_DENIED, false, ""};
    cps_introduce(c, login, cps_json_member(login, "tries_left"));
    if (cps_json_is_true(cps_json_member(cps_json_member(login, "reported_lost"), "awaits_password"))) {
        struct cps_refusal refusal = give_password(c, id);
        if (refusal.result != PAM_SUCCESS) return refusal;
    }
    bool is_shared = cps_session_is_there(c, login);
    struct cps_answer answer = {0};
    if (!give_pin(c, login, id, &answer)) return given_up(c);
    struct cps_refusal refusal = granted;
    if (answer.failure != CPS_FINE || answer.status != 200) {
        refusal = cps_refused(c, &answer);
    } else {
        refusal.result = cps_session_take(c, answer.body, login, "card", is_shared);
        if (refusal.result == PAM_SUCCESS) {
            tell_degraded(c, cps_json_member(answer.body, "degraded_since_last_login"));
            refusal.result = cps_profile_choose(c, answer.body);
        }
    }
    cps_answer_drop(&answer);
    return refusal;
}

/// One login, from its beginning.
static struct cps_refusal attempt(struct cps *c, const char *request) {
    char id[CPS_ID_ROOM];
    cps_debug(c, "login with the card begins");
    struct cps_answer answer = cps_ask_json(c, "POST", "/v1/logins", request);
    struct cps_refusal refusal;
    if (answer.failure != CPS_FINE || answer.status != 201 || !cps_id_read(cps_json_member(answer.body, "id"), id)) {
        refusal = cps_refused(c, &answer);
    } else {
        refusal = enter(c, answer.body, id);
        if (refusal.result != PAM_SUCCESS) {
            (void)cps_session_forget(c);
            cps_cancel(c, "logins", id);
        }
    }
    cps_answer_drop(&answer);
    return refusal;
}

struct cps_refusal cps_login_by_card(struct cps *c) {
    char request[REQUEST_ROOM];
    struct cps_writer writer = cps_writer_on(request, sizeof request);
    cps_put(&writer, "{");
    cps_put_purpose(c, &writer);
    cps_put(&writer, "}");
    if (writer.is_broken) return (struct cps_refusal){PAM_USER_UNKNOWN, false, ""};
    cps_wait_for_card(c);
    struct cps_refusal refusal = attempt(c, request);
    for (int i = 1; i < most_attempts && strcmp(refusal.code, "login_expired") == 0; i++) refusal = attempt(c, request);
    return refusal;
}
