/*
 * fence.c - see the header.
 */
#include "base/fence.h"

#include <time.h>

#include "base/clock.h"

/* Who looks a fifth of a lease apart is awake; awake vouches for as long as is
 * left of a renewed lease when the next renewal is late by one. */
#define AWAKE(lease) ((lease) / 5 * 2)
#define VOUCHED(lease) ((lease) / 5 * 3)

int64_t
fence_clock(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * CLOCK_S + t.tv_nsec / 1000;
}

static void
carry_on(struct fence *f, int64_t until)
{
	if (until > f->until)
		f->until = until;
}

void
fence_init(struct fence *f, int64_t lease_us, int64_t now)
{
	*f = (struct fence){ .lease_us = lease_us, .looked_at = now };
	f->until = now + lease_us;
}

void
fence_tighten(struct fence *f, int64_t lease_us, int64_t now)
{
	if (f->lease_us <= lease_us)
		return; /* or there is none */
	f->lease_us = lease_us;
	if (f->until > now + lease_us)
		f->until = now + lease_us;
}

void
fence_renewed(struct fence *f, int64_t asked_at)
{
	carry_on(f, asked_at + f->lease_us);
}

bool
fence_look(struct fence *f, int64_t now)
{
	if (f->lease_us == 0)
		return true;
	f->over |= now > f->until;
	if (f->over)
		return false;
	if (now - f->looked_at <= AWAKE(f->lease_us))
		carry_on(f, now + VOUCHED(f->lease_us));
	f->looked_at = now;
	return true;
}
