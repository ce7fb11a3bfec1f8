#include "agent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http.h"
#include "writer.h"

#define HEAD_ROOM 2048

struct wire {
    int connection;
    struct cps_deadline deadline;
};

static enum cps_failure read_wire(void *state, char *bytes, size_t room, size_t *count) {
    struct wire *wire = state;
    return cps_receive(wire->connection, bytes, room, wire->deadline, count);
}

static enum cps_failure send_request(struct wire *wire, const char *method, const char *path, struct cps_body body, bool is_french) {
    char head[HEAD_ROOM];
    char length[64];
    struct cps_writer writer = cps_writer_on(head, sizeof head);
    const char *const first[] = {method, " ", path, " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept-Language: ",
                                 is_french ? "fr" : "en", "\r\n"};
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) cps_put(&writer, first[i]);
    if (body.type != NULL) {
        snprintf(length, sizeof length, "\r\nContent-Length: %zu\r\n", body.count);
        cps_put(&writer, "Content-Type: ");
        cps_put(&writer, body.type);
        cps_put(&writer, length);
    }
    cps_put(&writer, "\r\n");
    enum cps_failure failure = writer.is_broken ? CPS_MALFORMED : cps_send(wire->connection, head, writer.count, wire->deadline);
    explicit_bzero(head, sizeof head);
    if (failure == CPS_FINE) failure = cps_send(wire->connection, body.bytes, body.count, wire->deadline);
    return failure;
}

static enum cps_failure read_answer(struct wire *wire, struct cps_answer *answer) {
    struct cps_received received = {{read_wire, wire}, answer->bytes, 0};
    struct cps_head head;
    const char *body = NULL;
    size_t count = 0;
    enum cps_failure failure = cps_head_read(&received, &head);
    if (failure != CPS_FINE) return failure;
    answer->status = head.status;
    failure = cps_body_read(&received, &head, &body, &count);
    if (failure != CPS_FINE || count == 0) return failure;
    return cps_json_read(body, count, &answer->body) && cps_json_is_object(answer->body) ? CPS_FINE : CPS_MALFORMED;
}

struct cps_answer cps_ask_agent(struct cps *c, const char *method, const char *path, struct cps_body body, int patience) {
    struct cps_answer answer = {.bytes = malloc(CPS_ANSWER_LIMIT)};
    if (answer.bytes == NULL) {
        answer.failure = CPS_NO_MEMORY;
        return answer;
    }
    struct wire wire = {-1, cps_deadline_in(patience > 0 ? patience : c->budget)};
    answer.failure = cps_connect(CPS_SOCKET, wire.deadline, &wire.connection);
    if (answer.failure == CPS_FINE) {
        answer.failure = send_request(&wire, method, path, body, c->is_french);
        if (answer.failure == CPS_FINE) answer.failure = read_answer(&wire, &answer);
        close(wire.connection);
    }
    if (patience == 0) c->budget = cps_deadline_left(wire.deadline);
    return answer;
}

struct cps_answer cps_ask_plainly(struct cps *c, const char *method, const char *path) {
    return cps_ask_agent(c, method, path, (struct cps_body){0}, 0);
}

struct cps_answer cps_ask_json(struct cps *c, const char *method, const char *path, const char *json) {
    return cps_ask_agent(c, method, path, (struct cps_body){"application/json", json, strlen(json)}, 0);
}

void cps_cancel(struct cps *c, const char *kind, const char *id) {
    char path[CPS_PATH_ROOM];
    cps_path(path, kind, id, "");
    struct cps_answer answer = cps_ask_agent(c, "DELETE", path, (struct cps_body){0}, CPS_SECOND);
    cps_answer_drop(&answer);
}

void cps_answer_drop(struct cps_answer *answer) {
    if (answer->bytes != NULL) explicit_bzero(answer->bytes, CPS_ANSWER_LIMIT);
    free(answer->bytes);
    answer->bytes = NULL;
    answer->body = (struct cps_json){NULL, 0};
}

bool cps_id_read(struct cps_json value, char id[CPS_ID_ROOM]) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return cps_json_text(value, id, CPS_ID_ROOM) && id[0] != '\0' && strspn(id, plain) == strlen(id);
}

void cps_path(char path[CPS_PATH_ROOM], const char *kind, const char *id, const char *rest) {
    snprintf(path, CPS_PATH_ROOM, "/v1/%s/%s%s", kind, id, rest);
}
