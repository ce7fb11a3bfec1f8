/// One request to the agent and its answer, on a connection of its own.
#pragma once

#include "connection.h"
#include "json.h"
#include "module.h"

/// Room for an id of the agent, and for a path with one.
#define CPS_ID_ROOM 129
#define CPS_PATH_ROOM 512

/// What is sent along. A secret lies where its owner has it; it is not copied.
struct cps_body {
    /// NULL for none.
    const char *type;
    const char *bytes;
    size_t count;
};

struct cps_answer {
    enum cps_failure failure;
    int status;
    /// An object, or none.
    struct cps_json body;
    char *bytes;
};

/// Asks the agent, within what is left of the call's budget, or within `patience` milliseconds where that is not 0 and a person is waited for.
/// Whatever came is wiped and freed by `cps_answer_drop`, after a failure too.
struct cps_answer cps_ask_agent(struct cps *c, const char *method, const char *path, struct cps_body body, int patience);

/// A request that needs nothing to be sent.
struct cps_answer cps_ask_plainly(struct cps *c, const char *method, const char *path);

/// A request with a JSON object.
struct cps_answer cps_ask_json(struct cps *c, const char *method, const char *path, const char *json);

/// Cancels what was begun under `/v1/KIND/ID` and led to nothing. What cannot be cancelled is over already, or ends by itself.
void cps_cancel(struct cps *c, const char *kind, const char *id);

/// Wipes and frees what came.
void cps_answer_drop(struct cps_answer *answer);

/// An id as the agent makes them, fit to stand in a path; false for everything else.
bool cps_id_read(struct cps_json value, char id[CPS_ID_ROOM]);

/// `/v1/KIND/ID` and what follows.
void cps_path(char path[CPS_PATH_ROOM], const char *kind, const char *id, const char *rest);
