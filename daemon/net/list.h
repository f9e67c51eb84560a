/*
 * list.h - what the files of Show share: a request taken apart, the ledger
 * asked for it, cells made.  For handler_list.c and handler_clocks.c only.
 */
#ifndef NET_LIST_H
#define NET_LIST_H

#include "net/page.h"
#include "net/session.h"
#include "store/ledger.h"

#define LIST_WHERE_MAX 8
#define LIST_ROWS_MAX 400 /* of one question to the ledger */

struct where {
	struct str key, value;
};

struct request {
	struct session *s;
	struct id op;
	struct str what;
	unsigned limit, n_where;
	uint64_t cursor;
	struct where where[LIST_WHERE_MAX];
};

typedef enum err list_fn(struct request *);

list_fn show_why, show_policies, show_shares; /* handler_clocks.c */
list_fn show_clocks, show_revisions, show_calibration;
list_fn show_dials, show_do_not_call; /* handler_dial.c */
list_fn show_why_call, show_decisions, show_why_not,
    show_agent_states;  /* handler_why.c */
list_fn show_work;      /* handler_work.c */
list_fn show_customers; /* handler_customer.c */

/* A cursor as text; empty for 0. */
struct str list_cursor(uint64_t cursor, char out[24]);
/* Empty: not given. */
struct str list_where(const struct request *, const char *key);
/* ERR_BAD_FIELD, if there is one. */
enum err list_no_where(struct request *) MUST_USE;

struct list_ask {
	struct ask ask;
	unsigned limit; /* rows asked for */
	uint64_t cursor;
};
/* `done' gets a struct list_ask, and frees it. */
enum err list_ask(struct request *, enum ledger_query, unsigned n,
    const struct str *args, unsigned limit, ledger_rows_fn *done) MUST_USE;
/* The session, if there are rows for it; else it has been told.  The scratch
 * memory is empty then. */
struct session *list_answered(struct list_ask *, enum err,
    const struct ledger_rows *, unsigned n_columns);

static inline struct cell
text_cell(struct str s)
{
	return (struct cell){ .null = s.len == 0, .text = s };
}

static inline struct cell
word_cell(const char *word)
{
	return text_cell(str_of(word));
}

static inline struct cell
number_cell(int64_t n)
{
	return (struct cell){ .number = n };
}

/* 0 is none. */
static inline struct cell
time_cell(int64_t at)
{
	return (struct cell){ .null = at == 0, .number = at };
}

#endif
