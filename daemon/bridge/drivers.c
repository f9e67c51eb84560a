/*
 * drivers.c - the switches that can be spoken to: a row each.
 */
#include <stddef.h>
#include <string.h>

#include "bridge/driver.h"

extern const struct driver driver_asterisk, driver_freeswitch, driver_kamailio;

const struct driver *const drivers[] = {
	&driver_asterisk,
	&driver_freeswitch,
	&driver_kamailio,
	NULL,
};

const struct driver *
driver_find(const char *name)
{
	for (size_t i = 0; drivers[i] != NULL; i++)
		if (strcmp(drivers[i]->name, name) == 0)
			return drivers[i];
	return NULL;
}
