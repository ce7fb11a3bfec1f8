#include "connection.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "passwd.h"

/// The user that the package runs the agent as.
static const char agent_user[] = "cps-agent";

/// Milliseconds between two tries while the queue of the listener is full.
static const int queue_pause = 20;

/// Whether nobody but root, and the owner of the last folder, can put a socket there. A folder that is missing is no fault: nobody listens.
static enum cps_failure check_folders(const char *path, uid_t *owner) {
    char folder[sizeof((struct sockaddr_un *)NULL)->sun_path];
    for (const char *slash = path; slash != NULL; slash = strchr(slash + 1, '/')) {
        size_t length = slash == path ? 1 : (size_t)(slash - path);
        if (length >= sizeof folder) return CPS_UNTRUSTED;
        memcpy(folder, path, length);
        folder[length] = '\0';
        struct stat entry;
        if (lstat(folder, &entry) != 0) return errno == ENOENT ? CPS_UNREACHABLE : CPS_UNTRUSTED;
        bool is_last = strchr(slash + 1, '/') == NULL;
        if (!S_ISDIR(entry.st_mode) || (entry.st_mode & (S_IWGRP | S_IWOTH)) != 0) return CPS_UNTRUSTED;
        if (!is_last && entry.st_uid != 0) return CPS_UNTRUSTED;
        *owner = entry.st_uid;
    }
    return CPS_FINE;
}

/// The kernel names who listened last: of a socket that systemd made, the agent itself.
static enum cps_failure check_listener(int connection, uid_t owner) {
    struct ucred listener;
    socklen_t size = sizeof listener;
    if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &listener, &size) != 0 || size != sizeof listener) return CPS_UNTRUSTED;
    uid_t agent = 0;
    if (listener.uid == 0 || listener.uid == owner) return CPS_FINE;
    return cps_uid_of(agent_user, &agent) && listener.uid == agent ? CPS_FINE : CPS_UNTRUSTED;
}

static enum cps_failure connect_by(int connection, const struct sockaddr_un *address, struct cps_deadline deadline) {
    while (connect(connection, (const struct sockaddr *)address, sizeof *address) != 0) {
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return CPS_UNREACHABLE;
        if (cps_deadline_left(deadline) == 0) return CPS_LATE;
        cps_pause(queue_pause, deadline);
    }
    return CPS_FINE;
}

enum cps_failure cps_connect(const char *path, struct cps_deadline deadline, int *connection) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (path[0] != '/' || strlen(path) >= sizeof address.sun_path) return CPS_UNREACHABLE;
    memcpy(address.sun_path, path, strlen(path) + 1);
    uid_t owner = 0;
    enum cps_failure failure = check_folders(path, &owner);
    if (failure != CPS_FINE) return failure;
    int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0) return CPS_UNREACHABLE;
    failure = connect_by(made, &address, deadline);
    if (failure == CPS_FINE) failure = check_listener(made, owner);
    if (failure != CPS_FINE) {
        close(made);
        return failure;
    }
    *connection = made;
    return CPS_FINE;
}

/// Waits until the connection can be read, or written.
static enum cps_failure wait_for(int connection, short events, struct cps_deadline deadline) {
    for (;;) {
        int left = cps_deadline_left(deadline);
        if (left == 0) return CPS_LATE;
        struct pollfd wanted = {.fd = connection, .events = events};
        int ready = poll(&wanted, 1, left);
        if (ready > 0) return CPS_FINE;
        if (ready < 0 && errno != EINTR) return CPS_UNREACHABLE;
    }
}

enum cps_failure cps_send(int connection, const char *bytes, size_t count, struct cps_deadline deadline) {
    while (count > 0) {
        ssize_t sent = send(connection, bytes, count, MSG_NOSIGNAL);
        if (sent > 0) {
            bytes += sent;
            count -= (size_t)sent;
            continue;
        }
        if (sent < 0 && errno != EAGAIN && errno != EINTR) return CPS_UNREACHABLE;
        enum cps_failure failure = wait_for(connection, POLLOUT, deadline);
        if (failure != CPS_FINE) return failure;
    }
    return CPS_FINE;
}

enum cps_failure cps_receive(int connection, char *bytes, size_t room, struct cps_deadline deadline, size_t *count) {
    for (;;) {
        enum cps_failure failure = wait_for(connection, POLLIN, deadline);
        if (failure != CPS_FINE) return failure;
        ssize_t received = recv(connection, bytes, room, 0);
        if (received >= 0) {
            *count = (size_t)received;
            return CPS_FINE;
        }
        if (errno != EAGAIN && errno != EINTR) return CPS_UNREACHABLE;
    }
}
