/*
 * forecast.c - survival between quantiles.
 */
#include "sla/forecast.h"

#include <stdlib.h>

#include "base/hash.h"

#define MILLION 1000000

struct known {
	struct forecast_sample sample; /* category points behind it */
	UT_hash_handle hh;
	char category[];
};

struct forecast {
	struct known *by_category;
};

enum err
forecast_new(struct forecast **out)
{
	*out = calloc(1, sizeof(**out));
	return *out != NULL ? ERR_OK : ERR_NOMEM;
}

void
forecast_free(struct forecast **fp)
{
	struct forecast *f = *fp;
	struct known *k, *next;

	if (f == NULL)
		return;
	HASH_ITER(hh, f->by_category, k, next)
	{
		HASH_DELETE(hh, f->by_category, k);
		free(k);
	}
	free(f);
	*fp = NULL;
}

static struct known *
find(const struct forecast *f, struct str category)
{
	struct known *k;

	HASH_FIND(hh, f->by_category, category.p != NULL ? category.p : "",
	    category.len, k);
	return k;
}

enum err
forecast_learn(struct forecast *f, const struct forecast_sample *s)
{
	struct known *k = find(f, s->category);

	for (unsigned i = 0; i < FORECAST_QUANTILES; i++)
		if (s->q[i] < (i > 0 ? s->q[i - 1] : 0))
			return ERR_BAD_FIELD;
	if (k == NULL) {
		k = calloc(1, sizeof(*k) + s->category.len + 1);
		if (k == NULL)
			return ERR_NOMEM;
		if (s->category.len > 0)
			memcpy(k->category, s->category.p, s->category.len);
		HASH_ADD_KEYPTR(
		    hh, f->by_category, k->category, s->category.len, k);
		if (!HASH_ADD_OK(hh, k)) {
			free(k);
			return ERR_NOMEM;
		}
	}
	k->sample = *s;
	k->sample.category = (struct str){ k->category, s->category.len };
	return ERR_OK;
}

/* P(T > t) in parts in a million, 0 from the highest quantile on. */
static int64_t
survival(const struct forecast_sample *s, int64_t t)
{
	const int64_t step = MILLION / (FORECAST_QUANTILES - 1);
	int i = FORECAST_QUANTILES - 1;

	while (i >= 0 && s->q[i] > t)
		i--;
	if (i < 0)
		return MILLION;
	if (i == FORECAST_QUANTILES - 1)
		return 0;
	return MILLION - i * step -
	       (int64_t)((double)step * (double)(t - s->q[i]) /
			 (double)(s->q[i + 1] - s->q[i]));
}

int32_t
forecast_risk(const struct forecast *f, struct str category, int64_t elapsed,
    int64_t goal, int64_t wait)
{
	const struct known *k = find(f, category);
	int64_t in_time = goal - wait, now;

	if (k == NULL || k->sample.n < FORECAST_MIN_SAMPLES)
		k = find(f, (struct str){ NULL, 0 });
	if (k == NULL || k->sample.n < FORECAST_MIN_SAMPLES)
		return -1;
	if (in_time <= elapsed)
		return MILLION;
	now = survival(&k->sample, elapsed);
	/* Who took this long is a handful, and those that are not done yet are
	 * not among them: nothing can be told. */
	if ((int64_t)k->sample.n * now < (int64_t)FORECAST_MIN_LEFT * MILLION)
		return -1;
	return (int32_t)(survival(&k->sample, in_time) * MILLION / now);
}

void
forecast_tell(struct forecast_calibration *c, int32_t ppm, int breached)
{
	struct forecast_bin *b;
	int i = ppm / (MILLION / FORECAST_BINS);

	if (ppm < 0 || ppm > MILLION)
		return;
	b = &c->bins[i < FORECAST_BINS ? i : FORECAST_BINS - 1];
	b->n++;
	b->breached += breached != 0;
	b->sum_ppm += (uint64_t)ppm;
}

int32_t
forecast_error(const struct forecast_calibration *c)
{
	uint64_t n = 0, gap = 0;

	for (unsigned i = 0; i < FORECAST_BINS; i++) {
		const struct forecast_bin *b = &c->bins[i];
		uint64_t seen = b->breached * MILLION;

		n += b->n;
		gap +=
		    seen > b->sum_ppm ? seen - b->sum_ppm : b->sum_ppm - seen;
	}
	return n > 0 ? (int32_t)(gap / n) : 0;
}
