/// What people type without echo.
#pragma once

#include "agent.h"

/// Asks for a secret and sends it as raw bytes; it is wiped, whatever happens.
/// Returns false, and sends nothing, when nothing was typed.
bool cps_ask_secret(struct cps *c, const char *prompt, const char *path, struct cps_answer *answer);

/// Sends a secret that was typed, and wipes it; false when nothing was.
bool cps_send_secret(struct cps *c, char *typed, const char *path, struct cps_answer *answer);
