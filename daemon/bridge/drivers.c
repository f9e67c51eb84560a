/*
 * drivers.c - the switches that can be spoken to: a row each.
 */
#include <stddef.h>

#include "bridge/driver.h"

extern const struct driver driver_asterisk, driver_freeswitch, driver_kamailio;

const struct driver *const drivers[] = {
	&driver_asterisk,
	&driver_freeswitch,
	&driver_kamailio,
	NULL,
};
