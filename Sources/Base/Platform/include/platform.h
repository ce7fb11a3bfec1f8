#ifndef CPS_PLATFORM_H
#define CPS_PLATFORM_H

#include <stddef.h>
#include <stdint.h>

/// What the kernel attests of the other end of a Unix socket (SO_PEERCRED); pid 0 when it could not say.
struct platform_peer {
    int32_t pid;
    uint32_t uid;
    uint32_t gid;
};

/// The number of SO_PEERCRED, whose value has the layout of `struct platform_peer`.
int platform_peer_option(void);

/// The number of SO_PEERPIDFD (Linux 6.5), whose value is a descriptor of the peer's process, for the caller to close.
int platform_peer_process_option(void);

/// A descriptor of the process that has this number now (pidfd_open(2)); negative when there is none.
int platform_open_process(int32_t pid);

/// Reads the peer's credentials; returns 0, or an errno value.
int platform_peer_credentials(int descriptor, struct platform_peer *peer);

/// No core dump, no ptrace by programs of the same uid, whatever the limits say; returns 0, or an errno value.
int platform_forbid_dumps(void);

/// No backtrace of a crash: it would print what lay on the stack. The Swift runtime reads SWIFT_BACKTRACE before the program begins, so the
/// program is begun again with it set. Returns 0 when it is, or an errno value.
///
/// `arguments`: those of the program, ended by NULL.
int platform_forbid_backtraces(char **arguments);

/// Gives the calling thread a name that debuggers and `top -H` show (at most 15 bytes).
void platform_name_thread(const char *name);

/// Memory whose bytes are overwritten before it is given back: for buffers that secrets pass through.
void *platform_wiping_allocate(size_t size);
void *platform_wiping_reallocate(void *memory, size_t old_size, size_t new_size);
void platform_wiping_free(void *memory);

/// Lets go of what the start needed and nobody needs now: pages of code and constants, which are mapped again when they are used, and free
/// heap. It costs whoever comes next a few hundred microseconds.
void platform_release_memory(void);

/// Makes a pipe whose ends programs that are started do not get (pipe2(2), O_CLOEXEC); returns 0, or -1 with errno.
int platform_pipe(int ends[2]);

/// Whether some program keeps the clock to the time of others (adjtimex(2)): 1 or 0; -1 when the kernel does not say.
int platform_clock_is_synchronized(void);

/// Runs a program to its end, without a shell, in a process group and a session of its own, with none of this process's descriptors and
/// environment but PATH.
///
/// `arguments`: the program's path and its arguments, ended by NULL. `input`: what it reads on its standard input; it need not read it.
/// `output`: room for `*length` bytes of what it prints, set to how many came; what is more is thrown away. NULL: all is.
/// `milliseconds`: how long it may take; then its process group is killed.
/// `status`: what it exited with, or 128 and the number of the signal that ended it.
///
/// Returns 0 when it ended by itself, ETIMEDOUT when it was killed, or why it could not be run.
int platform_run(
    char *const arguments[], const void *input, size_t size, void *output, size_t *length, int milliseconds, int *status);

#endif
