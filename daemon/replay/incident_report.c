/*
 * incident_report.c - as a table and as JSON.
 */
#include "replay/incident_report.h"

#include <inttypes.h>
#include <jansson.h>
#include <time.h>

#include "base/clock.h"
#include "replay/incident_setup.h"

#define MINUTE_US (60 * CLOCK_S)
#define SPAN_LEN 32
#define TIME_LEN 32

/* ------------------------------------------------------------------- words */

/* "3 d 08:50", to the minute as the log is; "-" for none. */
static const char *
span(int64_t us, char out[SPAN_LEN])
{
	int64_t minutes = us / MINUTE_US;

	if (us <= 0)
		snprintf(out, SPAN_LEN, "-");
	else
		snprintf(out, SPAN_LEN, "%" PRId64 " d %02d:%02d",
		    minutes / 1440, (int)(minutes / 60 % 24),
		    (int)(minutes % 60));
	return out;
}

static const char *
instant(int64_t at, char out[TIME_LEN])
{
	time_t t = (time_t)(at / CLOCK_S);
	struct tm tm;

	if (at == 0 || gmtime_r(&t, &tm) == NULL ||
	    strftime(out, TIME_LEN, "%Y-%m-%d %H:%M", &tm) == 0)
		snprintf(out, TIME_LEN, "-");
	return out;
}

static const char *
verdict_word(enum incident_verdict v)
{
	static const char *const words[] = { "none", "met", "missed" };

	return words[v];
}

bool
incident_agrees(const struct incident *i, const struct incident_result *r)
{
	return r->verdict == (i->made_sla ? VERDICT_MET : VERDICT_MISSED);
}

/* ------------------------------------------------------------------ reasons */

/* Kinder than the log. */
static void
why_met(const struct incident *i, const struct incident_result *r, bool pauses,
    char out[INCIDENT_WHY_LEN])
{
	bool late = i->resolved_at - i->opened_at > r->goal_us;
	char us[SPAN_LEN];

	if (late && pauses && i->waited_customer_us > 0)
		snprintf(out, INCIDENT_WHY_LEN,
		    "waited %s for the customer, which pauses our clock",
		    span(i->waited_customer_us, us));
	else if (late && i->reopened > 0)
		snprintf(out, INCIDENT_WHY_LEN,
		    "was resolved and reopened, and our clock leaves out the "
		    "time between");
	else
		snprintf(out, INCIDENT_WHY_LEN,
		    "within our target of %s; the log's own is not known",
		    span(r->goal_us, us));
}

static void
why_missed(const struct incident *i, const struct incident_result *r,
    char out[INCIDENT_WHY_LEN])
{
	char us[SPAN_LEN];

	if (i->cut)
		snprintf(out, INCIDENT_WHY_LEN,
		    "the log ends before it, so its made_sla may not be the "
		    "last");
	else if (i->priority < i->first_priority)
		snprintf(out, INCIDENT_WHY_LEN,
		    "raised from P%u to P%u after %s", i->first_priority,
		    i->priority, span(i->priority_at - i->opened_at, us));
	else
		snprintf(out, INCIDENT_WHY_LEN,
		    "over our target of %s; the log's own is not known",
		    span(r->goal_us, us));
}

const char *
incident_why(const struct incident *i, const struct incident_result *r,
    bool pauses, char out[INCIDENT_WHY_LEN])
{
	out[0] = '\0';
	if (incident_agrees(i, r))
		return out;
	if (r->refused > 0)
		snprintf(
		    out, INCIDENT_WHY_LEN, "%u steps were refused", r->refused);
	else if (!r->counted)
		snprintf(out, INCIDENT_WHY_LEN,
		    "the daemon keeps no clock "
		    "for it");
	else if (r->verdict == VERDICT_NONE)
		snprintf(out, INCIDENT_WHY_LEN, "not resolved in the log");
	else if (r->verdict == VERDICT_MET)
		why_met(i, r, pauses, out);
	else
		why_missed(i, r, out);
	return out;
}

/* ------------------------------------------------------------------- table */

static size_t
agreeing(const struct incident_report *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->log->n_incidents; i++)
		n += incident_agrees(&r->log->incidents[i], &r->results[i]);
	return n;
}

/* Who is resolved while the clock is paused has no due to be late for. */
static const char *
due_of(const struct incident_result *r, char out[TIME_LEN])
{
	if (r->due_at == 0 && r->elapsed_us > 0)
		return "paused";
	return instant(r->due_at, out);
}

static void
print_row(const struct incident *i, const struct incident_result *r,
    bool pauses, FILE *out)
{
	char opened[TIME_LEN], resolved[TIME_LEN], due[TIME_LEN];
	char elapsed[SPAN_LEN], customer[SPAN_LEN], others[SPAN_LEN];
	char why[INCIDENT_WHY_LEN];

	fprintf(out,
	    "%-12.*s %u  %-16s  %-16s %10s %10s %10s  %-16s  %-7s %-8s ",
	    STR_ARG(i->number), i->priority, instant(i->opened_at, opened),
	    instant(i->resolved_at, resolved), span(r->elapsed_us, elapsed),
	    span(i->waited_customer_us, customer),
	    span(i->waited_others_us, others), due_of(r, due),
	    verdict_word(r->verdict), i->made_sla ? "true" : "false");
	if (incident_agrees(i, r))
		fprintf(out, "yes\n");
	else
		fprintf(out, "no: %s\n", incident_why(i, r, pauses, why));
}

void
incident_report_print(const struct incident_report *r, FILE *out)
{
	char us[SPAN_LEN];

	fprintf(out, "targets     ");
	for (unsigned p = 1; p <= INCIDENT_PRIORITIES; p++)
		fprintf(out, " P%u %s%s", p, span(incident_goal(p), us),
		    p < INCIDENT_PRIORITIES ? "," : "\n");
	fprintf(out, "waiting      for the customer %s\n",
	    r->pauses ? "pauses the clock, as by our preset"
		      : "does not pause the clock, as it seems in the log");
	fprintf(out,
	    "rows         %u, %zu incidents, %zu steps; %zu "
	    "corrections (--corrections lists them)\n\n",
	    r->log->rows, r->log->n_incidents, r->log->n_steps,
	    r->log->n_corrections);
	fprintf(out,
	    "%-12s %s  %-16s  %-16s %10s %10s %10s  %-16s  %-7s %-8s "
	    "%s\n",
	    "incident", "P", "opened", "resolved", "elapsed", "customer",
	    "others", "due", "ours", "made_sla", "agree");
	for (size_t i = 0; i < r->log->n_incidents; i++)
		print_row(
		    &r->log->incidents[i], &r->results[i], r->pauses, out);
	fprintf(out, "agree %zu of %zu\n", agreeing(r), r->log->n_incidents);
}

/* -------------------------------------------------------------------- json */

#define INT(n) (json_int_t)(n)

static json_t *
row_json(const struct incident *i, const struct incident_result *r, bool pauses)
{
	char why[INCIDENT_WHY_LEN];

	return json_pack(
	    "{s:s%, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:b, s:b,"
	    " s:I, s:s}",
	    "incident", i->number.p, (size_t)i->number.len, "ticket",
	    INT(r->ticket), "priority", INT(i->priority), "opened_at",
	    INT(i->opened_at), "resolved_at", INT(i->resolved_at), "elapsed_us",
	    INT(r->elapsed_us), "goal_us", INT(r->goal_us),
	    "waited_customer_us", INT(i->waited_customer_us),
	    "waited_others_us", INT(i->waited_others_us), "due_at",
	    INT(r->due_at), "verdict", verdict_word(r->verdict), "made_sla",
	    i->made_sla, "agree", incident_agrees(i, r), "refused",
	    INT(r->refused), "why", incident_why(i, r, pauses, why));
}

static json_t *
corrections_json(const struct incident_log *log)
{
	json_t *list = json_array();

	for (size_t i = 0; i < log->n_corrections; i++) {
		const struct incident_correction *c = &log->corrections[i];

		json_array_append_new(
		    list, json_pack("{s:I, s:s%, s:s}", "line", INT(c->line),
			      "incident", c->number.p, (size_t)c->number.len,
			      "what", c->what));
	}
	return list;
}

enum err
incident_report_json(const struct incident_report *r, const char *file)
{
	json_t *rows = json_array(), *o;
	int failed;

	for (size_t i = 0; i < r->log->n_incidents; i++)
		json_array_append_new(rows,
		    row_json(&r->log->incidents[i], &r->results[i], r->pauses));
	o = json_pack("{s:b, s:I, s:o, s:o, s:I, s:I}", "pauses", r->pauses,
	    "rows", INT(r->log->rows), "corrections", corrections_json(r->log),
	    "incidents", rows, "agree", INT(agreeing(r)), "of",
	    INT(r->log->n_incidents));
	if (o == NULL)
		return ERR_NOMEM;
	failed = json_dump_file(o, file, JSON_INDENT(1));
	json_decref(o);
	return failed != 0 ? ERR_IO : ERR_OK;
}
