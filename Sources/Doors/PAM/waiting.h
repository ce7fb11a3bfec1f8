/// Waiting for a card.
#pragma once

#include "module.h"

/// Where `wait_for_card` says so and no reader has a card: asks for one and waits until there is, or the time is over.
void cps_wait_for_card(struct cps *c);
