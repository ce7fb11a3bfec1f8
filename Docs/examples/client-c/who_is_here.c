/* Who is here, a login, a token, a call with it, and the card that leaves: libcurl for HTTP over the agent's Unix socket, Jansson for JSON.

       cc -Wall -o who_is_here who_is_here.c $(pkg-config --cflags --libs libcurl jansson)
       ./who_is_here AUDIENCE [URL]      with a URL, it is called with the token */

#define _GNU_SOURCE
#include <curl/curl.h>
#include <fcntl.h>
#include <jansson.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

/* The largest answer that is taken: what the agent sends about one card is a thousandth of it. */
enum { ANSWER_LIMIT = 1 << 20, PIN_LIMIT = 64 };

static const char *socket_path;

static _Noreturn void give_up(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

/* Bytes of an answer, ended by a zero. */
struct answer {
    long status;
    char *bytes;
    size_t count;
};

static size_t keep(char *bytes, size_t one, size_t count, void *context) {
    struct answer *answer = context;
    (void)one;
    if (count > ANSWER_LIMIT - answer->count) return 0;
    char *more = realloc(answer->bytes, answer->count + count + 1);
    if (!more) return 0;
    memcpy(more + answer->count, bytes, count);
    answer->bytes = more;
    answer->count += count;
    more[answer->count] = 0;
    return count;
}

/* The socket of the connection, for the check below. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
    (void)purpose;
    return *(int *)context = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* Whoever was first could have made the socket: root, one's own user and the agent's get requests, nobody else. */
static int check_server(void *context, char *a, char *b, int c, int d) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    (void)a, (void)b, (void)c, (void)d;
    if (getsockopt(*(int *)context, SOL_SOCKET, SO_PEERCRED, &peer, &size)) return CURL_PREREQFUNC_ABORT;
    struct passwd *agent = getpwnam("cps-agent");
    bool trusted = peer.uid == 0 || peer.uid == geteuid() || (agent && peer.uid == agent->pw_uid);
    return trusted ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

/* A handle that speaks to the agent. `connection` lives as long as it. */
static CURL *handle(const char *route, int *connection) {
    char url[1024];
    CURL *curl = curl_easy_init();
    if (!curl || snprintf(url, sizeof url, "http://localhost/v1%s", route) >= (int)sizeof url) give_up("no memory");
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket_path);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, connection);
    curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, check_server);
    curl_easy_setopt(curl, CURLOPT_PREREQDATA, connection);
    return curl;
}

/* One request. A body of a PIN is read where it lies, and is the caller's to wipe. */
static struct answer ask(const char *method, const char *route, const char *type, const char *body, size_t count) {
    int connection = -1;
    struct answer answer = {0};
    char field[128];
    CURL *curl = handle(route, &connection);
    struct curl_slist *fields = curl_slist_append(NULL, "Accept-Language: en");
    snprintf(field, sizeof field, "Content-Type: %s", type ? type : "");
    if (type) fields = curl_slist_append(fields, field);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
    if (body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)count);
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    CURLcode code = curl_easy_perform(curl);
    if (code == CURLE_ABORTED_BY_CALLBACK) give_up("the program on the socket is not the agent");
    if (code != CURLE_OK) give_up(curl_easy_strerror(code));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
    curl_slist_free_all(fields);
    curl_easy_cleanup(curl);
    return answer;
}

/* The answer as JSON, its bytes given back. */
static json_t *parsed(struct answer *answer) {
    json_t *document = json_loadb(answer->bytes ? answer->bytes : "", answer->count, 0, NULL);
    if (!document) give_up("the answer is no JSON");
    free(answer->bytes);
    *answer = (struct answer){.status = answer->status};
    return document;
}

static const char *text(const json_t *object, const char *name) {
    const char *value = json_string_value(json_object_get(object, name));
    return value ? value : "";
}

/* The same, but a refusal (RFC 9457) is shown and ends the program. */
static json_t *asked(const char *method, const char *route, const char *type, const char *body) {
    struct answer answer = ask(method, route, type, body, body ? strlen(body) : 0);
    json_t *document = parsed(&answer);
    if (answer.status < 400) return document;
    fprintf(stderr, "%s\n%s (%s)\n", text(document, "title"), text(document, "remedy"), text(document, "code"));
    exit(1);
}

static json_t *asked_with_audience(const char *route, const char *audience) {
    json_t *members = json_pack("{s:s}", "audience", audience);
    char *body = members ? json_dumps(members, JSON_COMPACT) : NULL;
    if (!body) give_up("the audience is not UTF-8");
    json_t *document = asked("POST", route, "application/json", body);
    free(body);
    json_decref(members);
    return document;
}

/* A line from the terminal, without its end; without echo for a PIN. */
static size_t read_line(const char *question, bool echo, char *line, size_t room) {
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
    struct termios before, quiet;
    if (terminal < 0 || tcgetattr(terminal, &before)) give_up("there is no terminal");
    quiet = before;
    if (!echo) quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    tcsetattr(terminal, TCSAFLUSH, &quiet);
    dprintf(terminal, "%s", question);
    ssize_t count = read(terminal, line, room);
    tcsetattr(terminal, TCSAFLUSH, &before);
    if (!echo) dprintf(terminal, "\n");
    close(terminal);
    if (count <= 0) give_up("nothing was entered");
    return line[count - 1] == '\n' ? (size_t)count - 1 : (size_t)count;
}

/* Whether the person may go on with that answer: each try is theirs to decide, having read how many are left. */
static bool may_try_again(const char *code) {
    static const char *const codes[] = {"pin_wrong", "pin_format", "pin_tries_changed", "last_try_consent_required"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (!strcmp(code, codes[i])) return true;
    return false;
}

static void show_tries(FILE *out, const json_t *answer) {
    json_t *tries = json_object_get(answer, "tries_left");
    if (json_is_integer(tries)) fprintf(out, "PIN tries left: %d\n", (int)json_integer_value(tries));
    else fprintf(out, "PIN tries left: %s\n", text(answer, "tries_left"));
    fflush(out);
}

static json_t *log_in(const char *audience) {
    json_t *login = asked_with_audience("/logins", audience);
    json_t *holder = json_object_get(login, "holder");
    printf("%s %s, ", text(holder, "given_name"), text(holder, "family_name"));
    show_tries(stdout, login);
    char consent[256], route[512], pin[PIN_LIMIT], yes[8];
    snprintf(consent, sizeof consent, "%s", text(login, "last_try_consent"));
    for (;;) {
        if (*consent) {
            size_t count = read_line("This is the last try, a wrong PIN blocks the card. Go on? [y/N] ", true, yes, sizeof yes);
            if (count != 1 || yes[0] != 'y') give_up("given up");
        }
        snprintf(route, sizeof route, "/logins/%s/pin%s%s", text(login, "id"), *consent ? "?accept_last_try=" : "", consent);
        size_t count = read_line("PIN: ", false, pin, sizeof pin);
        struct answer answer = ask("PUT", route, "application/octet-stream", pin, count);
        explicit_bzero(pin, sizeof pin);
        json_t *document = parsed(&answer);
        if (answer.status < 400) {
            json_decref(login);
            return document;
        }
        fprintf(stderr, "%s\n%s (%s)\n", text(document, "title"), text(document, "remedy"), text(document, "code"));
        if (!may_try_again(text(document, "code"))) exit(1);
        show_tries(stderr, document);
        snprintf(consent, sizeof consent, "%s", text(document, "last_try_consent"));
        json_decref(document);
    }
}

/* What a server says to the token. */
static void call(const char *url, const char *token) {
    struct answer answer = {0};
    CURL *curl = curl_easy_init();
    if (!curl) give_up("no memory");
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
    curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, token);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK) give_up(curl_easy_strerror(code));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
    printf("%s: %ld\n", url, answer.status);
    free(answer.bytes);
    curl_easy_cleanup(curl);
}

/* The line of the event stream that is being put together, and what it is read for. */
struct listener {
    struct answer line;
    const char *session;
    char reason[64];
};

static bool is_over(struct listener *listener, const json_t *data) {
    const json_t *sessions = json_object_get(data, "sessions"), *each;
    size_t index;
    if (sessions) {
        /* `state` lists the sessions that there are; what is not in it is gone. */
        json_array_foreach((json_t *)sessions, index, each) if (!strcmp(text(each, "id"), listener->session)) return false;
        snprintf(listener->reason, sizeof listener->reason, "before");
        return true;
    }
    if (strcmp(text(data, "id"), listener->session) || strcmp(text(data, "state"), "ended")) return false;
    snprintf(listener->reason, sizeof listener->reason, "%s", text(data, "end_reason"));
    return true;
}

/* Takes the stream as it comes; less than it was given ends the transfer. */
static size_t listen_on(char *bytes, size_t one, size_t count, void *context) {
    struct listener *listener = context;
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != '\n') {
            if (keep(bytes + i, one, 1, &listener->line) != 1) return 0;
            continue;
        }
        json_t *data = NULL;
        if (listener->line.count > 6 && !strncmp(listener->line.bytes, "data: ", 6))
            data = json_loadb(listener->line.bytes + 6, listener->line.count - 6, 0, NULL);
        listener->line.count = 0;
        bool over = data && is_over(listener, data);
        json_decref(data);
        if (over) return 0;
    }
    return count;
}

static void wait_ended(const char *session) {
    struct listener listener = {.session = session};
    int connection = -1;
    CURL *curl = handle("/events", &connection);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, listen_on);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &listener);
    CURLcode code = curl_easy_perform(curl);
    if (!*listener.reason) give_up(code == CURLE_OK ? "the agent stopped" : curl_easy_strerror(code));
    printf("over: %s\n", listener.reason);
    free(listener.line.bytes);
    curl_easy_cleanup(curl);
}

static bool is_active(const char *token) {
    char body[8192];
    if (snprintf(body, sizeof body, "token=%s", token) >= (int)sizeof body) give_up("the token is too long");
    json_t *answer = asked("POST", "/introspect", "application/x-www-form-urlencoded", body);
    bool active = json_is_true(json_object_get(answer, "active"));
    json_decref(answer);
    return active;
}

int main(int count, char **arguments) {
    if (count < 2 || count > 3) give_up("usage: who_is_here AUDIENCE [URL]");
    socket_path = getenv("CPS_AGENT_SOCKET") ? getenv("CPS_AGENT_SOCKET") : "/run/cps-agent/agent.sock";
    curl_global_init(CURL_GLOBAL_DEFAULT);

    json_t *status = asked("GET", "/status", NULL, NULL), *reader;
    size_t index;
    printf("CPS Agent %s on %s\n", text(status, "version"), text(status, "workstation"));
    json_array_foreach(json_object_get(status, "readers"), index, reader) printf("%s: %s\n", text(reader, "name"), text(reader, "card"));

    json_t *opened = log_in(arguments[1]);
    json_t *session = json_object_get(opened, "session"), *holder = json_object_get(session, "holder"), *scope;
    if (!strcmp(text(session, "state"), "profile_required")) give_up("choose a situation first: PUT /v1/sessions/{id}/profile");
    printf("session of %s %s:", text(holder, "given_name"), text(holder, "family_name"));
    json_array_foreach(json_object_get(session, "scopes"), index, scope) printf(" %s", json_string_value(scope));
    printf("\n");

    if (count == 3) {
        char route[512];
        snprintf(route, sizeof route, "/sessions/%s/tokens", text(session, "id"));
        json_t *token = asked_with_audience(route, arguments[1]);
        call(arguments[2], text(token, "access_token"));
        json_decref(token);
    }

    printf("waiting for the card to leave\n");
    fflush(stdout);
    wait_ended(text(session, "id"));
    printf("token still good: %s\n", is_active(text(opened, "access_token")) ? "true" : "false");
    json_decref(opened);
    json_decref(status);
    curl_global_cleanup();
}
