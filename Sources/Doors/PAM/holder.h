/// Whose card it is, for the person to see.
#pragma once

#include "agent.h"

#define CPS_HOLDER_ROOM 256

/// Given name and family name, else the identifier.
void cps_holder(struct cps_json holder, char text[CPS_HOLDER_ROOM]);

/// Shows holder, reader and tries left of a login, or of a change of the PIN, and what the holder should know.
void cps_introduce(struct cps *c, struct cps_json login, struct cps_json tries);
