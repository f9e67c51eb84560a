/*
 * owed.c - see owed.h.
 */
#include "replay/owed.h"

#include <stdlib.h>
#include <string.h>

enum err
owed_add(struct owed *u, const uint8_t op[16], const uint8_t call[16])
{
	size_t room = u->room > 0 ? u->room * 2 : 8;
	struct owed_note *notes;

	if (u->n == u->room) {
		notes = realloc(u->notes, room * sizeof(*notes));
		if (notes == NULL)
			return ERR_NOMEM;
		u->notes = notes;
		u->room = room;
	}
	memcpy(u->notes[u->n].op, op, 16);
	memcpy(u->notes[u->n].call, call, 16);
	u->n++;
	return ERR_OK;
}

void
owed_remove(struct owed *u, const uint8_t op[16])
{
	for (size_t i = 0; i < u->n; i++) {
		if (memcmp(u->notes[i].op, op, 16) != 0)
			continue;
		u->n--;
		memmove(&u->notes[i], &u->notes[i + 1],
		    (u->n - i) * sizeof(*u->notes));
		return;
	}
}

void
owed_fini(struct owed *u)
{
	free(u->notes);
	*u = (struct owed){ NULL, 0, 0 };
}
