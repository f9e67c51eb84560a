/*
 * names.c - what a query takes and answers is text: lists in, numbers out.
 */
#include <stdio.h>
#include <stdlib.h>

#include "store/ledger.h"

char *
ledger_names(const struct str *names, unsigned n)
{
	size_t room = 3;
	char *out, *p;

	for (unsigned i = 0; i < n; i++)
		room += 2 * (size_t)names[i].len + 3;
	if ((out = p = malloc(room)) == NULL)
		return NULL;
	*p++ = '{';
	for (unsigned i = 0; i < n; i++) {
		if (i > 0)
			*p++ = ',';
		*p++ = '"';
		for (uint32_t k = 0; k < names[i].len; k++) {
			if (names[i].p[k] == '"' || names[i].p[k] == '\\')
				*p++ = '\\';
			*p++ = names[i].p[k];
		}
		*p++ = '"';
	}
	*p++ = '}';
	*p = '\0';
	return out;
}

int64_t
ledger_number(struct str cell)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%.*s", STR_ARG(cell));
	return strtoll(digits, NULL, 10);
}
