/*
 * clockwork_revisions.c - the book, from the ledger's lines of text.
 *
 * Four questions: which revisions are new, and their calendars, policies and
 * queues.  One that does not stand is told and left out; the older ones stay.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "desk/clockwork_state.h"
#include "sla/book.h"

#define FIRST (16 * 1024)
#define CAP ((size_t)256 * 1024 * 1024)

/* What belongs to a revision, in the order of revisions. */
struct calendar_line {
	uint32_t revision;
	struct cal_spec spec;
};
struct policy_line {
	uint32_t revision;
	struct sla_policy policy;
};
struct queue_line {
	uint32_t revision;
	struct sla_queue_calendar queue;
};

struct reading {
	struct clockwork *w;
	struct arena *arena;
	unsigned n_revisions, n_calendars, n_policies, n_queues;
	struct sla_revision *revisions;
	struct calendar_line *calendars;
	struct policy_line *policies;
	struct queue_line *queues;
	uint32_t *broken; /* revisions of which a line does not parse */
	unsigned n_broken;
	unsigned waits;
	enum err err;
};

static void
reading_free(struct reading *r)
{
	arena_free(&r->arena);
	free(r);
}

static void *
reading_alloc(struct reading *r, size_t n, size_t size)
{
	void *p = arena_alloc(r->arena, n * size + 1);

	if (p == NULL)
		r->err = ERR_NOMEM;
	return p;
}

/* ---- putting them together */

static bool
is_broken(const struct reading *r, uint32_t revision)
{
	for (unsigned i = 0; i < r->n_broken; i++)
		if (r->broken[i] == revision)
			return true;
	return false;
}

static void
broke(struct reading *r, uint32_t revision, const char *what, struct str name)
{
	if (!is_broken(r, revision) && r->n_broken < r->n_revisions)
		r->broken[r->n_broken++] = revision;
	log_error(LOG_DESK,
	    "clocks: revision=%" PRIu32 " %s=%.*s cannot be read", revision,
	    what, STR_ARG(name));
}

static enum err
add(struct reading *r, struct sla_revision *rev)
{
	struct cal_spec *c = reading_alloc(r, r->n_calendars, sizeof(*c));
	struct sla_policy *p = reading_alloc(r, r->n_policies, sizeof(*p));
	struct sla_queue_calendar *q =
	    reading_alloc(r, r->n_queues, sizeof(*q));

	if (r->err != ERR_OK)
		return r->err;
	for (unsigned i = 0; i < r->n_calendars; i++)
		if (r->calendars[i].revision == rev->id)
			c[rev->n_calendars++] = r->calendars[i].spec;
	for (unsigned i = 0; i < r->n_policies; i++)
		if (r->policies[i].revision == rev->id)
			p[rev->n_policies++] = r->policies[i].policy;
	for (unsigned i = 0; i < r->n_queues; i++)
		if (r->queues[i].revision == rev->id)
			q[rev->n_queues++] = r->queues[i].queue;
	rev->calendars = c;
	rev->policies = p;
	rev->queues = q;
	return sla_book_add(r->w->book, rev);
}

static void
add_all(struct reading *r)
{
	struct clockwork *w = r->w;

	for (unsigned i = 0; r->err == ERR_OK && i < r->n_revisions; i++) {
		struct sla_revision *rev = &r->revisions[i];
		enum err e = ERR_CONFIG;

		if (!is_broken(r, rev->id))
			e = add(r, rev);
		if (e == ERR_NOMEM)
			return;
		w->revision_seen = rev->id;
		if (e == ERR_OK)
			log_info(LOG_DESK,
			    "clocks: revision=%" PRIu32
			    " policies=%u calendars=%u",
			    rev->id, rev->n_policies, rev->n_calendars);
		else
			log_error(LOG_DESK,
			    "clocks: revision=%" PRIu32
			    " is left out, the one before it counts on: %s",
			    rev->id, err_name(e));
	}
	w->in_use |= sla_book_last(w->book) != 0;
}

static void
reading_end(struct reading *r, enum err e)
{
	struct clockwork *w = r->w;

	if (e != ERR_OK && r->err == ERR_OK)
		r->err = e;
	if (--r->waits > 0)
		return;
	if (r->err == ERR_OK)
		add_all(r);
	else if (r->err != ERR_IO)
		log_error(LOG_DESK, "clocks: revisions cannot be read: %s",
		    err_name(r->err));
	reading_free(r);
	w->phase = PHASE_IDLE;
	clockwork_next(w);
}

/* ---- lines */

static struct str
copy(struct reading *r, struct str s)
{
	struct str out = arena_copy(r->arena, s);

	if (s.len > 0 && out.p == NULL)
		r->err = ERR_NOMEM;
	return out;
}

static void
queues_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct reading *r = arg;

	if (e == ERR_OK)
		r->queues = reading_alloc(r, rows->n, sizeof(*r->queues));
	for (unsigned i = 0; r->queues != NULL && i < rows->n; i++) {
		const struct str *cell = &rows->cells[i * rows->n_columns];

		r->queues[r->n_queues++] =
		    (struct queue_line){ (uint32_t)ledger_number(cell[0]),
			    { copy(r, cell[1]), copy(r, cell[2]) } };
	}
	reading_end(r, e);
}

static void
policies_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct reading *r = arg;

	if (e == ERR_OK)
		r->policies = reading_alloc(r, rows->n, sizeof(*r->policies));
	for (unsigned i = 0; r->policies != NULL && i < rows->n; i++) {
		const struct str *cell = &rows->cells[i * rows->n_columns];
		struct policy_line *p = &r->policies[r->n_policies];
		struct str name = copy(r, cell[1]), spec = copy(r, cell[2]);

		p->revision = (uint32_t)ledger_number(cell[0]);
		if (sla_policy_parse(name, spec, r->arena, &p->policy) ==
		    ERR_OK)
			r->n_policies++;
		else
			broke(r, p->revision, "policy", name);
	}
	reading_end(r, e);
}

static void
calendars_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct reading *r = arg;

	if (e == ERR_OK)
		r->calendars = reading_alloc(r, rows->n, sizeof(*r->calendars));
	for (unsigned i = 0; r->calendars != NULL && i < rows->n; i++) {
		const struct str *cell = &rows->cells[i * rows->n_columns];
		struct calendar_line *c = &r->calendars[r->n_calendars];
		struct str name = copy(r, cell[1]), spec = copy(r, cell[2]);

		c->revision = (uint32_t)ledger_number(cell[0]);
		if (cal_parse(name, spec, r->arena, &c->spec) == ERR_OK)
			r->n_calendars++;
		else
			broke(r, c->revision, "calendar", name);
	}
	reading_end(r, e);
}

static bool
keep_revisions(struct reading *r, const struct ledger_rows *rows)
{
	r->revisions = reading_alloc(r, rows->n, sizeof(*r->revisions));
	r->broken = reading_alloc(r, rows->n, sizeof(*r->broken));
	for (unsigned i = 0; r->err == ERR_OK && i < rows->n; i++) {
		const struct str *cell = &rows->cells[i * rows->n_columns];

		r->revisions[r->n_revisions++] =
		    (struct sla_revision){ .id =
					       (uint32_t)ledger_number(cell[0]),
			    .at = ledger_number(cell[1]) };
	}
	return r->err == ERR_OK && r->n_revisions > 0;
}

static enum err
ask(struct reading *r, enum ledger_query q, ledger_rows_fn *done)
{
	char after[16];
	struct str arg = { after, (uint32_t)snprintf(after, sizeof(after),
				      "%" PRIu32, r->w->revision_seen) };
	enum err e = clockwork_query(r->w, q, 1, &arg, done, r);

	if (e == ERR_OK)
		r->waits++;
	return e;
}

/* What came in since the first answer belongs to no revision that is known:
 * it is read again with its own. */
static void
revisions_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct reading *r = arg;

	if (e == ERR_OK && keep_revisions(r, rows)) {
		e = ask(r, LQ_SLA_CALENDARS, calendars_done);
		if (e == ERR_OK)
			e = ask(r, LQ_SLA_POLICIES, policies_done);
		if (e == ERR_OK)
			e = ask(r, LQ_SLA_QUEUES, queues_done);
	}
	reading_end(r, e);
}

void
clockwork_revisions(struct clockwork *w)
{
	struct reading *r = calloc(1, sizeof(*r));

	w->want &= ~(unsigned)WANT_REVISIONS;
	if (r == NULL)
		return; /* the next sweep tries again */
	r->w = w;
	r->arena = arena_new(FIRST, CAP);
	if (r->arena != NULL &&
	    ask(r, LQ_SLA_REVISIONS, revisions_done) == ERR_OK)
		w->phase = PHASE_REVISIONS;
	else
		reading_free(r);
}

bool
clockwork_calendar(
    const struct clockwork *w, struct str name, const struct calendar **out)
{
	const struct sla_revision *r =
	    sla_book_find(w->book, sla_book_last(w->book));

	*out = r != NULL ? sla_book_named(r, name) : NULL;
	return *out != NULL;
}

const struct sla_revision *
revision_of(const struct sla_book *b, const struct sla_history *h,
    const struct sla_result *result, int64_t now)
{
	const struct sla_revision *r = result->received_at != 0
	                                   ? sla_book_at(b, result->received_at)
	                                   : NULL;
	const struct sla_fact *last = NULL;

	for (unsigned i = 0; i < h->n; i++) {
		const struct sla_fact *f = &h->facts[i];

		if (f->kind == FACT_REVISED && f->at <= now &&
		    (last == NULL || f->at > last->at ||
			(f->at == last->at && f->seq > last->seq)))
			last = f;
	}
	return last != NULL ? sla_book_find(b, last->revision) : r;
}
