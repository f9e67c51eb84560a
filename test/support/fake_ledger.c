/*
 * fake_ledger.c - two queues (commits, questions) and a shelf of rows.
 */
#include "test/support/fake_ledger.h"

#include <assert.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/arena.h"
#include "store/unit.h"

#define CELLS_MAX 8192

struct question {
	STAILQ_ENTRY(question) entry;
	enum ledger_query q; /* LQ_NONE: `done' is told ERR_OK */
	ledger_rows_fn *rows;
	ledger_done_fn *done;
	void *arg;
};

/* An answer for one time. */
struct card {
	STAILQ_ENTRY(card) entry;
	enum ledger_query q;
	const char *rows;
};

struct shelf {
	const void **rows;
	unsigned n;
};

struct fake {
	struct ledger ledger;
	struct event *ev;
	struct unit_queue waiting, kept;
	STAILQ_HEAD(, question) questions;
	unsigned n_waiting, fail_at;
	enum err fail_as;
	bool held, away;
	uint64_t leased[3], leases_left, backlog;
	const char *cards[LQ_NQUERIES];
	STAILQ_HEAD(, card) once;
	unsigned asked[LQ_NQUERIES], applied;
	unsigned troubled[LQ_NQUERIES];
	enum err trouble[LQ_NQUERIES];
	char args[LQ_NQUERIES][1024];
	struct shelf shelves[ROW_NKINDS];
	struct login_change change;
	struct arena *arena; /* of `change' */
};

static struct fake *
fake_of(const struct ledger *l)
{
	return (struct fake *)(uintptr_t)l;
}

static void
wake(struct fake *f)
{
	static const struct timeval now;

	if (f->ev != NULL)
		event_add(f->ev, &now);
}

/* --------------------------------------------------------------- commits */

static void
fake_commit(
    struct ledger *l, struct ledger_unit *u, ledger_done_fn *done, void *arg)
{
	struct fake *f = fake_of(l);

	u->done = done;
	u->arg = arg;
	u->outcome = ERR_OK;
	if (f->fail_at > 0 && --f->fail_at == 0)
		u->outcome = f->fail_as;
	STAILQ_INSERT_TAIL(&f->waiting, u, entry);
	f->n_waiting++;
	wake(f);
}

static void
shelve(struct fake *f, const struct unit_row *r)
{
	struct shelf *s = &f->shelves[r->kind];

	s->rows = reallocarray(s->rows, s->n + 1, sizeof(*s->rows));
	assert(s->rows != NULL);
	s->rows[s->n++] = r->row;
}

static unsigned
run_commit(struct fake *f)
{
	struct ledger_unit *u = STAILQ_FIRST(&f->waiting);

	if (u == NULL || f->held || f->away)
		return 0;
	STAILQ_REMOVE_HEAD(&f->waiting, entry);
	f->n_waiting--;
	if (u->outcome == ERR_OK)
		for (const struct unit_row *r = unit_rows(u); r != NULL;
		     r = r->next)
			shelve(f, r);
	STAILQ_INSERT_TAIL(&f->kept, u, entry);
	if (u->done != NULL)
		u->done(u->arg, u->outcome);
	return 1;
}

/* ------------------------------------------------------------- questions */

static enum err
put_question(struct fake *f, enum ledger_query q, ledger_rows_fn *rows,
    ledger_done_fn *done, void *arg)
{
	struct question *n;

	if (f->away)
		return ERR_IO;
	n = calloc(1, sizeof(*n));
	assert(n != NULL);
	*n =
	    (struct question){ .q = q, .rows = rows, .done = done, .arg = arg };
	STAILQ_INSERT_TAIL(&f->questions, n, entry);
	wake(f);
	return ERR_OK;
}

static enum err
fake_query(struct ledger *l, enum ledger_query q, unsigned n,
    const struct str *args, ledger_rows_fn *done, void *arg)
{
	struct fake *f = fake_of(l);
	char *p = f->args[q];

	p[0] = '\0';
	for (unsigned i = 0; i < n; i++) {
		size_t at = strlen(p);

		snprintf(p + at, sizeof(f->args[q]) - at, "%s%.*s",
		    i > 0 ? "|" : "", STR_ARG(args[i]));
	}
	f->asked[q]++;
	return put_question(f, q, done, NULL, arg);
}

/* A card's text as rows. */
static void
read_card(const char *p, struct str *cells, struct ledger_rows *rows)
{
	const char ends[] = { '|',
		p != NULL && *p == FAKE_ROW ? FAKE_ROW : '\n', '\0' };
	unsigned n = 0, columns = 0;

	p += ends[1] == FAKE_ROW;
	*rows = (struct ledger_rows){ .cells = cells };
	/* Behind a last `|' stands one more cell, empty. */
	while (p != NULL && (*p != '\0' || columns > 0)) {
		size_t len = strcspn(p, ends);

		assert(n < CELLS_MAX);
		cells[n++] = (struct str){ len > 0 ? p : NULL, (uint32_t)len };
		columns++;
		if (p[len] != '|') {
			rows->n++;
			rows->n_columns = columns;
			columns = 0;
		}
		p += len + (p[len] != '\0');
	}
}

static const char *
take_card(struct fake *f, enum ledger_query q)
{
	const char *rows = f->cards[q];
	struct card *c;

	STAILQ_FOREACH (c, &f->once, entry)
		if (c->q == q)
			break;
	if (c == NULL)
		return rows;
	rows = c->rows;
	STAILQ_REMOVE(&f->once, c, card, entry);
	free(c);
	return rows;
}

static unsigned
run_question(struct fake *f)
{
	struct question *q = STAILQ_FIRST(&f->questions);
	static struct str cells[CELLS_MAX];
	struct ledger_rows rows;

	if (q == NULL)
		return 0;
	STAILQ_REMOVE_HEAD(&f->questions, entry);
	if (q->done != NULL) {
		q->done(q->arg, ERR_OK);
	} else if (f->troubled[q->q] > 0) {
		f->troubled[q->q]--;
		q->rows(q->arg, f->trouble[q->q], NULL);
	} else {
		read_card(take_card(f, q->q), cells, &rows);
		if (rows.n == 0)
			rows.n_columns = 32; /* whatever was asked for */
		q->rows(q->arg, ERR_OK, &rows);
	}
	free(q);
	return 1;
}

unsigned
fake_ledger_run(struct ledger *l)
{
	struct fake *f = fake_of(l);
	unsigned done = 0, now;

	do {
		now = run_question(f) + run_commit(f);
		done += now;
	} while (now > 0);
	return done;
}

static void
run_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	fake_ledger_run(arg);
}

/* ------------------------------------------------------------- the others */

static enum err
fake_apply(
    struct ledger *l, const struct config *c, ledger_done_fn *done, void *arg)
{
	(void)c;
	fake_of(l)->applied++;
	return put_question(fake_of(l), LQ_NONE, NULL, done, arg);
}

static enum err
fake_login_change(struct ledger *l, const struct login_change *c,
    ledger_done_fn *done, void *arg)
{
	struct fake *f = fake_of(l);

	f->change = *c;
	f->change.name = arena_copy(f->arena, c->name);
	f->change.role = arena_copy(f->arena, c->role);
	f->change.secret = arena_copy(f->arena, c->secret);
	f->change.switch_name = arena_copy(f->arena, c->switch_name);
	f->change.actor = arena_copy(f->arena, c->actor);
	return put_question(f, LQ_NONE, NULL, done, arg);
}

static enum err
fake_lease(struct ledger *l, enum ledger_lease what, uint64_t *out)
{
	struct fake *f = fake_of(l);

	if (f->leases_left == 0)
		return ERR_BUSY;
	f->leases_left--;
	*out = ++f->leased[what];
	return ERR_OK;
}

static void
fake_stats(const struct ledger *l, struct ledger_stats *out)
{
	const struct fake *f = fake_of(l);

	*out = (struct ledger_stats){ .backlog_units = f->n_waiting,
		.backlog_bytes = f->backlog,
		.connected = !f->away };
}

static void
fake_ops_free(struct ledger *l, int ms)
{
	(void)ms;
	fake_ledger_free(&l);
}

static const struct ledger_ops ops = { "fake", fake_commit, fake_query,
	fake_apply, fake_login_change, fake_lease, fake_stats, fake_ops_free };

struct ledger *
fake_ledger_new(struct event_base *base)
{
	struct fake *f = calloc(1, sizeof(*f));

	assert(f != NULL);
	f->ledger.ops = &ops;
	f->leases_left = UINT64_MAX;
	STAILQ_INIT(&f->waiting);
	STAILQ_INIT(&f->kept);
	STAILQ_INIT(&f->questions);
	STAILQ_INIT(&f->once);
	f->arena = arena_new(4096, 1024 * 1024);
	if (base != NULL)
		f->ev = evtimer_new(base, run_cb, f);
	return &f->ledger;
}

static void
free_units(struct unit_queue *q)
{
	struct ledger_unit *u;

	while ((u = STAILQ_FIRST(q)) != NULL) {
		STAILQ_REMOVE_HEAD(q, entry);
		ledger_unit_free(&u);
	}
}

void
fake_ledger_free(struct ledger **l)
{
	struct fake *f = fake_of(*l);
	struct question *q;
	struct card *c;

	if (f == NULL)
		return;
	while ((c = STAILQ_FIRST(&f->once)) != NULL) {
		STAILQ_REMOVE_HEAD(&f->once, entry);
		free(c);
	}
	free_units(&f->waiting);
	free_units(&f->kept);
	while ((q = STAILQ_FIRST(&f->questions)) != NULL) {
		STAILQ_REMOVE_HEAD(&f->questions, entry);
		free(q);
	}
	for (int i = 0; i < ROW_NKINDS; i++)
		free(f->shelves[i].rows);
	if (f->ev != NULL)
		event_free(f->ev);
	arena_free(&f->arena);
	free(f);
	*l = NULL;
}

void
fake_ledger_hold(struct ledger *l, bool held)
{
	fake_of(l)->held = held;
	wake(fake_of(l));
}

void
fake_ledger_away(struct ledger *l, bool away)
{
	fake_of(l)->away = away;
	wake(fake_of(l));
}

void
fake_ledger_fail(struct ledger *l, unsigned nth, enum err e)
{
	fake_of(l)->fail_at = nth;
	fake_of(l)->fail_as = e;
}

void
fake_ledger_leases(struct ledger *l, uint64_t left)
{
	fake_of(l)->leases_left = left;
}

void
fake_ledger_backlog(struct ledger *l, uint64_t bytes)
{
	fake_of(l)->backlog = bytes;
}

void
fake_ledger_card(struct ledger *l, enum ledger_query q, const char *rows)
{
	fake_of(l)->cards[q] = rows;
}

void
fake_ledger_trouble(
    struct ledger *l, enum ledger_query q, unsigned n, enum err e)
{
	fake_of(l)->troubled[q] = n;
	fake_of(l)->trouble[q] = e;
}

void
fake_ledger_once(struct ledger *l, enum ledger_query q, const char *rows)
{
	struct card *c = calloc(1, sizeof(*c));

	assert(c != NULL);
	*c = (struct card){ .q = q, .rows = rows };
	STAILQ_INSERT_TAIL(&fake_of(l)->once, c, entry);
}

unsigned
fake_ledger_asked(const struct ledger *l, enum ledger_query q)
{
	return fake_of(l)->asked[q];
}

const char *
fake_ledger_args(const struct ledger *l, enum ledger_query q)
{
	return fake_of(l)->args[q];
}

unsigned
fake_ledger_n(const struct ledger *l, enum row_kind kind)
{
	return fake_of(l)->shelves[kind].n;
}

const void *
fake_ledger_row(const struct ledger *l, enum row_kind kind, unsigned i)
{
	const struct shelf *s = &fake_of(l)->shelves[kind];

	return i < s->n ? s->rows[i] : NULL;
}

unsigned
fake_ledger_waiting(const struct ledger *l)
{
	return fake_of(l)->n_waiting;
}

unsigned
fake_ledger_applied(const struct ledger *l)
{
	return fake_of(l)->applied;
}

const struct login_change *
fake_ledger_change(const struct ledger *l)
{
	return &fake_of(l)->change;
}
