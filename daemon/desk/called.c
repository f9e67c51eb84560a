/*
 * called.c - which queue a call is for: by the number that was called and what
 * was chosen in the menu.
 */
#include "desk/state.h"

#include <stdio.h>
#include <stdlib.h>

static uint32_t
number_key(char key[2 * TEXT_MAX_LEN + 2], struct str called, struct str menu)
{
	return (uint32_t)snprintf(key, 2 * TEXT_MAX_LEN + 2, "%.*s%c%.*s",
	    STR_ARG(called), '\0', STR_ARG(menu));
}

struct queue *
queue_of_number(const struct desk *d, struct str called, struct str menu)
{
	const struct str none = STR_LIT("");
	const struct str tries[4][2] = { { called, menu }, { called, none },
		{ none, menu }, { none, none } };
	char key[2 * TEXT_MAX_LEN + 2];
	struct number *n;

	for (unsigned i = 0; i < NELEM(tries); i++) {
		uint32_t len = number_key(key, tries[i][0], tries[i][1]);

		HASH_FIND(hh, d->numbers, key, len, n);
		if (n != NULL && !n->queue->retired)
			return n->queue;
	}
	return NULL;
}

void
called_add(struct desk *d, struct str called, struct str menu, struct queue *q)
{
	char key[2 * TEXT_MAX_LEN + 2];
	uint32_t len = number_key(key, called, menu);
	struct number *n = calloc(1, sizeof(*n));

	desk_must(n != NULL ? ERR_OK : ERR_NOMEM);
	n->queue = q;
	n->key_len = len;
	n->key = calloc(1, len + 1);
	desk_must(n->key != NULL ? ERR_OK : ERR_NOMEM);
	memcpy(n->key, key, len);
	HASH_ADD_KEYPTR(hh, d->numbers, n->key, n->key_len, n);
}

void
called_forget(struct desk *d)
{
	struct number *n, *next;

	HASH_ITER(hh, d->numbers, n, next)
	{
		HASH_DELETE(hh, d->numbers, n);
		free(n->key);
		free(n);
	}
}
