#include "passwd.h"

#include <pwd.h>
#include <stddef.h>
#include <stdlib.h>

/// More than any line of /etc/passwd should need.
#define ENTRY_ROOM 16384

bool cps_uid_of(const char *name, uid_t *uid) {
    struct passwd entry;
    struct passwd *found = NULL;
    char *room = malloc(ENTRY_ROOM);
    if (room == NULL) return false;
    bool is_known = getpwnam_r(name, &entry, room, ENTRY_ROOM, &found) == 0 && found != NULL;
    if (is_known) *uid = found->pw_uid;
    free(room);
    return is_known;
}
