/*
 * fields.c - checks of single fields.
 */
#include "net/fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "net/code.h"

#define YEAR_1980 INT64_C(315532800000000)
#define YEAR_2100 INT64_C(4102444800000000)

static enum err
bad_text(const struct fields *f, const char *name, enum err e, size_t max)
{
	char limit[24];

	if (e != ERR_TOO_LARGE)
		return fault(f->fault, e, name, NULL);
	snprintf(limit, sizeof(limit), "%zu", max);
	return fault(f->fault, e, name, limit, NULL);
}

static enum err
clean(const struct fields *f, const char *name, ProtobufCBinaryData b,
    size_t max, bool lines, struct str *out)
{
	struct str in = { (const char *)b.data, (uint32_t)b.len };
	char *copy;
	enum err e;

	*out = (struct str){ NULL, 0 };
	if (b.len == 0)
		return ERR_OK;
	if ((e = text_check(in, max)) != ERR_OK)
		return bad_text(f, name, e, max);
	if ((copy = arena_alloc(f->scratch, max + 1)) == NULL)
		return ERR_NOMEM;
	out->len = (uint32_t)text_clean(in, lines, copy, max + 1);
	out->p = copy;
	return ERR_OK;
}

enum err
field_text(const struct fields *f, const char *name, ProtobufCBinaryData b,
    size_t max, struct str *out)
{
	return clean(f, name, b, max, false, out);
}

enum err
field_lines(const struct fields *f, const char *name, ProtobufCBinaryData b,
    size_t max, struct str *out)
{
	return clean(f, name, b, max, true, out);
}

enum err
field_name(const struct fields *f, const char *name, ProtobufCBinaryData b,
    struct str *out)
{
	char cleaned[NAME_LEN + 1];
	enum err e;
	size_t n;

	*out = (struct str){ (const char *)b.data, (uint32_t)b.len };
	if (b.len == 0)
		return ERR_OK;
	if ((e = text_check(*out, NAME_LEN)) != ERR_OK)
		return bad_text(f, name, e, NAME_LEN);
	n = text_clean(*out, false, cleaned, sizeof(cleaned));
	if (n != b.len || memcmp(cleaned, b.data, n) != 0)
		return bad_text(f, name, ERR_BAD_TEXT, NAME_LEN);
	return ERR_OK;
}

enum err
field_name_required(const struct fields *f, const char *name,
    ProtobufCBinaryData b, struct str *out)
{
	if (b.len == 0)
		return fault(f->fault, ERR_BAD_FIELD, name, "missing", NULL);
	return field_name(f, name, b, out);
}

enum err
field_range(const struct fields *f, const char *name, int64_t value,
    int64_t from, int64_t to)
{
	char range[64];

	if (value >= from && value <= to)
		return ERR_OK;
	snprintf(range, sizeof(range), "%" PRId64 " to %" PRId64, from, to);
	return fault(f->fault, ERR_BAD_FIELD, name, range, NULL);
}

enum err
field_time(const struct fields *f, const char *name, int64_t at)
{
	if (at == 0 || (at >= YEAR_1980 && at < YEAR_2100))
		return ERR_OK;
	return fault(
	    f->fault, ERR_BAD_FIELD, name, "between 1980 and 2100", NULL);
}
