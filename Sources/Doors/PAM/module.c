#include "module.h"

#include <security/pam_ext.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

/// The environment may belong to whoever started a setuid program: it chooses between two texts and nothing else.
static bool is_french(void) {
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && *value != '\0') return strncmp(value, "fr", 2) == 0;
    }
    return false;
}

int cps_begin(struct cps *c, pam_handle_t *pamh, int flags, int argc, const char **argv) {
    memset(c, 0, sizeof *c);
    c->pamh = pamh;
    c->is_silent = (flags & PAM_SILENT) != 0;
    c->is_french = is_french();
    const char *unknown = cps_options_read(&c->options, argc, argv);
    if (unknown != NULL) {
        pam_syslog(pamh, LOG_ERR, "option not taken: %.64s", unknown);
        return PAM_SERVICE_ERR;
    }
    c->budget = c->options.timeout * CPS_SECOND;
    const void *host = NULL;
    if (pam_get_item(pamh, PAM_RHOST, &host) != PAM_SUCCESS) return PAM_SERVICE_ERR;
    if (host != NULL && *(const char *)host != '\0') {
        pam_syslog(pamh, LOG_NOTICE, "the login comes from another machine, where this card is not: left to other modules");
        return PAM_AUTHINFO_UNAVAIL;
    }
    return PAM_SUCCESS;
}

void cps_debug(const struct cps *c, const char *step) {
    if (c->options.is_debugging) pam_syslog(c->pamh, LOG_DEBUG, "%s", step);
}
