/* Preloaded into the agent: clocks of the machine, moved by what stands in the file that CLOCK_SHIFT names. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Seconds that the wall clock and the clock since boot are ahead. */
static volatile const int64_t *shifts;

__attribute__((constructor)) static void open_shifts(void) {
    const char *path = getenv("CLOCK_SHIFT");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *map = mmap(NULL, 16, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (map != MAP_FAILED) shifts = map;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int outcome = (int)syscall(SYS_clock_gettime, clock, time);
    if (outcome == 0 && shifts) {
        if (clock == CLOCK_REALTIME) time->tv_sec += shifts[0];
        if (clock == CLOCK_BOOTTIME) time->tv_sec += shifts[1];
    }
    return outcome;
}
