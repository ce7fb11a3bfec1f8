/// What the person reads and types, by the conversation of the application.
#pragma once

#include "module.h"

/// Longest answer that is taken, in bytes.
#define CPS_REPLY_LIMIT 512

enum cps_tone { CPS_INFORMATION, CPS_PROBLEM };

/// Shows a line; nothing where the application wants silence. What came from elsewhere is made harmless first.
void cps_tell(struct cps *c, enum cps_tone tone, const char *format, ...) __attribute__((format(printf, 3, 4)));

/// Asks, with or without echo. Returns the answer, for `cps_reply_drop`; NULL when there is none or it is too long.
char *cps_ask(struct cps *c, bool has_echo, const char *prompt);

/// Asks for the number of one of `count` things that were listed; up to three times.
/// Returns its index; -1 when nothing, or no such number, was typed.
int cps_ask_number(struct cps *c, const char *prompt, int count);

/// Wipes and frees an answer.
void cps_reply_drop(char *reply);
