/// Codes of errors of the agent and what PAM makes of them; Docs/Login.md has the same table.
#pragma once

#include <stdbool.h>

/// The result of PAM for a code of the agent. A code that is not known goes by its HTTP status: 401 and 403 refuse the person, every other is
/// no answer that counts.
int cps_result_of(const char *code, int status, bool *is_of_card);
