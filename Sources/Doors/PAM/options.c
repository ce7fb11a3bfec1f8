#include "options.h"

#include <stddef.h>
#include <string.h>

static const int usual_timeout = 30;
static const int longest_wait = 300;

/// Seconds, as `30`, `30s` or `2m`; from `least` to `longest_wait`.
static bool read_seconds(const char *text, int least, int *seconds) {
    int value = 0;
    int digits = 0;
    for (; *text >= '0' && *text <= '9'; text++, digits++) {
        if (digits == 4) return false;
        value = value * 10 + (*text - '0');
    }
    if (digits == 0) return false;
    if (strcmp(text, "m") == 0) {
        value *= 60;
    } else if (*text != '\0' && strcmp(text, "s") != 0) {
        return false;
    }
    *seconds = value;
    return value >= least && value <= longest_wait;
}

static bool read_choice(const char *text, bool *choice) {
    *choice = strcmp(text, "yes") == 0;
    return *choice || strcmp(text, "no") == 0;
}

/// What stands behind `name=`; NULL when it is another option.
static const char *value_of(const char *option, const char *name) {
    size_t length = strlen(name);
    return strncmp(option, name, length) == 0 && option[length] == '=' ? option + length + 1 : NULL;
}

static bool take(struct cps_options *options, const char *option) {
    const char *value;
    if (strcmp(option, "debug") == 0) return options->is_debugging = true;
    if ((value = value_of(option, "timeout")) != NULL) return read_seconds(value, 1, &options->timeout);
    if ((value = value_of(option, "wait_for_card")) != NULL) return read_seconds(value, 0, &options->wait_for_card);
    if ((value = value_of(option, "fallback")) != NULL) return read_choice(value, &options->has_fallback);
    if ((value = value_of(option, "audience")) != NULL) {
        options->audience = value;
        size_t length = strlen(value);
        return length > 0 && length <= CPS_AUDIENCE_LIMIT;
    }
    return false;
}

const char *cps_options_read(struct cps_options *options, int argc, const char **argv) {
    *options = (struct cps_options){.timeout = usual_timeout};
    for (int i = 0; i < argc; i++) {
        if (!take(options, argv[i])) return argv[i];
    }
    return NULL;
}
