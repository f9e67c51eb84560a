/*
 * why_text.h - a call's way, told: rows of the daemon's lists as sentences.
 *
 * A sentence is a template: {column} stands for that cell of the row, and what
 * is between [ and ] is left out where one of its cells is empty.  Translators
 * may order them as their language wants.
 */
#ifndef CLIENT_WHY_TEXT_H
#define CLIENT_WHY_TEXT_H

#include <stdint.h>
#include <stdio.h>

#include "mashang.pb-c.h"

#define WHY_LINES_MAX 2048

/* What happened, by the time at which it did. */
struct why_line {
	int64_t at;
	unsigned n; /* equals stay in the order in which they were told */
	char *text;
};
struct why_story {
	struct why_line lines[WHY_LINES_MAX];
	unsigned n;
	char call[40];    /* its id */
	char *title;      /* "Call c1 of switch main, from 138..." */
	int64_t since_at; /* from which it waits; 0: it never did */
};

/* Pages of the lists `why_call' and `decisions'. */
void why_story_call(struct why_story *, const Mashang__Page *);
void why_story_decisions(struct why_story *, const Mashang__Page *);
void why_story_print(FILE *, struct why_story *);
void why_story_free(struct why_story *);

/* A page of the list `why_not', a line a stretch. */
void why_not_print(FILE *, const Mashang__Page *);

#endif
