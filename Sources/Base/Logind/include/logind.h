#ifndef CPS_LOGIND_H
#define CPS_LOGIND_H

#include <stddef.h>
#include <stdint.h>

/// The session that is active at a seat, as systemd-logind says on the system bus (org.freedesktop.login1(5)). Blocks for a second at most.
///
/// `seat`: its name, such as "seat0". `id`: room for `size` bytes of the session's id, empty where nobody is there. `uid`: its user.
///
/// Returns 0, or a negative errno value.
int logind_active_session(const char *seat, char *id, size_t size, uint32_t *uid);

#endif
