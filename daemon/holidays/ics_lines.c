/*
 * ics_lines.c - see ics_lines.h.
 */
#include "holidays/ics_lines.h"

#include <stdlib.h>
#include <strings.h>

#include "base/text.h"

#define DEPTH_MAX 8
#define BOM "\xEF\xBB\xBF"

enum component { OTHER, CALENDAR, EVENT, TIMEZONE };

struct reader {
	struct ics_file *file;
	struct faults *faults;
	uint32_t at;
	unsigned depth;
	struct {
		enum component kind;
		struct str name;
		uint32_t offset;
	} open[DEPTH_MAX];
};

/* clang-format off */
static const char *const names[ICS_NPROPERTIES] = {
	[ICS_CATEGORIES]    = "CATEGORIES",
	[ICS_EXDATE]        = "EXDATE",
	[ICS_RDATE]         = "RDATE",
	[ICS_DTSTART]       = "DTSTART",
	[ICS_DTEND]         = "DTEND",
	[ICS_DURATION]      = "DURATION",
	[ICS_RRULE]         = "RRULE",
	[ICS_EXRULE]        = "EXRULE",
	[ICS_RECURRENCE_ID] = "RECURRENCE-ID",
	[ICS_STATUS]        = "STATUS",
	[ICS_SUMMARY]       = "SUMMARY",
	[ICS_UID]           = "UID",
	[ICS_SEQUENCE]      = "SEQUENCE",
	[ICS_LIKE]          = "X-MASHANG-LIKE",
	[ICS_TZID]          = "TZID",
	[ICS_LOCATION]      = "X-LIC-LOCATION",
};
/* clang-format on */

static bool
is_word(struct str s, const char *word)
{
	return s.len == strlen(word) && strncasecmp(s.p, word, s.len) == 0;
}

/* ------------------------------------------------------------------- lines */

/* How many bytes at `i' are an end of line that is followed by a blank. */
static uint32_t
fold_at(struct str s, uint32_t i)
{
	uint32_t n = 0;

	if (i < s.len && s.p[i] == '\r')
		n++;
	if (i + n >= s.len || s.p[i + n] != '\n')
		return 0;
	n++;
	if (i + n >= s.len || (s.p[i + n] != ' ' && s.p[i + n] != '\t'))
		return 0;
	return n + 1;
}

struct place
ics_place(const struct ics_file *f, const struct ics_line *line, const char *p)
{
	struct str s = f->source->text;
	uint32_t at = line->offset, n;

	for (size_t left = (size_t)(p - line->text.p); left > 0; left--) {
		while ((n = fold_at(s, at)) > 0)
			at += n;
		at++;
	}
	while ((n = fold_at(s, at)) > 0)
		at += n;
	return (struct place){ f->source, at };
}

/* The whole content line from `at' on, which is left behind it. */
static enum err
unfold(struct reader *r, struct str *out)
{
	struct str s = r->file->source->text;
	uint32_t from = r->at, i = from, n_folds = 0, n;
	char *text;

	for (; i < s.len; i++) {
		if ((n = fold_at(s, i)) > 0) {
			n_folds++;
			i += n - 1;
		} else if (s.p[i] == '\n') {
			break;
		}
	}
	r->at = i < s.len ? i + 1 : i;
	i -= i > from && s.p[i - 1] == '\r';
	*out = (struct str){ s.p + from, i - from };
	if (n_folds == 0)
		return ERR_OK;
	if ((text = arena_alloc(r->file->arena, i - from)) == NULL)
		return ERR_NOMEM;
	*out = (struct str){ text, 0 };
	while (from < i) {
		if ((n = fold_at(s, from)) > 0)
			from += n;
		else
			text[out->len++] = s.p[from++];
	}
	return ERR_OK;
}

static uint32_t
name_len(struct str s)
{
	uint32_t n = 0;

	while (n < s.len && (s.p[n] == '-' || s.p[n] == '_' ||
				(s.p[n] >= '0' && s.p[n] <= '9') ||
				(s.p[n] >= 'A' && s.p[n] <= 'Z') ||
				(s.p[n] >= 'a' && s.p[n] <= 'z')))
		n++;
	return n;
}

/* Name, parameters and value; false: it is no content line. */
static bool
split(struct ics_line *l, struct str *name)
{
	uint32_t i = name_len(l->text), from;
	bool quoted = false;

	*name = (struct str){ l->text.p, i };
	if (i == 0 || i == l->text.len ||
	    (l->text.p[i] != ';' && l->text.p[i] != ':'))
		return false;
	from = i + (l->text.p[i] == ';');
	for (; i < l->text.len && (quoted || l->text.p[i] != ':'); i++)
		quoted ^= l->text.p[i] == '"';
	if (i == l->text.len)
		return false;
	l->params = (struct str){ l->text.p + from, i > from ? i - from : 0 };
	l->value = (struct str){ l->text.p + i + 1, l->text.len - i - 1 };
	return true;
}

struct str
ics_param(const struct ics_line *l, const char *name)
{
	struct str rest = l->params;

	while (rest.len > 0) {
		struct str key = { rest.p, name_len(rest) }, value;
		bool quoted = false;
		uint32_t i = key.len;

		for (; i < rest.len && (quoted || rest.p[i] != ';'); i++)
			quoted ^= rest.p[i] == '"';
		value = (struct str){ rest.p + key.len + (i > key.len),
			i > key.len ? i - key.len - 1 : 0 };
		rest.p += i < rest.len ? i + 1 : i;
		rest.len -= i < rest.len ? i + 1 : i;
		if (!is_word(key, name))
			continue;
		if (value.len >= 2 && value.p[0] == '"' &&
		    value.p[value.len - 1] == '"')
			value = (struct str){ value.p + 1, value.len - 2 };
		return value;
	}
	return (struct str){ NULL, 0 };
}

/* ------------------------------------------------------------------ events */

const struct ics_line *
ics_next(const struct ics_file *f, const struct ics_event *e,
    const struct ics_line *line)
{
	const struct ics_line *end = f->lines + e->first + e->n, *l = line + 1;

	for (; l < end; l++)
		if (l->property == line->property)
			return l;
	return NULL;
}

const struct ics_line *
ics_find(const struct ics_file *f, const struct ics_event *e,
    enum ics_property property)
{
	for (size_t i = e->first; i < e->first + e->n; i++)
		if (f->lines[i].property == property)
			return &f->lines[i];
	return NULL;
}

/* Room for one more of `size' bytes. */
static bool
grow(void *array, size_t n, size_t *room, size_t size)
{
	void **p = array, *larger;

	if (n < *room)
		return true;
	larger = realloc(*p, (*room == 0 ? 64 : 2 * *room) * size);
	if (larger == NULL)
		return false;
	*p = larger;
	*room = *room == 0 ? 64 : 2 * *room;
	return true;
}

static enum err
add_event(struct ics_file *f, uint32_t offset)
{
	if (!grow(&f->events, f->n_events, &f->events_room, sizeof(*f->events)))
		return ERR_NOMEM;
	f->events[f->n_events++] = (struct ics_event){ offset, f->n_lines, 0 };
	return ERR_OK;
}

static enum err
add_line(struct reader *r, const struct ics_line *l)
{
	struct ics_file *f = r->file;
	struct ics_event *e = &f->events[f->n_events - 1];

	if (l->property >= ICS_DTSTART && ics_find(f, e, l->property) != NULL)
		faults_add(r->faults, (struct place){ f->source, l->offset },
		    "a second %s in this event; take one out",
		    names[l->property]);
	if (text_check(l->text, l->text.len) != ERR_OK)
		faults_add(r->faults, (struct place){ f->source, l->offset },
		    "this %s is not UTF-8; save the file as UTF-8",
		    names[l->property]);
	if (!grow(&f->lines, f->n_lines, &f->lines_room, sizeof(*f->lines)))
		return ERR_NOMEM;
	f->lines[f->n_lines++] = *l;
	e->n++;
	return ERR_OK;
}

static void
name_zone(struct ics_file *f, const struct ics_line *l)
{
	struct ics_zone *z = &f->zones[f->n_zones - 1];

	if (f->n_zones == 0)
		return;
	if (l->property == ICS_TZID)
		z->id = l->value;
	else if (l->property == ICS_LOCATION)
		z->location = l->value;
}

static enum err
open_component(struct reader *r, const struct ics_line *l)
{
	static const char *const kinds[] = { NULL, "VCALENDAR", "VEVENT",
		"VTIMEZONE" };
	enum component kind = TIMEZONE;

	if (r->depth == DEPTH_MAX) {
		faults_add(r->faults, ics_place(r->file, l, l->text.p),
		    "components nest deeper than %d; this is no calendar "
		    "feed",
		    DEPTH_MAX);
		return ERR_BAD_FIELD;
	}
	while (kind > OTHER && !is_word(l->value, kinds[kind]))
		kind--;
	r->open[r->depth].kind = kind;
	r->open[r->depth].name = l->value;
	r->open[r->depth++].offset = l->offset;
	if (kind == TIMEZONE && r->file->n_zones < ICS_ZONES_MAX)
		r->file->zones[r->file->n_zones++] =
		    (struct ics_zone){ { NULL, 0 }, { NULL, 0 } };
	return kind == EVENT ? add_event(r->file, l->offset) : ERR_OK;
}

static enum err
close_component(struct reader *r, const struct ics_line *l)
{
	struct str name = l->value;

	while (name.len > 0 && name.p[name.len - 1] == ' ')
		name.len--;
	if (r->depth > 0 && name.len == r->open[r->depth - 1].name.len &&
	    strncasecmp(name.p, r->open[r->depth - 1].name.p, name.len) == 0) {
		r->depth--;
		return ERR_OK;
	}
	faults_add(r->faults, ics_place(r->file, l, l->text.p),
	    "END:%.*s, but that is not what was begun last; fetch the file "
	    "again",
	    STR_ARG(place_excerpt(name)));
	return ERR_BAD_FIELD;
}

static enum err
take_line(struct reader *r, struct ics_line *l)
{
	struct str name;
	bool whole = split(l, &name);
	enum component in = r->depth > 0 ? r->open[r->depth - 1].kind : OTHER;

	if (whole && is_word(name, "BEGIN"))
		return open_component(r, l);
	if (whole && is_word(name, "END"))
		return close_component(r, l);
	for (l->property = ICS_NPROPERTIES - 1; l->property > ICS_NONE;
	     l->property--)
		if (is_word(name, names[l->property]))
			break;
	if (whole && in == TIMEZONE)
		name_zone(r->file, l);
	if (in != EVENT || l->property == ICS_NONE || l->property >= ICS_TZID)
		return ERR_OK;
	if (whole)
		return add_line(r, l);
	faults_add(r->faults, (struct place){ r->file->source, l->offset },
	    "this %s has no value; write a colon before it",
	    names[l->property]);
	return ERR_OK;
}

/* A NUL would end a text where it does not end. */
static bool
has_nul(const struct source *s, struct faults *faults)
{
	const char *nul = memchr(s->text.p, '\0', s->text.len);

	if (nul != NULL)
		faults_add(faults,
		    (struct place){ s, (uint32_t)(nul - s->text.p) },
		    "a NUL byte; this is no calendar feed, fetch it again");
	return nul != NULL;
}

static enum err
read_all(struct reader *r)
{
	struct str s = r->file->source->text;
	enum err e = ERR_OK;

	if (s.len >= 3 && memcmp(s.p, BOM, 3) == 0)
		r->at = 3;
	while (e == ERR_OK && r->at < s.len) {
		struct ics_line l = { .offset = r->at };

		if ((e = unfold(r, &l.text)) == ERR_OK && l.text.len > 0)
			e = take_line(r, &l);
	}
	if (e == ERR_OK && r->depth > 0) {
		r->depth--;
		faults_add(r->faults,
		    (struct place){ r->file->source, r->open[r->depth].offset },
		    "this %.*s never ends: the file is cut short; fetch it "
		    "again",
		    STR_ARG(place_excerpt(r->open[r->depth].name)));
	}
	return e;
}

enum err
ics_file_read(const struct source *source, struct arena *arena,
    struct ics_file *out, struct faults *faults)
{
	struct reader r = { .file = out, .faults = faults };
	enum err e;

	*out = (struct ics_file){ .source = source, .arena = arena };
	if (has_nul(source, faults))
		return ERR_OK;
	e = read_all(&r);
	return e == ERR_BAD_FIELD ? ERR_OK : e;
}

void
ics_file_fini(struct ics_file *f)
{
	free(f->lines);
	free(f->events);
	*f = (struct ics_file){ 0 };
}
