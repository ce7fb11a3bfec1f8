#define _GNU_SOURCE
#include "platform.h"

#include <errno.h>
#include <link.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int platform_peer_credentials(int descriptor, struct platform_peer *peer) {
    struct ucred credentials = {0};
    socklen_t length = sizeof credentials;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return errno;
    peer->pid = credentials.pid;
    peer->uid = credentials.uid;
    peer->gid = credentials.gid;
    return 0;
}

int platform_peer_option(void) { return SO_PEERCRED; }

int platform_peer_process_option(void) {
#ifdef SO_PEERPIDFD
    return SO_PEERPIDFD;
#else
    return 77;  // asm-generic; the headers of Debian 12 are older than the option
#endif
}

int platform_open_process(int32_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

_Static_assert(sizeof(struct platform_peer) == sizeof(struct ucred), "read as struct ucred");

int platform_forbid_dumps(void) {
    const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0) return errno;
    if (prctl(PR_SET_DUMPABLE, 0) != 0) return errno;
    return 0;
}

int platform_forbid_backtraces(char **arguments) {
    static const char name[] = "SWIFT_BACKTRACE", none[] = "enable=no";
    const char *present = getenv(name);
    if (present != NULL && strcmp(present, none) == 0) return 0;
    if (setenv(name, none, 1) != 0) return errno;
    execv("/proc/self/exe", arguments);
    return errno;
}

void platform_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

void *platform_wiping_allocate(size_t size) { return malloc(size); }

void *platform_wiping_reallocate(void *memory, size_t old_size, size_t new_size) {
    // realloc may move the bytes and leave the old ones behind.
    void *moved = malloc(new_size);
    if (moved == NULL) return NULL;
    if (memory != NULL) {
        memcpy(moved, memory, old_size < new_size ? old_size : new_size);
        platform_wiping_free(memory);
    }
    return moved;
}

void platform_wiping_free(void *memory) {
    explicit_bzero(memory, malloc_usable_size(memory));
    free(memory);
}

/// Segments that nobody can have written to lie in their files as they are here.
static int release_segments(struct dl_phdr_info *object, size_t size, void *page) {
    (void)size;
    for (ElfW(Half) i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W) != 0) continue;
        uintptr_t mask = *(const uintptr_t *)page - 1;
        uintptr_t start = (object->dlpi_addr + segment->p_vaddr) & ~mask;
        uintptr_t end = object->dlpi_addr + segment->p_vaddr + segment->p_memsz;
        // The vDSO has no file: its pages cannot be dropped, and are not.
        (void)madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

void platform_release_memory(void) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    malloc_trim(0);
    dl_iterate_phdr(release_segments, &page);
}

static int64_t milliseconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int spawn(char *const arguments[], int end, int prints, pid_t *child) {
    static char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int failure = posix_spawn_file_actions_init(&actions);
    if (failure != 0) return failure;
    failure = posix_spawnattr_init(&attributes);
    if (failure == 0) {
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
        failure = posix_spawn_file_actions_adddup2(&actions, end, 0);
        if (failure == 0) failure = posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
        if (failure == 0) failure = posix_spawn_file_actions_adddup2(&actions, prints ? end : 2, 1);
        if (failure == 0) failure = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
        if (failure == 0) failure = posix_spawn(child, arguments[0], &actions, &attributes, arguments, environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return failure;
}

/// Takes what a program has printed as far as there is room; returns whether more may come.
static int take(int end, char *output, size_t room, size_t *taken) {
    char rest[4096];
    const int fits = *taken < room;
    const ssize_t count = recv(end, fits ? output + *taken : rest, fits ? room - *taken : sizeof rest, MSG_DONTWAIT);
    if (count > 0 && fits) *taken += (size_t)count;
    return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
}

int platform_run(
    char *const arguments[], const void *input, size_t size, void *output, size_t *length, int milliseconds, int *status) {
    const int64_t deadline = milliseconds_now() + milliseconds;
    const size_t room = output != NULL ? *length : 0;
    int ends[2];
    // A socket, not a pipe: writing to one that nobody reads any more raises no signal.
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return errno;
    pid_t child = 0;
    const int failure = spawn(arguments, ends[1], output != NULL, &child);
    close(ends[1]);
    if (failure != 0) {
        close(ends[0]);
        return failure;
    }
    const int process = platform_open_process(child);
    size_t sent = 0, taken = 0;
    int is_over = 0, is_sending = 1, is_printing = output != NULL;
    while (process >= 0 && !is_over) {
        const int64_t left = deadline - milliseconds_now();
        if (left <= 0) break;
        if (is_sending && sent == size) {
            shutdown(ends[0], SHUT_WR);
            is_sending = 0;
        }
        const short events = (short)((is_sending ? POLLOUT : 0) | (is_printing ? POLLIN : 0));
        struct pollfd waits[2] = {{process, POLLIN, 0}, {events != 0 ? ends[0] : -1, events, 0}};
        if (poll(waits, 2, (int)left) < 0 && errno != EINTR) break;
        if (waits[0].revents != 0) is_over = 1;
        if (!is_over && is_sending && waits[1].revents != 0) {
            const ssize_t count = send(ends[0], (const char *)input + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (count > 0) sent += (size_t)count;
            else if (count < 0 && errno != EAGAIN && errno != EINTR) sent = size;  // it does not read on
        }
        if (is_printing && (waits[1].revents & ~POLLOUT) != 0) is_printing = take(ends[0], output, room, &taken);
    }
    // What it printed last has come by the time it is over.
    while (is_over && is_printing && taken < room) {
        const size_t before = taken;
        is_printing = take(ends[0], output, room, &taken) && taken > before;
    }
    if (output != NULL) *length = taken;
    close(ends[0]);
    if (process >= 0) close(process);
    // Also what it has left behind in its group.
    kill(-child, SIGKILL);
    int ended = 0;
    while (waitpid(child, &ended, 0) < 0 && errno == EINTR) {}
    *status = WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
    return is_over ? 0 : ETIMEDOUT;
}

int platform_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int platform_clock_is_synchronized(void) {
    struct timex question = {0};
    int state = adjtimex(&question);
    if (state < 0) return -1;
    return state != TIME_ERROR;
}
