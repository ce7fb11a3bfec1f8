#include "waiting.h"

#include <string.h>

#include "agent.h"
#include "conversation.h"
#include "deadline.h"

#define WORD_ROOM 32

/// Milliseconds between two looks at the readers.
static const int interval = CPS_SECOND / 4;

enum look { LOOK_CARD, LOOK_NONE, LOOK_FAILED };

/// Whether a reader that counts has a card that was read, whatever came of it.
static enum look look(struct cps *c) {
    struct cps_answer answer = cps_ask_plainly(c, "GET", "/v1/readers");
    enum look seen = answer.failure == CPS_FINE && answer.status == 200 ? LOOK_NONE : LOOK_FAILED;
    struct cps_json readers = cps_json_member(answer.body, "readers");
    for (size_t i = 0; seen == LOOK_NONE; i++) {
        struct cps_json reader = cps_json_item(readers, i);
        char state[WORD_ROOM];
        if (reader.at == NULL) break;
        if (!cps_json_is_true(cps_json_member(reader, "allowed"))) continue;
        if (!cps_json_text(cps_json_member(reader, "card"), state, sizeof state)) continue;
        if (strcmp(state, "absent") != 0 && strcmp(state, "reading") != 0) seen = LOOK_CARD;
    }
    cps_answer_drop(&answer);
    return seen;
}

void cps_wait_for_card(struct cps *c) {
    if (c->options.wait_for_card == 0 || look(c) != LOOK_NONE) return;
    cps_tell(c, CPS_INFORMATION, CPS_TEXT(c, "Insérer la carte CPS (attente : %d s)", "Insert the CPS card (waiting: %d s)"),
             c->options.wait_for_card);
    struct cps_deadline end = cps_deadline_in(c->options.wait_for_card * CPS_SECOND);
    while (cps_deadline_left(end) > 0 && c->budget > 0) {
        cps_pause(interval, end);
        if (look(c) != LOOK_NONE) return;
    }
}
