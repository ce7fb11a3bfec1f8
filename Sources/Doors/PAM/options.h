/// What stands behind the module's name in a PAM file.
#pragma once

#include <stdbool.h>

/// Longest name of a service that tokens are for.
#define CPS_AUDIENCE_LIMIT 512

struct cps_options {
    /// Seconds to wait for the agent in one call, all together.
    int timeout;
    /// Seconds to wait for a card to be put in.
    int wait_for_card;
    /// Whether somebody without a card may come in by password.
    bool has_fallback;
    bool is_debugging;
    /// Service whose rights are asked for; NULL for none. Belongs to the caller.
    const char *audience;
};

/// Reads the options. Returns the first that is not known or has no valid value; NULL when all are taken.
const char *cps_options_read(struct cps_options *options, int argc, const char **argv);
