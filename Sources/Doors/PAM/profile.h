/// The situation of practice that a session waits for.
#pragma once

#include "agent.h"

/// Where the session waits for a situation of practice: lists them and sends the choice. Whoever chooses none does it later, in an application.
/// - Parameter opened: what the agent answered when it opened the session.
int cps_profile_choose(struct cps *c, struct cps_json opened);
