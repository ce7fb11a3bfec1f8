#include "holder.h"

#include <stdio.h>

#include "conversation.h"

#define NAME_ROOM 120

void cps_holder(struct cps_json holder, char text[CPS_HOLDER_ROOM]) {
    char given[NAME_ROOM];
    char family[NAME_ROOM];
    bool has_given = cps_json_text(cps_json_member(holder, "given_name"), given, sizeof given);
    if (!cps_json_text(cps_json_member(holder, "family_name"), family, sizeof family)
        && !cps_json_text(cps_json_member(holder, "national_id"), family, sizeof family)) {
        family[0] = '-';
        family[1] = '\0';
    }
    snprintf(text, CPS_HOLDER_ROOM, "%s%s%s", has_given ? given : "", has_given ? " " : "", family);
}

void cps_introduce(struct cps *c, struct cps_json login, struct cps_json tries) {
    char holder[CPS_HOLDER_ROOM];
    char reader[NAME_ROOM];
    char end[NAME_ROOM];
    char left[NAME_ROOM];
    long long count = 0;
    cps_holder(cps_json_member(login, "holder"), holder);
    if (!cps_json_text(cps_json_member(login, "reader"), reader, sizeof reader)) snprintf(reader, sizeof reader, "-");
    if (cps_json_count(tries, &count)) {
        snprintf(left, sizeof left, "%lld", count);
    } else {
        snprintf(left, sizeof left, "%s", CPS_TEXT(c, "inconnu", "unknown"));
    }
    cps_tell(c, CPS_INFORMATION, CPS_TEXT(c, "%s%s, lecteur %s, essais restants : %s", "%s%s, reader %s, tries left: %s"), holder,
             cps_json_is_true(cps_json_member(login, "test")) ? CPS_TEXT(c, " – CARTE DE TEST", " – TEST CARD") : "", reader, left);
    if (cps_json_text(cps_json_member(login, "certificate_ends_soon"), end, sizeof end)) {
        cps_tell(c, CPS_INFORMATION,
                 CPS_TEXT(c, "Le certificat de cette carte se termine le %.10s : demander son renouvellement.",
                          "The certificate of this card ends on %.10s: ask for its renewal."),
                 end);
    }
}
