/*
 * book.c - every revision known, copied whole, and the calendars built so far.
 *
 * A revision that the book hands out lies at the beginning of its page, which
 * is how the page is found again.
 */
#include "sla/book.h"

#include <stdlib.h>

#include "base/log.h"

#define PAGE_FIRST ((size_t)16 << 10)
#define PAGE_CAP ((size_t)256 << 20)

struct page {
	struct sla_revision revision; /* first */
	unsigned metrics[SLA_NAGREEMENTS];
	struct arena *arena;     /* all that the revision points to */
	struct calendar **built; /* by index, NULL: not asked for yet */
	char *zones;             /* the book's */
};

struct sla_book {
	char *zones; /* directory, NULL: the system's */
	unsigned n, room;
	struct page **pages; /* in order of id and time */
};

enum err
sla_book_new(const char *zone_directory, struct sla_book **out)
{
	struct sla_book *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return ERR_NOMEM;
	if (zone_directory != NULL &&
	    (b->zones = strdup(zone_directory)) == NULL) {
		free(b);
		return ERR_NOMEM;
	}
	*out = b;
	return ERR_OK;
}

static void
page_free(struct page *p)
{
	if (p == NULL)
		return;
	if (p->built != NULL)
		for (unsigned i = 0; i < p->revision.n_calendars; i++)
			calendar_free(&p->built[i]);
	arena_free(&p->arena);
	free(p);
}

void
sla_book_free(struct sla_book **bp)
{
	struct sla_book *b = *bp;

	if (b == NULL)
		return;
	for (unsigned i = 0; i < b->n; i++)
		page_free(b->pages[i]);
	free(b->pages);
	free(b->zones);
	free(b);
	*bp = NULL;
}

/* ---- copying; without memory the copier remembers and goes on */

struct copier {
	struct arena *arena;
	bool failed;
};

static void *
copy(struct copier *c, const void *from, size_t n, size_t size)
{
	void *p;

	if (n == 0 || c->failed)
		return NULL;
	if ((p = arena_alloc(c->arena, n * size)) == NULL) {
		c->failed = true;
		return NULL;
	}
	return memcpy(p, from, n * size);
}

static void
copy_str(struct copier *c, struct str *s)
{
	s->p = copy(c, s->p, s->len, 1);
	if (s->p == NULL)
		s->len = 0;
}

static void
copy_calendar(struct copier *c, struct cal_spec *s)
{
	struct cal_override *o =
	    copy(c, s->overrides, s->n_overrides, sizeof(*o));

	copy_str(c, &s->name);
	copy_str(c, &s->zone);
	copy_str(c, &s->base);
	s->overrides = o;
	for (unsigned i = 0; o != NULL && i < s->n_overrides; i++)
		copy_str(c, &o[i].label);
}

static void
copy_policy(struct copier *c, struct sla_policy *p)
{
	struct sla_target *t = copy(c, p->targets, p->n_targets, sizeof(*t));

	copy_str(c, &p->name);
	copy_str(c, &p->calendar);
	for (unsigned i = 0; i < p->n_conditions; i++)
		for (unsigned j = 0; j < p->conditions[i].n; j++)
			copy_str(c, &p->conditions[i].values[j]);
	p->targets = t;
	for (unsigned i = 0; t != NULL && i < p->n_targets; i++) {
		copy_str(c, &t[i].calendar);
		for (unsigned j = 0; j < t[i].n_rungs; j++)
			copy_str(c, &t[i].rungs[j].queue);
	}
}

static void
copy_revision(struct copier *c, struct sla_revision *r)
{
	struct cal_spec *s = copy(c, r->calendars, r->n_calendars, sizeof(*s));
	struct sla_policy *p = copy(c, r->policies, r->n_policies, sizeof(*p));
	struct sla_queue_calendar *q =
	    copy(c, r->queues, r->n_queues, sizeof(*q));

	r->calendars = s;
	r->policies = p;
	r->queues = q;
	for (unsigned i = 0; s != NULL && i < r->n_calendars; i++)
		copy_calendar(c, &s[i]);
	for (unsigned i = 0; p != NULL && i < r->n_policies; i++)
		copy_policy(c, &p[i]);
	for (unsigned i = 0; q != NULL && i < r->n_queues; i++) {
		copy_str(c, &q[i].queue);
		copy_str(c, &q[i].calendar);
	}
}

static struct page *
page_new(const struct sla_revision *r, char *zones)
{
	struct page *p = calloc(1, sizeof(*p));
	struct copier c = { .failed = false };

	if (p == NULL)
		return NULL;
	p->arena = c.arena = arena_new(PAGE_FIRST, PAGE_CAP);
	if (p->arena == NULL) {
		page_free(p);
		return NULL;
	}
	p->zones = zones;
	p->revision = *r;
	copy_revision(&c, &p->revision);
	if (r->n_calendars > 0 && !c.failed)
		p->built =
		    arena_alloc(p->arena, r->n_calendars * sizeof(*p->built));
	if (c.failed || (r->n_calendars > 0 && p->built == NULL)) {
		page_free(p);
		return NULL;
	}
	for (unsigned i = 0; i < r->n_policies; i++)
		for (unsigned j = 0; j < r->policies[i].n_targets; j++)
			p->metrics[r->policies[i].agreement] |=
			    1U << r->policies[i].targets[j].metric;
	return p;
}

enum err
sla_book_add(struct sla_book *b, const struct sla_revision *r)
{
	const struct sla_revision *last =
	    b->n > 0 ? &b->pages[b->n - 1]->revision : NULL;
	struct sla_fault fault;
	enum err e;

	if (r->id == 0 ||
	    (last != NULL && (r->id <= last->id || r->at < last->at)))
		return ERR_STALE;
	if ((e = sla_revision_check(r, b->zones, &fault)) != ERR_OK)
		return e;
	if (b->n == b->room) {
		unsigned room = b->room > 0 ? b->room * 2 : 8;
		struct page **pages =
		    realloc(b->pages, room * sizeof(*pages)); /* pointers */

		if (pages == NULL)
			return ERR_NOMEM;
		b->pages = pages;
		b->room = room;
	}
	if ((b->pages[b->n] = page_new(r, b->zones)) == NULL)
		return ERR_NOMEM;
	b->n++;
	return ERR_OK;
}

const struct sla_revision *
sla_book_find(const struct sla_book *b, uint32_t id)
{
	unsigned low = 0, high = b->n;

	while (low < high) {
		unsigned mid = low + (high - low) / 2;
		const struct sla_revision *r = &b->pages[mid]->revision;

		if (r->id == id)
			return r;
		if (r->id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

const struct sla_revision *
sla_book_at(const struct sla_book *b, int64_t at)
{
	unsigned low = 0, high = b->n; /* the answer is the one before low */

	while (low < high) {
		unsigned mid = low + (high - low) / 2;

		if (b->pages[mid]->revision.at <= at)
			low = mid + 1;
		else
			high = mid;
	}
	return low > 0 ? &b->pages[low - 1]->revision : NULL;
}

uint32_t
sla_book_last(const struct sla_book *b)
{
	return b->n > 0 ? b->pages[b->n - 1]->revision.id : 0;
}

unsigned
sla_book_metrics(const struct sla_revision *r, enum sla_agreement a)
{
	return ((const struct page *)r)->metrics[a];
}

struct str
sla_calendar_name(const struct sla_revision *r, const struct sla_policy *p,
    const struct sla_target *t, struct str queue)
{
	if (t != NULL && t->calendar.len > 0)
		return t->calendar;
	for (unsigned i = 0; queue.len > 0 && i < r->n_queues; i++)
		if (str_eq(r->queues[i].queue, queue))
			return r->queues[i].calendar;
	return p != NULL ? p->calendar : (struct str){ NULL, 0 };
}

static int
calendar_of(const struct sla_revision *r, struct str name)
{
	for (unsigned i = 0; i < r->n_calendars; i++)
		if (str_eq(r->calendars[i].name, name))
			return (int)i;
	return -1;
}

/* It was checked when it came; what fails now is memory or the disk, and no
 * promise may be counted by guess. */
static struct calendar *
build(const struct page *p, int i)
{
	const struct sla_revision *r = &p->revision;
	const struct cal_spec *layers[CAL_LAYERS_MAX];
	struct calendar *c = NULL;
	unsigned n = 0;
	struct str name = r->calendars[i].name;
	enum err e;

	for (; i >= 0 && n < CAL_LAYERS_MAX;
	     i = calendar_of(r, r->calendars[i].base))
		layers[n++] = &r->calendars[i];
	e = calendar_new(layers, n, p->zones, &c);
	if (e != ERR_OK) {
		log_error(LOG_DESK, "calendar name=%.*s error=%s",
		    STR_ARG(name), err_name(e));
		abort();
	}
	return c;
}

const struct calendar *
sla_book_named(const struct sla_revision *r, struct str name)
{
	const struct page *p = (const struct page *)r;
	int i = name.len > 0 ? calendar_of(r, name) : -1;

	if (i < 0)
		return NULL;
	if (p->built[i] == NULL)
		p->built[i] = build(p, i);
	return p->built[i];
}

const struct calendar *
sla_book_calendar(struct sla_book *b, const struct sla_revision *r,
    const struct sla_policy *p, const struct sla_target *t, struct str queue)
{
	(void)b;
	if (t->type == TARGET_CALENDAR || t->type == TARGET_FIXED)
		return NULL;
	return sla_book_named(r, sla_calendar_name(r, p, t, queue));
}

/* ---- lead */

/* The least that can lie between a start and its due, on the wall: no calendar
 * makes business time longer than it, a working date has a minute, and a
 * change of local time takes an hour. */
static int64_t
least_goal(const struct sla_target *t)
{
	const int64_t minute = 60 * INT64_C(1000000), hour = 60 * minute;
	int64_t us = 0;

	switch (t->type) {
	case TARGET_BUSINESS:
	case TARGET_CALENDAR:
		return t->goal_us;
	case TARGET_BUSINESS_DAYS:
		return (t->n - (t->count_start ? 1 : 0)) * minute;
	case TARGET_MONTHS:
		return (t->n * 28 - 1) * 24 * hour;
	case TARGET_CUTOFF:
		us = t->day_offset * 24 * hour - hour +
		     ((int64_t)t->minute - t->latest_intake - 1) * minute;
		return us > 0 ? us : 0;
	case TARGET_FIXED:
	case TARGET_NTYPES:
		break;
	}
	return INT64_MAX; /* a promise says itself when */
}

static int64_t
least_of(const struct sla_target *t)
{
	unsigned percent = t->n_rungs > 0 ? t->rungs[0].percent : 100;
	int64_t goal = least_goal(t);

	if (goal == INT64_MAX || percent >= 100)
		return goal;
	return goal / 100 * percent + goal % 100 * percent / 100;
}

int64_t
sla_book_lead(const struct sla_book *b)
{
	int64_t least = INT64_MAX;

	for (unsigned i = 0; i < b->n; i++) {
		const struct sla_revision *r = &b->pages[i]->revision;

		for (unsigned j = 0; j < r->n_policies; j++)
			for (unsigned k = 0; k < r->policies[j].n_targets;
			     k++) {
				int64_t us =
				    least_of(&r->policies[j].targets[k]);

				if (us < least)
					least = us;
			}
	}
	return least;
}
