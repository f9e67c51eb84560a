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
	uint64_t incarnation, next;
	char boot[SPOOL_BOOT_LEN]; /* of the newest */
	bool unsaved, closed, torn;
};

static struct segment *
find_id(const struct scan *c, uint64_t id)
{
	for (size_t i = 0; i < c->at; i++)
		if (c->s->segments[i]->id == id)
			return c->s->segments[i];
	return NULL;
}

static uint64_t
shift_of(const struct spool_record *r, uint64_t id)
{
	for (uint32_t i = 0; i < r->len; i += ROW)
		if (spool_get64(r->p + i) == id)
			return spool_get64(r->p + i + 8);
	return 0;
}

/* Would they still come one behind the other? */
static bool
table_fits(const struct scan *c, const struct spool_record *r)
{
	uint64_t next = 1;

	if (r->len % ROW != 0)
		return false;
	for (size_t i = 0; i < c->at; i++) {
		const struct segment *g = c->s->segments[i];
		uint64_t first = g->first - g->shift + shift_of(r, g->id);

		if (first < next || first >= SPOOL_SEQ_MAX)
			return false;
		next = first + g->count;
	}
	return true;
}

static bool
renumber(struct scan *c, const struct spool_record *r)
{
	if (!table_fits(c, r))
		return false;
	for (uint32_t i = 0; i < r->len; i += ROW) {
		struct segment *g = find_id(c, spool_get64(r->p + i));
		uint64_t shift = spool_get64(r->p + i + 8);

		if (g == NULL)
			continue;
		g->first += shift - g->shift;
		g->shift = shift;
	}
	c->s->forgotten = r->seq;
	c->next = c->at > 0 ? segment_next(c->s->segments[c->at - 1]) : 0;
	return true;
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
	c->next = segment_next(g);
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
		g->checkpoint_seq = r->seq;
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
	if (e != ERR_OK || r.kind != SPOOL_RENUMBERED)
		return e == ERR_IO || e == ERR_NOMEM ? e : ERR_OK;
	if (renumber(c, &r)) {
		g->renumbers = true;
		g->size += size;
	}
	return ERR_OK;
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
	g->first = c->next;
	for (;; g->size += size) {
		at.offset = g->size;
		e = segment_window_record(
		    &c->window, g->size, end, &r, &size);
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
		g->first = c->next;
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

/* Does an event that is not forgotten lack?  Or one that is, and no checkpoint
 * tells what it did? */
static bool
has_gap(const struct spool *s)
{
	size_t checkpoint = 0;

	for (size_t i = 0; i < s->n_segments; i++)
		if (s->segments[i]->checkpoint != 0)
			checkpoint = i;
	for (size_t i = 0; i < s->n_segments; i++) {
		const struct segment *g = s->segments[i];

		if (i > 0 && g->first == segment_next(s->segments[i - 1]))
			continue;
		if (g->first > s->forgotten + 1 || (i > 0 && checkpoint < i))
			return true;
	}
	return false;
}

/* The first that is not forgotten gets a number above all that can have been
 * given out; those before it, which only tell of live calls, the ones below. */
static enum err
number_anew(struct spool *s, struct spool_found *f)
{
	uint64_t first = f->next + LEAP, before = 0;
	uint8_t *p = malloc(s->n_segments * ROW + 1);
	uint32_t n = 0;

	if (p == NULL)
		return ERR_NOMEM;
	if (s->o.now > 0 && first < (uint64_t)s->o.now)
		first = (uint64_t)s->o.now;
	if (first < s->o.at_least + 1)
		first = s->o.at_least + 1;
	for (size_t i = 0; i < s->n_segments; i++) {
		const struct segment *g = s->segments[i];

		if (segment_next(g) <= s->forgotten + 1)
			before += g->count;
		else if (g->first <= s->forgotten)
			before += s->forgotten + 1 - g->first;
	}
	f->next = first - before;
	for (size_t i = 0; i < s->n_segments; i++) {
		struct segment *g = s->segments[i];

		g->shift += f->next - g->first;
		g->first = f->next;
		f->next += g->count;
		spool_put64(p + n, g->id);
		spool_put64(p + n + 8, g->shift);
		n += ROW;
	}
	s->forgotten = first - 1;
	f->renumber = (struct spool_record){ .kind = SPOOL_RENUMBERED,
		.seq = s->forgotten,
		.p = p,
		.len = n };
	return ERR_OK;
}

/* An incarnation that may have been lost was not above the time. */
static uint64_t
raise_incarnation(const struct scan *c)
{
	uint64_t now_s = c->s->o.now > 0 ? (uint64_t)(c->s->o.now / CLOCK_S) : 1;
	uint64_t next = c->incarnation + 1;

	return (c->torn || c->incarnation == 0) && next < now_s ? now_s : next;
}

static enum err
conclude(struct scan *c, struct spool_found *f)
{
	struct spool *s = c->s;
	bool same_boot =
	    s->boot[0] != '\0' && strcmp(c->boot, s->boot) == 0;

	f->incarnation = raise_incarnation(c);
	f->next = c->next > s->forgotten ? c->next : s->forgotten + 1;
	if (s->n_segments == 0) {
		f->next = s->o.at_least + 1;
		if (s->o.now > 0 && f->next < (uint64_t)s->o.now)
			f->next = (uint64_t)s->o.now;
		s->forgotten = f->next - 1;
		return ERR_OK;
	}
	f->lost = c->torn || c->unsaved || !(c->closed || same_boot) ||
	          has_gap(s);
	return f->lost ? number_anew(s, f) : ERR_OK;
}

enum err
spool_scan(struct spool *s, struct spool_found *f)
{
	struct scan c = { .s = s, .window = SEGMENT_WINDOW_NONE };
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
