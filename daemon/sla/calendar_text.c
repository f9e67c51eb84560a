/*
 * calendar_text.c - a calendar as one line of words, and back.
 *
 * What is read was written here; but it lay in a ledger, so it is read as
 * strictly as anything from outside.
 */
#include <stdio.h>
#include <stdlib.h>

#include "sla/calendar_inside.h"

#define HOURS_LEN 11 /* 09:00-12:00 */

/* ---- writing */

static bool
must_escape(char c)
{
	return (unsigned char)c <= ' ' || c == '%' || c == 0x7F;
}

static void
print_text(FILE *f, struct str s)
{
	for (uint32_t i = 0; i < s.len; i++)
		if (must_escape(s.p[i]))
			fprintf(f, "%%%02X", (unsigned)(unsigned char)s.p[i]);
		else
			fputc(s.p[i], f);
}

static void
print_day(FILE *f, const struct cal_day *d)
{
	for (unsigned i = 0; i < d->n; i++)
		fprintf(f, "%s%02d:%02d-%02d:%02d", i > 0 ? "," : "",
		    d->hours[i].from / 60, d->hours[i].from % 60,
		    d->hours[i].to / 60, d->hours[i].to % 60);
}

static void
print_override(FILE *f, const struct cal_override *o)
{
	if (o->date.year != 0)
		fprintf(f, "%04d-", o->date.year);
	fprintf(f, "%02d-%02d=", o->date.month, o->date.day);
	if (o->kind == CAL_OPEN) {
		fputs("open:", f);
		print_day(f, &o->open);
	} else if (o->kind == CAL_LIKE)
		fprintf(f, "like:%s", cal_weekday_name(o->like));
	else
		fputs("closed", f);
	if (o->label.len > 0) {
		fputc(':', f);
		print_text(f, o->label);
	}
}

/* Words are apart by one blank. */
static void
print_spec(FILE *f, const struct cal_spec *s,
    const struct cal_override *const *overrides)
{
	const char *gap = "";

	if (s->zone.len > 0) {
		fputs("zone=", f);
		print_text(f, s->zone);
		gap = " ";
	}
	if (s->base.len > 0) {
		fprintf(f, "%sbase=", gap);
		print_text(f, s->base);
		gap = " ";
	}
	for (int i = 0; s->has_week && i < 7; i++) {
		fprintf(f, "%s%s=", gap, cal_weekday_name((enum cal_weekday)i));
		print_day(f, &s->week[i]);
		gap = " ";
	}
	for (unsigned i = 0; i < s->n_overrides; i++) {
		fputs(gap, f);
		print_override(f, overrides[i]);
		gap = " ";
	}
}

char *
cal_print(const struct cal_spec *s)
{
	const struct cal_override **sorted = cal_sorted(s);
	char *text = NULL;
	size_t len;
	FILE *f = sorted != NULL ? open_memstream(&text, &len) : NULL;
	bool failed;

	if (f != NULL) {
		print_spec(f, s, sorted);
		failed = ferror(f) != 0;
		if (fclose(f) != 0 || failed) {
			free(text);
			text = NULL;
		}
	}
	free(sorted);
	return text;
}

/* ---- reading */

static bool
take_if(struct str *s, char c)
{
	if (s->len == 0 || s->p[0] != c)
		return false;
	s->p++;
	s->len--;
	return true;
}

/* What stands before the first `c', or all of it; `c' is taken too. */
static struct str
take_until(struct str *s, char c)
{
	const char *end = s->len > 0 ? memchr(s->p, c, s->len) : NULL;
	struct str word = *s;

	if (end == NULL)
		*s = (struct str){ NULL, 0 };
	else {
		word.len = (uint32_t)(end - s->p);
		s->p = end + 1;
		s->len -= word.len + 1;
	}
	return word;
}

static bool
read_digits(struct str s, unsigned n, int *out)
{
	*out = 0;
	if (s.len != n)
		return false;
	for (unsigned i = 0; i < n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*out = *out * 10 + s.p[i] - '0';
	}
	return true;
}

enum err
cal_date_parse(struct str s, struct cal_date *out)
{
	int year = 0, month, day;
	struct cal_date d;

	if (s.len == 10 &&
	    (!read_digits(take_until(&s, '-'), 4, &year) || year == 0))
		return ERR_BAD_FIELD;
	if (!read_digits(take_until(&s, '-'), 2, &month) ||
	    !read_digits(s, 2, &day))
		return ERR_BAD_FIELD;
	d = (struct cal_date){ (int16_t)year, (uint8_t)month, (uint8_t)day };
	if (!cal_date_is_valid(d))
		return ERR_BAD_FIELD;
	*out = d;
	return ERR_OK;
}

enum err
cal_weekday_parse(struct str s, enum cal_weekday *out)
{
	for (int i = 0; i < 7; i++) {
		enum cal_weekday w = (enum cal_weekday)i;

		if (str_eq(s, str_of(cal_weekday_name(w)))) {
			*out = w;
			return ERR_OK;
		}
	}
	return ERR_BAD_FIELD;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static enum err
read_text(struct str s, struct arena *a, struct str *out)
{
	char *p = arena_alloc(a, s.len);
	uint32_t n = 0;

	if (p == NULL)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (c == '%') {
			int high = s.len - i > 2 ? hex_digit(s.p[i + 1]) : -1;
			int low = s.len - i > 2 ? hex_digit(s.p[i + 2]) : -1;

			if (high < 0 || low < 0)
				return ERR_BAD_FIELD;
			c = (char)(high * 16 + low);
			i += 2;
		} else if (must_escape(c))
			return ERR_BAD_FIELD;
		p[n++] = c;
	}
	*out = (struct str){ p, n };
	return ERR_OK;
}

/* As many as there are, taken off the front. */
static enum err
take_hours(struct str *s, struct cal_day *d)
{
	struct cal_fault f;
	enum err e;

	do {
		struct str one = { s->p, HOURS_LEN };

		if (s->len < HOURS_LEN)
			return ERR_BAD_FIELD;
		if (d->n == CAL_HOURS_MAX)
			return ERR_TOO_LARGE;
		if ((e = cal_hours_parse(one, &d->hours[d->n], &f)) != ERR_OK)
			return e;
		d->n++;
		s->p += HOURS_LEN;
		s->len -= HOURS_LEN;
	} while (take_if(s, ','));
	return ERR_OK;
}

static enum err
read_override(struct str s, struct arena *a, struct cal_override *o)
{
	bool more = memchr(s.p, ':', s.len) != NULL;
	struct str kind = take_until(&s, ':');
	enum err e = ERR_OK;

	if (str_eq(kind, STR_LIT("closed")))
		o->kind = CAL_CLOSED;
	else if (str_eq(kind, STR_LIT("like")) && more) {
		o->kind = CAL_LIKE;
		more = s.len > 0 && memchr(s.p, ':', s.len) != NULL;
		e = cal_weekday_parse(take_until(&s, ':'), &o->like);
	} else if (str_eq(kind, STR_LIT("open")) && more) {
		o->kind = CAL_OPEN;
		e = take_hours(&s, &o->open);
		more = take_if(&s, ':');
		if (s.len > 0 && !more)
			return ERR_BAD_FIELD;
	} else
		return ERR_BAD_FIELD;
	return e == ERR_OK && more ? read_text(s, a, &o->label) : e;
}

/* What has been read of a line. */
struct reading {
	struct arena *arena;
	struct cal_spec *spec;
	struct cal_override *overrides; /* room for all words */
	unsigned seen;                  /* a bit a weekday, and: */
};
#define SEEN_ZONE 0x80u
#define SEEN_BASE 0x100u
#define WHOLE_WEEK 0x7Fu

static enum err
read_week(struct reading *r, enum cal_weekday w, struct str value)
{
	enum err e = ERR_OK;

	if (value.len > 0)
		e = take_hours(&value, &r->spec->week[w]);
	return e == ERR_OK && value.len > 0 ? ERR_BAD_FIELD : e;
}

static enum err
read_word(struct reading *r, struct str word)
{
	struct str key = take_until(&word, '=');
	struct cal_date date;
	enum cal_weekday w;
	unsigned bit = 0;
	enum err e;

	if (word.p == NULL) /* there was no = */
		return ERR_BAD_FIELD;
	if (str_eq(key, STR_LIT("zone"))) {
		bit = SEEN_ZONE;
		e = read_text(word, r->arena, &r->spec->zone);
	} else if (str_eq(key, STR_LIT("base"))) {
		bit = SEEN_BASE;
		e = read_text(word, r->arena, &r->spec->base);
	} else if (cal_weekday_parse(key, &w) == ERR_OK) {
		bit = 1u << w;
		e = read_week(r, w, word);
	} else if ((e = cal_date_parse(key, &date)) == ERR_OK) {
		struct cal_override *o = &r->overrides[r->spec->n_overrides++];

		if (r->spec->n_overrides > CAL_OVERRIDES_MAX)
			return ERR_TOO_LARGE;
		o->date = date;
		e = read_override(word, r->arena, o);
	}
	if (e == ERR_OK && (r->seen & bit) != 0)
		return ERR_BAD_FIELD;
	r->seen |= bit;
	return e;
}

enum err
cal_parse(
    struct str name, struct str text, struct arena *a, struct cal_spec *out)
{
	struct cal_spec spec = { 0 };
	struct reading r = { .arena = a, .spec = &spec };
	size_t n_words = 1;
	enum err e;

	for (uint32_t i = 0; i < text.len; i++)
		n_words += text.p[i] == ' ';
	if (n_words > CAL_OVERRIDES_MAX + 9)
		return ERR_TOO_LARGE;
	r.overrides = arena_alloc(a, n_words * sizeof(*r.overrides));
	spec.name = arena_copy(a, name);
	if (r.overrides == NULL || spec.name.len != name.len)
		return ERR_NOMEM;
	for (; n_words > 0; n_words--)
		if ((e = read_word(&r, take_until(&text, ' '))) != ERR_OK)
			return e;
	spec.has_week = (r.seen & WHOLE_WEEK) != 0;
	if (spec.has_week && (r.seen & WHOLE_WEEK) != WHOLE_WEEK)
		return ERR_BAD_FIELD;
	spec.overrides = r.overrides;
	*out = spec;
	return ERR_OK;
}
