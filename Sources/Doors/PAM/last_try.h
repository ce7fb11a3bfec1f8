/// The last try of a PIN: spent with consent alone.
#pragma once

#include "agent.h"

/// Asks for consent where an answer says that one try is left.
/// - Parameter path: gets `?accept_last_try=` with the value of the answer, when the person agreed.
/// Returns false when the person did not.
bool cps_last_try(struct cps *c, struct cps_json answer, char path[CPS_PATH_ROOM]);
