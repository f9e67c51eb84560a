/*
 * estimate.c - rates with fading counts, and the sum of exponential steps.
 */
#include "desk/estimate.h"

#include <math.h>
#include <stddef.h>

#define SECOND 1e6
#define KEEP (1 - 1.0 / 32)  /* of the counts, at each new one */
#define PRIOR 2.0            /* answers that the handling time stands for */
#define HANDLING_S 240.0     /* until one is known */
#define PATIENCE_S 600.0     /* ... and that of callers ... */
#define PATIENCE_PRIOR 0.5   /* ... as if so many had given up */
#define SLOWEST 1e-7         /* at which callers give up, a second */
#define STEPS 64             /* of the sum; what follows is an integral */
#define Z 1.2815515655446004 /* nine tenths of the normal lie below */

void
estimator_init(struct estimator *e)
{
	*e = (struct estimator){ .handling_s = HANDLING_S,
		.gave_up = PATIENCE_PRIOR,
		.caller_s = PATIENCE_PRIOR * PATIENCE_S };
}

/* Agents' time counts while somebody waits: then all are at work. */
static void
count(struct estimator *e, int64_t now)
{
	double s =
	    e->at != 0 && now > e->at ? (double)(now - e->at) / SECOND : 0;

	if (e->waiting > 0) {
		e->agent_s += s * e->staff;
		e->caller_s += s * e->waiting;
	}
	if (now > e->at)
		e->at = now;
}

void
estimator_staff(struct estimator *e, uint32_t n, int64_t now)
{
	count(e, now);
	e->staff = n;
}

void
estimator_waiting(struct estimator *e, uint32_t n, int64_t now)
{
	count(e, now);
	e->waiting = n;
}

static void
fade_callers(struct estimator *e)
{
	e->gave_up *= KEEP;
	e->caller_s *= KEEP;
}

void
estimator_taken(struct estimator *e, int64_t now)
{
	count(e, now);
	e->answers = e->answers * KEEP + 1;
	e->agent_s *= KEEP;
	fade_callers(e);
}

void
estimator_back(struct estimator *e, int64_t now)
{
	count(e, now);
	e->answers = e->answers > 1 ? e->answers - 1 : 0;
}

void
estimator_gave_up(struct estimator *e, int64_t now)
{
	count(e, now);
	fade_callers(e);
	e->gave_up += 1;
}

void
estimator_handled(struct estimator *e, int64_t us)
{
	e->handling_s += (1 - KEEP) * ((double)us / SECOND - e->handling_s);
	if (e->handling_s < 1)
		e->handling_s = 1;
}

void
estimator_picked_up(struct estimator *e, int64_t us)
{
	e->pickup_s += (1 - KEEP) * ((double)us / SECOND - e->pickup_s);
}

/* Mean and variance of the steps of rates r, r + h, … r + k h. */
static void
steps(double r, double h, uint32_t k, double *mean, double *variance)
{
	uint32_t n = k < STEPS ? k + 1 : STEPS;
	double left = k + 1.0 - n, a = r + (n - 0.5) * h, b = a + left * h;

	*mean = *variance = 0;
	for (uint32_t j = 0; j < n; j++) {
		double step = 1 / (r + j * h);

		*mean += step;
		*variance += step * step;
	}
	*mean += log1p(left * h / a) / h;
	*variance += left / (a * b);
}

/* The gamma distribution's quantile, after Wilson and Hilferty. */
static double
quantile(double mean, double variance, double z)
{
	double ninth = variance / (9 * mean * mean);
	double root = 1 - ninth + z * sqrt(ninth);

	return root > 0 ? mean * root * root * root : 0;
}

static int64_t
micros(double s)
{
	return s < 1e9 ? (int64_t)(s * SECOND) : INT64_C(1000000000000000);
}

bool
estimator_wait(const struct estimator *before, uint32_t ahead, int64_t now,
    struct estimate *out)
{
	struct estimator e = *before;
	double r, h, mean, variance;

	if (e.staff == 0)
		return false;
	count(&e, now);
	r = e.staff * (PRIOR + e.answers) / (PRIOR * e.handling_s + e.agent_s);
	h = fmax(e.gave_up / fmax(e.caller_s, 1), SLOWEST);
	steps(r, h, ahead, &mean, &variance);
	variance += mean * mean / (PRIOR + 2 * e.answers);
	out->low_us = micros(e.pickup_s + quantile(mean, variance, -Z));
	out->mean_us = micros(e.pickup_s + mean);
	out->high_us = micros(e.pickup_s + quantile(mean, variance, Z));
	return true;
}

/* ---- what was told */

bool
promise_tell(
    struct promise *p, const struct estimate *e, uint32_t staff, int64_t now)
{
	bool keeps = p->made && p->staff == staff;
	int64_t low = e->low_us, high = e->high_us;
	bool news;

	if (keeps && low > p->low_us)
		low = p->low_us;
	if (keeps && high > p->high_us)
		high = p->high_us;
	news = !p->made || low != p->low_us || high != p->high_us;
	if (!p->made) {
		p->made_at = now;
		p->by = now + high;
	}
	p->made = true;
	p->staff = staff;
	p->low_us = low;
	p->high_us = high;
	return news;
}

static const int64_t bounds[CALIBRATION_BINS] = { 30000000, 60000000, 120000000,
	300000000, 600000000, INT64_MAX };

void
calibration_add(
    struct calibration *c, const struct promise *p, bool answered, int64_t at)
{
	unsigned bin = 0;

	if (!p->made || (!answered && at <= p->by))
		return;
	while (p->by - p->made_at > bounds[bin])
		bin++;
	c->bins[bin].made++;
	c->bins[bin].kept += answered && at <= p->by;
}

int64_t
calibration_share(const struct calibration *c)
{
	uint64_t made = 0, kept = 0;

	for (unsigned i = 0; i < CALIBRATION_BINS; i++) {
		made += c->bins[i].made;
		kept += c->bins[i].kept;
	}
	return made > 0 ? (int64_t)(kept * 1000000 / made) : -1;
}
