/*
 * vectors.c - see vectors.h.
 */
#include "conform/vectors.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "conform/due.h"
#include "conform/instant.h"
#include "sla/policy.h"

#define ID_MAX 200

static const char *const vector_keys[] = { "id", "calendar", "start", "goal",
	"pauses", "due", "catches", NULL };

struct vector {
	struct telling *telling;
	size_t index;
	bool sound;
	const struct document_calendar *calendar;
	int64_t start, goal_us, due; /* due CAL_NEVER: none given */
	const char *catches;         /* may be NULL */
	size_t n_pauses;
	struct pause *pauses;
};

static void vector_fault(
    struct vector *, const char *where, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* `where' within the vector: ".start". */
static void
vector_fault(struct vector *v, const char *where, const char *fmt, ...)
{
	char place[PLACE_ROOM], what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	snprintf(place, sizeof(place), "vectors[%zu]%s", v->index, where);
	tell_fault(v->telling, place, "%s", what);
	v->sound = false;
}

/* ------------------------------------------------------------------ reading */

/* NULL, and told: it is not there, or no text. */
static const char *
read_text(struct vector *v, json_t *json, const char *key, const char *remedy)
{
	json_t *value = json_object_get(json, key);
	char where[32];

	if (json_is_string(value) && json_string_length(value) > 0)
		return json_string_value(value);
	snprintf(where, sizeof(where), ".%s", key);
	vector_fault(v, where, "%s; %s",
	    value == NULL ? "missing" : "must be a text", remedy);
	return NULL;
}

static void
read_calendar_name(struct vector *v, const struct document *d, json_t *json)
{
	const char *name =
	    read_text(v, json, "calendar", "give the name of a calendar");

	if (name == NULL)
		return;
	v->calendar = document_find(d, name);
	if (v->calendar == NULL)
		vector_fault(v, ".calendar",
		    "\"%s\" is unknown; add it to calendars", name);
	else if (!v->calendar->sound)
		vector_fault(v, ".calendar",
		    "\"%s\" cannot be used; correct it as told above", name);
}

/* False, and told: no instant. */
static bool
read_instant(
    struct vector *v, const char *where, const char *text, int64_t *out)
{
	enum err e = ERR_BAD_FIELD;
	int64_t reading;
	bool utc;

	if (text != NULL)
		e = instant_parse(text, &reading, &utc);
	if (e == ERR_TOO_LARGE)
		vector_fault(v, where,
		    "\"%s\" is too far away; calendars know %d to %d", text,
		    INSTANT_FIRST_YEAR, INSTANT_LAST_YEAR);
	else if (e != ERR_OK)
		vector_fault(v, where,
		    "\"%s\" is no time; write \"2026-03-10T09:30:00\", or with "
		    "a Z at the end for UTC",
		    text != NULL ? text : "");
	if (e != ERR_OK)
		return false;
	if (v->calendar == NULL || v->calendar->zone == NULL)
		return false; /* told already */
	*out = utc ? reading : instant_of_reading(v->calendar->zone, reading);
	return true;
}

static void
read_goal(struct vector *v, json_t *json)
{
	const char *text = read_text(
	    v, json, "goal", "give a number and s, m or h, such as \"90m\"");

	if (text == NULL)
		return;
	if (span_parse(text, &v->goal_us) != ERR_OK)
		vector_fault(v, ".goal",
		    "\"%s\" is no span; give a number and s, m or h, such as "
		    "\"90m\"",
		    text);
	else if (v->goal_us <= 0 || v->goal_us > SLA_GOAL_MAX_US)
		vector_fault(v, ".goal",
		    "\"%s\" is too %s; more than nothing and at most "
		    "\"87840h\"",
		    text, v->goal_us <= 0 ? "short" : "long");
}

static bool
read_pause(struct vector *v, size_t i, json_t *pair, struct pause *out)
{
	const char *from = json_string_value(json_array_get(pair, 0));
	const char *to = json_string_value(json_array_get(pair, 1));
	char where[64];

	snprintf(where, sizeof(where), ".pauses[%zu]", i);
	if (json_array_size(pair) != 2 || from == NULL || to == NULL) {
		vector_fault(v, where, "must be a pair of times: from, to");
		return false;
	}
	if (!read_instant(v, where, from, &out->from) ||
	    !read_instant(v, where, to, &out->to))
		return false;
	if (out->to < out->from) {
		vector_fault(v, where,
		    "ends at %s, before it begins at %s; swap them", to, from);
		return false;
	}
	return true;
}

static void
read_pauses(struct vector *v, json_t *list)
{
	json_t *pair;
	size_t i;

	if (list == NULL)
		return;
	if (!json_is_array(list)) {
		vector_fault(v, ".pauses", "must be a list of pairs: from, to");
		return;
	}
	v->pauses = calloc(json_array_size(list) + 1, sizeof(*v->pauses));
	if (v->pauses == NULL) {
		vector_fault(v, ".pauses", "no memory");
		return;
	}
	json_array_foreach(list, i, pair)
	{
		struct pause *p = &v->pauses[v->n_pauses];

		if (!read_pause(v, i, pair, p))
			continue;
		if (v->n_pauses > 0 && p->from < p[-1].from) {
			char where[64];

			snprintf(where, sizeof(where), ".pauses[%zu]", i);
			vector_fault(v, where,
			    "begins before the one before it; put them in "
			    "order (they may overlap)");
			continue;
		}
		v->n_pauses++;
	}
}

static void
read_due(struct vector *v, json_t *json)
{
	const char *text = json_string_value(json);
	bool utc;

	v->due = CAL_NEVER;
	if (json == NULL)
		return;
	if (text == NULL || instant_parse(text, &v->due, &utc) != ERR_OK ||
	    !utc)
		vector_fault(v, ".due",
		    "\"%s\" is no time in UTC; write \"2026-03-10T09:30:00Z\"",
		    text != NULL ? text : "");
}

static void
read_vector(struct vector *v, const struct document *d, json_t *json)
{
	const char *start;
	char place[64];

	if (!json_is_object(json)) {
		vector_fault(v, "", "must be an object");
		return;
	}
	snprintf(place, sizeof(place), "vectors[%zu]", v->index);
	tell_unknown(v->telling, place, json, vector_keys);
	read_text(v, json, "id", "give it a name of its own");
	read_calendar_name(v, d, json);
	start = read_text(v, json, "start",
	    "write \"2026-03-10T09:30:00\", or with a Z at the end for UTC");
	if (start != NULL)
		read_instant(v, ".start", start, &v->start);
	read_goal(v, json);
	read_pauses(v, json_object_get(json, "pauses"));
	read_due(v, json_object_get(json, "due"));
	v->catches = json_string_value(json_object_get(json, "catches"));
}

/* ---------------------------------------------------------------- answering */

/* Due, or told and not sound. */
static int64_t
find_due(struct vector *v)
{
	int64_t due = CAL_NEVER;
	const struct due_calendars one = { 1, &v->calendar->spec };
	enum err e =
	    due_find(&one, v->start, v->goal_us, v->n_pauses, v->pauses, &due);

	if (e != ERR_OK)
		vector_fault(v, "", "cannot be computed: %s", err_name(e));
	else if (due == CAL_NEVER)
		vector_fault(v, "",
		    "never due: %s is not open as long within 50 years",
		    v->calendar->name);
	return due;
}

/* True: as it should be. */
static bool
print_answer(struct vector *v, const char *id, int64_t due)
{
	char got[INSTANT_ROOM], want[INSTANT_ROOM], catches[ID_MAX];
	FILE *out = v->telling->out;

	fprintf(out, "%s %s", id, instant_print(due, got));
	if (v->due == CAL_NEVER) {
		fputs("\n", out);
		return true;
	}
	if (v->due == due) {
		fputs(" ok\n", out);
		return true;
	}
	text_clean(str_of(v->catches), false, catches, sizeof(catches));
	fprintf(out, " not ok, expected %s%s%s%s\n",
	    instant_print(v->due, want), v->catches != NULL ? " (" : "",
	    catches, v->catches != NULL ? ")" : "");
	return false;
}

static bool
answer(struct telling *t, const struct document *d, size_t i, json_t *json)
{
	const char *name = json_string_value(json_object_get(json, "id"));
	struct vector v = { .telling = t, .index = i, .sound = true };
	char id[ID_MAX];
	bool right = false;
	int64_t due = CAL_NEVER;

	if (name != NULL && *name != '\0')
		text_clean(str_of(name), false, id, sizeof(id));
	else
		snprintf(id, sizeof(id), "vectors[%zu]", i);
	read_vector(&v, d, json);
	if (v.sound)
		due = find_due(&v);
	if (v.sound)
		right = print_answer(&v, id, due);
	else
		fprintf(t->out, "%s error\n", id);
	free(v.pauses);
	return right;
}

bool
vectors_answer(struct telling *t)
{
	struct document d;
	bool right = true;
	json_t *vector;
	size_t i;

	if (document_read(t, &d) != ERR_OK)
		return false;
	json_array_foreach(d.vectors, i, vector) right =
	    answer(t, &d, i, vector) && right;
	document_fini(&d);
	return right && t->faults == 0;
}
