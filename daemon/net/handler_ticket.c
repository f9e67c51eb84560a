/*
 * handler_ticket.c - tickets made, noted and looked at by people.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "frame.h"
#include "net/cells.h"
#include "net/conn.h"
#include "net/session.h"
#include "store/ledger.h"

/* -------------------------------------------------------------------- new */

/* One that may be a repeat from before the daemon's start, or from another
 * node's time, while the ledger is asked. */
struct new_ask {
	struct ask ask;
	struct arena *arena; /* the texts of `ticket' */
	struct ticket_new ticket;
};

static void
new_ask_free(struct new_ask *a)
{
	arena_free(&a->arena);
	free(a);
}

static enum err
check_new(struct session *s, const Mashang__TicketNew *m, struct ticket_new *t)
{
	struct fields f = fields_of(s);
	enum err e;

	t->kind = (enum ticket_kind)m->kind;
	if ((e = field_range(&f, "kind", m->kind, 0, TICKET_NKINDS - 1)) !=
		ERR_OK ||
	    (e = field_text(
		 &f, "subject", m->subject, TEXT_LEN, &t->subject)) != ERR_OK ||
	    (e = field_text(&f, "caller", m->caller, TEXT_LEN, &t->caller)) !=
		ERR_OK ||
	    (e = field_name(&f, "queue", m->queue, &t->queue)) != ERR_OK ||
	    (e = field_lines(&f, "note", m->note, NOTE_LEN, &t->note)) !=
		ERR_OK)
		return e;
	return s->net->desk != NULL ? ERR_OK
	                            : fault(f.fault, ERR_IO, "desk", NULL);
}

/* The answer, new or the one of before; ERR_OK: it is given. */
static enum err
make_ticket(struct session *s, const struct id *op, const struct ticket_new *t)
{
	struct desk_action a = action_by(s, op);
	uint64_t number = desk_ticket_again(s->net->desk, &a);
	char queue[NAME_LEN + 1];
	enum err why = ERR_OK;

	if (number == 0)
		why = desk_ticket_new(s->net->desk, &a, t, &number);
	if (why == ERR_NOT_FOUND) {
		snprintf(queue, sizeof(queue), "%.*s", STR_ARG(t->queue));
		return fault(&s->net->fault, why, "queue", queue, NULL);
	}
	if (why == ERR_OK)
		session_done(s, op, number);
	return why;
}

/* Without the ledger it cannot be a repeat of anything that is committed and
 * answered here: go on, as calls do. */
static void
key_read(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct new_ask *a = arg;
	struct session *s = ask_end(&a->ask);
	struct desk_action action;
	enum err why;

	if (s != NULL) {
		action = action_by(s, &a->ask.op);
		if (e == ERR_OK && rows->n == 1)
			desk_ticket_known(s->net->desk, &action,
			    (uint64_t)cell_number(rows->cells[0]));
		why = make_ticket(s, &a->ask.op, &a->ticket);
		if (why != ERR_OK)
			session_fail(s, &a->ask.op, why);
	}
	new_ask_free(a);
}

#define ARENA_SLACK 128 /* what four texts take beside their bytes */

static bool
keep_new(struct new_ask *a, const struct ticket_new *t)
{
	size_t room = ARENA_SLACK + t->subject.len + t->caller.len +
	              t->queue.len + t->note.len;

	if ((a->arena = arena_new(room, room)) == NULL)
		return false;
	a->ticket.kind = t->kind;
	a->ticket.subject = arena_copy(a->arena, t->subject);
	a->ticket.caller = arena_copy(a->arena, t->caller);
	a->ticket.queue = arena_copy(a->arena, t->queue);
	a->ticket.note = arena_copy(a->arena, t->note);
	return true;
}

enum err
on_ticket_new(struct session *s, const Mashang__Envelope *e)
{
	struct ledger *l = s->net->env.ledger;
	struct ticket_new t = { 0 };
	char hex[ID_TEXT_LEN + 1];
	struct id op = op_of(e);
	struct new_ask *a;
	struct str key;
	enum err why;

	if ((why = check_new(s, e->ticket_new, &t)) != ERR_OK)
		return why;
	if ((a = ask_new(s, &op, sizeof(*a))) == NULL)
		return ERR_BUSY;
	key = str_of(id_text(&op, hex));
	if (!keep_new(a, &t))
		why = ERR_NOMEM;
	else if (l->ops->query(l, LQ_TICKET_OF_KEY, 1, &key, key_read, a) ==
		 ERR_OK)
		return ERR_OK;
	ask_end(&a->ask);
	if (why == ERR_OK)
		why = make_ticket(s, &op, &t);
	new_ask_free(a);
	return why;
}

/* ------------------------------------------------------------------- note */

enum err
ticket_misheard(struct session *s, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	return fault(&s->net->fault, ERR_MISHEARD, text, NULL);
}

enum err
on_ticket_note(struct session *s, const Mashang__Envelope *e)
{
	const Mashang__TicketNote *m = e->ticket_note;
	struct id op = op_of(e);
	struct desk_action a = action_by(s, &op);
	struct fields f = fields_of(s);
	struct str text;
	enum err why;

	if (m->text.len == 0)
		return fault(f.fault, ERR_BAD_FIELD, "text", "missing", NULL);
	if ((why = field_lines(&f, "text", m->text, NOTE_LEN, &text)) != ERR_OK)
		return why;
	if (s->net->desk == NULL)
		return fault(f.fault, ERR_IO, "desk", NULL);
	why = desk_ticket_note(
	    s->net->desk, &a, m->number, text, m->for_customer);
	if (why == ERR_MISHEARD)
		return ticket_misheard(s, m->number);
	if (why == ERR_OK)
		session_done(s, &op, m->number);
	return why;
}

/* ------------------------------------------------------------------- show */

/* LQ_TICKET, LQ_TICKET_EVENTS */
enum {
	T_ID,
	T_KIND,
	T_STATUS,
	T_SUBJECT,
	T_CUSTOMER,
	T_CALLER,
	T_QUEUE,
	T_OWNER,
	T_OPENED,
	T_RESOLVED,
	T_CLOSED,
	T_CATEGORY,
	T_DISSATISFIED,
	T_CALL,
	T_PRIORITY,
	T_ESCALATION,
	T_SEQ,
	T_NCOLS
};
enum { E_SEQ, E_AT, E_KIND, E_ACTOR, E_TEXT, E_NCOLS };

#define EVENTS_MAX 512
#define EVENT_BYTES 64                      /* of one event, less its text */
#define EVENTS_ROOM (FRAME_MAX - 32 * 1024) /* the clocks have the rest */
#define TICKET_MEMORY (64 * 1024)

struct ticket_ask {
	struct ask ask;
	uint64_t number;
	uint64_t serial;
	struct arena *arena;
	Mashang__Ticket ticket;
	struct id call;
};

static void
ask_free(struct ticket_ask *a)
{
	arena_free(&a->arena);
	free(a);
}

static ProtobufCBinaryData
keep(struct ticket_ask *a, struct str s)
{
	return bytes_of(arena_copy(a->arena, s));
}

static void
fill_ticket(struct ticket_ask *a, const struct str *c)
{
	Mashang__Ticket *t = &a->ticket;

	mashang__ticket__init(t);
	t->number = a->number;
	t->kind = (Mashang__TicketKind)cell_enum(
	    &mashang__ticket_kind__descriptor, "", c[T_KIND]);
	t->status = keep(a, c[T_STATUS]);
	t->subject = keep(a, c[T_SUBJECT]);
	t->customer = keep(a, c[T_CUSTOMER]);
	t->caller = keep(a, c[T_CALLER]);
	t->queue = keep(a, c[T_QUEUE]);
	t->owner = keep(a, c[T_OWNER]);
	t->opened_at = cell_number(c[T_OPENED]);
	t->resolved_at = cell_number(c[T_RESOLVED]);
	t->closed_at = cell_number(c[T_CLOSED]);
	t->category = keep(a, c[T_CATEGORY]);
	t->dissatisfied = cell_bool(c[T_DISSATISFIED]);
	t->priority = (uint32_t)cell_number(c[T_PRIORITY]);
	t->escalation = (uint32_t)cell_number(c[T_ESCALATION]);
	t->seq = (uint32_t)cell_number(c[T_SEQ]);
	if (id_parse(c[T_CALL], &a->call))
		t->call_id =
		    (ProtobufCBinaryData){ sizeof(a->call.b), a->call.b };
}

/* As many as fit; `more_events' tells of the rest. */
static unsigned
fill_events(const struct ledger_rows *rows, Mashang__TicketEvent *to,
    Mashang__TicketEvent **list)
{
	size_t bytes = 0;
	unsigned i;

	for (i = 0; i < rows->n && i < EVENTS_MAX; i++) {
		const struct str *c = rows->cells + (size_t)i * rows->n_columns;

		bytes += EVENT_BYTES + c[E_KIND].len + c[E_ACTOR].len +
		         c[E_TEXT].len;
		if (bytes > EVENTS_ROOM)
			break;
		mashang__ticket_event__init(&to[i]);
		to[i].seq = (uint32_t)cell_number(c[E_SEQ]);
		to[i].at = cell_number(c[E_AT]);
		to[i].kind = bytes_of(c[E_KIND]);
		to[i].actor = bytes_of(c[E_ACTOR]);
		to[i].text = bytes_of(c[E_TEXT]);
		list[i] = &to[i];
	}
	return i;
}

static void
events_read(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct ticket_ask *a = arg;
	struct session *s = ask_end(&a->ask);
	Mashang__Envelope out = MASHANG__ENVELOPE__INIT;
	Mashang__TicketEvent events[EVENTS_MAX], *list[EVENTS_MAX];

	if (s != NULL && (e != ERR_OK || rows->n_columns < E_NCOLS)) {
		session_fail(s, &a->ask.op,
		    fault(&s->net->fault, ERR_IO, "ledger", NULL));
	} else if (s != NULL) {
		a->ticket.n_events = fill_events(rows, events, list);
		a->ticket.events = list;
		a->ticket.more_events = a->ticket.n_events < rows->n;
		out.body_case = MASHANG__ENVELOPE__BODY_TICKET;
		out.ticket = &a->ticket;
		session_reply(s, &a->ask.op, &out);
	}
	ask_free(a);
}

static void
show_failed(struct ticket_ask *a)
{
	struct session *s = ask_end(&a->ask);

	if (s != NULL)
		session_fail(s, &a->ask.op,
		    fault(&s->net->fault, ERR_IO, "ledger", NULL));
	ask_free(a);
}

static struct str
serial_text(const struct ticket_ask *a, char out[24])
{
	snprintf(out, 24, "%" PRIu64, a->serial);
	return str_of(out);
}

/* A ticket is shown without its clocks when they cannot be computed. */
static void
clocks_read(void *arg, enum err e, const struct clock_answer *answer)
{
	struct ticket_ask *a = arg;
	struct ledger *l = a->ask.net->env.ledger;
	char serial[24];
	const struct str args[2] = { serial_text(a, serial), STR_LIT("0") };

	if (e == ERR_OK)
		clocks_fill(a->arena, answer, &a->ticket);
	if (l->ops->query(l, LQ_TICKET_EVENTS, 2, args, events_read, a) !=
	    ERR_OK)
		show_failed(a);
}

static void
ticket_read(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct ticket_ask *a = arg;
	struct session *s;
	char text[24];

	if (a->ask.s == NULL || e != ERR_OK || rows->n > 1 ||
	    rows->n_columns < T_NCOLS ||
	    (a->arena = arena_new(4096, TICKET_MEMORY)) == NULL) {
		show_failed(a);
		return;
	}
	if (rows->n == 0) {
		snprintf(text, sizeof(text), "%" PRIu64, a->number);
		if ((s = ask_end(&a->ask)) != NULL)
			session_fail(s, &a->ask.op,
			    fault(&s->net->fault, ERR_NOT_FOUND, "ticket", text,
				NULL));
		ask_free(a);
		return;
	}
	fill_ticket(a, rows->cells);
	if (clocks_ask(a->ask.net, a->serial, false, clocks_read, a) != ERR_OK)
		clocks_read(a, ERR_IO, NULL);
}

enum err
on_ticket_show(struct session *s, const Mashang__Envelope *e)
{
	struct ledger *l = s->net->env.ledger;
	uint64_t number = e->ticket_show->number, serial;
	struct ticket_ask *a;
	struct id op = op_of(e);
	char text[24];
	struct str arg;
	enum err why;

	if (desk_ticket_serial(number, &serial) != ERR_OK)
		return ticket_misheard(s, number);
	if ((a = ask_new(s, &op, sizeof(*a))) == NULL)
		return ERR_BUSY;
	a->number = number;
	a->serial = serial;
	arg = serial_text(a, text);
	why = l->ops->query(l, LQ_TICKET, 1, &arg, ticket_read, a);
	if (why == ERR_OK)
		return ERR_OK;
	ask_end(&a->ask);
	ask_free(a);
	return fault(&s->net->fault, ERR_IO, "ledger", NULL);
}
