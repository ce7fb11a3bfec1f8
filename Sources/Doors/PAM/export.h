/// What the module shows to PAM; everything else is hidden.
#pragma once

#include <security/pam_modules.h>

#define CPS_EXPORT __attribute__((visibility("default")))
