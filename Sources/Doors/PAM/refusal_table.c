#include "refusal_table.h"

#include <security/pam_modules.h>
#include <stddef.h>
#include <string.h>

struct row {
    const char *code;
    int result;
    bool is_of_card;
};

/// The first row that fits; a code ending in `_` stands for all that begin so.
static const struct row rows[] = {
    {"pin_blocked", PAM_MAXTRIES, true},
    {"pin_", PAM_AUTH_ERR, false},
    {"last_try_consent_required", PAM_AUTH_ERR, false},
    {"keypad_", PAM_AUTH_ERR, false},
    {"credentials_refused", PAM_AUTH_ERR, false},
    {"password_wait", PAM_MAXTRIES, false},
    {"source_locked", PAM_MAXTRIES, false},
    {"rate_limited", PAM_MAXTRIES, false},
    {"password_expired", PAM_ACCT_EXPIRED, false},
    {"password_", PAM_AUTH_ERR, false},
    {"certificate_expired", PAM_ACCT_EXPIRED, true},
    {"certificate_not_yet_valid", PAM_ACCT_EXPIRED, true},
    {"certificate_", PAM_PERM_DENIED, false},
    {"local_account_unmapped", PAM_USER_UNKNOWN, false},
    {"local_account_missing", PAM_USER_UNKNOWN, false},
    {"local_account_mismatch", PAM_PERM_DENIED, false},
    {"card_reported_lost", PAM_PERM_DENIED, false},
    {"card_removed", PAM_AUTH_ERR, false},
    {"card_changed", PAM_AUTH_ERR, false},
    {"card_unproven", PAM_PERM_DENIED, false},
    {"card_busy", PAM_AUTHINFO_UNAVAIL, false},
    {"card_", PAM_AUTHINFO_UNAVAIL, true},
    {"no_reader", PAM_AUTHINFO_UNAVAIL, true},
    {"reader_", PAM_AUTHINFO_UNAVAIL, true},
    {"pcsc_", PAM_AUTHINFO_UNAVAIL, true},
};

int cps_result_of(const char *code, int status, bool *is_of_card) {
    *is_of_card = false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t length = strlen(rows[i].code);
        bool is_group = rows[i].code[length - 1] == '_';
        if (is_group ? strncmp(code, rows[i].code, length) != 0 : strcmp(code, rows[i].code) != 0) continue;
        *is_of_card = rows[i].is_of_card;
        return rows[i].result;
    }
    return status == 401 || status == 403 ? PAM_PERM_DENIED : PAM_AUTHINFO_UNAVAIL;
}
