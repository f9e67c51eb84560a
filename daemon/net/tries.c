/*
 * tries.c - wrong passwords, by a keyed hash of the name.
 *
 * Four entries a bucket; the one with the fewest tries makes room, so a flood
 * of made-up names does not wash out a name that is under attack.
 */
#include "net/tries.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"

#define NBUCKETS 1024u
#define WAYS 4
#define WINDOW (15 * 60 * CLOCK_S)
#define WAIT_MIN (30 * CLOCK_S)
#define WAIT_MAX WINDOW

struct entry {
	unsigned hash, n;
	int64_t first_at, until; /* until: no try before */
};

struct tries {
	unsigned allowed;
	struct entry entries[NBUCKETS][WAYS];
};

struct tries *
tries_new(unsigned allowed)
{
	struct tries *t = calloc(1, sizeof(*t));

	if (t != NULL)
		t->allowed = allowed;
	return t;
}

void
tries_free(struct tries **t)
{
	free(*t);
	*t = NULL;
}

static struct entry *
entry_find(struct tries *t, unsigned hash)
{
	struct entry *e = t->entries[hash % NBUCKETS];

	for (int i = 0; i < WAYS; i++)
		if (e[i].n > 0 && e[i].hash == hash)
			return &e[i];
	return NULL;
}

static struct entry *
entry_make(struct tries *t, unsigned hash)
{
	struct entry *e = t->entries[hash % NBUCKETS], *least = e;

	for (int i = 1; i < WAYS; i++)
		if (e[i].n < least->n)
			least = &e[i];
	*least = (struct entry){ .hash = hash };
	return least;
}

int64_t
tries_wait(struct tries *t, struct str name, int64_t now)
{
	struct entry *e = entry_find(t, hash_of(name.p, name.len));

	return e == NULL || e->until <= now ? 0 : e->until - now;
}

void
tries_wrong(struct tries *t, struct str name, int64_t now)
{
	unsigned hash = hash_of(name.p, name.len);
	struct entry *e = entry_find(t, hash);
	int64_t wait = WAIT_MIN;

	if (e == NULL)
		e = entry_make(t, hash);
	if (e->n == 0 || now - e->first_at > WINDOW) {
		e->n = 0;
		e->first_at = now;
	}
	if (++e->n < t->allowed)
		return;
	for (unsigned i = t->allowed; i < e->n && wait < WAIT_MAX; i++)
		wait *= 2;
	e->until = now + (wait < WAIT_MAX ? wait : WAIT_MAX);
	e->first_at = e->until; /* the delay goes on growing after it */
}

void
tries_right(struct tries *t, struct str name)
{
	struct entry *e = entry_find(t, hash_of(name.p, name.len));

	if (e != NULL)
		*e = (struct entry){ 0 };
}
