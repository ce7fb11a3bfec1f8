#include "deadline.h"

#include <limits.h>
#include <poll.h>
#include <stddef.h>
#include <time.h>

static long long now(void) {
    struct timespec time = {0};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long long)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

struct cps_deadline cps_deadline_in(int milliseconds) {
    return (struct cps_deadline){now() + (milliseconds > 0 ? milliseconds : 0)};
}

int cps_deadline_left(struct cps_deadline deadline) {
    long long left = deadline.at - now();
    if (left <= 0) return 0;
    return left > INT_MAX ? INT_MAX : (int)left;
}

void cps_pause(int milliseconds, struct cps_deadline deadline) {
    int left = cps_deadline_left(deadline);
    (void)poll(NULL, 0, milliseconds < left ? milliseconds : left);
}
