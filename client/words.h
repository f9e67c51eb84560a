/*
 * words.h - the daemon's codes in words, each error with its remedy.
 *
 * The daemon sends codes and parameters; language is the client's.  Words for
 * people are translated; word_name() gives the fixed English word that
 * scripts read and that --kind and the like take.
 */
#ifndef CLIENT_WORDS_H
#define CLIENT_WORDS_H

#include <stdbool.h>
#include <stdio.h>

#include "mashang.pb-c.h"

/* "What is wrong. What to do about it." without a line end. */
void words_error(FILE *, const Mashang__Error *);
/* The code as scripts read it, "offer_gone"; never NULL. */
const char *words_code(Mashang__Code);
/* The daemon could not now, but may later: the same request may be repeated. */
bool words_is_passing(Mashang__Code);

struct word {
	int value;
	const char *name;  /* for scripts */
	const char *text;  /* for people, to be translated */
	const char *typed; /* what may be typed for it in Chinese, or NULL */
};

/* Tables end with a NULL name. */
extern const struct word words_state[], words_kind[], words_call[],
    words_cause[], words_offer_end[], words_role[], words_status[],
    words_ticket_event[], words_metric[], words_clock[], words_span[],
    words_holder[], words_door[], words_consult[], words_order[],
    words_call_state[];

/* Both never NULL: an unknown value is "unknown". */
const char *word_text(const struct word *, int value);
const char *word_name(const struct word *, int value);
/* The text for a name; one that is not known stays as it is. */
const char *word_of_name(const struct word *, const char *name);
/* By name or by what may be typed for it; NULL: there is none. */
const struct word *word_find(const struct word *, const char *);

/* Why somebody is in a state: in words where the daemon itself gave it, else
 * as it was typed. */
const char *words_reason(const char *reason);

/* How an agent or a door stands ("not_ready lunch", "busy, then ready", "draining"), or a name as
 * it is; `text' is changed. */
void words_standing(FILE *, char *text);

/* A cell of a column whose words are known, else `text' itself. */
const char *words_cell(const char *column, const char *text);

/* A column's heading: the daemon's name for it, translated where known. */
const char *words_column(const char *name);

#endif
