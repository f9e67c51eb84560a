/*
 * reason.c - see reason.h.
 */
#include "desk/state.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/conf.h"

#define SHOWN 64

const struct reason *
reason_find(const struct desk *d, struct str name)
{
	struct reason *r;

	HASH_FIND(hh, d->reasons, name.p, name.len, r);
	return r;
}

bool
reasons_configured(const struct desk *d)
{
	return d->reasons != NULL;
}

void
reason_add(struct desk *d, struct str name, bool paid, int64_t limit_us)
{
	struct reason *r = calloc(1, sizeof(*r));

	desk_must(r != NULL ? ERR_OK : ERR_NOMEM);
	r->name = strndup(name.p, name.len);
	desk_must(r->name != NULL ? ERR_OK : ERR_NOMEM);
	r->paid = paid;
	r->limit_us = limit_us;
	HASH_ADD_KEYPTR(hh, d->reasons, r->name, strlen(r->name), r);
	desk_must(HASH_ADD_OK(hh, r) ? ERR_OK : ERR_NOMEM);
}

void
reasons_forget(struct desk *d)
{
	struct reason *r, *next;

	HASH_ITER(hh, d->reasons, r, next)
	{
		HASH_DELETE(hh, d->reasons, r);
		free(r->name);
		free(r);
	}
}

static bool
reason_is_ours(struct str name)
{
	static const char *const ours[] = { DEVICE_GONE, LOG_IN, UNANSWERED,
		BY_SUPERVISOR };

	for (unsigned i = 0; i < NELEM(ours); i++)
		if (str_eq(name, str_of(ours[i])))
			return true;
	for (unsigned end = OFFER_END_NONE + 1; end < OFFER_NENDS; end++)
		if (str_eq(name, str_of(word_offer_end((enum offer_end)end))))
			return true;
	return false;
}

bool
reason_is_good(const struct desk *d, struct str name)
{
	return name.len == 0 || !reasons_configured(d) ||
	       reason_find(d, name) != NULL || reason_is_ours(name);
}

bool
desk_reason_is_good(
    const struct desk *d, struct str got, char *wanted, size_t room)
{
	const char *words[SHOWN + 1] = { NULL }, *near;
	char name[NAME_MAX_LEN + 1];
	unsigned n = 0;
	size_t len = 0;

	if (reason_is_good(d, got))
		return true;
	for (const struct reason *r = d->reasons; r != NULL && n < SHOWN;
	     r = r->hh.next)
		words[n++] = r->name;
	snprintf(name, sizeof(name), "%.*s", STR_ARG(got));
	near = conf_nearest(name, words);
	if (near != NULL) {
		snprintf(wanted, room, "%s", near);
		return false;
	}
	for (unsigned i = 0; i < n && len < room; i++)
		len += (size_t)snprintf(wanted + len, room - len, "%s%s",
		    i > 0 ? ", " : "", words[i]);
	return false;
}
