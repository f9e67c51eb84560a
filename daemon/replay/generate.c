/*
 * generate.c - calls are drawn one by one, each from its own name: when it
 * comes, who calls, how long everything takes.
 *
 * Staff follows the load: at the busiest half hour all agents are there, at
 * others the share that the arrivals ask for, and the first agent is there as
 * long as calls come.
 */
#include "replay/generate.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "replay/caller.h"
#include "replay/draw.h"

#define HALF_HOURS 48
#define HALF_HOUR_US (1800 * CLOCK_S)
#define DAY_US (HALF_HOURS * HALF_HOUR_US)
#define NO_MARK SIZE_MAX
#define SPEC_MAX 8192

struct spec {
	int64_t calls, days, seed, agents;
	const char *date, *arrivals;
	int64_t service_mean, service_cv, patience_mean;
	int64_t menu_mean, menu_hang_up;
	int64_t ring_low, ring_high, wrap_up_low, wrap_up_high;
	int64_t priority, priority_credit, repeat;
	struct conf_list queues;
};

#define AT(member) offsetof(struct spec, member)
#define MICRO(seconds) ((seconds)*CLOCK_S)

/* clang-format off */
static const struct conf_field queue_field[] = { { .name = NULL } };

static const struct conf_field fields[] = {
	{ "calls", CONF_NUMBER, AT(calls), "1600",
	  "calls a day, those that end in the menu included",
	  1, 2000000, NULL, NULL, 0, NO_MARK },
	{ "days", CONF_NUMBER, AT(days), "1", "days, one after another",
	  1, 366, NULL, NULL, 0, NO_MARK },
	{ "date", CONF_STRING, AT(date), "2026-03-02", "the first day",
	  0, 10, NULL, NULL, 0, NO_MARK },
	{ "seed", CONF_NUMBER, AT(seed), "1", "another one, other days",
	  0, INT64_MAX, NULL, NULL, 0, NO_MARK },
	{ "agents", CONF_NUMBER, AT(agents), "7",
	  "agents at the busiest half hour",
	  0, PLAN_MAX_AGENTS, NULL, NULL, 0, NO_MARK },
	{ "arrivals", CONF_STRING, AT(arrivals),
	  "0 0 0 0 0 0 0 0 0 0 0 0 0 0 99 156 228 332 384 467 452 491 451 450 "
	  "416 368 375 379 370 405 387 417 374 370 347 292 337 263 235 184 191 "
	  "213 244 222 179 226 186 131",
	  "48 weights, one a half hour from midnight",
	  0, 1024, NULL, NULL, 0, NO_MARK },
	{ "service_mean", CONF_DURATION, AT(service_mean), "184s",
	  "mean of the log-normal service", MICRO(1), DAY_US, NULL, NULL, 0,
	  NO_MARK },
	{ "service_cv", CONF_NUMBER, AT(service_cv), "128",
	  "its deviation, per cent of the mean", 0, 1000, NULL, NULL, 0,
	  NO_MARK },
	{ "patience_mean", CONF_DURATION, AT(patience_mean), "345s",
	  "mean of the exponential patience", MICRO(1), DAY_US, NULL, NULL, 0,
	  NO_MARK },
	{ "menu_mean", CONF_DURATION, AT(menu_mean), "10s",
	  "mean time in the menu", 0, DAY_US, NULL, NULL, 0, NO_MARK },
	{ "menu_hang_up", CONF_NUMBER, AT(menu_hang_up), "5",
	  "per cent that hang up in the menu", 0, 100, NULL, NULL, 0, NO_MARK },
	{ "ring_low", CONF_DURATION, AT(ring_low), "1s",
	  "an agent lifts the phone after at least", 0, DAY_US, NULL, NULL, 0,
	  NO_MARK },
	{ "ring_high", CONF_DURATION, AT(ring_high), "4s",
	  "... and at most", 0, DAY_US, NULL, NULL, 0, NO_MARK },
	{ "wrap_up_low", CONF_DURATION, AT(wrap_up_low), "10s",
	  "an agent's note takes at least", 0, DAY_US, NULL, NULL, 0, NO_MARK },
	{ "wrap_up_high", CONF_DURATION, AT(wrap_up_high), "40s",
	  "... and at most", 0, DAY_US, NULL, NULL, 0, NO_MARK },
	{ "priority", CONF_NUMBER, AT(priority), "10",
	  "per cent of calls with priority", 0, 100, NULL, NULL, 0, NO_MARK },
	{ "priority_credit", CONF_DURATION, AT(priority_credit), "90s",
	  "such a call is queued as if so much earlier", 0, DAY_US, NULL, NULL,
	  0, NO_MARK },
	{ "repeat", CONF_NUMBER, AT(repeat), "30",
	  "per cent of calls from callers who call often", 0, 100, NULL, NULL,
	  0, NO_MARK },
	{ "queues", CONF_LEVELS, AT(queues),
	  "{repair: 45, delivery: 30, advice: 15, complaint: 10}",
	  "queues and their shares of the calls", 1, 1000000, NULL,
	  queue_field, 0, NO_MARK },
	{ .name = NULL }
};
/* clang-format on */

/* ------------------------------------------------------------------- spec */

/* `a=1,b={c: 2, d: 3}' as lines of YAML: commas in braces stay. */
static enum err
to_lines(const char *spec, char out[SPEC_MAX])
{
	size_t n = 0;
	int depth = 0;
	bool key = true;

	for (const char *p = spec; *p != '\0'; p++) {
		if (n + 3 > SPEC_MAX)
			return ERR_TOO_LARGE;
		depth += (*p == '{') - (*p == '}');
		if (*p == ',' && depth == 0) {
			out[n++] = '\n';
			key = true;
		} else if (*p == '=' && key) {
			out[n++] = ':';
			out[n++] = ' ';
			key = false;
		} else {
			out[n++] = *p;
		}
	}
	out[n] = '\0';
	return ERR_OK;
}

static enum err
read_spec(const char *text, FILE *errors, struct spec *s, struct conf **conf)
{
	char lines[SPEC_MAX];

	if (*text != '\0' && strchr(text, '=') == NULL)
		return conf_load(text, fields, s, errors, conf);
	if (to_lines(text, lines) != ERR_OK) {
		fprintf(errors, "--generate: the spec is too long; "
				"put it into a file\n");
		return ERR_CONFIG;
	}
	return conf_parse(
	    "--generate", lines, strlen(lines), fields, s, errors, conf);
}

/* What no single field can tell. */
static enum err
check_spec(const struct spec *s, FILE *errors, int64_t *midnight)
{
	const char *what = NULL;

	if (plan_day(s->date, midnight) != ERR_OK)
		what = "date: not a day as YYYY-MM-DD";
	else if (s->ring_low > s->ring_high)
		what = "ring_high: less than ring_low";
	else if (s->wrap_up_low > s->wrap_up_high)
		what = "wrap_up_high: less than wrap_up_low";
	else if (s->queues.n == 0 || s->queues.n > PLAN_MAX_TYPES)
		what = "queues: at least one, at most 32";
	else if (s->calls * s->days > PLAN_MAX_CALLS)
		what = "calls: more than 5,000,000 in all";
	if (what == NULL)
		return ERR_OK;
	fprintf(errors, "--generate: %s\n", what);
	return ERR_CONFIG;
}

struct arrivals {
	int64_t weights[HALF_HOURS], total, most;
};

static enum err
read_arrivals(const char *text, FILE *errors, struct arrivals *a)
{
	char *end;
	int n = 0;

	for (; *text != '\0'; text = end) {
		long long w = strtoll(text, &end, 10);

		if (end == text || w < 0 || w > 1000000000 || n == HALF_HOURS)
			break;
		a->weights[n++] = w;
		a->total += w;
		a->most = w > a->most ? w : a->most;
		while (*end == ' ' || *end == '/')
			end++;
	}
	if (*text == '\0' && n == HALF_HOURS && a->total > 0)
		return ERR_OK;
	fprintf(errors, "--generate: arrivals: 48 whole numbers, not all 0, "
			"with blanks or / between them\n");
	return ERR_CONFIG;
}

/* ------------------------------------------------------------------ calls */

static unsigned
pick_type(struct draw *d, const struct spec *s)
{
	const struct conf_level *q = s->queues.items;
	int64_t total = 0, at;

	for (size_t i = 0; i < s->queues.n; i++)
		total += q[i].level;
	at = (int64_t)draw_below(d, (uint64_t)total);
	for (size_t i = 0;; i++)
		if ((at -= q[i].level) < 0)
			return (unsigned)i;
}

static int64_t
pick_instant(struct draw *d, const struct arrivals *a)
{
	int64_t at = (int64_t)draw_below(d, (uint64_t)a->total);
	int h = 0;

	while ((at -= a->weights[h]) >= 0)
		h++;
	return h * HALF_HOUR_US +
	       (int64_t)draw_below(d, (uint64_t)HALF_HOUR_US);
}

/* One in eight of the callers calls often. */
static enum err
pick_caller(struct plan *p, struct draw *d, const struct spec *s, size_t nth,
    struct plan_call *c)
{
	uint64_t often = (uint64_t)(s->calls * s->days) / 8 + 1;
	bool again = (int64_t)draw_below(d, 100) < s->repeat;
	uint64_t who = again ? draw_below(d, often) : often + nth;
	char number[CALLER_MAX], name[CALLER_MAX];
	enum err e;

	caller_make(p->seed, who, d, number, name);
	if ((e = plan_text(p, str_of(number), &c->caller)) != ERR_OK)
		return e;
	return plan_text(p, str_of(name), &c->caller_name);
}

static enum err
make_call(struct plan *p, const struct spec *s, const struct arrivals *a,
    int64_t midnight, size_t nth)
{
	char name[PLAN_NAME_MAX + 1];
	struct plan_call c = { 0 };
	struct draw d;
	enum err e;

	snprintf(name, sizeof(name), "call-%07zu", nth + 1);
	if ((e = plan_text(p, str_of(name), &c.name)) != ERR_OK)
		return e;
	d = draw_for(p->seed, c.name, "call");
	c.offered_at = midnight + pick_instant(&d, a);
	c.type = pick_type(&d, s);
	c.priority = (int64_t)draw_below(&d, 100) < s->priority;
	c.queues = (int64_t)draw_below(&d, 100) >= s->menu_hang_up;
	c.menu_us = (int64_t)draw_log_normal(&d, (double)s->menu_mean, 1);
	c.patience_us = (int64_t)draw_exponential(&d, (double)s->patience_mean);
	c.service_us = (int64_t)draw_log_normal(
	    &d, (double)s->service_mean, (double)s->service_cv / 100);
	c.ring_us = draw_between(&d, s->ring_low, s->ring_high);
	c.wrap_up_us = draw_between(&d, s->wrap_up_low, s->wrap_up_high);
	if ((e = pick_caller(p, &d, s, nth, &c)) != ERR_OK)
		return e;
	return plan_add_call(p, &c);
}

/* ------------------------------------------------------------------ staff */

/* Agent `nth' of n is wanted where the load asks for more than nth of them. */
static enum err
make_shifts(struct plan_agent *a, const struct arrivals *w, int64_t nth,
    int64_t n, int64_t midnight)
{
	int first = -1, last = -1;

	for (int h = 0; h < HALF_HOURS; h++)
		if (w->weights[h] > 0 &&
		    (nth == 0 ||
			2 * w->weights[h] * n >= (2 * nth + 1) * w->most)) {
			first = first < 0 ? h : first;
			last = h;
		}
	return plan_add_shift(a, midnight, midnight + first * HALF_HOUR_US,
	    midnight + (last + 1) * HALF_HOUR_US);
}

static enum err
make_staff(struct plan *p, const struct spec *s, const struct arrivals *w,
    int64_t midnight)
{
	enum err e = plan_staff(p, (size_t)s->agents);

	for (int64_t i = 0; i < s->agents && e == ERR_OK; i++) {
		p->agents[i].n_shifts = 0;
		for (int64_t d = 0; d < s->days && e == ERR_OK; d++)
			e = make_shifts(&p->agents[i], w, i, s->agents,
			    midnight + d * DAY_US);
	}
	return e;
}

/* ------------------------------------------------------------------- plan */

static enum err
make_types(struct plan *p, const struct spec *s)
{
	const struct conf_level *q = s->queues.items;
	enum err e = ERR_OK;
	unsigned at;

	for (size_t i = 0; i < s->queues.n && e == ERR_OK; i++)
		e = plan_type_named(p, str_of(q[i].name), &at);
	return e;
}

/* The whole spec, presets included, makes the epoch. */
static enum err
epoch_of(const struct spec *s, uint64_t *out)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		return ERR_NOMEM;
	conf_print(fields, s, f);
	if (fclose(f) != 0) {
		free(text);
		return ERR_NOMEM;
	}
	*out = plan_epoch_of(text, len);
	free(text);
	return ERR_OK;
}

static enum err
fill(struct plan *p, const struct spec *s, const struct arrivals *a,
    int64_t midnight)
{
	size_t n = 0;
	enum err e;

	p->seed = (uint64_t)s->seed;
	p->priority_credit_us = s->priority_credit;
	if ((e = epoch_of(s, &p->epoch)) != ERR_OK ||
	    (e = make_types(p, s)) != ERR_OK)
		return e;
	for (int64_t d = 0; d < s->days; d++)
		for (int64_t i = 0; i < s->calls && e == ERR_OK; i++)
			e = make_call(p, s, a, midnight + d * DAY_US, n++);
	return e == ERR_OK ? make_staff(p, s, a, midnight) : e;
}

enum err
generate_plan(const char *text, FILE *errors, struct plan **out)
{
	struct arrivals a = { 0 };
	struct spec s = { 0 };
	struct conf *conf = NULL;
	struct plan *p = NULL;
	int64_t midnight;
	enum err e;

	if ((e = read_spec(text, errors, &s, &conf)) != ERR_OK)
		return e;
	if ((e = check_spec(&s, errors, &midnight)) == ERR_OK)
		e = read_arrivals(s.arrivals, errors, &a);
	if (e == ERR_OK)
		e = plan_new("generated", &p);
	if (e == ERR_OK)
		e = fill(p, &s, &a, midnight);
	conf_free(&conf);
	if (e != ERR_OK) {
		plan_free(&p);
		return e;
	}
	plan_settle(p);
	*out = p;
	return ERR_OK;
}

void
generate_help(FILE *out)
{
	for (const struct conf_field *f = fields; f->name != NULL; f++)
		fprintf(out, "  %-16s %s\n%19spreset %s\n", f->name, f->help,
		    "", f->preset);
}
