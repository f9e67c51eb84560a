/*
 * document.c - see document.h.
 */
#include "conform/document.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define MEMORY_MAX ((size_t)256 << 20)

static const char *const document_keys[] = { "calendars", "vectors", NULL };
static const char *const calendar_keys[] = { "tz", "weekly", "overrides",
	NULL };
static const char *const override_keys[] = { "date", "closed", "like", "open",
	NULL };

/* What is read of one calendar, and where. */
struct reader {
	struct telling *telling;
	struct arena *arena;
	const char *calendar;
	bool sound;
};

/* ------------------------------------------------------------------ telling */

static void say(struct telling *, const char *place, const char *fmt, va_list)
    PRINTF_LIKE(3, 0);

static void
say(struct telling *t, const char *place, const char *fmt, va_list ap)
{
	char what[512], line[1024], clean[1024];

	vsnprintf(what, sizeof(what), fmt, ap);
	snprintf(line, sizeof(line), "sla-conform: %s: %s%s%s", t->file, place,
	    *place != '\0' ? ": " : "", what);
	text_clean(str_of(line), false, clean, sizeof(clean));
	fprintf(t->err, "%s\n", clean);
}

void
tell_fault(struct telling *t, const char *place, const char *fmt, ...)
{
	va_list ap;

	t->faults++;
	va_start(ap, fmt);
	say(t, place, fmt, ap);
	va_end(ap);
}

void
tell_remark(struct telling *t, const char *place, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(t, place, fmt, ap);
	va_end(ap);
}

void
tell_unknown(struct telling *t, const char *place, json_t *object,
    const char *const known[])
{
	const char *key;
	json_t *value;
	size_t i;

	json_object_foreach(object, key, value)
	{
		for (i = 0; known[i] != NULL && strcmp(known[i], key) != 0; i++)
			;
		if (known[i] == NULL)
			tell_remark(t, place,
			    "\"%s\" is passed over: no such key", key);
	}
}

static void reader_fault(
    struct reader *, const char *where, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* `where' within the calendar: ".tz". */
static void
reader_fault(struct reader *r, const char *where, const char *fmt, ...)
{
	char place[PLACE_ROOM], what[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	snprintf(place, sizeof(place), "calendars.%s%s", r->calendar, where);
	tell_fault(r->telling, place, "%s", what);
	r->sound = false;
}

/* ---------------------------------------------------------------- calendars */

/* A list of intervals; at `where'. */
static void
read_day(struct reader *r, const char *where, json_t *list, struct cal_day *out)
{
	char at[PLACE_ROOM];
	struct cal_fault why;
	const char *text;
	json_t *item;
	size_t i;

	if (!json_is_array(list)) {
		reader_fault(r, where,
		    "must be a list such as [\"09:00-12:00\"]; [] is closed");
		return;
	}
	if (json_array_size(list) > CAL_HOURS_MAX) {
		reader_fault(r, where, "%zu intervals; a day has at most %d",
		    json_array_size(list), CAL_HOURS_MAX);
		return;
	}
	json_array_foreach(list, i, item)
	{
		snprintf(at, sizeof(at), "%s[%zu]", where, i);
		if ((text = json_string_value(item)) == NULL)
			reader_fault(
			    r, at, "must be a text such as \"09:00-12:00\"");
		else if (cal_hours_parse(str_of(text), &out->hours[i], &why) !=
			 ERR_OK)
			reader_fault(r, at,
			    "%s; write \"09:00-12:00\", or \"22:00-30:00\" for "
			    "a night",
			    why.what);
		else
			out->n++;
	}
}

static void
read_week(struct reader *r, json_t *weekly, struct cal_spec *out)
{
	enum cal_weekday day;
	char where[PLACE_ROOM];
	const char *key;
	json_t *value;

	if (!json_is_object(weekly)) {
		reader_fault(r, ".weekly",
		    "%s; give an object of days, mon to sun",
		    weekly == NULL ? "missing" : "is something else");
		return;
	}
	out->has_week = true;
	json_object_foreach(weekly, key, value)
	{
		snprintf(where, sizeof(where), ".weekly.%s", key);
		if (cal_weekday_parse(str_of(key), &day) != ERR_OK)
			reader_fault(r, where, "no such day; mon to sun");
		else
			read_day(r, where, value, &out->week[day]);
	}
}

static void
read_plan(
    struct reader *r, const char *where, json_t *item, struct cal_override *out)
{
	json_t *closed = json_object_get(item, "closed");
	json_t *like = json_object_get(item, "like");
	json_t *open = json_object_get(item, "open");
	char at[PLACE_ROOM];

	if ((closed != NULL) + (like != NULL) + (open != NULL) != 1) {
		reader_fault(r, where,
		    "%s; give exactly one of closed, like and open",
		    closed == NULL && like == NULL && open == NULL
			? "says nothing of the date"
			: "contradicts itself");
	} else if (closed != NULL) {
		out->kind = CAL_CLOSED;
		if (!json_is_true(closed))
			reader_fault(r, where,
			    "closed must be true; take the override out, or "
			    "give open");
	} else if (like != NULL) {
		out->kind = CAL_LIKE;
		if (!json_is_string(like) ||
		    cal_weekday_parse(
			str_of(json_string_value(like)), &out->like) != ERR_OK)
			reader_fault(
			    r, where, "like must be a day, mon to sun");
	} else {
		out->kind = CAL_OPEN;
		snprintf(at, sizeof(at), "%s.open", where);
		read_day(r, at, open, &out->open);
	}
}

static void
read_override(
    struct reader *r, size_t i, json_t *item, struct cal_override *out)
{
	const char *date = json_string_value(json_object_get(item, "date"));
	char where[64], place[PLACE_ROOM];

	snprintf(where, sizeof(where), ".overrides[%zu]", i);
	if (!json_is_object(item)) {
		reader_fault(r, where, "must be an object with a date");
		return;
	}
	snprintf(place, sizeof(place), "calendars.%s%s", r->calendar, where);
	tell_unknown(r->telling, place, item, override_keys);
	if (date == NULL)
		reader_fault(r, where, "has no date; give \"2026-02-14\"");
	else if (cal_date_parse(str_of(date), &out->date) != ERR_OK)
		reader_fault(r, where,
		    "\"%s\" is no date; write \"2026-02-14\", or \"02-29\" "
		    "for every year",
		    date);
	read_plan(r, where, item, out);
}

static void
read_overrides(struct reader *r, json_t *list, struct cal_spec *out)
{
	struct cal_override *all;
	json_t *item;
	size_t i, n = json_array_size(list);

	if (list == NULL)
		return;
	if (!json_is_array(list)) {
		reader_fault(r, ".overrides", "must be a list");
		return;
	}
	if (n > CAL_OVERRIDES_MAX) {
		reader_fault(r, ".overrides", "%zu; at most %d are taken", n,
		    CAL_OVERRIDES_MAX);
		return;
	}
	all = arena_alloc(r->arena, (n + 1) * sizeof(*all));
	if (all == NULL) {
		reader_fault(r, ".overrides", "no memory for %zu of them", n);
		return;
	}
	json_array_foreach(list, i, item) read_override(r, i, item, &all[i]);
	out->overrides = all;
	out->n_overrides = (unsigned)n;
}

/* As a whole: hours in order and apart, dates once. */
static void
check(struct reader *r, const struct cal_spec *spec)
{
	char where[64] = "";
	struct cal_fault why;

	if (cal_check(spec, NULL, &why) == ERR_OK)
		return;
	if (why.override_index >= 0)
		snprintf(
		    where, sizeof(where), ".overrides[%d]", why.override_index);
	else if (why.weekday >= 0)
		snprintf(where, sizeof(where), ".weekly.%s",
		    cal_weekday_name((enum cal_weekday)why.weekday));
	reader_fault(r, where, "%s", why.what);
}

static void
read_zone(struct reader *r, json_t *tz, struct document_calendar *out)
{
	const char *name = json_string_value(tz);

	if (name == NULL || *name == '\0') {
		reader_fault(r, ".tz",
		    "%s; give an IANA name such as \"Asia/Shanghai\"",
		    tz == NULL ? "missing" : "is no name");
		return;
	}
	out->spec.zone = str_of(name);
	switch (zone_load(NULL, out->spec.zone, &out->zone)) {
	case ERR_OK:
		return;
	case ERR_NOT_FOUND:
		reader_fault(r, ".tz",
		    "\"%s\" is unknown here; give an IANA name such as "
		    "\"Asia/Shanghai\", or install tzdata",
		    name);
		return;
	default:
		reader_fault(r, ".tz",
		    "/usr/share/zoneinfo/%s cannot be read; install tzdata "
		    "again",
		    name);
	}
}

static void
read_calendar(struct telling *t, struct arena *arena, const char *name,
    json_t *json, struct document_calendar *out)
{
	struct reader r = { t, arena, name, true };
	char place[PLACE_ROOM];

	out->name = name;
	out->spec.name = str_of(name);
	if (!json_is_object(json)) {
		reader_fault(&r, "", "must be an object with tz and weekly");
		return;
	}
	snprintf(place, sizeof(place), "calendars.%s", name);
	tell_unknown(t, place, json, calendar_keys);
	read_zone(&r, json_object_get(json, "tz"), out);
	read_week(&r, json_object_get(json, "weekly"), &out->spec);
	read_overrides(&r, json_object_get(json, "overrides"), &out->spec);
	if (r.sound)
		check(&r, &out->spec);
	out->sound = r.sound;
}

/* ----------------------------------------------------------------- the file */

static enum err
load(struct telling *t, struct document *d)
{
	FILE *f = fopen(t->file, "re");
	json_error_t why;

	if (f == NULL) {
		tell_fault(t, "", "%s", strerror(errno));
		return ERR_IO;
	}
	d->json = json_loadf(f, JSON_REJECT_DUPLICATES, &why);
	fclose(f);
	if (d->json == NULL) {
		tell_fault(t, "", "line %d, column %d: not JSON: %s", why.line,
		    why.column, why.text);
		return ERR_BAD_FIELD;
	}
	return ERR_OK;
}

static enum err
read_calendars(struct telling *t, struct document *d, json_t *calendars)
{
	const char *name;
	json_t *value;

	d->arena = arena_new((size_t)1 << 16, MEMORY_MAX);
	d->calendars =
	    calloc(json_object_size(calendars) + 1, sizeof(*d->calendars));
	if (d->arena == NULL || d->calendars == NULL) {
		tell_fault(t, "calendars", "no memory");
		return ERR_NOMEM;
	}
	json_object_foreach(calendars, name, value)
	    read_calendar(t, d->arena, name, value, &d->calendars[d->n++]);
	return ERR_OK;
}

enum err
document_read(struct telling *t, struct document *out)
{
	json_t *calendars;
	enum err e;

	memset(out, 0, sizeof(*out));
	if ((e = load(t, out)) != ERR_OK)
		return e;
	if (!json_is_object(out->json)) {
		tell_fault(
		    t, "", "must be an object with calendars and vectors");
		document_fini(out);
		return ERR_BAD_FIELD;
	}
	calendars = json_object_get(out->json, "calendars");
	out->vectors = json_object_get(out->json, "vectors");
	if (!json_is_object(calendars)) {
		tell_fault(t, "calendars",
		    "%s; give an object, from each name to its calendar",
		    calendars == NULL ? "missing" : "is something else");
		e = ERR_BAD_FIELD;
	}
	if (!json_is_array(out->vectors)) {
		tell_fault(t, "vectors", "%s; give a list",
		    out->vectors == NULL ? "missing" : "is something else");
		e = ERR_BAD_FIELD;
	}
	if (e == ERR_OK) {
		tell_unknown(t, "", out->json, document_keys);
		e = read_calendars(t, out, calendars);
	}
	if (e != ERR_OK)
		document_fini(out);
	return e;
}

void
document_fini(struct document *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->calendars[i].zone != NULL)
			zone_free(&d->calendars[i].zone);
	free(d->calendars);
	arena_free(&d->arena);
	json_decref(d->json);
	memset(d, 0, sizeof(*d));
}

const struct document_calendar *
document_find(const struct document *d, const char *name)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->calendars[i].name, name) == 0)
			return &d->calendars[i];
	return NULL;
}
