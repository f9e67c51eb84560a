/*
 * skill.c - skills by name, as rules have them.
 */
#include "desk/state.h"

#include <stdlib.h>

struct skill {
	uint32_t id;
	char *name;
	UT_hash_handle hh;
};

void
skill_row(struct desk *d, const struct str *cell)
{
	struct skill *s = calloc(1, sizeof(*s));

	desk_must(s != NULL ? ERR_OK : ERR_NOMEM);
	s->id = (uint32_t)ledger_number(cell[0]);
	s->name = strndup(cell[1].p != NULL ? cell[1].p : "", cell[1].len);
	desk_must(s->name != NULL ? ERR_OK : ERR_NOMEM);
	HASH_ADD_KEYPTR(hh, d->skills, s->name, strlen(s->name), s);
}

uint32_t
skill_id(const struct desk *d, struct str name)
{
	struct skill *s;

	HASH_FIND(hh, d->skills, name.p, name.len, s);
	return s != NULL ? s->id : 0;
}

void
skills_forget(struct desk *d)
{
	struct skill *s, *next;

	HASH_ITER(hh, d->skills, s, next)
	{
		HASH_DELETE(hh, d->skills, s);
		free(s->name);
		free(s);
	}
}
