#ifndef CPS_CPWQUALITY_SHIM_H
#define CPS_CPWQUALITY_SHIM_H

#include <pwquality.h>
#include <string.h>

/// Overwrites what functions that were called from here have left on the stack: the checker copies passwords into local arrays.
static __attribute__((noinline, unused)) void shim_wipe_stack(void) {
    char room[65536];
    explicit_bzero(room, sizeof room);
}

#endif
