/// What the agent refused: shown to the person, told to the log, and as a result of PAM.
#pragma once

#include "agent.h"

/// Room for the code of an error of the agent.
#define CPS_CODE_ROOM 64

/// A refusal, or an answer that is none.
struct cps_refusal {
    /// Never PAM_SUCCESS.
    int result;
    /// Whether the card or its reader is what fails, so that another way in may be offered.
    bool is_of_card;
    /// Empty when the agent did not answer.
    char code[CPS_CODE_ROOM];
};

/// Shows title, remedy and what else the answer tells, and says what it means for PAM. For any answer that is not what was asked for.
struct cps_refusal cps_refused(struct cps *c, const struct cps_answer *answer);

/// The same without a word to the person.
struct cps_refusal cps_refused_silently(struct cps *c, const struct cps_answer *answer);
