/*
 * handler_change.c - what people do to tickets.  Whatever is refused is told
 * with how the ticket stands and what is possible then.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/session.h"

struct change_ask {
	struct ask ask;
};

static bool
is_supervisor(const struct session *s)
{
	return s->role != MASHANG__ROLE__ROLE_AGENT;
}

static enum err
read_change(
    struct session *s, const Mashang__TicketChange *m, struct ticket_change *c)
{
	struct fields f = fields_of(s);
	enum err e;

	*c = (struct ticket_change){
		.number = m->number,
		.expect = m->expect,
		.change = (enum ticket_change_kind)m->change,
		.until = m->until_at,
		.kind = (enum ticket_kind)m->ticket_kind,
		.priority = m->priority,
		.for_customer = m->for_customer,
		.supervisor = is_supervisor(s),
	};
	if ((e = field_range(
		 &f, "change", m->change, 1, TICKET_NCHANGES - 1)) != ERR_OK ||
	    (e = field_lines(&f, "text", m->text, NOTE_LEN, &c->text)) !=
		ERR_OK ||
	    (e = field_time(&f, "until", m->until_at)) != ERR_OK ||
	    (e = field_name(&f, "queue", m->queue, &c->queue)) != ERR_OK ||
	    (e = field_name(&f, "owner", m->owner, &c->owner)) != ERR_OK ||
	    (e = field_range(
		 &f, "kind", m->ticket_kind, 0, TICKET_NKINDS - 1)) != ERR_OK ||
	    (e = field_text(&f, "category", m->category, NAME_LEN,
		 &c->category)) != ERR_OK ||
	    (e = field_range(&f, "priority", m->priority, 0, 5)) != ERR_OK ||
	    (e = field_range(&f, "expect", m->expect, 0, INT32_MAX)) != ERR_OK)
		return e;
	return s->net->desk != NULL ? ERR_OK
	                            : fault(f.fault, ERR_IO, "desk", NULL);
}

/* "assign, resume": what this session may do to a ticket that stands so. */
static const char *
possible(
    const struct session *s, enum ticket_status now, char out[FAULT_PARAM_LEN])
{
	size_t n = 0;

	out[0] = '\0';
	for (unsigned k = 1; k < TICKET_NCHANGES; k++) {
		enum ticket_change_kind kind = (enum ticket_change_kind)k;

		if (ticket_may(kind, now, is_supervisor(s)) &&
		    n < FAULT_PARAM_LEN - 1)
			n += (size_t)snprintf(out + n, FAULT_PARAM_LEN - n,
			    "%s%s", n > 0 ? ", " : "", ticket_rule(kind)->word);
	}
	return n > 0 ? out : NULL;
}

static enum err
refused(struct session *s, const struct ticket_changed *b)
{
	const char *word = ticket_rule(b->change->change)->word;
	char list[FAULT_PARAM_LEN];

	if (ticket_may(b->change->change, b->status, true) &&
	    !ticket_may(b->change->change, b->status, is_supervisor(s)))
		return session_forbidden(s, s->role, word);
	return fault(&s->net->fault, ERR_REFUSED, "ticket", word,
	    ticket_status_word(b->status), possible(s, b->status, list), NULL);
}

static enum err
not_found(struct session *s, const struct ticket_changed *b)
{
	const struct ticket_change *c = b->change;
	char name[NAME_LEN + 1];

	if (strcmp(b->missing, "ticket") == 0)
		snprintf(name, sizeof(name), "%" PRIu64, c->number);
	else if (strcmp(b->missing, "owner") == 0)
		snprintf(name, sizeof(name), "%.*s", STR_ARG(c->owner));
	else
		snprintf(name, sizeof(name), "%.*s", STR_ARG(c->queue));
	return fault(&s->net->fault, ERR_NOT_FOUND, b->missing, name, NULL);
}

static void
answer(struct session *s, const struct id *op, enum err e,
    const struct ticket_changed *b)
{
	char number[24], seq[16];

	switch (e) {
	case ERR_OK:
		session_done(s, op, b->change->number);
		s->net->news.saved(s->net->news.arg, s, op);
		return;
	case ERR_REFUSED:
		e = refused(s, b);
		break;
	case ERR_NOT_FOUND:
		e = not_found(s, b);
		break;
	case ERR_STALE:
		snprintf(number, sizeof(number), "%" PRIu64, b->change->number);
		snprintf(seq, sizeof(seq), "%" PRIu32, b->seq);
		e = fault(&s->net->fault, e, "ticket", number, seq, NULL);
		break;
	case ERR_IO:
		e = fault(&s->net->fault, e, "ledger", NULL);
		break;
	default:
		break;
	}
	session_fail(s, op, e);
}

static void
changed(void *arg, enum err e, const struct ticket_changed *became)
{
	struct change_ask *a = arg;
	struct session *s = ask_end(&a->ask);

	if (s != NULL)
		answer(s, &a->ask.op, e, became);
	free(a);
}

/* What is not even asked of the ledger. */
static enum err
refused_at_once(struct session *s, const struct ticket_change *c, enum err e,
    const struct ticket_fault *f)
{
	switch (e) {
	case ERR_MISHEARD:
		return ticket_misheard(s, c->number);
	case ERR_BAD_FIELD:
		return fault(&s->net->fault, e, f->field, f->wanted, NULL);
	case ERR_FORBIDDEN:
		return session_forbidden(
		    s, s->role, ticket_rule(c->change)->word);
	case ERR_IO:
		return fault(&s->net->fault, e, "ledger", NULL);
	default:
		return e;
	}
}

enum err
on_ticket_change(struct session *s, const Mashang__Envelope *e)
{
	struct id op = op_of(e);
	struct desk_action action = action_by(s, &op);
	struct ticket_fault f;
	struct ticket_change c;
	struct change_ask *a;
	enum err why = read_change(s, e->ticket_change, &c);

	if (why != ERR_OK)
		return why;
	if ((a = ask_new(s, &op, sizeof(*a))) == NULL)
		return ERR_BUSY;
	why = desk_ticket_change(s->net->desk, &action, &c, &f, changed, a);
	if (why == ERR_OK)
		return ERR_OK;
	ask_end(&a->ask);
	free(a);
	return refused_at_once(s, &c, why, &f);
}
