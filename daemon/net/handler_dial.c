/*
 * handler_dial.c - calling somebody about a ticket, and who does not want to
 * be called.
 *
 * A refusal says by which rule: REFUSED with `dial', the rule, what it is about
 * (a number, a device), when it no longer holds (microseconds), and a detail.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "net/cells.h"
#include "net/list.h"

/* ------------------------------------------------------------------- dial */

struct dial_ask {
	struct ask ask;
};

static const char *
text_of(struct str s, char out[FAULT_PARAM_LEN])
{
	snprintf(out, FAULT_PARAM_LEN, "%.*s", STR_ARG(s));
	return out;
}

static enum err
refused(struct session *s, const struct dial_answer *why)
{
	/* What is about the phone names it, all else whom to call. */
	static const char *const of_device[] = { "not_connected", "cannot",
		"device_gone", "device_busy", "refused", "agent_state" };
	struct str about = why->number;
	char rule[FAULT_PARAM_LEN], subject[FAULT_PARAM_LEN],
	    until[24] = "", detail[FAULT_PARAM_LEN];

	for (size_t i = 0; i < NELEM(of_device); i++)
		if (str_eq(why->rule, str_of(of_device[i])))
			about = why->device;
	text_of(why->detail, detail);
	if (why->n > 0)
		snprintf(detail, sizeof(detail), "%u", why->n);
	if (why->until > 0)
		snprintf(until, sizeof(until), "%" PRId64, why->until);
	return fault(&s->net->fault, ERR_REFUSED, "dial",
	    text_of(why->rule, rule), text_of(about, subject), until, detail,
	    NULL);
}

static enum err
why_not(struct session *s, enum err e, const struct dial_answer *why)
{
	char text[FAULT_PARAM_LEN];

	switch (e) {
	case ERR_REFUSED:
		return refused(s, why);
	case ERR_NO_DEVICE:
		return fault(
		    &s->net->fault, e, text_of(why->device, text), NULL);
	case ERR_NOT_FOUND:
		snprintf(text, sizeof(text), "%" PRIu64, why->ticket);
		return fault(&s->net->fault, e, "ticket", text, NULL);
	case ERR_MISHEARD:
		return ticket_misheard(s, why->ticket);
	case ERR_BAD_FIELD:
		return fault(&s->net->fault, e, "relation",
		    "callback or follow_up", NULL);
	case ERR_IO:
		return fault(&s->net->fault, e, "ledger", NULL);
	default:
		return e;
	}
}

static void
dialled(void *arg, enum err e, const struct dial_answer *answer)
{
	struct dial_ask *a = arg;
	struct session *s = ask_end(&a->ask);

	if (s != NULL && e == ERR_OK) {
		session_done(s, &a->ask.op, answer->ticket);
		s->net->news.saved(s->net->news.arg, s, &a->ask.op);
	} else if (s != NULL) {
		session_fail(s, &a->ask.op, why_not(s, e, answer));
	}
	free(a);
}

enum err
on_dial(struct session *s, const Mashang__Envelope *e)
{
	const Mashang__Dial *m = e->dial;
	struct fields f = fields_of(s);
	struct id op = op_of(e);
	struct desk_action action = action_by(s, &op);
	struct dial_request r = { .ticket = m->ticket,
		.relation = (enum relation)m->relation };
	struct dial_answer answer = { 0 };
	struct dial_ask *a;
	enum err why = field_text(&f, "number", m->number, NAME_LEN, &r.number);

	if (why != ERR_OK)
		return why;
	if ((a = ask_new(s, &op, sizeof(*a))) == NULL)
		return ERR_BUSY;
	why = desk_dial(s->net->desk, &action, &r, &answer, dialled, a);
	if (why == ERR_OK)
		return ERR_OK;
	ask_end(&a->ask);
	free(a);
	return why_not(s, why, &answer);
}

/* ------------------------------------------------------------ do not call */

struct wish_ask {
	struct ask ask;
	char e164[17];
};

static void
wished(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct wish_ask *a = arg;
	struct session *s = ask_end(&a->ask);

	if (s != NULL)
		session_written(
		    s, &a->ask.op, e, rows, "missing", "number", a->e164);
	free(a);
}

static enum err
read_wish(struct session *s, const Mashang__DoNotCall *m, struct str *number,
    struct str *reason, char e164[17])
{
	struct fields f = fields_of(s);
	enum err e;

	if (m->remove && s->role == MASHANG__ROLE__ROLE_AGENT)
		return session_forbidden(s, s->role, "do_not_call remove");
	if ((e = field_text(&f, "number", m->number, NAME_LEN, number)) !=
		ERR_OK ||
	    (e = field_text(&f, "reason", m->reason, TEXT_LEN, reason)) !=
		ERR_OK ||
	    (e = field_time(&f, "until", m->until_at)) != ERR_OK)
		return e;
	if (!text_e164(*number, s->net->env.country, e164))
		return fault(f.fault, ERR_BAD_FIELD, "number",
		    "not a telephone number", NULL);
	if (m->until_at != 0 && (m->remove || m->until_at <= net_now(s->net)))
		return fault(f.fault, ERR_BAD_FIELD, "until",
		    m->remove ? "none, this takes no time" : "in the past",
		    NULL);
	return ERR_OK;
}

enum err
on_do_not_call(struct session *s, const Mashang__Envelope *e)
{
	const Mashang__DoNotCall *m = e->do_not_call;
	struct ledger *l = s->net->env.ledger;
	struct id op = op_of(e);
	char hex[ID_TEXT_LEN + 1], until[24], now[24], e164[17];
	struct str number, reason;
	struct wish_ask *a;
	enum err why = read_wish(s, m, &number, &reason, e164);

	if (why != ERR_OK)
		return why;
	if ((a = ask_new(s, &op, sizeof(*a))) == NULL)
		return ERR_BUSY;
	memcpy(a->e164, e164, sizeof(a->e164));
	snprintf(until, sizeof(until), "%" PRId64, m->until_at);
	snprintf(now, sizeof(now), "%" PRId64, net_now(s->net));
	const struct str args[] = { str_of(id_text(&op, hex)), str_of(e164),
		reason, str_of(until), str_of(m->remove ? "t" : "f"),
		str_of(s->login), str_of(now) };
	if (l->ops->query(
		l, LQ_DO_NOT_CALL_SET, NELEM(args), args, wished, a) == ERR_OK)
		return ERR_OK;
	ask_end(&a->ask);
	free(a);
	return fault(&s->net->fault, ERR_IO, "ledger", NULL);
}

/* ------------------------------------------------------------------ lists */

/* clang-format off */
static const struct column dial_columns[] = {
	{ "at",       CELL_TIME,   "When it was asked for." },
	{ "ticket",   CELL_NUMBER, "About which ticket." },
	{ "attempt",  CELL_NUMBER, "The ticket's n-th." },
	{ "number",   CELL_TEXT,   "Whom." },
	{ "agent",    CELL_TEXT,   "By whom." },
	{ "relation", CELL_TEXT,   "callback or follow_up." },
	{ "outcome",  CELL_TEXT,   "reached; dialling, ringing; else why not." },
	{ "reached_at", CELL_TIME, "When both talked." },
	{ "ended_at", CELL_TIME,   "When its call was over." },
};
static const struct column wish_columns[] = {
	{ "number",   CELL_TEXT,   "Who does not want to be called." },
	{ "reason",   CELL_TEXT,   "Why." },
	{ "until_at", CELL_TIME,   "Until when; none: for good." },
	{ "added_at", CELL_TIME,   "Since when." },
	{ "actor",    CELL_TEXT,   "Who wrote it down." },
};
/* clang-format on */

static void
dial_cells(const struct str *c, struct cell *out)
{
	const struct cell cells[] = {
		time_cell(cell_number(c[1])),
		number_cell(
		    (int64_t)desk_ticket_number((uint64_t)cell_number(c[2]))),
		number_cell(cell_number(c[3])),
		text_cell(c[4]),
		text_cell(c[5]),
		text_cell(c[6]),
		text_cell(c[7]),
		time_cell(cell_number(c[8])),
		time_cell(cell_number(c[9])),
	};

	memcpy(out, cells, sizeof(cells));
}

static void
wish_cells(const struct str *c, struct cell *out)
{
	const struct cell cells[] = {
		text_cell(c[1]),
		text_cell(c[2]),
		time_cell(cell_number(c[3])),
		time_cell(cell_number(c[4])),
		text_cell(c[5]),
	};

	memcpy(out, cells, sizeof(cells));
}

/* Rows whose first cell is the cursor. */
static void
send_rows(struct list_ask *a, enum err e, const struct ledger_rows *rows,
    const struct column *columns, unsigned n,
    void (*fill)(const struct str *, struct cell *))
{
	struct session *s = list_answered(a, e, rows, n + 1);
	struct cell cells[NELEM(dial_columns)];
	uint64_t last = 0;
	struct page page;
	char text[24];
	unsigned i;

	if (s != NULL) {
		page_begin(&page, s, columns, n, 0);
		for (i = 0; i < rows->n; i++) {
			const struct str *c =
			    rows->cells + (size_t)i * rows->n_columns;

			fill(c, cells);
			if (!page_add(&page, cells))
				break;
			last = (uint64_t)cell_number(c[0]);
		}
		if (i == rows->n && rows->n < a->limit)
			last = 0;
		page_send(&page, s, &a->ask.op, list_cursor(last, text));
	}
	free(a);
}

static void
dials_read(void *arg, enum err e, const struct ledger_rows *rows)
{
	send_rows(arg, e, rows, dial_columns, NELEM(dial_columns), dial_cells);
}

static void
wishes_read(void *arg, enum err e, const struct ledger_rows *rows)
{
	send_rows(arg, e, rows, wish_columns, NELEM(wish_columns), wish_cells);
}

static unsigned
limit_of(const struct request *r)
{
	return r->limit == 0 || r->limit > LIST_ROWS_MAX ? LIST_ROWS_MAX
	                                                 : r->limit;
}

static bool
is_number(struct str s)
{
	return s.len > 0 && s.len <= 18 && strspn(s.p, "0123456789") >= s.len;
}

/* where ticket=, from=, to=. */
enum err
show_dials(struct request *r)
{
	struct str ticket = list_where(r, "ticket");
	struct str from = list_where(r, "from"), to = list_where(r, "to");
	char id[24] = "0", before[24], rows[16];
	uint64_t serial;

	for (unsigned i = 0; i < r->n_where; i++)
		if ((!str_eq(r->where[i].key, STR_LIT("ticket")) &&
			!str_eq(r->where[i].key, STR_LIT("from")) &&
			!str_eq(r->where[i].key, STR_LIT("to"))) ||
		    !is_number(r->where[i].value))
			return fault(&r->s->net->fault, ERR_BAD_FIELD, "where",
			    "ticket, from or to: a number", NULL);
	if (ticket.len > 0) {
		uint64_t number = (uint64_t)cell_number(ticket);

		if (desk_ticket_serial(number, &serial) != ERR_OK)
			return ticket_misheard(r->s, number);
		snprintf(id, sizeof(id), "%" PRIu64, serial);
	}
	snprintf(before, sizeof(before), "%" PRIu64, r->cursor);
	snprintf(rows, sizeof(rows), "%u", limit_of(r));
	const struct str args[] = { str_of(id),
		from.len > 0 ? from : STR_LIT("0"),
		to.len > 0 ? to : STR_LIT("4102444800000000"), str_of(before),
		str_of(rows) };
	return list_ask(
	    r, LQ_DIALS, NELEM(args), args, limit_of(r), dials_read);
}

/* where number=. */
enum err
show_do_not_call(struct request *r)
{
	struct str number = list_where(r, "number");
	char e164[17], now[24], before[24], rows[16];

	for (unsigned i = 0; i < r->n_where; i++)
		if (!str_eq(r->where[i].key, STR_LIT("number")))
			return fault(&r->s->net->fault, ERR_BAD_FIELD, "where",
			    "number", NULL);
	if (text_e164(number, r->s->net->env.country, e164))
		number = str_of(e164);
	snprintf(now, sizeof(now), "%" PRId64, net_now(r->s->net));
	snprintf(before, sizeof(before), "%" PRIu64, r->cursor);
	snprintf(rows, sizeof(rows), "%u", limit_of(r));
	const struct str args[] = { number, str_of(now), str_of(before),
		str_of(rows) };
	return list_ask(
	    r, LQ_DO_NOT_CALL, NELEM(args), args, limit_of(r), wishes_read);
}
