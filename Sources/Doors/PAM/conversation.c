#include "conversation.h"

#include <security/pam_ext.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "writer.h"

static const int number_tries = 3;

void cps_tell(struct cps *c, enum cps_tone tone, const char *format, ...) {
    if (c->is_silent) return;
    char raw[PAM_MAX_MSG_SIZE];
    char shown[PAM_MAX_MSG_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(raw, sizeof raw, format, arguments);
    va_end(arguments);
    struct cps_writer writer = cps_writer_on(shown, sizeof shown);
    cps_put_shown(&writer, raw);
    // Whether the line was shown changes nothing that is decided.
    (void)pam_prompt(c->pamh, tone == CPS_PROBLEM ? PAM_ERROR_MSG : PAM_TEXT_INFO, NULL, "%s", shown);
}

char *cps_ask(struct cps *c, bool has_echo, const char *prompt) {
    char *reply = NULL;
    int result = pam_prompt(c->pamh, has_echo ? PAM_PROMPT_ECHO_ON : PAM_PROMPT_ECHO_OFF, &reply, "%s", prompt);
    if (result == PAM_SUCCESS && reply != NULL && strlen(reply) <= CPS_REPLY_LIMIT) return reply;
    cps_reply_drop(reply);
    return NULL;
}

int cps_ask_number(struct cps *c, const char *prompt, int count) {
    for (int i = 0; i < number_tries; i++) {
        char *reply = cps_ask(c, true, prompt);
        if (reply == NULL || *reply == '\0') {
            cps_reply_drop(reply);
            return -1;
        }
        char *end = reply;
        long number = strtol(reply, &end, 10);
        bool is_number = *end == '\0';
        cps_reply_drop(reply);
        if (is_number && number >= 1 && number <= count) return (int)number - 1;
    }
    return -1;
}

void cps_reply_drop(char *reply) {
    if (reply == NULL) return;
    explicit_bzero(reply, strlen(reply));
    free(reply);
}
