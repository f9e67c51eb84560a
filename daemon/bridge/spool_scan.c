/*
 * spool_scan.c - what a directory holds, and which numbers it has.
 *
 * Nothing is changed here.  The first bad record ends its segment; what
 * younger segments hold is still good.  An event with a number that was seen
 * is a second copy (a segment was not trusted, and was written again).
 *
 * New numbers cost a table, not a copy of all: a record of the new segment
 * says what is added to the numbers in each of the older ones, 16 bytes each:
 * id u64, shift u64 (modulo 2^64).  Its seq is what is forgotten.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "bridge/spool_state.h"

#define ROW 16

/* More than can be lost with a tail. */
#define LEAP (UINT64_C(1) << 20)

struct scan {
	struct spool *s;
	struct segment_window window;
	size_t at; /* this segment */
	uint64_t incarnation;
	uint64_t seen;             /* behind the last event */
	uint64_t next;             /* behind all numbers that were given out */
	char boot[SPOOL_BOOT_LEN]; /* of the newest */
	bool unsaved, closed, torn;
};

static uint64_t
shift_of(const struct spool_record *r, uint64_t id)
{
	for (uint32_t i = 0; i < r->len; i += ROW)
		if (spool_get64(r->p + i) == id)
			return spool_get64(r->p + i + 8);
	return 0;
}

/* What was known of under the old numbers, under the new ones: it may have been
 * more than the files have. */
static uint64_t
move_known(
    const struct spool *s, const uint64_t *firsts, size_t n, uint64_t known)
{
	for (size_t i = n; i > 0; i--) {
		const struct segment *g = s->segments[i - 1];
		uint64_t k;

		if (g->first > known)
			continue;
		k = known - g->first + 1;
		return firsts[i - 1] + (k < g->count ? k : g->count) - 1;
	}
	return firsts[0] - 1;
}

/* The first n segments begin with these numbers now. */
static void
move(struct spool *s, const uint64_t *firsts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		s->segments[i]->known =
		    move_known(s, firsts, n, s->segments[i]->known);
	for (size_t i = 0; i < n; i++) {
		struct segment *g = s->segments[i];

		g->shift += firsts[i] - g->first;
		g->first = firsts[i];
	}
}

/* ERR_BAD_FRAME: they would not come one behind the other. */
static enum err
renumber(struct scan *c, const struct spool_record *r)
{
	uint64_t *firsts, next = 1;
	size_t n = 0;

	if (r->len % ROW != 0)
		return ERR_BAD_FRAME;
	if ((firsts = malloc((c->at + 1) * sizeof(*firsts))) == NULL)
		return ERR_NOMEM;
	for (; n < c->at; n++) {
		const struct segment *g = c->s->segments[n];

		firsts[n] = next;
		if (g->count > 0)
			firsts[n] = g->first - g->shift + shift_of(r, g->id);
		if (firsts[n] < next || firsts[n] >= SPOOL_SEQ_MAX)
			break;
		next = firsts[n] + g->count;
	}
	if (n == c->at) {
		move(c->s, firsts, n);
		c->s->forgotten = r->seq;
		c->seen = c->next = next;
	}
	free(firsts);
	return n == c->at ? ERR_OK : ERR_BAD_FRAME;
}

/* Of this segment so far: the number that the next event in the file must
 * have. */
struct place {
	uint64_t offset, expected;
};

static enum err
take_event(struct scan *c, struct segment *g, const struct spool_record *r,
    struct place *at)
{
	enum err e;

	if (r->seq != at->expected || at->offset > UINT32_MAX)
		return ERR_BAD_FRAME;
	at->expected++;
	if (r->seq < g->first)
		return ERR_OK; /* a second copy */
	if ((e = segment_reserve(g)) != ERR_OK)
		return e;
	segment_add(g, at->offset);
	c->seen = segment_next(g);
	if (c->next < c->seen)
		c->next = c->seen;
	return ERR_OK;
}

/* ERR_BAD_FRAME: whole, but it cannot stand here. */
static enum err
take(struct scan *c, struct segment *g, const struct spool_record *r,
    struct place *at)
{
	if (c->closed)
		return ERR_BAD_FRAME;
	switch (r->kind) {
	case SPOOL_EVENT:
		return take_event(c, g, r, at);
	case SPOOL_CHECKPOINT:
		g->checkpoint = at->offset;
		g->known = r->seq;
		return ERR_OK;
	case SPOOL_FORGOTTEN:
		if (r->seq > c->s->forgotten)
			c->s->forgotten = r->seq;
		return ERR_OK;
	case SPOOL_CLOSED:
		c->closed = true;
		return ERR_OK;
	default:
		return ERR_BAD_FRAME; /* a table stands first only */
	}
}

/* The table of other numbers, if the segment begins with one. */
static enum err
take_table(struct scan *c, struct segment *g, uint64_t end)
{
	struct spool_record r;
	size_t size;
	enum err e;

	e = segment_window_record(&c->window, g->size, end, &r, &size);
	if (e == ERR_OK && r.kind == SPOOL_RENUMBERED) {
		if ((e = renumber(c, &r)) == ERR_OK) {
			g->renumbers = true;
			g->size += size;
		}
	}
	return e == ERR_IO || e == ERR_NOMEM ? e : ERR_OK;
}

static enum err
scan_records(struct scan *c, struct segment *g, uint64_t head, uint64_t end)
{
	struct place at = { .expected = head };
	struct spool_record r;
	size_t size;
	enum err e;

	if ((e = take_table(c, g, end)) != ERR_OK)
		return e;
	if (c->next < head)
		c->next = head;
	g->first = head > c->seen ? head : c->seen;
	for (;; g->size += size) {
		at.offset = g->size;
		e = segment_window_record(&c->window, g->size, end, &r, &size);
		if (e == ERR_OK)
			e = take(c, g, &r, &at);
		if (e != ERR_OK)
			break;
	}
	if (e == ERR_BAD_FRAME)
		c->torn = true;
	else if (e != ERR_NOT_FOUND)
		return e;
	g->torn = end - g->size;
	return ERR_OK;
}

static enum err
scan_segment(struct scan *c, struct segment *g)
{
	struct spool_head h;
	struct stat st;
	enum err e;

	if ((e = segment_window_open(&c->window, c->s->dir, g->id)) != ERR_OK)
		return e;
	if (fstat(c->window.fd, &st) != 0)
		return ERR_IO;
	e = segment_window_head(&c->window, (uint64_t)st.st_size, &h);
	if (e == ERR_BAD_FRAME) {
		g->first = c->seen;
		g->torn = (uint64_t)st.st_size;
		c->torn = true;
		return ERR_OK;
	}
	if (e != ERR_OK)
		return e;
	if (h.incarnation > c->incarnation)
		c->incarnation = h.incarnation;
	if (h.forgotten > c->s->forgotten)
		c->s->forgotten = h.forgotten;
	memcpy(c->boot, h.boot, sizeof(c->boot));
	c->unsaved = h.unsaved;
	c->closed = false;
	g->size = SPOOL_HEAD_SIZE;
	return scan_records(c, g, h.next, (uint64_t)st.st_size);
}

/* Do events lack, up to this one?  Of those that are forgotten it does no harm
 * if a checkpoint tells what they did. */
static bool
lacks(const struct spool *s, uint64_t up_to, bool first)
{
	uint64_t known = 0;

	for (size_t i = 0; i < s->n_segments; i++)
		if (s->segments[i]->checkpoint != 0)
			known = s->segments[i]->known;
	return up_to > s->forgotten || (!first && up_to > known);
}

static bool
has_gap(const struct scan *c)
{
	const struct spool *s = c->s;
	uint64_t expected = 0;

	for (size_t i = 0; i < s->n_segments; i++) {
		const struct segment *g = s->segments[i];

		if (g->count == 0)
			continue;
		if (g->first != expected &&
		    lacks(s, g->first - 1, expected == 0))
			return true;
		expected = segment_next(g);
	}
	return c->next != expected && lacks(s, c->next - 1, expected == 0);
}

static uint64_t
count_forgotten(const struct spool *s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s->n_segments; i++) {
		const struct segment *g = s->segments[i];

		if (segment_next(g) <= s->forgotten + 1)
			n += g->count;
		else if (g->first <= s->forgotten)
			n += s->forgotten + 1 - g->first;
	}
	return n;
}

/* The first that is not forgotten gets a number above all that can have been
 * given out; those before it, which only tell of live calls, the ones below. */
static enum err
number_anew(struct spool *s, struct spool_found *f)
{
	uint64_t first = f->next + LEAP;
	uint64_t *firsts = malloc(s->n_segments * sizeof(*firsts));
	uint8_t *p = malloc(s->n_segments * ROW);

	if (p == NULL || firsts == NULL) {
		free(p);
		free(firsts);
		return ERR_NOMEM;
	}
	if (s->o.now > 0 && first < (uint64_t)s->o.now)
		first = (uint64_t)s->o.now;
	if (first < s->o.at_least + 1)
		first = s->o.at_least + 1;
	f->next = first - count_forgotten(s);
	for (size_t i = 0; i < s->n_segments; i++) {
		firsts[i] = f->next;
		f->next += s->segments[i]->count;
	}
	move(s, firsts, s->n_segments);
	free(firsts);
	for (size_t i = 0; i < s->n_segments; i++) {
		spool_put64(p + i * ROW, s->segments[i]->id);
		spool_put64(p + i * ROW + 8, s->segments[i]->shift);
	}
	s->forgotten = first - 1;
	f->renumber = (struct spool_record){ .kind = SPOOL_RENUMBERED,
		.seq = s->forgotten,
		.p = p,
		.len = (uint32_t)(s->n_segments * ROW) };
	return ERR_OK;
}

/* An incarnation that may have been lost was not above the time. */
static uint64_t
raise_incarnation(const struct scan *c)
{
	uint64_t now_s =
	    c->s->o.now > 0 ? (uint64_t)(c->s->o.now / CLOCK_S) : 1;
	uint64_t next = c->incarnation + 1;

	return (c->torn || c->incarnation == 0) && next < now_s ? now_s : next;
}

static enum err
conclude(struct scan *c, struct spool_found *f)
{
	struct spool *s = c->s;
	bool same_boot = s->boot[0] != '\0' && strcmp(c->boot, s->boot) == 0;

	f->incarnation = raise_incarnation(c);
	f->next = c->next > s->forgotten ? c->next : s->forgotten + 1;
	if (s->n_segments == 0) {
		f->next = s->o.at_least + 1;
		if (s->o.now > 0 && f->next < (uint64_t)s->o.now)
			f->next = (uint64_t)s->o.now;
		s->forgotten = f->next - 1;
		return ERR_OK;
	}
	f->lost =
	    c->torn || c->unsaved || !(c->closed || same_boot) || has_gap(c);
	return f->lost ? number_anew(s, f) : ERR_OK;
}

enum err
spool_scan(struct spool *s, struct spool_found *f)
{
	struct scan c = {
		.s = s, .window = SEGMENT_WINDOW_NONE, .seen = 1, .next = 1
	};
	enum err e = ERR_OK;
	int error;

	for (; c.at < s->n_segments && e == ERR_OK; c.at++)
		e = scan_segment(&c, s->segments[c.at]);
	if (e == ERR_OK)
		e = conclude(&c, f);
	error = errno;
	segment_window_close(&c.window);
	errno = error;
	return e;
}
