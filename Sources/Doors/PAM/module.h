/// What every part of the module shares: one call of one PAM service.
#pragma once

#include <security/pam_modules.h>
#include <stdbool.h>

#include "options.h"

#ifndef CPS_SOCKET
/// Where the agent listens. Fixed: neither an option nor the environment moves it.
#define CPS_SOCKET "/run/cps-agent/agent.sock"
#endif

#ifndef CPS_SECOND
/// Milliseconds in a second of the options; tests let time pass faster.
#define CPS_SECOND 1000
#endif

/// One call of one PAM service.
struct cps {
    pam_handle_t *pamh;
    struct cps_options options;
    /// Milliseconds that are left for waiting for the agent. What the person takes to answer does not count.
    int budget;
    bool is_french;
    /// The application wants no messages (PAM_SILENT); questions are asked all the same.
    bool is_silent;
};

/// The text in the language of the process.
#define CPS_TEXT(c, french, english) ((c)->is_french ? (french) : (english))

/// Begins a call: options and language.
/// Returns PAM_SUCCESS, PAM_SERVICE_ERR for an option that is not known, or PAM_AUTHINFO_UNAVAIL for somebody who comes from elsewhere.
int cps_begin(struct cps *c, pam_handle_t *pamh, int flags, int argc, const char **argv);

/// Says a step in the system log where `debug` asks for it. Never a secret.
void cps_debug(const struct cps *c, const char *step);
