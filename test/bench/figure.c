/*
 * figure.c - see figure.h.
 */
#include "test/bench/figure.h"

#include <stdio.h>

static void
tail(double value, double floor, const char *method)
{
	if (floor > 0)
		printf(
		    "\"floor\": %.3f, \"ratio\": %.3f, ", floor, value / floor);
	printf("\"method\": \"%s\"}\n", method);
	fflush(stdout);
}

void
figure_value(const char *name, double value, const char *unit, double floor,
    const char *method)
{
	printf("{\"name\": \"%s\", \"value\": %.3f, \"unit\": \"%s\", ", name,
	    value, unit);
	tail(value, floor, method);
}

void
figure_latency(const char *name, const struct stat_hist *h, double floor,
    const char *method)
{
	double p50 = (double)stat_quantile(h, 0.5) / 1000;

	printf("{\"name\": \"%s\", \"p50\": %.3f, \"p99\": %.3f, "
	       "\"p999\": %.3f, \"unit\": \"ms\", ",
	    name, p50, (double)stat_quantile(h, 0.99) / 1000,
	    (double)stat_quantile(h, 0.999) / 1000);
	tail(p50, floor, method);
}
