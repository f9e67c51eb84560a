/*
 * clock_wait.c - what a ticket waits for, and how that ends.
 *
 * Causes are a set: the same one twice is once.  A wait may end by itself, at
 * an instant of its own; that nobody has written it down yet is told in the
 * answer.
 */
#include "sla/clock_own.h"

/* No wait that somebody asks for is longer than the promise's policy allows;
 * 0: as long as they like. */
static int64_t
longest(const struct fold *f, const struct sla_fact *x)
{
	const struct work *w = f->live[SLA_RESOLUTION][SLA_SLA];
	const struct sla_policy *p = w != NULL ? w->terms.match.policy : NULL;

	if (x->kind != FACT_PENDED || p == NULL || p->max_pause_us == 0)
		return 0;
	return x->at + p->max_pause_us;
}

static void
set_wait(struct fold *f, unsigned bit, const struct sla_fact *x)
{
	int64_t until = x->until, most = longest(f, x);

	if (most != 0 && (until == 0 || until > most))
		until = most;

	/* One that ends before it begins ends at once. */
	if (until != 0 && until < x->at)
		until = x->at;
	for (unsigned i = 0; i < NELEM(f->until); i++)
		if (bit & 1U << i)
			f->until[i] = until;
	f->waits |= bit;
	f->ran_out_at = 0;
}

static void
step_pause(struct fold *f, struct moment *now, unsigned i)
{
	const struct sla_fact *x = now->facts[i];

	if (x->kind == FACT_SCHEDULED)
		set_wait(f, WAIT_APPOINTMENT, x);
	else if (x->kind == FACT_PENDED)
		set_wait(f, x->wait & SLA_WAITS & ~(unsigned)WAIT_RESOLVED, x);
	if (x->kind == FACT_PENDED && (x->wait & WAIT_THIRD_PARTY))
		now->away = true;
}

static void
step_resume(struct fold *f, struct moment *now, unsigned i)
{
	const struct sla_fact *x = now->facts[i];
	unsigned ended = 0;

	if (x->kind == FACT_RESUMED)
		ended = x->wait != 0 ? x->wait : SLA_WAITS;
	else if (x->kind == FACT_ARRIVED)
		ended = WAIT_APPOINTMENT;
	else if (x->kind == FACT_CONTACTED)
		ended = WAIT_CUSTOMER;
	else
		return;
	f->waits &= ~ended | WAIT_RESOLVED;
	f->ran_out_at = 0;
}

static void
end_waits(struct fold *f, int64_t at)
{
	for (unsigned i = 0; i < NELEM(f->until); i++) {
		if (!(f->waits & 1U << i) || f->until[i] == 0 ||
		    f->until[i] > at)
			continue;
		f->waits &= ~(1U << i);
		f->ran_out_at = f->until[i];
	}
}

static void
put_turn(struct fold *f, int64_t at)
{
	struct turn *t = f->turns;

	if (f->n_turns == f->room_turns) {
		unsigned room = f->room_turns > 0 ? 2 * f->room_turns : 8;

		if ((t = fold_alloc(f, room * sizeof(*t))) == NULL)
			return;
		if (f->n_turns > 0)
			memcpy(t, f->turns, f->n_turns * sizeof(*t));
		f->turns = t;
		f->room_turns = room;
	}
	t[f->n_turns++] = (struct turn){ at, f->waits };
}

/* What the ticket now waits for, to all clocks. */
void
fold_set_waits(struct fold *f, unsigned before, int64_t at)
{
	if (f->waits == before)
		return;
	put_turn(f, at);
	if ((before & WAIT_THIRD_PARTY) && !(f->waits & WAIT_THIRD_PARTY))
		signal_stops(f, SIGNAL_BACK, at);
	for (unsigned m = 0; m < SLA_NMETRICS; m++)
		for (unsigned a = 0; a < SLA_NAGREEMENTS; a++)
			if (f->live[m][a] != NULL)
				clock_set_waits(f, f->live[m][a], f->waits, at);
}

void
fold_waits(struct fold *f, struct moment *now)
{
	unsigned before = f->waits;

	for (unsigned i = 0; i < now->n; i++) {
		step_pause(f, now, i);
		step_resume(f, now, i);
	}
	end_waits(f, now->at);
	if (now->solved || f->ended) {
		f->waits = f->ended ? 0 : WAIT_RESOLVED;
		f->ran_out_at = 0;
	}
	if (!(f->waits & WAIT_THIRD_PARTY) || (before & WAIT_THIRD_PARTY))
		now->away = false;
	fold_set_waits(f, before, now->at);
}
