/*
 * tally.c - figures of a day, and intervals over days.
 */
#include "whatif/tally.h"

#include <math.h>
#include <stddef.h>

#include "base/err.h"

static const struct {
	const char *word, *unit;
} names[TALLY_NFIGURES] = {
	[TALLY_OFFERED] = { "offered", "" },
	[TALLY_ANSWERED] = { "answered", "" },
	[TALLY_LEVEL] = { "level", "%" },
	[TALLY_ASA] = { "asa", "s" },
	[TALLY_WAIT] = { "wait", "s" },
	[TALLY_ABANDONED] = { "abandoned", "%" },
	[TALLY_ELSEWHERE] = { "elsewhere", "" },
	[TALLY_OCCUPANCY] = { "occupancy", "%" },
	[TALLY_OVERTAKEN] = { "overtaken", "" },
};

const char *
tally_word(enum tally_figure f)
{
	return names[f].word;
}

const char *
tally_unit(enum tally_figure f)
{
	return names[f].unit;
}

static double
ratio(double a, double b)
{
	return b > 0 ? a / b : 0;
}

double
tally_figure(const struct tally *t, enum tally_figure f)
{
	double counted = (double)(t->offered - t->short_);

	switch (f) {
	case TALLY_OFFERED:
		return (double)t->offered;
	case TALLY_ANSWERED:
		return (double)t->answered;
	case TALLY_LEVEL:
		return ratio((double)t->within, counted);
	case TALLY_ASA:
		return ratio(t->answered_wait_s, (double)t->answered);
	case TALLY_WAIT:
		return ratio(t->wait_s, (double)t->offered);
	case TALLY_ABANDONED:
		return ratio((double)t->abandoned, counted);
	case TALLY_ELSEWHERE:
		return (double)t->elsewhere;
	case TALLY_OCCUPANCY:
		return ratio(t->busy_s, t->staffed_s);
	case TALLY_OVERTAKEN:
		return (double)t->overtaken;
	default:
		return 0;
	}
}

/* Student's t, 97.5 %, by degrees of freedom; above the table the normal's. */
static double
student(unsigned freedom)
{
	static const double t[] = { 0, 12.706, 4.303, 3.182, 2.776, 2.571,
		2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145,
		2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069,
		2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042 };

	return freedom < NELEM(t) ? t[freedom] : 1.960 + 2.5 / freedom;
}

struct spread
spread_of(const double *x, unsigned n)
{
	double sum = 0, squares = 0, mean;

	for (unsigned i = 0; i < n; i++)
		sum += x[i];
	mean = ratio(sum, n);
	for (unsigned i = 0; i < n; i++)
		squares += (x[i] - mean) * (x[i] - mean);
	if (n < 2)
		return (struct spread){ mean, 0 };
	return (struct spread){ mean,
		student(n - 1) * sqrt(squares / (n - 1) / n) };
}
