/*
 * acd.c - what both implementations share: being given up.
 */
#include "store/acd.h"

#include <stddef.h>

void
acd_free(struct acd **a)
{
	if (*a != NULL)
		(*a)->ops->free(*a);
	*a = NULL;
}
