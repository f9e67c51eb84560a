/*
 * bank.c - a row is cut into fields, fields become seconds since the row's
 * midnight, seconds are put right, and a call is made of them.
 *
 * Services of served calls are kept by type, because a caller who hung up in
 * the log may be answered in the replay; the draw needs them all, so calls of
 * that kind get their service when the whole log has been read.
 */
#include "replay/bank.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "replay/draw.h"
#include "replay/file.h"

#define DAY_S 86400
#define FITS_S (12 * 3600) /* "the next day, if that fits" */
#define CLOCKS_APART_S 2
#define PRIORITY_CREDIT_US (90 * CLOCK_S)
#define WRAP_UP_LOW_US (2 * CLOCK_S)
#define WRAP_UP_HIGH_US (8 * CLOCK_S)
#define SERVICE_UNKNOWN (-1)

enum field {
	F_LINE,
	F_CALL_ID,
	F_CUSTOMER,
	F_PRIORITY,
	F_TYPE,
	F_DATE,
	F_VRU_ENTRY,
	F_VRU_EXIT,
	F_VRU_TIME,
	F_Q_START,
	F_Q_EXIT,
	F_Q_TIME,
	F_OUTCOME,
	F_SER_START,
	F_SER_EXIT,
	F_SER_TIME,
	F_SERVER,
	F_NUMBER
};

static const char *const heading[F_NUMBER] = { "vru+line", "call_id",
	"customer_id", "priority", "type", "date", "vru_entry", "vru_exit",
	"vru_time", "q_start", "q_exit", "q_time", "outcome", "ser_start",
	"ser_exit", "ser_time", "server" };

/* Services of one type, in microseconds. */
struct services {
	int64_t *us;
	size_t n, room;
};

struct reader {
	const char *name; /* of the file */
	unsigned line;
	FILE *errors;
	struct plan *plan;
	const char *from, *to;
	struct services services[PLAN_MAX_TYPES];
};

/* A row as it came, times in seconds since its midnight. */
struct row {
	struct str field[F_NUMBER];
	int64_t midnight;
	int64_t vru_entry, vru_exit, q_start, q_exit, ser_start, ser_exit;
	unsigned type;
	bool queued, served, phantom; /* the last two by outcome */
	const char *call;
};

static enum err fault(struct reader *r, enum err e, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

static enum err
fault(struct reader *r, enum err e, const char *fmt, ...)
{
	va_list ap;

	fprintf(r->errors, "%s:%u: ", r->name, r->line);
	va_start(ap, fmt);
	vfprintf(r->errors, fmt, ap);
	va_end(ap);
	fputc('\n', r->errors);
	return e;
}

/* ----------------------------------------------------------------- fields */

static enum err
split(struct reader *r, struct str line, struct str out[F_NUMBER])
{
	const char *p = line.p, *end = line.p + line.len;
	unsigned n = 0;

	for (;;) {
		const char *tab = memchr(p, '\t', (size_t)(end - p));
		const char *stop = tab != NULL ? tab : end;

		if (n < F_NUMBER)
			out[n] = (struct str){ p, (uint32_t)(stop - p) };
		n++;
		if (tab == NULL)
			break;
		p = tab + 1;
	}
	if (n != F_NUMBER)
		return fault(r, ERR_BAD_FIELD,
		    "%u columns, not %d; is this the bank's log?", n, F_NUMBER);
	return ERR_OK;
}

static bool
digits(const char **p, const char *end, unsigned max, int64_t *out)
{
	const char *start = *p;

	for (*out = 0; *p < end && **p >= '0' && **p <= '9'; ++*p)
		*out = *out * 10 + (**p - '0');
	return *p > start && (unsigned)(*p - start) <= max;
}

static enum err
number_of(struct reader *r, const struct row *w, enum field f, int64_t *out)
{
	const char *p = w->field[f].p, *end = p + w->field[f].len;

	if (digits(&p, end, 12, out) && p == end)
		return ERR_OK;
	return fault(r, ERR_BAD_FIELD, "%s is '%.*s', not a number", heading[f],
	    STR_ARG(w->field[f]));
}

/* H:MM:SS, up to 24:00:00. */
static enum err
time_of(struct reader *r, const struct row *w, enum field f, int64_t *out)
{
	const char *p = w->field[f].p, *end = p + w->field[f].len;
	int64_t h, m, s;

	if (digits(&p, end, 2, &h) && p < end && *p++ == ':' &&
	    digits(&p, end, 2, &m) && p < end && *p++ == ':' &&
	    digits(&p, end, 2, &s) && p == end && m < 60 && s < 60) {
		*out = h * 3600 + m * 60 + s;
		if (*out <= DAY_S)
			return ERR_OK;
	}
	return fault(r, ERR_BAD_FIELD, "%s is '%.*s', not a time of day",
	    heading[f], STR_ARG(w->field[f]));
}

/* Date, line, number and entry: what makes a call's identity. */
static enum err
identity_of(struct reader *r, struct row *w)
{
	const struct str *f = w->field;
	char date[11], name[PLAN_NAME_MAX + 1];
	enum err e;
	int n;

	snprintf(date, sizeof(date), "%.*s", STR_ARG(f[F_DATE]));
	if (f[F_DATE].len != 10 || plan_day(date, &w->midnight) != ERR_OK)
		return fault(r, ERR_BAD_FIELD, "date is '%.*s', not YYYY-MM-DD",
		    STR_ARG(f[F_DATE]));
	n = snprintf(name, sizeof(name), "%s/%.*s/%.*s/%.*s", date,
	    STR_ARG(f[F_LINE]), STR_ARG(f[F_CALL_ID]), STR_ARG(f[F_VRU_ENTRY]));
	if (n > PLAN_NAME_MAX)
		return fault(r, ERR_TOO_LARGE,
		    "the call's identity is longer "
		    "than a call's name can be");
	if ((e = plan_text(r->plan, str_of(name), &w->call)) != ERR_OK)
		return fault(r, e, "%s", err_name(e));
	return ERR_OK;
}

static enum err
times_of(struct reader *r, struct row *w)
{
	enum err e;

	if ((e = time_of(r, w, F_VRU_ENTRY, &w->vru_entry)) != ERR_OK ||
	    (e = time_of(r, w, F_VRU_EXIT, &w->vru_exit)) != ERR_OK ||
	    (e = time_of(r, w, F_Q_START, &w->q_start)) != ERR_OK ||
	    (e = time_of(r, w, F_Q_EXIT, &w->q_exit)) != ERR_OK ||
	    (e = time_of(r, w, F_SER_START, &w->ser_start)) != ERR_OK)
		return e;
	return time_of(r, w, F_SER_EXIT, &w->ser_exit);
}

/* ------------------------------------------------------------- put right */

/* Midnight is a time of day, too: only all three at 0 mean "did not". */
static bool
did(const struct row *w, enum field time, int64_t start, int64_t end)
{
	return start != 0 || end != 0 || !str_eq(w->field[time], STR_LIT("0"));
}

/* `t' must not lie before `floor'. */
static enum err
put_right(struct reader *r, const struct row *w, int64_t floor, int64_t *t,
    const char *what)
{
	static const char next_day[] = "on the next day";

	if (*t >= floor)
		return ERR_OK;
	if (*t + DAY_S - floor <= FITS_S) {
		*t += DAY_S;
		what = next_day;
	} else {
		*t = floor;
	}
	return plan_correct(r->plan, r->line, w->call, what);
}

/* The wait begins where the menu ended, or later. */
static enum err
correct_wait(struct reader *r, struct row *w)
{
	enum err e;

	e = put_right(r, w, w->vru_entry, &w->vru_exit,
	    "the menu ended before it began: ended at once");
	if (e != ERR_OK || !w->queued)
		return e;
	e = put_right(r, w, w->vru_exit, &w->q_start,
	    "the wait began before the menu ended: begins when it ended");
	if (e != ERR_OK)
		return e;
	return put_right(r, w, w->q_start, &w->q_exit,
	    "the wait ended before it began: ended at once");
}

static enum err
correct_service(struct reader *r, struct row *w)
{
	bool has = did(w, F_SER_TIME, w->ser_start, w->ser_exit);
	int64_t answered = w->queued ? w->q_exit : w->vru_exit;
	enum err e;

	if (!w->served)
		return has ? plan_correct(r->plan, r->line, w->call,
				 "hung up, yet a service: left out")
		           : ERR_OK;
	if (!has) {
		w->ser_start = w->ser_exit = answered;
		return plan_correct(r->plan, r->line, w->call,
		    "served, yet no service: ends at once");
	}
	e = put_right(r, w, w->ser_start, &w->ser_exit,
	    "the service ended before it began: ended at once");
	if (e != ERR_OK || w->ser_start >= answered - CLOCKS_APART_S)
		return e;
	/* As long as it was, but later. */
	w->ser_exit -= w->ser_start;
	e = put_right(r, w, answered, &w->ser_start,
	    "the service began before the wait ended: begins when it ended");
	w->ser_exit += w->ser_start;
	return e;
}

/* ------------------------------------------------------------ into a plan */

static enum err
keep_service(struct services *s, int64_t us)
{
	if (s->n == s->room) {
		size_t room = s->room > 0 ? s->room * 2 : 256;
		int64_t *list = reallocarray(s->us, room, sizeof(*list));

		if (list == NULL)
			return ERR_NOMEM;
		s->us = list;
		s->room = room;
	}
	s->us[s->n++] = us;
	return ERR_OK;
}

static enum err
note_server(struct reader *r, const struct row *w)
{
	struct str server = w->field[F_SERVER];
	struct plan_agent *a;
	size_t at;
	enum err e;

	if (str_eq(server, STR_LIT("NO_SERVER")))
		return ERR_OK;
	if ((e = plan_agent_named(r->plan, server, &at)) != ERR_OK)
		return e;
	a = &r->plan->agents[at];
	a->types |= UINT32_C(1) << w->type;
	return plan_add_shift(a, w->midnight,
	    w->midnight + w->ser_start * CLOCK_S,
	    w->midnight + w->ser_exit * CLOCK_S);
}

static enum err
make_call(struct reader *r, const struct row *w)
{
	struct plan *p = r->plan;
	struct draw d = draw_for(p->epoch, w->call, "wrap-up");
	struct plan_call c = { .name = w->call, .type = w->type };
	int64_t begins = w->queued ? w->q_start : w->vru_exit;
	int64_t priority;
	enum err e;

	if ((e = number_of(r, w, F_PRIORITY, &priority)) != ERR_OK)
		return e;
	c.priority = priority == 2 ? 1 : 0;
	c.caller = c.caller_name = "";
	if (!str_eq(w->field[F_CUSTOMER], STR_LIT("0")) &&
	    (e = plan_text(p, w->field[F_CUSTOMER], &c.caller)) != ERR_OK)
		return e;
	c.offered_at = w->midnight + w->vru_entry * CLOCK_S;
	c.menu_us = (begins - w->vru_entry) * CLOCK_S;
	c.queues = w->queued || w->served;
	c.patience_us =
	    w->served ? PLAN_FOR_EVER : (w->q_exit - w->q_start) * CLOCK_S;
	c.waited_us = w->queued ? (w->q_exit - w->q_start) * CLOCK_S : 0;
	c.service_us = w->served ? (w->ser_exit - w->ser_start) * CLOCK_S
	                         : SERVICE_UNKNOWN;
	c.wrap_up_us = draw_between(&d, WRAP_UP_LOW_US, WRAP_UP_HIGH_US);
	return plan_add_call(p, &c);
}

static bool
is_wanted(const struct reader *r, struct str date)
{
	assert(date.p != NULL && date.len == 10);
	return (r->from == NULL || strncmp(date.p, r->from, 10) >= 0) &&
	       (r->to == NULL || strncmp(date.p, r->to, 10) <= 0);
}

static enum err
outcome_of(struct reader *r, struct row *w)
{
	struct str o = w->field[F_OUTCOME];

	w->phantom = str_eq(o, STR_LIT("PHANTOM"));
	w->served = str_eq(o, STR_LIT("AGENT"));
	if (w->phantom || w->served || str_eq(o, STR_LIT("HANG")))
		return ERR_OK;
	return fault(r, ERR_BAD_FIELD,
	    "outcome is '%.*s'; AGENT, HANG or PHANTOM", STR_ARG(o));
}

/*
 * A row of a day that is not asked for counts only as a service to draw from:
 * so a call is served the same whichever days are played with it.
 */
static enum err
take_row(struct reader *r, struct row *w, bool wanted)
{
	size_t n_corrections = r->plan->n_corrections;
	enum err e;

	if ((e = correct_wait(r, w)) != ERR_OK ||
	    (e = correct_service(r, w)) != ERR_OK)
		return e;
	if (w->served && w->ser_exit > w->ser_start) {
		e = keep_service(&r->services[w->type],
		    (w->ser_exit - w->ser_start) * CLOCK_S);
		if (e == ERR_OK && wanted)
			e = note_server(r, w);
	}
	if (!wanted)
		r->plan->n_corrections = n_corrections;
	return e == ERR_OK && wanted ? make_call(r, w) : e;
}

static enum err
read_row(struct reader *r, struct str line)
{
	struct row w = { 0 };
	bool wanted;
	enum err e;

	if ((e = split(r, line, w.field)) != ERR_OK ||
	    (e = identity_of(r, &w)) != ERR_OK ||
	    (e = times_of(r, &w)) != ERR_OK ||
	    (e = outcome_of(r, &w)) != ERR_OK)
		return e;
	wanted = is_wanted(r, w.field[F_DATE]);
	r->plan->rows += wanted;
	r->plan->phantoms += wanted && w.phantom;
	if (w.phantom)
		return ERR_OK;
	w.queued = did(&w, F_Q_TIME, w.q_start, w.q_exit);
	if ((e = plan_type_named(r->plan, w.field[F_TYPE], &w.type)) != ERR_OK)
		return fault(r, e, "more than %d types", PLAN_MAX_TYPES);
	e = take_row(r, &w, wanted);
	if (e == ERR_NOMEM || e == ERR_TOO_LARGE)
		return fault(r, e, "more than one plan holds");
	return e;
}

/* Who hung up then may be answered now. */
static void
draw_services(struct reader *r)
{
	for (size_t i = 0; i < r->plan->n_calls; i++) {
		struct plan_call *c = &r->plan->calls[i];
		const struct services *s = &r->services[c->type];
		struct draw d = draw_for(r->plan->epoch, c->name, "service");

		if (c->service_us != SERVICE_UNKNOWN)
			continue;
		c->service_us = s->n > 0 ? s->us[draw_below(&d, s->n)] : 0;
	}
}

/* ------------------------------------------------------------------ file */

static enum err
check_heading(struct reader *r, struct str line)
{
	struct str field[F_NUMBER];
	enum err e;

	if ((e = split(r, line, field)) != ERR_OK)
		return e;
	for (int i = 0; i < F_NUMBER; i++)
		if (!str_eq(field[i], str_of(heading[i])))
			return fault(r, ERR_BAD_FIELD,
			    "column %d is '%.*s', not '%s'", i + 1,
			    STR_ARG(field[i]), heading[i]);
	return ERR_OK;
}

static enum err
read_lines(struct reader *r, const char *text, size_t len)
{
	const char *end = text + len;
	enum err e = ERR_OK;

	while (text < end && e == ERR_OK) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		const char *stop = nl != NULL ? nl : end;
		struct str line = { text, (uint32_t)(stop - text) };

		if (line.len > 0 && line.p[line.len - 1] == '\r')
			line.len--;
		r->line++;
		if (r->line == 1)
			e = check_heading(r, line);
		else if (line.len > 0)
			e = read_row(r, line);
		text = stop + 1;
	}
	if (e == ERR_OK && r->line == 0)
		return fault(r, ERR_BAD_FIELD, "the file is empty");
	return e;
}

enum err
bank_parse(const char *name, const char *text, size_t len,
    const struct bank_days *days, FILE *errors, struct plan **out)
{
	struct reader r = { .name = name, .errors = errors };
	enum err e;

	if (days != NULL) {
		r.from = days->from;
		r.to = days->to;
	}
	if ((e = plan_new("anonymous-bank", &r.plan)) != ERR_OK)
		return e;
	r.plan->epoch = r.plan->seed = plan_epoch_of(text, len);
	r.plan->priority_credit_us = PRIORITY_CREDIT_US;
	if ((e = read_lines(&r, text, len)) == ERR_OK)
		draw_services(&r);
	for (size_t i = 0; i < NELEM(r.services); i++)
		free(r.services[i].us);
	if (e != ERR_OK) {
		plan_free(&r.plan);
		return e;
	}
	plan_settle(r.plan);
	*out = r.plan;
	return ERR_OK;
}

enum err
bank_read(const char *file, const struct bank_days *days, FILE *errors,
    struct plan **out)
{
	char *text;
	size_t len;
	enum err e;

	if ((e = file_read(file, errors, &text, &len)) != ERR_OK)
		return e;
	e = bank_parse(file, text, len, days, errors, out);
	free(text);
	return e;
}
