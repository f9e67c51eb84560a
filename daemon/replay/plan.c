/*
 * plan.c - the lists of a plan, and their order.
 */
#include "replay/plan.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

#define TEXT_FIRST ((size_t)64 * 1024)
#define TEXT_CAP ((size_t)1024 * 1024 * 1024)

enum err
plan_new(const char *format, struct plan **out)
{
	struct plan *p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return ERR_NOMEM;
	p->format = format;
	if ((p->text = arena_new(TEXT_FIRST, TEXT_CAP)) == NULL) {
		plan_free(&p);
		return ERR_NOMEM;
	}
	*out = p;
	return ERR_OK;
}

static void
drop_agents(struct plan *p)
{
	for (size_t i = 0; i < p->n_agents; i++)
		free(p->agents[i].shifts);
	p->n_agents = 0;
}

void
plan_free(struct plan **plan)
{
	struct plan *p = *plan;

	if (p == NULL)
		return;
	drop_agents(p);
	free(p->agents);
	free(p->calls);
	free(p->corrections);
	arena_free(&p->text);
	free(p);
	*plan = NULL;
}

/* Room for one more of `size' bytes; NULL: no memory, the list is as it was. */
static void *
room_for_one(void *list, size_t n, size_t *room, size_t size)
{
	size_t more = *room > 0 ? *room * 2 : 64;

	if (n < *room)
		return list;
	if ((list = reallocarray(list, more, size)) != NULL)
		*room = more;
	return list;
}

enum err
plan_text(struct plan *p, struct str s, const char **out)
{
	char *copy = arena_alloc(p->text, (size_t)s.len + 1);

	if (copy == NULL)
		return ERR_NOMEM;
	if (s.len > 0)
		memcpy(copy, s.p, s.len);
	*out = copy;
	return ERR_OK;
}

enum err
plan_add_call(struct plan *p, const struct plan_call *c)
{
	struct plan_call *calls;

	if (p->n_calls == PLAN_MAX_CALLS)
		return ERR_TOO_LARGE;
	calls =
	    room_for_one(p->calls, p->n_calls, &p->calls_room, sizeof(*calls));
	if (calls == NULL)
		return ERR_NOMEM;
	p->calls = calls;
	calls[p->n_calls++] = *c;
	return ERR_OK;
}

enum err
plan_correct(struct plan *p, unsigned line, const char *call, const char *what)
{
	struct plan_correction *list = room_for_one(p->corrections,
	    p->n_corrections, &p->corrections_room, sizeof(*list));

	if (list == NULL)
		return ERR_NOMEM;
	p->corrections = list;
	list[p->n_corrections++] = (struct plan_correction){ line, call, what };
	return ERR_OK;
}

/* Each type gets a number of its own on the hotline's stem. */
enum err
plan_type_named(struct plan *p, struct str name, unsigned *out)
{
	char called[32];
	struct plan_type *t = &p->types[p->n_types];
	enum err e;

	for (*out = 0; *out < p->n_types; ++*out)
		if (str_eq(name, str_of(p->types[*out].name)))
			return ERR_OK;
	if (p->n_types == PLAN_MAX_TYPES)
		return ERR_TOO_LARGE;
	snprintf(called, sizeof(called), "40066699%02u", p->n_types + 1);
	if ((e = plan_text(p, name, &t->name)) == ERR_OK)
		e = plan_text(p, str_of(called), &t->called);
	if (e == ERR_OK)
		p->n_types++;
	return e;
}

static enum err
add_agent(struct plan *p, struct str name)
{
	struct plan_agent *list, a = { 0 };
	enum err e;

	if (p->n_agents == PLAN_MAX_AGENTS)
		return ERR_TOO_LARGE;
	list = room_for_one(
	    p->agents, p->n_agents, &p->agents_room, sizeof(*list));
	if (list == NULL)
		return ERR_NOMEM;
	p->agents = list;
	if ((e = plan_text(p, name, &a.name)) == ERR_OK)
		list[p->n_agents++] = a;
	return e;
}

enum err
plan_agent_named(struct plan *p, struct str name, size_t *out)
{
	for (*out = 0; *out < p->n_agents; ++*out)
		if (str_eq(name, str_of(p->agents[*out].name)))
			return ERR_OK;
	return add_agent(p, name);
}

enum err
plan_add_shift(struct plan_agent *a, int64_t day, int64_t from, int64_t to)
{
	struct plan_shift *s;

	for (size_t i = a->n_shifts; i-- > 0;) {
		s = &a->shifts[i];
		if (s->day != day)
			continue;
		s->from = from < s->from ? from : s->from;
		s->to = to > s->to ? to : s->to;
		return ERR_OK;
	}
	s = room_for_one(a->shifts, a->n_shifts, &a->room, sizeof(*s));
	if (s == NULL)
		return ERR_NOMEM;
	a->shifts = s;
	s[a->n_shifts++] = (struct plan_shift){ day, from, to };
	return ERR_OK;
}

enum err
plan_staff(struct plan *p, size_t n)
{
	uint32_t all = (uint32_t)((UINT64_C(1) << p->n_types) - 1);
	char name[32];
	enum err e = ERR_OK;

	drop_agents(p);
	for (size_t i = 0; i < n && e == ERR_OK; i++) {
		snprintf(name, sizeof(name), "agent-%05zu", i + 1);
		if ((e = add_agent(p, str_of(name))) != ERR_OK)
			break;
		p->agents[i].types = all;
		e = plan_add_shift(&p->agents[i], 0, 0, PLAN_FOR_EVER);
	}
	return e;
}

/* ------------------------------------------------------------------ order */

static int
call_order(const void *a, const void *b)
{
	const struct plan_call *x = a, *y = b;

	if (x->offered_at != y->offered_at)
		return x->offered_at < y->offered_at ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int
shift_order(const void *a, const void *b)
{
	const struct plan_shift *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

static int
agent_order(const void *a, const void *b)
{
	const struct plan_agent *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void
join_shifts(struct plan_agent *a)
{
	size_t last = 0;

	if (a->n_shifts == 0)
		return;
	qsort(a->shifts, a->n_shifts, sizeof(*a->shifts), shift_order);
	for (size_t i = 1; i < a->n_shifts; i++) {
		struct plan_shift *s = &a->shifts[last];

		if (a->shifts[i].from > s->to)
			a->shifts[++last] = a->shifts[i];
		else if (a->shifts[i].to > s->to)
			s->to = a->shifts[i].to;
	}
	a->n_shifts = last + 1;
}

void
plan_settle(struct plan *p)
{
	if (p->n_calls > 0)
		qsort(p->calls, p->n_calls, sizeof(*p->calls), call_order);
	if (p->n_agents > 0)
		qsort(p->agents, p->n_agents, sizeof(*p->agents), agent_order);
	for (size_t i = 0; i < p->n_agents; i++)
		join_shifts(&p->agents[i]);
}

void
plan_shift_by(struct plan *p, int64_t us)
{
	for (size_t i = 0; i < p->n_calls; i++)
		p->calls[i].offered_at += us;
	for (size_t i = 0; i < p->n_agents; i++)
		for (size_t k = 0; k < p->agents[i].n_shifts; k++) {
			struct plan_shift *s = &p->agents[i].shifts[k];

			if (s->to == PLAN_FOR_EVER)
				continue;
			s->from += us;
			s->to += us;
		}
}

/* ----------------------------------------------------------------- digest */

uint64_t
plan_epoch_of(const void *bytes, size_t n)
{
	unsigned char out[16];
	uint64_t epoch = 0;

	static_assert(sizeof(out) >= crypto_generichash_BYTES_MIN, "too short");
	if (crypto_generichash(out, sizeof(out), bytes, n, NULL, 0) != 0)
		abort();
	for (int i = 0; i < 8; i++)
		epoch = epoch << 8 | out[i];
	return epoch & (uint64_t)INT64_MAX;
}

enum err
plan_day(const char *text, int64_t *out)
{
	struct tm tm = { 0 }, same;
	const char *end = strptime(text, "%Y-%m-%d", &tm);
	time_t t;

	if (end == NULL || *end != '\0' || strlen(text) != 10)
		return ERR_BAD_FIELD;
	same = tm;
	t = timegm(&same);
	if (same.tm_mday != tm.tm_mday || same.tm_mon != tm.tm_mon)
		return ERR_BAD_FIELD;
	*out = (int64_t)t * CLOCK_S;
	return ERR_OK;
}
