/*
 * acd.c - what both implementations share: the one form of a line, being given
 * up.
 */
#include "store/acd.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static void
add_neighbour(struct acd_line *l, uint32_t queue)
{
	if (queue == l->queue)
		return;
	for (unsigned i = 0; i < l->n_neighbours; i++)
		if (l->neighbours[i] == queue)
			return;
	l->neighbours[l->n_neighbours++] = queue;
}

/* By id; of one that is named twice the higher minimum. */
static void
add_skill(struct acd_line *l, const struct acd_skill *s)
{
	unsigned at = l->n_skills;

	if (s->level == 0)
		return; /* not asked for */
	while (at > 0 && l->skills[at - 1].skill > s->skill)
		at--;
	if (at > 0 && l->skills[at - 1].skill == s->skill) {
		if (l->skills[at - 1].level < s->level)
			l->skills[at - 1].level = s->level;
		return;
	}
	memmove(&l->skills[at + 1], &l->skills[at],
	    (l->n_skills - at) * sizeof(l->skills[0]));
	l->skills[at] = *s;
	l->n_skills++;
}

void
acd_line_normal(const struct acd_line *in, struct acd_line *out)
{
	assert(in->n_neighbours <= ACD_MAX_NEIGHBOURS);
	assert(in->n_skills <= ACD_MAX_SKILLS);
	assert(in->queue != 0 || in->agent != 0);
	memset(out, 0, sizeof(*out));
	out->agent = in->agent;
	out->site = in->site;
	out->media = in->media;
	if (in->agent != 0)
		return;
	out->queue = in->queue;
	out->tier = in->tier;
	for (unsigned i = 0; i < in->n_neighbours; i++)
		add_neighbour(out, in->neighbours[i]);
	for (unsigned i = 0; i < in->n_skills; i++)
		add_skill(out, &in->skills[i]);
}

void
acd_free(struct acd **a)
{
	if (*a != NULL)
		(*a)->ops->free(*a);
	*a = NULL;
}
