#include "user.h"

const char *cps_user(struct cps *c) {
    const void *name = NULL;
    if (pam_get_item(c->pamh, PAM_USER, &name) != PAM_SUCCESS || name == NULL || *(const char *)name == '\0') return NULL;
    return name;
}

void cps_put_purpose(struct cps *c, struct cps_writer *writer) {
    const char *user = cps_user(c);
    if (user != NULL) {
        cps_put(writer, "\"for_account\":");
        cps_put_string(writer, user);
    } else {
        cps_put(writer, "\"for_holder\":true");
    }
    if (c->options.audience != NULL) {
        cps_put(writer, ",\"audience\":");
        cps_put_string(writer, c->options.audience);
    }
}
