/*
 * daemons.c - see the header.
 */
#include "daemons.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define RETRY_MIN_MS 50
#define RETRY_MAX_MS 2000

const char *
daemons_init(struct daemons *d, const char *addresses)
{
	memset(d, 0, sizeof(*d));
	d->retry_ms = RETRY_MIN_MS;
	return address_parse(addresses, d->own, &d->n_own);
}

unsigned
daemons_n(const struct daemons *d)
{
	return d->n_own + d->n_other;
}

const struct address *
daemons_here(const struct daemons *d)
{
	return d->at < d->n_own ? &d->own[d->at] : &d->other[d->at - d->n_own];
}

static unsigned
jitter(unsigned ms)
{
	uint32_t random;

	/* Of so few bytes it is never short, never interrupted. */
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		abort();
	return ms / 2 + random % (ms / 2 + 1);
}

unsigned
daemons_next(struct daemons *d)
{
	unsigned n = daemons_n(d);

	d->sent = 0; /* who sent us here was wrong, or was right too early */
	d->at = (d->at + 1) % n;
	if (++d->tried % n == 0 && d->tried > n)
		d->retry_ms *= 2;
	if (d->retry_ms > RETRY_MAX_MS)
		d->retry_ms = RETRY_MAX_MS;
	return jitter(d->retry_ms);
}

bool
daemons_sent(struct daemons *d, const char *addresses, unsigned *ms)
{
	struct address to[ADDRESS_MAX];
	unsigned n;

	if (d->sent == DAEMONS_SENT_MAX ||
	    address_parse(addresses, to, &n) != NULL)
		return false;
	memcpy(d->other, to, n * sizeof(*to));
	d->n_other = n;
	d->at = d->n_own;
	/* They may not know yet what one of them knows. */
	*ms = d->sent == 0 ? 0 : jitter(d->sent * 500);
	d->sent++;
	return true;
}

void
daemons_welcome(struct daemons *d)
{
	d->tried = 0;
	d->retry_ms = RETRY_MIN_MS;
}

void
daemons_settled(struct daemons *d)
{
	d->sent = 0;
}
