/// The two ways in.
#pragma once

#include "refusal.h"

/// With the card and its PIN.
struct cps_refusal cps_login_by_card(struct cps *c);

/// Without the card: identifier, password, reason. Offered where `fallback=yes` and the establishment has opened degraded mode.
/// - Parameter otherwise: the result when nobody can, or wants to, come in so.
int cps_login_by_password(struct cps *c, int otherwise);
