#include "last_try.h"

#include <string.h>
#include <strings.h>

#include "conversation.h"
#include "writer.h"

bool cps_last_try(struct cps *c, struct cps_json answer, char path[CPS_PATH_ROOM]) {
    struct cps_json offered = cps_json_member(answer, "last_try_consent");
    char consent[CPS_ID_ROOM];
    if (offered.at == NULL) return true;
    if (!cps_json_text(offered, consent, sizeof consent)) return false;
    cps_tell(c, CPS_PROBLEM, "%s", CPS_TEXT(c, "Dernier essai : un code faux bloquera la carte.", "Last try: a wrong PIN will block the card."));
    char *reply = cps_ask(c, true, CPS_TEXT(c, "Taper OUI pour continuer : ", "Type YES to go on: "));
    bool is_agreed = reply != NULL && strcasecmp(reply, CPS_TEXT(c, "OUI", "YES")) == 0;
    cps_reply_drop(reply);
    if (!is_agreed) return false;
    size_t length = strlen(path);
    struct cps_writer writer = cps_writer_on(path + length, CPS_PATH_ROOM - length);
    cps_put(&writer, "?accept_last_try=");
    cps_put_query(&writer, consent);
    return !writer.is_broken;
}
