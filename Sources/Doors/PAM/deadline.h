/// A moment after which nothing is waited for.
#pragma once

struct cps_deadline {
    /// Milliseconds of the monotonic clock.
    long long at;
};

struct cps_deadline cps_deadline_in(int milliseconds);

/// Milliseconds until then; 0 when it is past.
int cps_deadline_left(struct cps_deadline deadline);

/// Lets time pass, but not beyond the deadline.
void cps_pause(int milliseconds, struct cps_deadline deadline);
