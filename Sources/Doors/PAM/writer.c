#include "writer.h"

#include <stdio.h>
#include <string.h>

#include "utf8.h"

struct cps_writer cps_writer_on(char *bytes, size_t room) {
    struct cps_writer writer = {bytes, room, 0, room == 0};
    if (room > 0) bytes[0] = '\0';
    return writer;
}

static bool put_bytes(struct cps_writer *writer, const char *bytes, size_t count) {
    if (writer->is_broken || count >= writer->room - writer->count) return false;
    memcpy(writer->bytes + writer->count, bytes, count);
    writer->count += count;
    writer->bytes[writer->count] = '\0';
    return true;
}

void cps_put(struct cps_writer *writer, const char *text) {
    if (!put_bytes(writer, text, strlen(text))) writer->is_broken = true;
}

void cps_put_string(struct cps_writer *writer, const char *text) {
    cps_put(writer, "\"");
    for (size_t left = strlen(text); left > 0 && !writer->is_broken;) {
        unsigned scalar = 0;
        size_t length = cps_utf8_next(text, left, &scalar);
        char escaped[8];
        if (length == 0) {
            writer->is_broken = true;
        } else if (scalar < 0x20 || scalar == '"' || scalar == '\\') {
            snprintf(escaped, sizeof escaped, "\\u%04x", scalar);
            cps_put(writer, escaped);
        } else if (!put_bytes(writer, text, length)) {
            writer->is_broken = true;
        }
        text += length;
        left -= length;
    }
    cps_put(writer, "\"");
}

void cps_put_query(struct cps_writer *writer, const char *text) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (; *text != '\0'; text++) {
        char encoded[4] = {*text, '\0'};
        if (strchr(plain, *text) == NULL) snprintf(encoded, sizeof encoded, "%%%02X", (unsigned char)*text);
        cps_put(writer, encoded);
    }
}

/// Controls, invisible formatting, and what changes the direction of text (Unicode, category Cc and the bidirectional marks of Cf).
static bool is_dangerous(unsigned scalar) {
    return scalar < 0x20 || (scalar >= 0x7F && scalar < 0xA0) || scalar == 0x61C || (scalar >= 0x200B && scalar <= 0x200F)
        || (scalar >= 0x2028 && scalar <= 0x202E) || (scalar >= 0x2060 && scalar <= 0x206F) || scalar == 0xFEFF;
}

void cps_put_shown(struct cps_writer *writer, const char *text) {
    for (size_t left = strlen(text); left > 0;) {
        unsigned scalar = 0;
        size_t length = cps_utf8_next(text, left, &scalar);
        bool is_shown = length > 0 && !is_dangerous(scalar);
        if (length == 0) length = 1;
        if (!put_bytes(writer, is_shown ? text : "?", is_shown ? length : 1)) return;
        text += length;
        left -= length;
    }
}
