/*
 * whatif.c - variants times seeds, then tables.
 */
#include "whatif/whatif.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "client/hotline.h"
#include "whatif/rehearsal.h"

#define DAY_US (86400 * CLOCK_S)
#define CELLS (TALLY_CLASSES * TALLY_HALF_HOURS)

struct variant {
	const char *file;
	struct hotline hotline;
	struct tally *days; /* one a seed */
};

struct run {
	const struct whatif *w;
	unsigned n_days;
	struct variant v[WHATIF_VARIANTS_MAX];
};

/* ---------------------------------------------------------------- playing */

static void
show(const struct run *r, unsigned variant, unsigned day)
{
	unsigned done = variant * r->n_days + day;
	unsigned all = r->w->n_files * r->n_days;

	if (r->w->quiet || !isatty(STDERR_FILENO))
		return;
	if (done == all)
		fputs("\r\033[K", stderr);
	else
		fprintf(stderr, "\r\033[K%s: day %u of %u (%u %%)",
		    r->v[variant].file, day + 1, r->n_days, done * 100 / all);
	fflush(stderr);
}

static enum err
play_variant(struct run *r, unsigned i)
{
	struct variant *v = &r->v[i];
	const char *number = NULL;
	enum err e = ERR_OK;

	for (unsigned d = 0; d < r->n_days && e == ERR_OK; d++) {
		show(r, i, d);
		e = rehearse(r->w->plan, &v->hotline,
		    r->w->seeds == 0 ? 0 : d + 1, &v->days[d], &number);
	}
	if (e == ERR_BAD_FIELD)
		fprintf(stderr,
		    "%s: no queue for the number %s, which is called in the "
		    "log: add `{called: '%s', queue: ...}' to `numbers', or "
		    "begin with the file that --print-hotline writes\n",
		    v->file, number, number);
	return e == ERR_BAD_FIELD ? ERR_CONFIG : e;
}

static enum err
load(struct run *r)
{
	enum err e = ERR_OK;

	for (unsigned i = 0; i < r->w->n_files && e == ERR_OK; i++) {
		struct variant *v = &r->v[i];

		v->file = r->w->files[i];
		v->days = calloc(r->n_days, sizeof(*v->days));
		if (v->days == NULL)
			return ERR_NOMEM;
		e = hotline_load(v->file, &v->hotline, stderr);
	}
	return e;
}

/* ----------------------------------------------------------------- tables */

static double
unit_factor(enum tally_figure f)
{
	return tally_unit(f)[0] == '%' ? 100 : 1;
}

static struct spread
figure(const struct run *r, unsigned i, enum tally_figure f, bool change)
{
	double x[WHATIF_SEEDS_MAX];

	for (unsigned d = 0; d < r->n_days; d++) {
		x[d] = tally_figure(&r->v[i].days[d], f);
		if (change)
			x[d] -= tally_figure(&r->v[0].days[d], f);
		x[d] *= unit_factor(f);
	}
	return spread_of(x, r->n_days);
}

static void
print_spread(struct spread s, const char *unit, bool signs, FILE *out)
{
	char text[48];
	int n;

	n = snprintf(text, sizeof(text), signs ? "%+.1f" : "%.1f", s.mean);
	if (s.half > 0 && n > 0 && (size_t)n < sizeof(text))
		snprintf(text + n, sizeof(text) - (size_t)n, " ±%.1f", s.half);
	/* `±' has two bytes and one column. */
	fprintf(out, "  %*s%s", s.half > 0 ? 19 : 18, text,
	    unit[0] != '\0' ? unit : " ");
}

static const char legend[] =
    "level: answered within 20 s; asa: mean wait of those answered; wait: of "
    "all;\nelsewhere: refused, sent on or to be called back; overtaken: "
    "offered after a\nlater one of the same kind.  Nothing is known here of "
    "customers and tickets, and\nnobody is called back: `first', `return', "
    "grades "
    "and the like change nothing.\n";

static void
print_figures(const struct run *r, FILE *out)
{
	fprintf(out, "%-10s", "");
	for (unsigned i = 0; i < r->w->n_files; i++)
		fprintf(out, "  %19s", r->v[i].file);
	fputc('\n', out);
	for (int f = 0; f < TALLY_NFIGURES; f++) {
		const char *unit = tally_unit((enum tally_figure)f);

		fprintf(out, "%-10s", tally_word((enum tally_figure)f));
		for (unsigned i = 0; i < r->w->n_files; i++)
			print_spread(figure(r, i, (enum tally_figure)f, false),
			    unit, false, out);
		fputc('\n', out);
		if (r->w->n_files < 2)
			continue;
		fprintf(out, "%-10s  %19s", "  change", "");
		for (unsigned i = 1; i < r->w->n_files; i++)
			print_spread(figure(r, i, (enum tally_figure)f, true),
			    unit, true, out);
		fputc('\n', out);
	}
}

/* Mean wait of a class in a half hour over all days of a variant. */
static double
cell_wait(
    const struct run *r, unsigned v, unsigned class, unsigned half, uint64_t *n)
{
	double wait_s = 0;

	*n = 0;
	for (unsigned d = 0; d < r->n_days; d++) {
		*n += r->v[v].days[d].cells[class][half].n;
		wait_s += r->v[v].days[d].cells[class][half].wait_s;
	}
	return *n > 0 ? wait_s / (double)*n : 0;
}

static double
log_wait(const struct plan *p, unsigned class, unsigned half, uint64_t *n)
{
	double wait_s = 0;

	*n = 0;
	for (size_t i = 0; i < p->n_calls; i++) {
		const struct plan_call *c = &p->calls[i];
		int64_t at = (c->offered_at + c->menu_us) % DAY_US;

		if (!c->queues || c->priority != class ||
		    (unsigned)(at / (1800 * CLOCK_S)) != half)
			continue;
		++*n;
		wait_s += (double)c->waited_us / CLOCK_S;
	}
	return *n > 0 ? wait_s / (double)*n : 0;
}

/* A generated day has callers, but nobody who has answered them. */
static bool
has_waits(const struct plan *p)
{
	size_t i = 0;

	while (i < p->n_calls && p->calls[i].waited_us == 0)
		i++;
	return i < p->n_calls;
}

static void
print_wait(double wait, uint64_t n, unsigned days, FILE *out)
{
	if (n == 0)
		fprintf(out, "  %19s", "-");
	else
		fprintf(out, "  %11.1f s %5.0f", wait,
		    (double)n / (days > 0 ? days : 1));
}

static void
print_half_hours(const struct run *r, FILE *out)
{
	bool log = has_waits(r->w->plan);
	uint64_t n;

	fprintf(out,
	    "\nmean wait of all who queued, and how many, by the half hour "
	    "(UTC) in which they\nbegan\n%-12s",
	    "class");
	if (log)
		fprintf(out, "  %19s", "the log itself");
	for (unsigned i = 0; i < r->w->n_files; i++)
		fprintf(out, "  %19s", r->v[i].file);
	fputc('\n', out);
	for (unsigned class = 0; class < TALLY_CLASSES; class ++)
		for (unsigned h = 0; h < TALLY_HALF_HOURS; h++) {
			double wait = cell_wait(r, 0, class, h, &n);

			if (n == 0)
				continue;
			fprintf(
			    out, "%u  %02u:%02u    ", class, h / 2, h % 2 * 30);
			if (log) {
				wait = log_wait(r->w->plan, class, h, &n);
				print_wait(wait, n, 1, out);
			}
			for (unsigned i = 0; i < r->w->n_files; i++) {
				wait = cell_wait(r, i, class, h, &n);
				print_wait(wait, n, r->n_days, out);
			}
			fputc('\n', out);
		}
}

static enum err
write_json(const struct run *r)
{
	FILE *f = fopen(r->w->json, "we");
	bool bad;

	if (f == NULL) {
		fprintf(stderr, "mashang-replay: %s: %s\n", r->w->json,
		    strerror(errno));
		return ERR_IO;
	}
	fprintf(f, "{\"seeds\": %u, \"variants\": [", r->w->seeds);
	for (unsigned i = 0; i < r->w->n_files; i++) {
		fprintf(f, "%s\n  {\"variant\": %u", i > 0 ? "," : "", i + 1);
		for (int k = 0; k < TALLY_NFIGURES; k++) {
			struct spread s =
			    figure(r, i, (enum tally_figure)k, false);
			struct spread c =
			    figure(r, i, (enum tally_figure)k, true);

			fprintf(f,
			    ", \"%s\": {\"mean\": %.6g, \"half\": %.6g, "
			    "\"change\": %.6g, \"change_half\": %.6g}",
			    tally_word((enum tally_figure)k), s.mean, s.half,
			    c.mean, c.half);
		}
		fputc('}', f);
	}
	fputs("\n]}\n", f);
	bad = ferror(f) != 0;
	return fclose(f) != 0 || bad ? ERR_IO : ERR_OK;
}

enum err
whatif_run(const struct whatif *w, FILE *out)
{
	struct run r = { .w = w, .n_days = w->seeds > 0 ? w->seeds : 1 };
	enum err e = load(&r);

	for (unsigned i = 0; i < w->n_files && e == ERR_OK; i++)
		e = play_variant(&r, i);
	if (e == ERR_OK) {
		show(&r, w->n_files, 0);
		fprintf(out,
		    w->seeds > 0 ? "%u days drawn from the plan; ± is "
				   "half a 95 %% interval\n"
				 : "the day as it stands%.0u\n",
		    w->seeds);
		print_figures(&r, out);
		fputs(legend, out);
		if (w->half_hours)
			print_half_hours(&r, out);
		if (w->json != NULL)
			e = write_json(&r);
	}
	for (unsigned i = 0; i < w->n_files; i++) {
		hotline_free(&r.v[i].hotline);
		free(r.v[i].days);
	}
	return e;
}

/* ------------------------------------------------------------- a beginning */

static void
print_agent(const struct plan *p, const struct plan_agent *a, FILE *out)
{
	const char *comma = "";

	fprintf(out, "  - {name: '%s', queues: [", a->name);
	for (unsigned t = 0; t < p->n_types; t++)
		if ((a->types & UINT32_C(1) << t) != 0) {
			fprintf(out, "%s%s", comma, p->types[t].name);
			comma = ", ";
		}
	fputs("]}\n", out);
}

void
whatif_hotline(const struct plan *p, FILE *out)
{
	fputs("queues:\n", out);
	for (unsigned t = 0; t < p->n_types; t++)
		fprintf(out,
		    "  - {name: %s, ring: 20s, wrap_up: 0s, "
		    "priority_credit: 90s, stay_ready: yes}\n",
		    p->types[t].name);
	fputs("numbers:\n", out);
	for (unsigned t = 0; t < p->n_types; t++)
		fprintf(out, "  - {called: '%s', queue: %s}\n",
		    p->types[t].called, p->types[t].name);
	fputs("agents:\n", out);
	for (size_t i = 0; i < p->n_agents; i++)
		print_agent(p, &p->agents[i], out);
}
