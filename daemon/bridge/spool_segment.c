/*
 * spool_segment.c - see spool_segment.h.
 */
#include "bridge/spool_segment.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AHEAD ((size_t)256 << 10)

struct segment *
segment_new(uint64_t id)
{
	struct segment *g = calloc(1, sizeof(*g));

	if (g != NULL)
		g->id = id;
	return g;
}

void
segment_free(struct segment **g)
{
	if (*g != NULL)
		free((*g)->index);
	free(*g);
	*g = NULL;
}

const char *
segment_name(uint64_t id, const char *what, char out[SEGMENT_NAME])
{
	snprintf(out, SEGMENT_NAME, "%016" PRIx64 ".%s", id, what);
	return out;
}

enum err
segment_reserve(struct segment *g)
{
	size_t room = g->room > 0 ? g->room * 2 : 16;
	uint32_t *index;

	if (g->n_index < g->room)
		return ERR_OK;
	if ((index = realloc(g->index, room * sizeof(*index))) == NULL)
		return ERR_NOMEM;
	g->index = index;
	g->room = room;
	return ERR_OK;
}

void
segment_add(struct segment *g, uint64_t offset)
{
	if (g->count++ % SEGMENT_STEP != 0)
		return;
	assert(g->n_index < g->room && offset <= UINT32_MAX);
	g->index[g->n_index++] = (uint32_t)offset;
}

enum err
segment_window_open(struct segment_window *w, int dir, uint64_t id)
{
	char name[SEGMENT_NAME];
	int fd =
	    openat(dir, segment_name(id, "spool", name), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return ERR_IO;
	if (w->fd >= 0)
		close(w->fd);
	w->fd = fd;
	w->at = 0;
	w->len = 0;
	return ERR_OK;
}

void
segment_window_close(struct segment_window *w)
{
	if (w->fd >= 0)
		close(w->fd);
	free(w->bytes);
	*w = (struct segment_window)SEGMENT_WINDOW_NONE;
}

/* Have `need' bytes from `offset' on, and more if they are there. */
static enum err
fill(struct segment_window *w, uint64_t offset, uint64_t end, size_t need)
{
	size_t want = need > AHEAD ? need : AHEAD;

	if (want > w->room) {
		uint8_t *b = realloc(w->bytes, want);

		if (b == NULL)
			return ERR_NOMEM;
		w->bytes = b;
		w->room = want;
	}
	if (want > end - offset)
		want = (size_t)(end - offset);
	w->at = offset;
	for (w->len = 0; w->len < want;) {
		ssize_t n = pread(w->fd, w->bytes + w->len, want - w->len,
		    (off_t)(offset + w->len));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ERR_IO;
		if (n == 0)
			break;
		w->len += (size_t)n;
	}
	return w->len >= need ? ERR_OK : ERR_BAD_FRAME;
}

/* Of the window, what begins at `offset'. */
static const uint8_t *
piece(const struct segment_window *w, uint64_t offset, size_t *n)
{
	*n = 0;
	if (offset < w->at || offset - w->at >= w->len)
		return w->bytes;
	*n = w->len - (size_t)(offset - w->at);
	return w->bytes + (offset - w->at);
}

enum err
segment_window_record(struct segment_window *w, uint64_t offset, uint64_t end,
    struct spool_record *r, size_t *size)
{
	const uint8_t *p;
	size_t n;
	enum err e;

	if (offset >= end)
		return ERR_NOT_FOUND;
	for (;;) {
		p = piece(w, offset, &n);
		if ((e = spool_record_read(p, n, r, size)) != ERR_AGAIN)
			return e;
		if (*size > end - offset)
			return ERR_BAD_FRAME;
		if ((e = fill(w, offset, end, *size)) != ERR_OK)
			return e;
	}
}

enum err
segment_window_head(
    struct segment_window *w, uint64_t end, struct spool_head *h)
{
	enum err e;

	if (end < SPOOL_HEAD_SIZE)
		return ERR_BAD_FRAME;
	if ((e = fill(w, 0, end, SPOOL_HEAD_SIZE)) != ERR_OK)
		return e;
	return spool_head_read(w->bytes, h);
}
