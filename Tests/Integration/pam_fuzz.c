// Feeds the readers of the PAM module with answers that were damaged at random, from a seed: the same ones each time.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"
#include "json.h"
#include "options.h"
#include "utf8.h"
#include "writer.h"

static unsigned long long state;

static unsigned next_random(unsigned below) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)((state >> 33) % below);
}

static const char *const seeds[] = {
    "HTTP/1.1 201 Created\r\nContent-Length: 70\r\nContent-Type: application/json\r\n\r\n"
    "{\"id\":\"l\",\"holder\":{\"family_name\":\"LIBR\\u00c9\"},\"tries_left\":3,\"p\":[]}",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\n{\"a\":\r\n2\r\n1}\r\n0\r\nX: y\r\n\r\n",
    "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
    "HTTP/1.1 403 Forbidden\r\nContent-Length: 83\r\n\r\n"
    "{\"code\":\"pin_wrong\",\"title\":\"\\ud83d\\ude00\",\"tries_left\":2,\"x\":[1,-2.5e3,true,null]}",
};

static const char *const words[] = {"\r\n", "\r\n\r\n", "\"", "\\", "\\u", "\\ud800", "{", "}", "[[[[[[[[", ":", ",", "0", "fffff", "\xff", "\xed\xa0\x80",
                                    "Content-Length: 9\r\n", "Transfer-Encoding: chunked\r\n", "1e999", "-", "\n", "99999", ";", " "};

struct text {
    char bytes[4096];
    size_t count;
    size_t given;
};

static void damage(struct text *text) {
    size_t place = text->count == 0 ? 0 : next_random((unsigned)text->count);
    const char *word = words[next_random(sizeof words / sizeof *words)];
    size_t length = strlen(word);
    switch (next_random(4)) {
    case 0:
        if (text->count > 0) text->bytes[place] = (char)next_random(256);
        break;
    case 1:
        if (text->count + length > sizeof text->bytes) break;
        memmove(text->bytes + place + length, text->bytes + place, text->count - place);
        memcpy(text->bytes + place, word, length);
        text->count += length;
        break;
    case 2: text->count = place; break;
    default: {
        size_t gone = next_random(8);
        if (gone > text->count - place) gone = text->count - place;
        memmove(text->bytes + place, text->bytes + place + gone, text->count - place - gone);
        text->count -= gone;
    }
    }
}

/// Hands out pieces of any size.
static enum cps_failure give(void *from, char *bytes, size_t room, size_t *count) {
    struct text *text = from;
    *count = text->count - text->given;
    if (*count > 0) *count = 1 + next_random((unsigned)*count);
    if (*count > room) *count = room;
    memcpy(bytes, text->bytes + text->given, *count);
    text->given += *count;
    return CPS_FINE;
}

/// Asks a value everything that the module asks.
static void question(struct cps_json value, int depth) {
    char small[8];
    char large[256];
    char shown[64];
    long long number = 0;
    if (cps_json_text(value, large, sizeof large)) {
        struct cps_writer writer = cps_writer_on(shown, sizeof shown);
        cps_put_shown(&writer, large);
        writer = cps_writer_on(shown, sizeof shown);
        cps_put_string(&writer, large);
        writer = cps_writer_on(shown, sizeof shown);
        cps_put_query(&writer, large);
    }
    (void)cps_json_text(value, small, sizeof small);
    (void)cps_json_count(value, &number);
    static const char *const names[] = {"id", "holder", "family_name", "tries_left", "p", "x", "a", "code", "title"};
    for (size_t i = 0; depth > 0 && i < sizeof names / sizeof *names; i++) question(cps_json_member(value, names[i]), depth - 1);
    for (size_t i = 0; depth > 0 && i < 4; i++) question(cps_json_item(value, i), depth - 1);
}

int main(int argc, char **argv) {
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
    state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    long taken = 0;
    for (long round = 0; round < rounds; round++) {
        struct text text = {.count = 0};
        const char *seed = seeds[next_random(sizeof seeds / sizeof *seeds)];
        text.count = strlen(seed);
        memcpy(text.bytes, seed, text.count);
        for (unsigned i = next_random(6); i > 0; i--) damage(&text);
        // Of the exact size, so that a byte too far is seen.
        struct cps_received received = {{give, &text}, malloc(CPS_ANSWER_LIMIT), 0};
        struct cps_head head;
        const char *body = NULL;
        size_t count = 0;
        struct cps_json value;
        if (received.bytes != NULL && cps_head_read(&received, &head) == CPS_FINE && cps_body_read(&received, &head, &body, &count) == CPS_FINE) {
            char *exact = malloc(count + 1);
            if (exact == NULL) return 2;
            memcpy(exact, body, count);
            char *whole = realloc(exact, count == 0 ? 1 : count);
            if (whole == NULL) return 2;
            if (cps_json_read(whole, count, &value)) {
                taken++;
                question(value, 2);
            }
            free(whole);
        }
        free(received.bytes);
    }
    printf("%ld of %ld\n", taken, rounds);
    return taken > 0 && taken < rounds ? 0 : 1;
}
