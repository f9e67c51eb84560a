/*
 * page.h - rows of cells into one frame, until it is full.
 *
 * A page lives in the frame's scratch memory, from page_begin to page_send.
 */
#ifndef NET_PAGE_H
#define NET_PAGE_H

#include <stdbool.h>

#include "base/err.h"
#include "desk/desk.h"
#include "mashang.pb-c.h"

struct arena;
struct session;

struct page {
	struct arena *scratch;
	const struct column *columns;
	unsigned n_columns;
	unsigned limit; /* rows */
	unsigned n;
	size_t bytes; /* packed, at most */
	Mashang__Row **rows;
	enum err err; /* no memory */
};

/* `limit' 0: as many as there is room for. */
void page_begin(struct page *, struct session *, const struct column *,
    unsigned n_columns, unsigned limit);
/* False: full; the row begins the next page. */
bool page_add(struct page *, const struct cell *);
/* The reply; `cursor' empty: that was all. */
void page_send(
    struct page *, struct session *, const struct id *op, struct str cursor);

#endif
