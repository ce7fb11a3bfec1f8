// One program in the place of several: which one runs is the last part of the name it was called by. Each of them brings its own copy of
// the Swift runtime otherwise.
#include <stdio.h>
#include <string.h>

int cps_agentd_main(int argc, char **argv);
int cpsctl_main(int argc, char **argv);

int main(int argc, char **argv) {
    const char *called = argc > 0 ? argv[0] : "";
    const char *slash = strrchr(called, '/');
    const char *name = slash ? slash + 1 : called;
    if (strcmp(name, "cps-agentd") == 0) return cps_agentd_main(argc, argv);
    // `cps-session-lock` is a verb of cpsctl, which looks at the name too.
    if (strcmp(name, "cpsctl") == 0 || strcmp(name, "cps-session-lock") == 0) return cpsctl_main(argc, argv);
    fprintf(stderr, "cps-agent: call me cps-agentd, cpsctl or cps-session-lock\n");
    return 2;
}
