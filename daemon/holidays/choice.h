/*
 * choice.h - which of the days in the files are wanted, and as what.
 *
 * A public feed has more than the days on which a centre is closed: feasts of
 * one region, days that are only observed.  What is counted as a holiday is
 * therefore chosen by words, found in a day's name or categories whatever the
 * case of ASCII letters.
 */
#ifndef HOLIDAYS_CHOICE_H
#define HOLIDAYS_CHOICE_H

#include <stdbool.h>

#include "base/str.h"
#include "sla/calendar.h"
#include "sla/zone.h"

#define CHOICE_WORDS_MAX 64
#define CHOICE_YEARS_MAX 10

struct choice_words {
	struct str words[CHOICE_WORDS_MAX];
	bool met[CHOICE_WORDS_MAX];
	unsigned n;
};

struct choice {
	int from, to; /* years, both included; 0: all */
	struct choice_words only, except, workday;
	const struct zone *zone; /* the calendar's; NULL: not given */
};

/* The first of the words that is in one of the two texts, or -1.  Every one
 * that is there is noted as met. */
int choice_find(struct choice_words *, struct str name, struct str categories);

/* Is a day of this name wanted at all? */
bool choice_takes(struct choice *, struct str name, struct str categories);

/* Is this year?  0, every year, is. */
bool choice_has_year(const struct choice *, int year);

/* Does `text' contain `word'? */
bool choice_contains(struct str text, struct str word);

#endif
