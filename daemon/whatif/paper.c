/*
 * paper.c - one queue of what waits to be answered, one table of what is known.
 */
#include "whatif/paper.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/arena.h"
#include "store/unit.h"

#define TEXT_MAX (64u << 20)
#define COLUMNS_MAX 16

/* Rows of one question, made once. */
struct sheet {
	struct str *cells;
	unsigned n, n_columns;
};

struct waiting {
	STAILQ_ENTRY(waiting) entry;
	struct ledger_unit *unit; /* or a question: */
	enum ledger_query q;
	bool seen; /* only what is new was asked for: nothing is */
	ledger_rows_fn *rows;
	ledger_done_fn *done;
	void *arg;
};

struct paper {
	struct ledger ledger;
	const struct hotline *hotline;
	struct arena *text;
	struct sheet sheets[LQ_NQUERIES];
	STAILQ_HEAD(, waiting) waiting;
	uint64_t leased;
	struct unit_spares spares;
};

static struct paper *
paper_of(const struct ledger *l)
{
	return (struct paper *)(uintptr_t)l;
}

/* ---------------------------------------------------------------- answering */

static struct waiting *
put(struct ledger *l)
{
	struct waiting *w = calloc(1, sizeof(*w));

	if (w == NULL)
		abort(); /* a rehearsal has nothing to save */
	STAILQ_INSERT_TAIL(&paper_of(l)->waiting, w, entry);
	return w;
}

static void
paper_commit(
    struct ledger *l, struct ledger_unit *u, ledger_done_fn *done, void *arg)
{
	struct waiting *w = put(l);

	w->unit = u;
	w->done = done;
	w->arg = arg;
}

static enum err
paper_query(struct ledger *l, enum ledger_query q, unsigned n,
    const struct str *args, ledger_rows_fn *rows, void *arg)
{
	struct waiting *w = put(l);

	w->q = q;
	w->seen = (q == LQ_SLA_REVISIONS || q == LQ_SLA_CALENDARS) && n > 0 &&
	          !str_eq(args[0], STR_LIT("0"));
	w->rows = rows;
	w->arg = arg;
	return ERR_OK;
}

static void
answer(struct paper *p, struct waiting *w)
{
	static const struct sheet nothing;
	const struct sheet *s = w->seen ? &nothing : &p->sheets[w->q];
	struct ledger_rows rows = { s->n, s->n > 0 ? s->n_columns : COLUMNS_MAX,
		s->cells };

	if (w->rows != NULL)
		w->rows(w->arg, ERR_OK, &rows);
	else if (w->done != NULL)
		w->done(w->arg, ERR_OK);
	ledger_unit_free(&w->unit);
	free(w);
}

bool
paper_run(struct ledger *l)
{
	struct paper *p = paper_of(l);
	struct waiting *w;
	bool any = false;

	while ((w = STAILQ_FIRST(&p->waiting)) != NULL) {
		STAILQ_REMOVE_HEAD(&p->waiting, entry);
		answer(p, w);
		any = true;
	}
	return any;
}

/* ----------------------------------------------------------------- the rest */

static enum err
paper_apply(
    struct ledger *l, const struct config *c, ledger_done_fn *done, void *arg)
{
	(void)l, (void)c, (void)done, (void)arg;
	return ERR_REFUSED; /* the file is the configuration */
}

static enum err
paper_login_change(struct ledger *l, const struct login_change *c,
    ledger_done_fn *done, void *arg)
{
	(void)l, (void)c, (void)done, (void)arg;
	return ERR_REFUSED;
}

static enum err
paper_lease(struct ledger *l, enum ledger_lease what, uint64_t *out)
{
	(void)what;
	*out = ++paper_of(l)->leased;
	return ERR_OK;
}

static void
paper_stats(const struct ledger *l, struct ledger_stats *out)
{
	(void)l;
	*out = (struct ledger_stats){ .connected = true };
}

static void
paper_ops_free(struct ledger *l, int ms)
{
	(void)ms;
	paper_free(&l);
}

static const struct ledger_ops ops = { "paper", paper_commit, paper_query,
	paper_apply, paper_login_change, paper_lease, paper_stats,
	paper_ops_free };

/* -------------------------------------------------------------- the sheets */

static struct str text(struct paper *, const char *fmt, ...) PRINTF_LIKE(2, 3);

static struct str
text(struct paper *p, const char *fmt, ...)
{
	char buf[8192];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(buf))
		return (struct str){ NULL, 0 };
	return arena_copy(p->text, (struct str){ buf, (uint32_t)n });
}

static size_t
place_of(const struct conf_list *list, size_t size, const char *name)
{
	/* Each of them begins with its name. */
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(*(const char *const *)(const void
				   *)((const char *)list->items + i * size),
			name) == 0)
			return i + 1;
	return 0;
}

static size_t
skill_of(const struct hotline *h, const char *name)
{
	return place_of(&h->skills, sizeof(const char *), name);
}

static size_t
queue_of(const struct hotline *h, const char *name)
{
	return place_of(&h->queues, sizeof(struct hotline_queue), name);
}

/* "1=5,3=2" */
static struct str
levels(struct paper *p, const struct conf_list *list,
    size_t (*place)(const struct hotline *, const char *))
{
	const struct conf_level *l = list->items;
	struct str s = STR_LIT("");

	for (size_t i = 0; i < list->n; i++)
		s = text(p, "%.*s%s%zu=%lld", STR_ARG(s), i > 0 ? "," : "",
		    place(p->hotline, l[i].name), (long long)l[i].level);
	return s;
}

static struct str
queue_list(struct paper *p, const struct conf_list *list)
{
	const char *const *names = list->items;
	struct str s = STR_LIT("");

	for (size_t i = 0; i < list->n; i++)
		s = text(p, "%.*s%s%zu", STR_ARG(s), i > 0 ? "," : "",
		    queue_of(p->hotline, names[i]));
	return s;
}

static struct str *
sheet(struct paper *p, enum ledger_query q, size_t n, unsigned n_columns)
{
	struct sheet *s = &p->sheets[q];

	s->cells = calloc(n * n_columns + 1, sizeof(*s->cells));
	s->n = s->cells != NULL ? (unsigned)n : 0;
	s->n_columns = n_columns;
	return s->cells;
}

static void
fill_queues(struct paper *p)
{
	const struct hotline_queue *q = p->hotline->queues.items;
	size_t n = p->hotline->queues.n;
	struct str *c = sheet(p, LQ_CONFIG_QUEUES, n, 9);

	for (size_t i = 0; c != NULL && i < n; i++, q++) {
		*c++ = text(p, "%zu", i + 1);
		*c++ = str_of(q->name);
		*c++ = levels(p, &q->skills, skill_of);
		*c++ = text(p, "%lld", (long long)q->ring_us);
		*c++ = text(p, "%lld", (long long)q->wrap_up_us);
		*c++ = text(p, "%lld", (long long)q->priority_credit_us);
		*c++ = str_of(q->stay_ready ? "t" : "f");
		*c++ = text(p, "%lld", (long long)q->short_us);
		*c++ = q->routing.text;
	}
}

static void
fill_skills(struct paper *p)
{
	const char *const *names = p->hotline->skills.items;
	size_t n = p->hotline->skills.n;
	struct str *c = sheet(p, LQ_CONFIG_SKILLS, n, 2);

	for (size_t i = 0; c != NULL && i < n; i++) {
		*c++ = text(p, "%zu", i + 1);
		*c++ = str_of(names[i]);
	}
}

static void
fill_agents(struct paper *p)
{
	const struct hotline_agent *a = p->hotline->agents.items;
	size_t n = p->hotline->agents.n;
	struct str *c = sheet(p, LQ_CONFIG_AGENTS, n, 10);
	struct str *d = sheet(p, LQ_CONFIG_DEVICES, n, 2);

	for (size_t i = 0; c != NULL && d != NULL && i < n; i++, a++) {
		*c++ = text(p, "%zu", i + 1);
		*c++ = str_of(a->name);
		*c++ = str_of(a->display_name);
		*c++ = str_of(a->answer == 1 ? "t" : "f");
		*c++ = queue_list(p, &a->queues);
		*c++ = levels(p, &a->skills, skill_of);
		*c++ = levels(p, &a->tiers, queue_of);
		*c++ = levels(p, &a->weights, queue_of);
		*c++ = text(p, "%zu", i + 1);
		*c++ = text(p, "%lld", (long long)a->work_items);
		*d++ = str_of(a->name);
		*d++ = STR_LIT("1");
	}
}

static void
fill_numbers(struct paper *p)
{
	const struct hotline_number *m = p->hotline->numbers.items;
	size_t n = p->hotline->numbers.n;
	struct str *c = sheet(p, LQ_CONFIG_NUMBERS, n, 3);

	for (size_t i = 0; c != NULL && i < n; i++, m++) {
		*c++ = str_of(m->called);
		*c++ = str_of(m->menu);
		*c++ = text(p, "%zu", queue_of(p->hotline, m->queue));
	}
	if ((c = sheet(p, LQ_CONFIG_SWITCHES, 1, 2)) != NULL) {
		*c++ = STR_LIT("1");
		*c++ = STR_LIT(PAPER_SWITCH);
	}
}

static bool
has_hours(const struct hotline *h)
{
	const struct hotline_queue *q = h->queues.items;
	size_t i = 0;

	while (i < h->queues.n && q[i].routing.hours[0] == '\0')
		i++;
	return i < h->queues.n;
}

/* Queues' hours; the tickets' clocks are no part of a rehearsal. */
static void
fill_calendars(struct paper *p)
{
	const struct sla_revision *r = &p->hotline->revision;
	struct str *c;

	if (!has_hours(p->hotline))
		return;
	if ((c = sheet(p, LQ_SLA_REVISIONS, 1, 4)) != NULL) {
		*c++ = STR_LIT("1");
		*c++ = STR_LIT("0");
		*c++ = STR_LIT("new");
		*c++ = STR_LIT("file");
	}
	c = sheet(p, LQ_SLA_CALENDARS, r->n_calendars, 3);
	for (unsigned i = 0; c != NULL && i < r->n_calendars; i++) {
		char *spec = cal_print(&r->calendars[i]);

		*c++ = STR_LIT("1");
		*c++ = r->calendars[i].name;
		*c++ = spec != NULL ? arena_copy(p->text, str_of(spec))
		                    : STR_LIT("");
		free(spec);
	}
}

enum err
paper_new(const struct hotline *h, struct ledger **out)
{
	struct paper *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return ERR_NOMEM;
	p->ledger.ops = &ops;
	p->ledger.spares = &p->spares;
	p->hotline = h;
	STAILQ_INIT(&p->waiting);
	if ((p->text = arena_new(65536, TEXT_MAX)) == NULL) {
		free(p);
		return ERR_NOMEM;
	}
	fill_skills(p);
	fill_queues(p);
	fill_agents(p);
	fill_numbers(p);
	fill_calendars(p);
	*out = &p->ledger;
	return ERR_OK;
}

void
paper_free(struct ledger **lp)
{
	struct paper *p = *lp != NULL ? paper_of(*lp) : NULL;
	struct waiting *w;

	if (p == NULL)
		return;
	while ((w = STAILQ_FIRST(&p->waiting)) != NULL) {
		STAILQ_REMOVE_HEAD(&p->waiting, entry);
		ledger_unit_free(&w->unit);
		free(w);
	}
	for (unsigned i = 0; i < LQ_NQUERIES; i++)
		free(p->sheets[i].cells);
	unit_spares_fini(&p->spares);
	arena_free(&p->text);
	free(p);
	*lp = NULL;
}
