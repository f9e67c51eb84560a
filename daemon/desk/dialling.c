/*
 * dialling.c - whom a call may be sent to: what is configured, in memory.
 *
 * A call about a ticket is decided by the ledger (sql/0003), which also knows
 * who does not want to be called.  A caller who is transferred wants to be;
 * there only the prefixes count, so that nobody talks an agent into paying for
 * a call to anywhere.  The rules are the same: the longest prefix that fits,
 * and nothing configured means nobody.
 */
#include "desk/state.h"

#include <stdlib.h>

#include "base/text.h"

void
dialling_forget(struct desk *d)
{
	free(d->dialling_allow);
	free(d->dialling_refuse);
	d->dialling_allow = d->dialling_refuse = NULL;
}

void
dialling_take(struct desk *d, struct str allow, struct str refuse)
{
	dialling_forget(d);
	d->dialling_allow = strndup(allow.len > 0 ? allow.p : "", allow.len);
	d->dialling_refuse =
	    strndup(refuse.len > 0 ? refuse.p : "", refuse.len);
	desk_must(d->dialling_allow != NULL && d->dialling_refuse != NULL
		      ? ERR_OK
		      : ERR_NOMEM);
}

/* The length of the longest of these (separated by blanks) that it begins
 * with; 0: none. */
static size_t
longest(const char *prefixes, const char *number)
{
	size_t best = 0;

	while (*prefixes != '\0') {
		size_t n = strcspn(prefixes, " ");

		if (n > best && strncmp(prefixes, number, n) == 0)
			best = n;
		prefixes += n;
		prefixes += strspn(prefixes, " ");
	}
	return best;
}

const char *
dialling_rule(const struct desk *d, struct str number)
{
	char e164[17];

	if (d->dialling_allow == NULL)
		return "not_configured";
	if (!text_e164(number, d->options.country, e164))
		return "number";
	return longest(d->dialling_allow, e164) >
	               longest(d->dialling_refuse, e164)
	           ? NULL
	           : "allow";
}
