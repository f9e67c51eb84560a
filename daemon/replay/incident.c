/*
 * incident.c - lines become rows, and the rows of one incident steps.
 */
#include "replay/incident.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "replay/file.h"
#include "replay/incident_row.h"
#include "replay/plan.h"

#define COLUMNS_MAX 256

enum column {
	C_NUMBER,
	C_STATE,
	C_MADE_SLA,
	C_CALLER,
	C_OPENED,
	C_UPDATED,
	C_PRIORITY,
	C_GROUP,
	C_RESOLVER,
	C_RESOLVED,
	C_CLOSED,
	NCOLUMNS
};

static const char *const names[NCOLUMNS] = { "number", "incident_state",
	"made_sla", "caller_id", "opened_at", "sys_updated_at", "priority",
	"assignment_group", "assigned_to", "resolved_at", "closed_at" };

static const struct {
	const char *state;
	enum incident_aim aim;
} aims[] = {
	{ "New", AIM_NEW },
	{ "Active", AIM_WORK },
	{ "Awaiting User Info", AIM_CUSTOMER },
	{ "Awaiting Vendor", AIM_OTHERS },
	{ "Awaiting Problem", AIM_OTHERS },
	{ "Awaiting Evidence", AIM_OTHERS },
	{ "Resolved", AIM_RESOLVED },
	{ "Closed", AIM_CLOSED },
};

static const char *const step_words[STEP_NKINDS] = {
	[STEP_NONE] = "none",
	[STEP_OPEN] = "open",
	[STEP_PRIORITY] = "priority",
	[STEP_ASSIGN] = "assign",
	[STEP_ACKNOWLEDGE] = "acknowledge",
	[STEP_WAIT_CUSTOMER] = "wait for the customer",
	[STEP_WAIT_OTHERS] = "wait for others",
	[STEP_RESUME] = "resume",
	[STEP_RESOLVE] = "resolve",
	[STEP_CLOSE] = "close",
	[STEP_REOPEN] = "reopen",
};

struct reader {
	const char *name; /* of the file */
	unsigned line;
	FILE *errors;
	struct incident_log *log;
	unsigned n_columns, place[NCOLUMNS];
	struct incident_row *rows; /* of the present incident */
	size_t n_rows, room;
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

const char *
incident_step_word(enum incident_step_kind k)
{
	return step_words[k];
}

/* ------------------------------------------------------------------ lists */

void *
incident_room(void *list, size_t n, size_t *room, size_t size)
{
	size_t more = *room > 0 ? *room * 2 : 64;

	if (n < *room)
		return list;
	if ((list = reallocarray(list, more, size)) != NULL)
		*room = more;
	return list;
}

enum err
incident_correct(struct incident_log *log, unsigned line, struct str number,
    const char *what)
{
	struct incident_correction *list = incident_room(log->corrections,
	    log->n_corrections, &log->corrections_room, sizeof(*list));

	if (list == NULL)
		return ERR_NOMEM;
	log->corrections = list;
	list[log->n_corrections++] =
	    (struct incident_correction){ line, number, what };
	return ERR_OK;
}

static enum err
add_name(struct str **of, size_t *n, size_t *room, struct str name)
{
	struct str *list;

	for (size_t i = 0; i < *n; i++)
		if (str_eq((*of)[i], name))
			return ERR_OK;
	if (name.len == 0)
		return ERR_OK;
	if ((list = incident_room(*of, *n, room, sizeof(*list))) == NULL)
		return ERR_NOMEM;
	*of = list;
	list[(*n)++] = name;
	return ERR_OK;
}

/* ----------------------------------------------------------------- fields */

static unsigned
split(struct str line, struct str out[COLUMNS_MAX])
{
	const char *p = line.p, *end = line.p + line.len;
	unsigned n = 0;

	for (;;) {
		const char *comma = memchr(p, ',', (size_t)(end - p));
		const char *stop = comma != NULL ? comma : end;

		if (n < COLUMNS_MAX)
			out[n] = (struct str){ p, (uint32_t)(stop - p) };
		n++;
		if (comma == NULL)
			return n;
		p = comma + 1;
	}
}

/* A name is printed and sent as it stands, so it must be harmless. */
static enum err
check_name(struct reader *r, enum column c, struct str s)
{
	char clean[INCIDENT_NAME_MAX * 4];

	if (s.len > INCIDENT_NAME_MAX)
		return fault(r, ERR_BAD_FIELD, "%s is longer than %d bytes",
		    names[c], INCIDENT_NAME_MAX);
	if (text_clean(s, false, clean, sizeof(clean)) != s.len ||
	    (s.len > 0 && memcmp(clean, s.p, s.len) != 0))
		return fault(r, ERR_BAD_TEXT, "%s is not plain text", names[c]);
	return ERR_OK;
}

static bool
digits(const char **p, const char *end, unsigned max, int *out)
{
	const char *start = *p;

	for (*out = 0; *p < end && **p >= '0' && **p <= '9' &&
		       (unsigned)(*p - start) < max;
	     ++*p)
		*out = *out * 10 + (**p - '0');
	return *p > start;
}

static bool
sign(const char **p, const char *end, char c)
{
	return *p < end && *(*p)++ == c;
}

/* D/M/YYYY HH:MM */
static enum err
time_of(struct reader *r, enum column c, struct str s, int64_t *out)
{
	const char *p = s.p, *end = s.p + s.len;
	int day, month, year, hour, minute;
	int64_t midnight;
	char date[40];

	*out = 0;
	if (s.len == 0)
		return ERR_OK;
	if (digits(&p, end, 2, &day) && sign(&p, end, '/') &&
	    digits(&p, end, 2, &month) && sign(&p, end, '/') &&
	    digits(&p, end, 4, &year) && sign(&p, end, ' ') &&
	    digits(&p, end, 2, &hour) && sign(&p, end, ':') &&
	    digits(&p, end, 2, &minute) && p == end && hour < 24 &&
	    minute < 60) {
		snprintf(
		    date, sizeof(date), "%04d-%02d-%02d", year, month, day);
		if (plan_day(date, &midnight) == ERR_OK) {
			*out = midnight + (hour * 60 + minute) * 60 * CLOCK_S;
			return ERR_OK;
		}
	}
	return fault(r, ERR_BAD_FIELD, "%s is '%.*s', not D/M/YYYY HH:MM",
	    names[c], STR_ARG(s));
}

/* "3 - Moderate" */
static enum err
priority_of(struct reader *r, struct str s, unsigned *out)
{
	*out = 0;
	if (s.len == 0)
		return ERR_OK;
	if (s.p[0] < '1' || s.p[0] > '0' + INCIDENT_PRIORITIES ||
	    (s.len > 1 && s.p[1] != ' '))
		return fault(r, ERR_BAD_FIELD, "priority is '%.*s', not 1 to 5",
		    STR_ARG(s));
	*out = (unsigned)(s.p[0] - '0');
	return ERR_OK;
}

static enum err
state_of(struct reader *r, struct incident_row *w)
{
	for (unsigned i = 0; i < NELEM(aims); i++)
		if (str_eq(w->state, str_of(aims[i].state))) {
			w->aim = aims[i].aim;
			return ERR_OK;
		}
	return incident_correct(
	    r->log, r->line, w->number, "a state that is not known: as it was");
}

static enum err
made_sla_of(struct reader *r, struct str s, bool *out)
{
	*out = str_eq(s, STR_LIT("true"));
	if (*out || str_eq(s, STR_LIT("false")))
		return ERR_OK;
	return fault(r, ERR_BAD_FIELD, "made_sla is '%.*s', not true or false",
	    STR_ARG(s));
}

static enum err
fill_row(struct reader *r, const struct str f[NCOLUMNS], struct incident_row *w)
{
	enum err e = ERR_OK;

	*w = (struct incident_row){ .line = r->line,
		.number = f[C_NUMBER],
		.caller = f[C_CALLER],
		.group = f[C_GROUP],
		.resolver = f[C_RESOLVER],
		.state = f[C_STATE] };
	for (int c = 0; c < NCOLUMNS && e == ERR_OK; c++)
		e = check_name(r, (enum column)c, f[c]);
	if (e != ERR_OK)
		return e;
	if (w->number.len == 0)
		return fault(r, ERR_BAD_FIELD, "no number");
	if ((e = time_of(r, C_OPENED, f[C_OPENED], &w->opened_at)) != ERR_OK ||
	    (e = time_of(r, C_UPDATED, f[C_UPDATED], &w->updated_at)) !=
		ERR_OK ||
	    (e = time_of(r, C_RESOLVED, f[C_RESOLVED], &w->resolved_at)) !=
		ERR_OK ||
	    (e = time_of(r, C_CLOSED, f[C_CLOSED], &w->closed_at)) != ERR_OK ||
	    (e = priority_of(r, f[C_PRIORITY], &w->priority)) != ERR_OK ||
	    (e = made_sla_of(r, f[C_MADE_SLA], &w->made_sla)) != ERR_OK)
		return e;
	return state_of(r, w);
}

/* ------------------------------------------------------------------- rows */

static enum err
end_incident(struct reader *r)
{
	struct incident_log *log = r->log;
	const struct incident_row *first = r->rows;
	struct incident *list;
	enum err e;

	if (r->n_rows == 0)
		return ERR_OK;
	if ((list = incident_room(log->incidents, log->n_incidents,
		 &log->incidents_room, sizeof(*list))) == NULL)
		return ERR_NOMEM;
	log->incidents = list;
	list[log->n_incidents++] = (struct incident){ .line = first->line,
		.number = first->number,
		.caller = first->caller,
		.opened_at = first->opened_at };
	e = incident_live(log, r->rows, r->n_rows);
	r->n_rows = 0;
	return e;
}

static enum err
take_row(struct reader *r, const struct incident_row *w)
{
	struct incident_log *log = r->log;
	struct incident_row *list;
	enum err e = ERR_OK;

	if (r->n_rows > 0 && !str_eq(r->rows[0].number, w->number))
		e = end_incident(r);
	if (e == ERR_OK && r->n_rows == 0 && w->opened_at == 0)
		return fault(r, ERR_BAD_FIELD, "no opened_at");
	if (e != ERR_OK ||
	    (e = add_name(&log->groups, &log->n_groups, &log->groups_room,
		 w->group)) != ERR_OK ||
	    (e = add_name(&log->resolvers, &log->n_resolvers,
		 &log->resolvers_room, w->resolver)) != ERR_OK)
		return e;
	if ((list = incident_room(
		 r->rows, r->n_rows, &r->room, sizeof(*list))) == NULL)
		return ERR_NOMEM;
	r->rows = list;
	list[r->n_rows++] = *w;
	log->rows++;
	return ERR_OK;
}

static enum err
read_heading(struct reader *r, struct str line)
{
	struct str field[COLUMNS_MAX];
	unsigned n = split(line, field);

	if (n > COLUMNS_MAX)
		return fault(r, ERR_BAD_FIELD, "%u columns", n);
	for (int c = 0; c < NCOLUMNS; c++) {
		unsigned i = 0;

		while (i < n && !str_eq(field[i], str_of(names[c])))
			i++;
		if (i == n)
			return fault(r, ERR_BAD_FIELD,
			    "no column '%s'; is this an incident log?",
			    names[c]);
		r->place[c] = i;
	}
	r->n_columns = n;
	return ERR_OK;
}

static enum err
read_row(struct reader *r, struct str line)
{
	struct str field[COLUMNS_MAX], f[NCOLUMNS];
	struct incident_row w;
	unsigned n = split(line, field);
	enum err e;

	if (n != r->n_columns)
		return fault(r, ERR_BAD_FIELD, "%u columns, the heading has %u",
		    n, r->n_columns);
	for (int c = 0; c < NCOLUMNS; c++) {
		f[c] = field[r->place[c]];
		if (str_eq(f[c], STR_LIT("?")))
			f[c] = (struct str){ NULL, 0 };
	}
	if ((e = fill_row(r, f, &w)) == ERR_OK)
		e = take_row(r, &w);
	return e == ERR_NOMEM ? fault(r, e, "no memory for it") : e;
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
			e = read_heading(r, line);
		else if (line.len > 0)
			e = read_row(r, line);
		text = stop + 1;
	}
	if (e == ERR_OK && r->line == 0)
		return fault(r, ERR_BAD_FIELD, "the file is empty");
	return e == ERR_OK ? end_incident(r) : e;
}

/* -------------------------------------------------------------------- log */

static int
by_number(const void *a, const void *b)
{
	const struct incident *x = *(const struct incident *const *)a;
	const struct incident *y = *(const struct incident *const *)b;
	uint32_t n =
	    x->number.len < y->number.len ? x->number.len : y->number.len;
	int c = memcmp(x->number.p, y->number.p, n);

	return c != 0 ? c : (int)x->number.len - (int)y->number.len;
}

/* Rows of one incident in two places would be two tickets of one name. */
static enum err
check_numbers(struct reader *r)
{
	struct incident_log *log = r->log;
	const struct incident **list =
	    reallocarray(NULL, log->n_incidents + 1, sizeof(*list));
	enum err e = ERR_OK;

	if (list == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < log->n_incidents; i++)
		list[i] = &log->incidents[i];
	qsort(list, log->n_incidents, sizeof(*list), by_number);
	for (size_t i = 1; i < log->n_incidents && e == ERR_OK; i++)
		if (str_eq(list[i - 1]->number, list[i]->number)) {
			r->line = list[i]->line > list[i - 1]->line
			              ? list[i]->line
			              : list[i - 1]->line;
			e = fault(r, ERR_BAD_FIELD,
			    "%.*s again; its rows must lie together",
			    STR_ARG(list[i]->number));
		}
	free(list);
	return e;
}

/* Steps of one time stay in the order in which they were made. */
static int
by_time(const void *a, const void *b)
{
	const struct incident_step *x = a, *y = b;

	return x->at != y->at ? (x->at > y->at) - (x->at < y->at)
	                      : (x->place > y->place) - (x->place < y->place);
}

static void
settle(struct incident_log *log)
{
	for (size_t i = 0; i < log->n_steps; i++)
		log->steps[i].place = (uint32_t)i;
	if (log->n_steps > 0)
		qsort(log->steps, log->n_steps, sizeof(*log->steps), by_time);
}

enum err
incident_parse(const char *name, const char *text, size_t len, FILE *errors,
    struct incident_log **out)
{
	struct reader r = { .name = name, .errors = errors };
	enum err e;

	if ((r.log = calloc(1, sizeof(*r.log))) == NULL)
		return ERR_NOMEM;
	if ((e = read_lines(&r, text, len)) == ERR_OK)
		e = check_numbers(&r);
	free(r.rows);
	if (e != ERR_OK) {
		incident_log_free(&r.log);
		return e;
	}
	settle(r.log);
	*out = r.log;
	return ERR_OK;
}

enum err
incident_read(const char *file, FILE *errors, struct incident_log **out)
{
	char *text;
	size_t len;
	enum err e;

	if ((e = file_read(file, errors, &text, &len)) != ERR_OK)
		return e;
	if ((e = incident_parse(file, text, len, errors, out)) == ERR_OK)
		(*out)->text = text;
	else
		free(text);
	return e;
}

void
incident_log_free(struct incident_log **log)
{
	struct incident_log *l = *log;

	if (l == NULL)
		return;
	free(l->incidents);
	free(l->steps);
	free(l->corrections);
	free(l->groups);
	free(l->resolvers);
	free(l->text);
	free(l);
	*log = NULL;
}
