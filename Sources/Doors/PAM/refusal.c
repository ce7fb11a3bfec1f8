#include "refusal.h"

#include <security/pam_ext.h>
#include <string.h>
#include <syslog.h>

#include "conversation.h"
#include "refusal_table.h"

#define TEXT_ROOM 512

/// A code as the agent writes them; the log takes nothing else.
static bool read_code(struct cps_json body, char code[CPS_CODE_ROOM]) {
    bool is_code = cps_json_text(cps_json_member(body, "code"), code, CPS_CODE_ROOM) && *code != '\0'
        && strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(code);
    if (!is_code) *code = '\0';
    return is_code;
}

/// Why there is no answer that counts.
static const char *explain(const struct cps *c, enum cps_failure failure) {
    switch (failure) {
    case CPS_UNREACHABLE: return CPS_TEXT(c, "L'agent CPS ne répond pas sur ce poste.", "The CPS agent does not answer on this workstation.");
    case CPS_UNTRUSTED:
        return CPS_TEXT(c, "Ce qui répond à la place de l'agent CPS n'est pas digne de confiance : rien ne lui est donné.",
                        "What answers in the place of the CPS agent cannot be trusted: nothing is given to it.");
    case CPS_LATE: return CPS_TEXT(c, "L'agent CPS n'a pas répondu à temps.", "The CPS agent did not answer in time.");
    default: return CPS_TEXT(c, "La réponse de l'agent CPS est incompréhensible.", "The answer of the CPS agent makes no sense.");
    }
}

static const char *name_of(enum cps_failure failure) {
    switch (failure) {
    case CPS_UNREACHABLE: return "the agent cannot be reached";
    case CPS_UNTRUSTED: return "the socket of the agent, or who listens on it, cannot be trusted";
    case CPS_LATE: return "the agent did not answer in time";
    case CPS_NO_MEMORY: return "out of memory";
    default: return "the answer of the agent makes no sense";
    }
}

/// What a refusal tells beside title and remedy.
static void tell_more(struct cps *c, struct cps_json body) {
    char text[TEXT_ROOM];
    long long count = 0;
    if (cps_json_count(cps_json_member(body, "tries_left"), &count)) {
        cps_tell(c, CPS_PROBLEM, CPS_TEXT(c, "Essais restants : %lld", "Tries left: %lld"), count);
    }
    if (cps_json_count(cps_json_member(body, "retry_after"), &count)) {
        cps_tell(c, CPS_PROBLEM, CPS_TEXT(c, "À attendre : %lld s", "To wait: %lld s"), count);
    }
    if (cps_json_text(cps_json_member(body, "held_by"), text, sizeof text)) {
        cps_tell(c, CPS_PROBLEM, CPS_TEXT(c, "Carte utilisée par : %s", "Card in use by: %s"), text);
    }
    if (cps_json_text(cps_json_member(body, "contact"), text, sizeof text)) {
        cps_tell(c, CPS_PROBLEM, CPS_TEXT(c, "Qui appeler : %s", "Whom to call: %s"), text);
    }
}

static void tell(struct cps *c, struct cps_json body) {
    char text[TEXT_ROOM];
    if (cps_json_text(cps_json_member(body, "title"), text, sizeof text)) cps_tell(c, CPS_PROBLEM, "%s", text);
    if (cps_json_text(cps_json_member(body, "remedy"), text, sizeof text)) cps_tell(c, CPS_PROBLEM, "%s", text);
    tell_more(c, body);
}

static struct cps_refusal judge(struct cps *c, const struct cps_answer *answer, bool is_told) {
    struct cps_refusal refusal = {PAM_AUTHINFO_UNAVAIL, false, ""};
    enum cps_failure failure = answer->failure;
    if (failure == CPS_FINE && (answer->status < 400 || !read_code(answer->body, refusal.code))) failure = CPS_MALFORMED;
    if (failure != CPS_FINE) {
        pam_syslog(c->pamh, failure == CPS_UNTRUSTED ? LOG_ALERT : LOG_ERR, "%s", name_of(failure));
        if (is_told) cps_tell(c, CPS_PROBLEM, "%s", explain(c, failure));
        return refusal;
    }
    refusal.result = cps_result_of(refusal.code, answer->status, &refusal.is_of_card);
    pam_syslog(c->pamh, LOG_NOTICE, "refused by the agent: %s", refusal.code);
    if (is_told) tell(c, answer->body);
    return refusal;
}

struct cps_refusal cps_refused(struct cps *c, const struct cps_answer *answer) { return judge(c, answer, true); }

struct cps_refusal cps_refused_silently(struct cps *c, const struct cps_answer *answer) { return judge(c, answer, false); }
