#ifndef CPS_CQRENCODE_SHIM_H
#define CPS_CQRENCODE_SHIM_H

#include <qrencode.h>

#endif
