/*
 * handler_customer.c - customers: what supervisors write down of them.
 */
#include "net/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "net/list.h"
#include "store/ledger.h"

/* ---------------------------------------------------------------- writing */

struct customer_ask {
	struct ask ask;
	char manager[NAME_LEN + 1];
};

static void
written(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct customer_ask *a = arg;
	struct session *s = ask_end(&a->ask);

	if (s != NULL)
		session_written(
		    s, &a->ask.op, e, rows, "no_agent", "agent", a->manager);
	free(a);
}

static bool
is_grade(struct str s)
{
	return s.len == 0 ||
	       (s.len == 1 &&
		   (s.p[0] == '-' || (s.p[0] >= 'A' && s.p[0] <= 'E')));
}

struct customer_texts {
	struct str number, name, grade, manager;
	char e164[17];
};

static enum err
read_customer(
    struct session *s, const Mashang__CustomerSet *m, struct customer_texts *t)
{
	struct fields f = fields_of(s);
	enum err e;

	if ((e = field_text(&f, "number", m->number, NAME_LEN, &t->number)) !=
		ERR_OK ||
	    (e = field_text(&f, "name", m->name, TEXT_LEN, &t->name)) !=
		ERR_OK ||
	    (e = field_name(&f, "grade", m->grade, &t->grade)) != ERR_OK ||
	    (e = field_name(&f, "account_manager", m->account_manager,
		 &t->manager)) != ERR_OK)
		return e;
	if (!text_e164(t->number, s->net->env.country, t->e164))
		return fault(f.fault, ERR_BAD_FIELD, "number",
		    "not a telephone number", NULL);
	if (!is_grade(t->grade))
		return fault(f.fault, ERR_BAD_FIELD, "grade",
		    "A, B, C, D, E, or - for none", NULL);
	if (t->name.len + t->grade.len + t->manager.len == 0)
		return fault(f.fault, ERR_BAD_FIELD, "name",
		    "nothing to write down: name, grade or account manager",
		    NULL);
	return ERR_OK;
}

enum err
on_customer_set(struct session *s, const Mashang__Envelope *e)
{
	struct ledger *l = s->net->env.ledger;
	struct customer_texts t = { .number = { NULL, 0 } };
	struct id op = op_of(e);
	char hex[ID_TEXT_LEN + 1], now[24];
	struct customer_ask *a;
	enum err why = read_customer(s, e->customer_set, &t);

	if (why != ERR_OK)
		return why;
	if ((a = ask_new(s, &op, sizeof(*a))) == NULL)
		return ERR_BUSY;
	snprintf(a->manager, sizeof(a->manager), "%.*s", STR_ARG(t.manager));
	snprintf(now, sizeof(now), "%" PRId64, net_now(s->net));
	const struct str args[] = { str_of(id_text(&op, hex)), str_of(t.e164),
		t.name, t.grade, t.manager, str_of(s->login), str_of(now) };
	if (l->ops->query(l, LQ_CUSTOMER_SET, NELEM(args), args, written, a) ==
	    ERR_OK)
		return ERR_OK;
	ask_end(&a->ask);
	free(a);
	return fault(&s->net->fault, ERR_IO, "ledger", NULL);
}

/* ---------------------------------------------------------------- listing */

/* clang-format off */
static const struct column columns[] = {
	{ "number",   CELL_TEXT, "One of the customer's numbers." },
	{ "name",     CELL_TEXT, "Who that is." },
	{ "grade",    CELL_TEXT, "A to E; none: not graded." },
	{ "account_manager", CELL_TEXT, "The agent who is asked first, where a queue's rules say so." },
	{ "added_at", CELL_TIME, "Since when the customer is known." },
};
/* clang-format on */

static void
customers_read(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct list_ask *a = arg;
	struct session *s = list_answered(a, e, rows, NELEM(columns) + 1);
	uint64_t last = 0;
	struct page page;
	char text[24];
	unsigned i;

	if (s == NULL) {
		free(a);
		return;
	}
	page_begin(&page, s, columns, NELEM(columns), 0);
	for (i = 0; i < rows->n; i++) {
		const struct str *c = rows->cells + (size_t)i * rows->n_columns;
		const struct cell cells[] = { text_cell(c[1]), text_cell(c[2]),
			text_cell(c[3]), text_cell(c[4]),
			time_cell(ledger_number(c[5])) };

		if (!page_add(&page, cells))
			break;
		last = (uint64_t)ledger_number(c[0]);
	}
	if (i == rows->n && rows->n < a->limit)
		last = 0;
	page_send(&page, s, &a->ask.op, list_cursor(last, text));
	free(a);
}

/* where number=. */
enum err
show_customers(struct request *r)
{
	unsigned limit = r->limit == 0 || r->limit > LIST_ROWS_MAX
	                     ? LIST_ROWS_MAX
	                     : r->limit;
	struct str number = list_where(r, "number");
	char e164[17], before[24], rows[16];

	for (unsigned i = 0; i < r->n_where; i++)
		if (!str_eq(r->where[i].key, STR_LIT("number")))
			return fault(&r->s->net->fault, ERR_BAD_FIELD, "where",
			    "number", NULL);
	if (text_e164(number, r->s->net->env.country, e164))
		number = str_of(e164);
	snprintf(before, sizeof(before), "%" PRIu64, r->cursor);
	snprintf(rows, sizeof(rows), "%u", limit);
	const struct str args[] = { number, str_of(before), str_of(rows) };
	return list_ask(
	    r, LQ_CUSTOMERS, NELEM(args), args, limit, customers_read);
}
