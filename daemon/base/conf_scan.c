/*
 * conf_scan.c - one value's text, strictly: no sign but a minus, no leading
 * zeros, no trailing anything, nothing that wraps around.
 */
#include <inttypes.h>
#include <string.h>

#include "base/conf_tree.h"

struct unit {
	const char *name;
	int64_t factor;
};

/* In ascending order. */
static const struct unit durations[] = {
	{ "us", 1 },
	{ "ms", 1000 },
	{ "s", 1000 * 1000 },
	{ "m", INT64_C(60) * 1000 * 1000 },
	{ "h", INT64_C(3600) * 1000 * 1000 },
	{ "d", INT64_C(86400) * 1000 * 1000 },
};

static const struct unit sizes[] = {
	{ "", 1 },
	{ "KiB", INT64_C(1) << 10 },
	{ "MiB", INT64_C(1) << 20 },
	{ "GiB", INT64_C(1) << 30 },
};

/* Digits off the front; what follows them, or NULL. */
static const char *
scan_digits(const char *s, int64_t *out)
{
	int64_t v = 0;

	if (*s < '0' || *s > '9' || (s[0] == '0' && s[1] >= '0' && s[1] <= '9'))
		return NULL;
	for (; *s >= '0' && *s <= '9'; s++)
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, *s - '0', &v))
			return NULL;
	*out = v;
	return s;
}

bool
conf_scan_number(const char *s, int64_t *out)
{
	bool minus = *s == '-';
	int64_t v;

	if ((s = scan_digits(s + minus, &v)) == NULL || *s != '\0')
		return false;
	*out = minus ? -v : v;
	return true;
}

static bool
scan_unit(const char *s, const struct unit *units, size_t n, int64_t *out)
{
	int64_t v;

	if ((s = scan_digits(s, &v)) == NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		if (strcmp(s, units[i].name) == 0)
			return !__builtin_mul_overflow(v, units[i].factor, out);
	return false;
}

bool
conf_scan_duration(const char *s, int64_t *us)
{
	bool minus = *s == '-';

	if (!scan_unit(s + minus, durations, NELEM(durations), us))
		return false;
	*us = minus ? -*us : *us;
	return true;
}

bool
conf_scan_size(const char *s, int64_t *bytes)
{
	return scan_unit(s, sizes, NELEM(sizes), bytes);
}

bool
conf_scan_bool(const char *s, bool *out)
{
	static const char *const words[] = { "no", "yes", "false", "true",
		NULL };
	int i = conf_scan_word(s, words);

	*out = i % 2 == 1;
	return i >= 0;
}

int
conf_scan_word(const char *s, const char *const *words)
{
	for (int i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], s) == 0)
			return i;
	return -1;
}

/* The largest unit that leaves no rest; seconds for nothing at all. */
static const char *
show_unit(int64_t v, const struct unit *units, size_t n, size_t zero,
    char out[CONF_VALUE_LEN])
{
	size_t i = n - 1;

	while (i > 0 && v % units[i].factor != 0)
		i--;
	if (v == 0)
		i = zero;
	snprintf(out, CONF_VALUE_LEN, "%" PRId64 "%s", v / units[i].factor,
	    units[i].name);
	return out;
}

const char *
conf_show_duration(int64_t us, char out[CONF_VALUE_LEN])
{
	return show_unit(us, durations, NELEM(durations), 2, out);
}

const char *
conf_show_size(int64_t bytes, char out[CONF_VALUE_LEN])
{
	return show_unit(bytes, sizes, NELEM(sizes), 0, out);
}
