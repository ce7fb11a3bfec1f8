#define _GNU_SOURCE
#include "logind.h"

#include <errno.h>
#include <string.h>
#include <systemd/sd-bus.h>

static const char service[] = "org.freedesktop.login1";
static const uint64_t patience = 500000;

/// The path of a seat's object.
static int seat_object(sd_bus *bus, const char *seat, sd_bus_message **answer, const char **path) {
    int failure = sd_bus_call_method(
        bus, service, "/org/freedesktop/login1", "org.freedesktop.login1.Manager", "GetSeat", NULL, answer, "s", seat);
    return failure < 0 ? failure : sd_bus_message_read(*answer, "o", path);
}

static int copied(const char *text, char *room, size_t size) {
    const size_t length = strlen(text);
    if (length >= size) return -ENAMETOOLONG;
    memcpy(room, text, length + 1);
    return 0;
}

static int active_session(sd_bus *bus, const char *seat, char *id, size_t size, uint32_t *uid) {
    sd_bus_message *at = NULL, *active = NULL, *user = NULL;
    const char *object = NULL, *session = NULL, *path = NULL, *owner = NULL;
    int failure = seat_object(bus, seat, &at, &object);
    if (failure >= 0) {
        failure = sd_bus_get_property(bus, service, object, "org.freedesktop.login1.Seat", "ActiveSession", NULL, &active, "(so)");
    }
    if (failure >= 0) failure = sd_bus_message_read(active, "(so)", &session, &path);
    if (failure >= 0) failure = copied(session, id, size);
    if (failure >= 0 && session[0] != 0) {
        failure = sd_bus_get_property(bus, service, path, "org.freedesktop.login1.Session", "User", NULL, &user, "(uo)");
        if (failure >= 0) failure = sd_bus_message_read(user, "(uo)", uid, &owner);
    }
    sd_bus_message_unref(at);
    sd_bus_message_unref(active);
    sd_bus_message_unref(user);
    return failure;
}

int logind_active_session(const char *seat, char *id, size_t size, uint32_t *uid) {
    sd_bus *bus = NULL;
    int failure = sd_bus_open_system(&bus);
    if (failure >= 0) failure = sd_bus_set_method_call_timeout(bus, patience);
    if (failure >= 0) failure = active_session(bus, seat, id, size, uid);
    sd_bus_flush_close_unref(bus);
    return failure < 0 ? failure : 0;
}
