#define _GNU_SOURCE
#include "platform.h"

#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
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
