/*
 * credit.h - how far ahead of its time a call stands: the head start that its
 * queue's rules give, by terms that can be shown.
 *
 * A call's score is the time of its place less its credit.  The credit does
 * not depend on the present, so ageing is free and order never flips.
 */
#ifndef DESK_CREDIT_H
#define DESK_CREDIT_H

#include <stdint.h>

#include "routing/rules.h"

struct call;
struct desk;

#define CREDIT_NAME_ROOM 96
struct credit_term {
	char name[CREDIT_NAME_ROOM]; /* "priority 2", "grade A", "word gas" */
	int64_t us;
};
#define CREDIT_TERMS_MAX (5 + RULES_WORDS_MAX)
/* Those that are not nothing; returns how many. */
unsigned credit_terms(const struct desk *, const struct call *,
    struct credit_term out[CREDIT_TERMS_MAX]);
int64_t credit_of(const struct desk *, const struct call *);

#endif
