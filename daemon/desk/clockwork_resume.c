/*
 * clockwork_resume.c - the end of a wait that has come by itself.
 *
 * It is written into the history before the evaluation that saw it, which is
 * then made again from the history as it is: so a process that dies in between
 * leaves the ticket due, as it was.
 */
#include <inttypes.h>
#include <stdio.h>

#include <sodium.h>

#include "base/log.h"
#include "desk/clockwork_state.h"
#include "desk/ticket_state.h"

/* Of the wait that has ended, by where it stands in the history. */
static uint32_t
seq_of_wait(const struct page_ticket *t)
{
	const struct sla_history *h = &t->read.history;
	const struct sla_fact *last = NULL;

	for (unsigned i = 0; i < h->n; i++) {
		const struct sla_fact *f = &h->facts[i];

		if ((f->kind == FACT_PENDED || f->kind == FACT_SCHEDULED) &&
		    f->at <= t->result.resume_at &&
		    (last == NULL || f->at > last->at ||
			(f->at == last->at && f->seq > last->seq)))
			last = f;
	}
	return last != NULL ? last->seq : 0;
}

static struct id
key_of_end(uint64_t ticket, uint32_t seq)
{
	static const char what[] = "wait ended";
	crypto_generichash_state s;
	struct id key;

	crypto_generichash_init(&s, NULL, 0, sizeof(key.b));
	crypto_generichash_update(&s, (const void *)what, sizeof(what));
	crypto_generichash_update(&s, (const void *)&ticket, sizeof(ticket));
	crypto_generichash_update(&s, (const void *)&seq, sizeof(seq));
	crypto_generichash_final(&s, key.b, sizeof(key.b));
	return key;
}

/* "{pending_customer,scheduled}" */
static struct str
statuses(unsigned mask, char *out, size_t room)
{
	size_t n = (size_t)snprintf(out, room, "{");

	for (unsigned s = TICKET_NEW; s < TICKET_NSTATUSES; s++)
		if (mask & 1u << s)
			n += (size_t)snprintf(out + n, room - n, "%s%s",
			    n > 1 ? "," : "",
			    ticket_status_word((enum ticket_status)s));
	n += (size_t)snprintf(out + n, room - n, "}");
	return (struct str){ out, (uint32_t)n };
}

/* Written, or the history has gone on meanwhile: it is read again.  Else the
 * ticket stands where no wait can end, and is evaluated as it is. */
static void
resumed(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct clockwork *w = arg;
	struct page_ticket *t = &w->page.tickets[w->page.at++];

	if (e != ERR_OK || rows->n == 0 ||
	    str_eq(rows->cells[0], STR_LIT("done")) ||
	    str_eq(rows->cells[0], STR_LIT("stale")))
		t->left = true;
	else
		log_warn(LOG_DESK,
		    "clocks: ticket=%" PRIu64 " does not resume: %.*s",
		    t->ticket, STR_ARG(rows->cells[0]));
	if (!clockwork_resume(w))
		clockwork_page_write(w);
}

static bool
resume(struct clockwork *w, struct page_ticket *t)
{
	const struct ticket_rule *rule = ticket_rule(TICKET_RESUME);
	char key[ID_TEXT_LEN + 1], ticket[24], expect[16], at[24], from[256];
	struct id id = key_of_end(t->ticket, seq_of_wait(t));
	struct str args[16] = { str_of(id_text(&id, key)) };

	snprintf(ticket, sizeof(ticket), "%" PRIu64, t->ticket);
	snprintf(expect, sizeof(expect), "%" PRIu32, t->read.as_of);
	snprintf(at, sizeof(at), "%" PRId64, t->result.resume_at);
	args[1] = str_of(ticket);
	args[2] = str_of(expect);
	args[3] = statuses(rule->from, from, sizeof(from));
	args[4] = str_of(rule->kind);
	args[5] = str_of(at);
	args[6] = STR_LIT("system");
	args[8] = STR_LIT("f");
	args[9] = str_of(ticket_status_word(rule->to));
	args[12] = args[15] = STR_LIT("0");
	return clockwork_query(w, LQ_TICKET_CHANGE, NELEM(args), args, resumed,
		   w) == ERR_OK;
}

bool
clockwork_resume(struct clockwork *w)
{
	struct page *p = &w->page;

	for (; p->at < p->n_tickets; p->at++) {
		struct page_ticket *t = &p->tickets[p->at];

		if (t->left || t->result.resume_at == 0 ||
		    t->result.resume_at > t->now)
			continue;
		if (resume(w, t))
			return true;
		t->left = true; /* stays due */
	}
	return false;
}
