/*
 * print.h - settled days as overrides of a calendar, as the configuration has
 * them, or as the table that csv.h reads.
 */
#ifndef HOLIDAYS_PRINT_H
#define HOLIDAYS_PRINT_H

#include <stdio.h>

#include "holidays/holiday.h"

/* A whole calendar under `calendars:'; an empty zone is not printed. */
void print_yaml(
    const struct holidays *, struct str name, struct str zone, FILE *);
void print_csv(const struct holidays *, FILE *);

#endif
