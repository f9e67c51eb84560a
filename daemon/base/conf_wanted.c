/*
 * conf_wanted.c - what a field takes, for checks and for people.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/conf_fill.h"

static void append(char *out, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void
append(char *out, const char *fmt, ...)
{
	size_t len = strlen(out);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(out + len, CONF_WANTED_LEN - len, fmt, ap);
	va_end(ap);
}

static bool
has_bounds(const struct conf_field *f)
{
	return f->min != 0 || f->max != 0;
}

bool
conf_is_within(const struct conf_field *f, int64_t v)
{
	return !has_bounds(f) || (v >= f->min && v <= f->max);
}

static void
append_words(char *out, const char *const *words)
{
	for (int i = 0; words[i] != NULL; i++)
		if (strchr(words[i], ':') != NULL)
			append(out, "%s {%s NAME}", i > 0 ? "," : "", words[i]);
		else
			append(out, "%s %s", i > 0 ? "," : "", words[i]);
}

const char *
conf_known(const char *const *words, char out[CONF_WANTED_LEN])
{
	out[0] = '\0';
	append_words(out, words);
	return out;
}

static void
append_bounds(char *out, const struct conf_field *f)
{
	char a[CONF_VALUE_LEN], b[CONF_VALUE_LEN];

	if (!has_bounds(f))
		return;
	if (f->type == CONF_DURATION || f->type == CONF_SPANS)
		append(out, ", from %s to %s", conf_show_duration(f->min, a),
		    conf_show_duration(f->max, b));
	else if (f->type == CONF_SIZE)
		append(out, ", from %s to %s", conf_show_size(f->min, a),
		    conf_show_size(f->max, b));
	else
		append(out, " from %" PRId64 " to %" PRId64, f->min, f->max);
}

const char *
conf_wanted(const struct conf_field *f, char out[CONF_WANTED_LEN])
{
	static const char *const texts[] = {
		[CONF_STRING] = "a text",
		[CONF_NUMBER] = "a whole number",
		[CONF_DURATION] = "a time like 500ms, 20s, 15m, 2h or 1d",
		[CONF_SIZE] = "a size like 4096, 64KiB, 1MiB or 2GiB",
		[CONF_BOOL] = "yes or no",
		[CONF_WORD] = "one of",
		[CONF_CHOICE] = "one of",
		[CONF_STRINGS] = "a list of texts",
		[CONF_TEXTS] = "a list of texts",
		[CONF_MAP] = "a map, `name: value' lines set in by two blanks",
		[CONF_LIST] = "a list of maps, each with a `- ' before it",
		[CONF_LEVELS] = "a map of names, each with a whole number",
		[CONF_SPANS] = "a map of names, each with a time like 20s",
		[CONF_OTHERS] = "anything",
	};

	out[0] = '\0';
	append(out, "%s", texts[f->type]);
	if (f->type == CONF_WORD || f->type == CONF_CHOICE)
		append_words(out, f->words);
	else if (f->type == CONF_NUMBER || f->type == CONF_DURATION ||
		 f->type == CONF_SIZE || f->type == CONF_LEVELS ||
		 f->type == CONF_SPANS)
		append_bounds(out, f);
	return out;
}
