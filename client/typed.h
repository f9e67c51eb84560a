/*
 * typed.h - a line that an agent typed, taken apart.
 *
 * Verbs in English and Chinese, options in any place, the rest is text.  Full
 * width blanks and digits, as input methods give them, count as plain ones.
 * Texts of a struct typed point into the line, which is changed.
 */
#ifndef CLIENT_TYPED_H
#define CLIENT_TYPED_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "mashang.pb-c.h"

#define TYPED_TEXT_MAX 16384 /* bytes of a note */

enum typed_verb {
	TYPED_NOTHING, /* an empty line */
	TYPED_READY,
	TYPED_NOT_READY,
	TYPED_ACCEPT,
	TYPED_REFUSE,
	TYPED_HOLD,
	TYPED_RETRIEVE,
	TYPED_TRANSFER,
	TYPED_CONSULT,
	TYPED_CONFERENCE,
	TYPED_HANG_UP,
	TYPED_REQUEUE,
	TYPED_NOTE,
	TYPED_PROMISE,
	TYPED_PEND,
	TYPED_PEND_OTHERS,
	TYPED_WRAP_UP,
	TYPED_MORE,
	TYPED_DIAL,
	TYPED_DONE,
	TYPED_TICKET,
	TYPED_HISTORY,
	TYPED_STATE,
	TYPED_HELP,
	TYPED_QUIT,
	TYPED_NVERBS
};

enum typed_fault {
	TYPED_OK,
	TYPED_NO_VERB,    /* `word' is not one; `near' may be */
	TYPED_NO_OPTION,  /* likewise an option */
	TYPED_NO_VALUE,   /* option `word' needs one */
	TYPED_BAD_VALUE,  /* `word' is not a kind of ticket */
	TYPED_BAD_NUMBER, /* `word' is not a ticket's number */
	TYPED_NO_TEXT,    /* `word' needs a text behind it */
	TYPED_TOO_MUCH,   /* `word' takes nothing behind it */
	TYPED_TOO_LONG,
	TYPED_BAD_TEXT /* not UTF-8 */
};

struct typed {
	enum typed_verb verb;
	char *text; /* reason, note; never NULL */
	uint64_t number;
	/* A wrap-up's. */
	bool solved, dissatisfied, not_ready;
	Mashang__TicketKind kind;
	char *category;
	/* A dial's: `number' 0: the ticket in hand. */
	bool follow_up;
	char *to; /* NULL: who called about it */
	/* When it is wrong. */
	char word[64];
	const char *near;
};

enum typed_fault typed_parse(char *line, struct typed *);

/* "There is no `acept'. Did you mean `accept'?" with a line end. */
void typed_complain(FILE *, enum typed_fault, const struct typed *);

/* The list of verbs for people. */
void typed_help(FILE *);

/* The verb as it is typed, for people; NULL: none. */
const char *typed_name(enum typed_verb);

/* A ticket's number as it is told: digits, in groups or not. */
bool typed_number(const char *, uint64_t *);

#endif
