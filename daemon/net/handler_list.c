/*
 * handler_list.c - Show: everything that has columns.
 *
 * Sources: the desk's lists and our own, from memory; tickets and days, from
 * the ledger; what is of clocks is in handler_clocks.c.  Who may see what is in the table: readers only what names
 * no caller.  `where' compares a column's text or number; for the ledger's
 * lists it names what the query can look for.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "net/auth.h"
#include "net/cells.h"
#include "net/conn.h"
#include "net/list.h"

#define AGENT (1u << MASHANG__ROLE__ROLE_AGENT)
#define SUPER (1u << MASHANG__ROLE__ROLE_SUPERVISOR)
#define ADMIN (1u << MASHANG__ROLE__ROLE_ADMINISTRATOR)
#define READER (1u << MASHANG__ROLE__ROLE_READ_ONLY)

static list_fn show_desk, show_tickets, show_day, show_logins, show_sessions,
    show_stats;

/* clang-format off */
static const struct list {
	const char *what;
	unsigned roles;
	list_fn *show;
} lists[] = {
	{ "queues",   AGENT | SUPER | ADMIN | READER, show_desk },
	{ "agents",   SUPER | ADMIN,                  show_desk },
	{ "calls",    SUPER | ADMIN,                  show_desk },
	{ "switches", SUPER | ADMIN | READER,         show_desk },
	{ "devices",  SUPER | ADMIN,                  show_desk },
	{ "store",    SUPER | ADMIN | READER,         show_desk },
	{ "tickets",  AGENT | SUPER | ADMIN,          show_tickets },
	{ "day",      SUPER | ADMIN | READER,         show_day },
	{ "logins",   ADMIN,                          show_logins },
	{ "sessions", SUPER | ADMIN,                  show_sessions },
	{ "stats",    SUPER | ADMIN | READER,         show_stats },
	{ "clocks",   AGENT | SUPER | ADMIN,          show_clocks },
	{ "why",      AGENT | SUPER | ADMIN,          show_why },
	{ "policies", AGENT | SUPER | ADMIN,          show_policies },
	{ "shares",   AGENT | SUPER | ADMIN,          show_shares },
	{ "revisions", SUPER | ADMIN | READER,        show_revisions },
	{ "calibration", SUPER | ADMIN | READER,      show_calibration },
	{ "dials",    AGENT | SUPER | ADMIN,          show_dials },
	{ "why_call", SUPER | ADMIN,                  show_why_call },
	{ "decisions", SUPER | ADMIN,                 show_decisions },
	{ "why_not",  SUPER | ADMIN,                  show_why_not },
	{ "agent_states", SUPER | ADMIN,              show_agent_states },
	{ "work",     AGENT | SUPER | ADMIN | READER, show_work },
	{ "customers",   AGENT | SUPER | ADMIN,       show_customers },
	{ "do_not_call", AGENT | SUPER | ADMIN,       show_do_not_call },
};
/* clang-format on */

struct str
list_cursor(uint64_t cursor, char out[24])
{
	if (cursor == 0)
		return (struct str){ NULL, 0 };
	snprintf(out, 24, "%" PRIu64, cursor);
	return str_of(out);
}

struct str
list_where(const struct request *r, const char *key)
{
	for (unsigned i = 0; i < r->n_where; i++)
		if (str_eq(r->where[i].key, str_of(key)))
			return r->where[i].value;
	return (struct str){ "", 0 };
}

enum err
list_no_where(struct request *r)
{
	if (r->n_where == 0)
		return ERR_OK;
	return fault(
	    &r->s->net->fault, ERR_BAD_FIELD, "where", "none here", NULL);
}

/* ---------------------------------------------------- lists from memory */

struct filter {
	struct page page;
	unsigned n;
	struct {
		unsigned column;
		struct str text;
		int64_t number;
	} tests[LIST_WHERE_MAX];
};

static enum err
filter_begin(struct filter *f, struct request *r, const struct column *columns,
    unsigned n_columns)
{
	page_begin(&f->page, r->s, columns, n_columns, r->limit);
	f->n = r->n_where;
	for (unsigned i = 0; i < r->n_where; i++) {
		unsigned c = 0;

		while (c < n_columns &&
		       !str_eq(r->where[i].key, str_of(columns[c].name)))
			c++;
		if (c == n_columns)
			return fault(&r->s->net->fault, ERR_BAD_FIELD, "where",
			    "no such column", NULL);
		f->tests[i].column = c;
		f->tests[i].text = r->where[i].value;
		f->tests[i].number = cell_number(r->where[i].value);
	}
	return ERR_OK;
}

static bool
filter_row(void *arg, const struct cell *cells)
{
	struct filter *f = arg;

	for (unsigned i = 0; i < f->n; i++) {
		unsigned c = f->tests[i].column;

		if (f->page.columns[c].kind == CELL_TEXT
			? !str_eq(cells[c].text, f->tests[i].text)
			: cells[c].number != f->tests[i].number)
			return true;
	}
	return page_add(&f->page, cells);
}

static enum err
filter_send(struct filter *f, struct request *r, uint64_t next)
{
	char text[24];

	page_send(&f->page, r->s, &r->op, list_cursor(next, text));
	return ERR_OK;
}

static enum err
show_desk(struct request *r)
{
	struct net *n = r->s->net;
	const struct desk_list *l = desk_list_find(r->what);
	struct filter f;
	enum err e;

	if (n->desk == NULL || l == NULL)
		return fault(&n->fault, ERR_IO, "desk", NULL);
	if ((e = filter_begin(&f, r, l->columns, l->n_columns)) != ERR_OK)
		return e;
	return filter_send(&f, r,
	    desk_list_rows(n->desk, l, r->cursor, net_now(n), filter_row, &f));
}

static struct cell
role_cell(int role, char out[24])
{
	return text_cell(str_of(
	    cell_word(&mashang__role__descriptor, "ROLE_", role, out, 24)));
}

static enum err
show_logins(struct request *r)
{
	static const struct column columns[] = {
		{ "login", CELL_TEXT, "The name." },
		{ "role", CELL_TEXT, "What it may do." },
		{ "switch", CELL_TEXT, "A bridge's switch." },
		{ "disabled", CELL_TEXT, "yes: it cannot log in." },
		{ "tokens_from", CELL_TIME, "Older tokens are void." },
	};
	struct auth *a = r->s->net->auth;
	const struct login *l;
	struct filter f;
	uint64_t i = r->cursor;
	char role[24];
	enum err e;

	if ((e = filter_begin(&f, r, columns, NELEM(columns))) != ERR_OK)
		return e;
	for (; (l = auth_login_at(a, (unsigned)i)) != NULL; i++) {
		const struct cell cells[] = {
			text_cell(l->name),
			role_cell(l->role, role),
			text_cell(l->switch_name),
			text_cell(str_of(l->disabled ? "yes" : "no")),
			time_cell(l->tokens_from),
		};

		if (!filter_row(&f, cells))
			return filter_send(&f, r, i);
	}
	return filter_send(&f, r, 0);
}

static enum err
show_sessions(struct request *r)
{
	static const struct column columns[] = {
		{ "session", CELL_NUMBER, "Counts since the start." },
		{ "login", CELL_TEXT, "Who." },
		{ "role", CELL_TEXT, "As what." },
		{ "at", CELL_TEXT, "The device or the switch." },
		{ "peer", CELL_TEXT, "From where." },
		{ "since", CELL_TIME, "When it connected." },
	};
	struct session *s;
	struct filter f;
	char role[24];
	enum err e;

	if ((e = filter_begin(&f, r, columns, NELEM(columns))) != ERR_OK)
		return e;
	TAILQ_FOREACH (s, &r->s->net->sessions, entry) {
		const struct cell cells[] = {
			number_cell((int64_t)s->serial),
			text_cell(str_of(s->login)),
			role_cell(s->role, role),
			text_cell(str_of(s->place)),
			text_cell(str_of(conn_name(s->conn))),
			time_cell(s->since),
		};

		if (s->state != SESSION_LIVE || s->serial < r->cursor)
			continue;
		if (!filter_row(&f, cells))
			return filter_send(&f, r, s->serial);
	}
	return filter_send(&f, r, 0);
}

static enum err
show_stats(struct request *r)
{
	static const struct column columns[] = {
		{ "name", CELL_TEXT, "layer_noun_verb." },
		{ "value", CELL_NUMBER, "Since the start, or now." },
	};
	struct ledger *l = r->s->net->env.ledger;
	struct ledger_stats st = { 0 };
	struct net_stats n;
	struct filter f;
	uint64_t i = r->cursor;
	enum err e;

	net_stats(r->s->net, &n);
	l->ops->stats(l, &st);
	/* clang-format off */
	const struct { const char *name; uint64_t value; } rows[] = {
		{ "net_connections_opened", n.connections },
		{ "net_connections_open",   n.open },
		{ "net_strangers_open",     n.strangers },
		{ "net_frames_received",    n.frames_in },
		{ "net_frames_sent",        n.frames_out },
		{ "net_frames_rejected",    n.frames_rejected },
		{ "net_logins_accepted",    n.logins },
		{ "net_logins_refused",     n.logins_failed },
		{ "net_requests_refused",   n.requests_refused },
		{ "net_events_received",    n.events },
		{ "net_events_nacked",      n.events_nacked },
		{ "store_units_committed",  st.units },
		{ "store_rows_committed",   st.rows },
		{ "store_groups_committed", st.commits },
		{ "store_groups_retried",   st.retries },
		{ "store_units_quarantined", st.quarantined },
		{ "store_connections_lost", st.reconnects },
		{ "store_units_waiting",    st.backlog_units },
		{ "store_bytes_waiting",    st.backlog_bytes },
		{ "store_oldest_us",        (uint64_t)st.oldest_us },
	};
	/* clang-format on */
	if ((e = filter_begin(&f, r, columns, NELEM(columns))) != ERR_OK)
		return e;
	for (; i < NELEM(rows); i++) {
		const struct cell cells[] = {
			text_cell(str_of(rows[i].name)),
			number_cell((int64_t)rows[i].value),
		};

		if (!filter_row(&f, cells))
			return filter_send(&f, r, i);
	}
	return filter_send(&f, r, 0);
}

/* ------------------------------------------------ lists from the ledger */

enum err
list_ask(struct request *r, enum ledger_query q, unsigned n,
    const struct str *args, unsigned limit, ledger_rows_fn *done)
{
	struct ledger *l = r->s->net->env.ledger;
	struct list_ask *a = ask_new(r->s, &r->op, sizeof(*a));

	if (a == NULL)
		return ERR_BUSY;
	a->limit = limit;
	a->cursor = r->cursor;
	if (l->ops->query(l, q, n, args, done, a) == ERR_OK)
		return ERR_OK;
	ask_end(&a->ask);
	free(a);
	return fault(&r->s->net->fault, ERR_IO, "ledger", NULL);
}

struct session *
list_answered(struct list_ask *a, enum err e, const struct ledger_rows *rows,
    unsigned n_columns)
{
	struct session *s = ask_end(&a->ask);

	if (s == NULL)
		return NULL;
	arena_reset(s->net->scratch);
	if (e == ERR_OK && rows->n_columns >= n_columns)
		return s;
	session_fail(
	    s, &a->ask.op, fault(&s->net->fault, ERR_IO, "ledger", NULL));
	return NULL;
}

/* clang-format off */
static const struct column ticket_columns[] = {
	{ "number",    CELL_NUMBER, "To read out; its last digit is a check." },
	{ "kind",      CELL_TEXT,   "consultation, complaint, incident ..." },
	{ "status",    CELL_TEXT,   "new, in_progress, resolved, closed ..." },
	{ "subject",   CELL_TEXT,   "What it is about." },
	{ "caller",    CELL_TEXT,   "The number as it came." },
	{ "queue",     CELL_TEXT,   "Where it came in." },
	{ "owner",     CELL_TEXT,   "The agent who has it." },
	{ "opened_at", CELL_TIME,   "When it was opened." },
	{ "closed_at", CELL_TIME,   "When it was closed." },
};
/* clang-format on */

static void
tickets_read(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct list_ask *a = arg;
	struct session *s = list_answered(a, e, rows, NELEM(ticket_columns));
	uint64_t last = 0;
	struct page page;
	char text[24];
	unsigned i;

	if (s != NULL) {
		page_begin(&page, s, ticket_columns, NELEM(ticket_columns), 0);
		for (i = 0; i < rows->n; i++) {
			const struct str *c =
			    rows->cells + (size_t)i * rows->n_columns;
			uint64_t serial = (uint64_t)cell_number(c[0]);
			const struct cell cells[] = {
				number_cell(
				    (int64_t)desk_ticket_number(serial)),
				text_cell(c[1]),
				text_cell(c[2]),
				text_cell(c[3]),
				text_cell(c[4]),
				text_cell(c[5]),
				text_cell(c[6]),
				time_cell(cell_number(c[7])),
				time_cell(cell_number(c[8])),
			};

			if (!page_add(&page, cells))
				break;
			last = serial;
		}
		if (i == rows->n && rows->n < a->limit)
			last = 0;
		page_send(&page, s, &a->ask.op, list_cursor(last, text));
	}
	free(a);
}

static enum err
show_tickets(struct request *r)
{
	unsigned limit = r->limit == 0 || r->limit > LIST_ROWS_MAX
	                     ? LIST_ROWS_MAX
	                     : r->limit;
	struct str caller = list_where(r, "caller");
	char e164[17], rows[16], before[24];
	struct str args[5];

	for (unsigned i = 0; i < r->n_where; i++)
		if (!str_eq(r->where[i].key, STR_LIT("status")) &&
		    !str_eq(r->where[i].key, STR_LIT("owner")) &&
		    !str_eq(r->where[i].key, STR_LIT("caller")))
			return fault(&r->s->net->fault, ERR_BAD_FIELD, "where",
			    "status, owner or caller", NULL);
	if (text_e164(caller, r->s->net->env.country, e164))
		caller = str_of(e164);
	snprintf(rows, sizeof(rows), "%u", limit);
	snprintf(before, sizeof(before), "%" PRIu64, r->cursor);
	args[0] = list_where(r, "status");
	args[1] = list_where(r, "owner");
	args[2] = caller;
	args[3] = str_of(before);
	args[4] = str_of(rows);
	return list_ask(r, LQ_TICKETS, 5, args, limit, tickets_read);
}

/* clang-format off */
static const struct column day_columns[] = {
	{ "queue_id",    CELL_NUMBER, "The queue; none: no queue was found." },
	{ "offered",     CELL_NUMBER, "Calls that entered it; the sum of the ten that follow." },
	{ "answered",    CELL_NUMBER, "Calls that an agent talked to." },
	{ "abandoned",   CELL_NUMBER, "Callers who hung up after the queue's short_us." },
	{ "short",       CELL_NUMBER, "Callers who hung up before." },
	{ "overflowed",  CELL_NUMBER, "Calls sent elsewhere by rule." },
	{ "timed_out",   CELL_NUMBER, "Calls that waited as long as allowed." },
	{ "refused",     CELL_NUMBER, "Calls that found the queue full or closed." },
	{ "called_back", CELL_NUMBER, "Callers who chose to be called back." },
	{ "withdrawn",   CELL_NUMBER, "Calls taken out by a supervisor." },
	{ "lost",        CELL_NUMBER, "Calls lost by the switch." },
	{ "waiting",     CELL_NUMBER, "Calls that still wait." },
	{ "sum_wait",    CELL_DURATION, "Waiting time of the answered calls." },
	{ "within_15",   CELL_NUMBER, "Answered within 15 s." },
	{ "within_20",   CELL_NUMBER, "Answered within 20 s." },
	{ "within_30",   CELL_NUMBER, "Answered within 30 s." },
	{ "sum_talk",    CELL_DURATION, "Talking time." },
	{ "tickets",     CELL_NUMBER, "Tickets of these calls." },
};
/* clang-format on */

static void
day_read(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct list_ask *a = arg;
	struct session *s = list_answered(a, e, rows, NELEM(day_columns));
	struct page page;

	if (s != NULL) {
		page_begin(&page, s, day_columns, NELEM(day_columns), 0);
		for (unsigned i = 0; i < rows->n; i++) {
			const struct str *c =
			    rows->cells + (size_t)i * rows->n_columns;
			struct cell cells[NELEM(day_columns)];

			for (unsigned k = 0; k < NELEM(day_columns); k++)
				cells[k] = (struct cell){
					.null = c[k].p == NULL,
					.number = cell_number(c[k]),
				};
			if (!page_add(&page, cells))
				break;
		}
		page_send(&page, s, &a->ask.op, (struct str){ NULL, 0 });
	}
	free(a);
}

/* where from=, to=: microseconds; without: all there is. */
static enum err
show_day(struct request *r)
{
	struct str args[2] = { list_where(r, "from"), list_where(r, "to") };

	if (args[0].len == 0)
		args[0] = STR_LIT("0");
	if (args[1].len == 0)
		args[1] = STR_LIT("4102444800000000"); /* the year 2100 */
	for (unsigned i = 0; i < 2; i++)
		if (args[i].len > 17 ||
		    strspn(args[i].p, "0123456789") < args[i].len)
			return fault(&r->s->net->fault, ERR_BAD_FIELD, "where",
			    "from and to are microseconds", NULL);
	return list_ask(r, LQ_DAY, 2, args, 0, day_read);
}

/* -------------------------------------------------------------- dispatch */

static enum err
read_cursor(const struct fields *f, ProtobufCBinaryData b, uint64_t *out)
{
	*out = 0;
	if (b.len > 20)
		return fault(f->fault, ERR_BAD_FIELD, "cursor",
		    "from the last page", NULL);
	for (size_t i = 0; i < b.len; i++) {
		if (b.data[i] < '0' || b.data[i] > '9')
			return fault(f->fault, ERR_BAD_FIELD, "cursor",
			    "from the last page", NULL);
		*out = *out * 10 + (uint64_t)(b.data[i] - '0');
	}
	return ERR_OK;
}

static enum err
read_request(struct session *s, const Mashang__Show *m, struct request *r)
{
	struct fields f = fields_of(s);
	enum err e;

	if (m->n_where > LIST_WHERE_MAX)
		return fault(f.fault, ERR_TOO_LARGE, "where", "8", NULL);
	if ((e = field_name_required(&f, "what", m->what, &r->what)) !=
		ERR_OK ||
	    (e = read_cursor(&f, m->cursor, &r->cursor)) != ERR_OK)
		return e;
	for (size_t i = 0; i < m->n_where; i++) {
		if ((e = field_name(&f, "where.key", m->where[i]->key,
			 &r->where[i].key)) != ERR_OK ||
		    (e = field_text(&f, "where.value", m->where[i]->value,
			 TEXT_LEN, &r->where[i].value)) != ERR_OK)
			return e;
	}
	r->n_where = (unsigned)m->n_where;
	r->limit = m->limit;
	return ERR_OK;
}

enum err
on_show(struct session *s, const Mashang__Envelope *e)
{
	struct request r = { .s = s, .op = op_of(e) };
	char what[NAME_LEN + 1];
	enum err why = read_request(s, e->show, &r);

	if (why != ERR_OK)
		return why;
	for (size_t i = 0; i < NELEM(lists); i++) {
		if (!str_eq(r.what, str_of(lists[i].what)))
			continue;
		if ((lists[i].roles & (1u << s->role)) == 0)
			return session_forbidden(s, s->role, lists[i].what);
		return lists[i].show(&r);
	}
	snprintf(what, sizeof(what), "%.*s", STR_ARG(r.what));
	return fault(&s->net->fault, ERR_NOT_FOUND, "list", what, NULL);
}
