/*
 * rules.c - what holds where nothing is said.
 */
#include "routing/rules.h"

#include <string.h>

#define SECOND INT64_C(1000000)

void
rules_preset(struct route_rules *r)
{
	memset(r, 0, sizeof(*r));
	r->ring_at_once = 1;
	r->again_us = 60 * SECOND;
}
