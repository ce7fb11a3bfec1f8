/// Steps over JSON; for the reader alone.
#pragma once

#include <stdbool.h>

/// Steps over white space.
void cps_json_blank(const char **at, const char *end);

/// Steps over one value if there is one.
/// - Parameter depth: how many levels it may have.
bool cps_json_skip(const char **at, const char *end, int depth);

/// Steps over one string.
bool cps_json_skip_string(const char **at, const char *end);
