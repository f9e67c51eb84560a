/*
 * listing.h - whatever has columns: a Page as a table, or as JSON lines.
 *
 * The daemon says what the columns are and of which kind; nothing here knows
 * a list by name.
 */
#ifndef CLIENT_LISTING_H
#define CLIENT_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "mashang.pb-c.h"

struct ask;

#define LISTING_COLUMNS_MAX 64

/* Keeps the widths from page to page, so that columns stay aligned. */
struct listing {
	FILE *out;
	const char *name; /* in JSON: "list" */
	bool json;
	bool started; /* the heading is printed */
	int cut;      /* widest column; 0: as wide as it is */
	int widths[LISTING_COLUMNS_MAX];
};

void listing_print(struct listing *, const Mashang__Page *);

/* The columns and what each means. */
void listing_describe(FILE *, const Mashang__Page *);

struct listing_query {
	const char *what;
	char **where; /* KEY=VALUE, n of them */
	int n_where;
	int64_t limit; /* rows; 0: all */
	bool json, describe;
	/* Instead of a table. */
	void (*page)(void *arg, const Mashang__Page *);
	void *arg;
};

/* Ask for it page by page and print it; an exit code. */
int listing_run(struct ask *, const struct listing_query *);

#endif
