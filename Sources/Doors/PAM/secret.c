#include "secret.h"

#include <string.h>

#include "conversation.h"

bool cps_ask_secret(struct cps *c, const char *prompt, const char *path, struct cps_answer *answer) {
    return cps_send_secret(c, cps_ask(c, false, prompt), path, answer);
}

bool cps_send_secret(struct cps *c, char *typed, const char *path, struct cps_answer *answer) {
    bool is_typed = typed != NULL && *typed != '\0';
    if (is_typed) {
        struct cps_body body = {"application/octet-stream", typed, strlen(typed)};
        *answer = cps_ask_agent(c, "PUT", path, body, 0);
    }
    cps_reply_drop(typed);
    return is_typed;
}
