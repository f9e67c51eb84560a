/*
 * spool_bed.c - see spool_bed.h.
 */
#include "test/support/spool_bed.h"

#include <event2/event.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "bridge/spool_disk.h"
#include "test/support/support.h"

#define PATIENCE_US (20 * CLOCK_S)

size_t
spool_bed_event(uint64_t n, char out[512])
{
	size_t len = (size_t)snprintf(out, 512, "%llu;", (unsigned long long)n);
	size_t all = len + n * 37 % 300;

	while (len < all) {
		out[len] = (char)('a' + (n + len) % 26);
		len++;
	}
	return all;
}

static uint64_t
recognise(const void *p, size_t len)
{
	char text[32] = { 0 }, want[512];
	uint64_t n;

	memcpy(text, p, len < sizeof(text) - 1 ? len : sizeof(text) - 1);
	n = strtoull(text, NULL, 10);
	ck_assert_uint_eq(spool_bed_event(n, want), len);
	ck_assert(memcmp(want, p, len) == 0);
	return n;
}

static enum err
on_event(void *arg, uint64_t seq, const void *p, size_t len)
{
	struct spool_bed *b = arg;
	uint64_t n = recognise(p, len);

	if (b->n_read < BED_READ) {
		b->read[b->n_read].seq = seq;
		b->read[b->n_read].n = n;
	}
	b->n_read++;
	ck_assert_uint_gt(n, b->calls_n); /* what is known is not told */
	if (n > b->calls_n + 1)
		b->holes++;
	b->calls_n = n;
	return ERR_OK;
}

static enum err
on_calls(void *arg, const void *p, size_t len)
{
	struct spool_bed *b = arg;

	ck_assert_uint_eq(len, sizeof(b->calls_n));
	memcpy(&b->calls_n, p, len);
	b->calls++;
	return ERR_OK;
}

static enum err
checkpoint(void *arg, void **out, size_t *len)
{
	struct spool_bed *b = arg;

	*len = sizeof(b->n);
	if ((*out = malloc(*len)) == NULL)
		return ERR_NOMEM;
	memcpy(*out, &b->n, *len);
	b->checkpoints++;
	return ERR_OK;
}

void
spool_bed_init(struct spool_bed *b, const char *name)
{
	memset(b, 0, sizeof(*b));
	ck_ok(log_set("store=error"));
	snprintf(b->dir, sizeof(b->dir), "%s/%s", test_dir(), name);
	b->base = event_base_new();
	b->o = (struct spool_options){
		.directory = b->dir,
		.sync_us = 1000,
		.segment_bytes = 4096,
		.limit_bytes = 1 << 30,
		.memory_bytes = 1 << 20,
		.now = 1000000 * CLOCK_S,
		.boot_id = "boot-1",
		.base = b->base,
		.checkpoint = checkpoint,
		.arg = b,
	};
}

void
spool_bed_fini(struct spool_bed *b)
{
	spool_close(&b->spool);
	event_base_free(b->base);
	b->base = NULL;
}

enum err
spool_bed_try(struct spool_bed *b)
{
	const struct spool_reader r = { on_event, on_calls, b };
	enum err e;

	b->n_read = 0;
	b->calls_n = 0;
	b->holes = b->calls = 0;
	e = spool_open(&b->o, &r, &b->opened, &b->spool);
	b->n = b->calls_n;
	return e;
}

void
spool_bed_open(struct spool_bed *b)
{
	ck_ok(spool_bed_try(b));
}

void
spool_bed_close(struct spool_bed *b)
{
	spool_close(&b->spool);
	ck_assert_ptr_null(b->spool);
}

static void
copy(struct spool_bed *b, const char *name)
{
	char cmd[1024], to[256];

	snprintf(to, sizeof(to), "%s/%s", test_dir(), name);
	snprintf(cmd, sizeof(cmd), "rm -rf '%s' && cp -r '%s' '%s' 2>&1", to,
	    b->dir, to);
	/* What the thread removes meanwhile is not needed. */
	if (system(cmd) != 0)
		fprintf(stderr, "test: not all of the spool was copied\n");
	memcpy(b->dir, to, sizeof(to));
}

void
spool_bed_cut(
    struct spool_bed *b, const char *name, const char *boot, int64_t cut)
{
	struct spool *old = b->spool;
	const char *path;
	struct stat st;

	copy(b, name);
	b->spool = NULL;
	spool_close(&old);
	b->o.boot_id = boot;
	if (cut == 0)
		return;
	path = spool_bed_file(b, "spool", spool_bed_files(b, "spool") - 1);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(truncate(path, st.st_size - cut), 0);
}

int
bed_no_sync(int fd)
{
	(void)fd;
	return 0;
}

uint64_t
spool_bed_add(struct spool_bed *b)
{
	char text[512];
	uint64_t seq;
	size_t len = spool_bed_event(b->n + 1, text);

	ck_ok(spool_add(b->spool, text, len, &seq));
	b->n++;
	return seq;
}

void
spool_bed_add_many(struct spool_bed *b, unsigned n)
{
	while (n-- > 0)
		spool_bed_add(b);
}

static void
nothing_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

void
spool_bed_until(struct spool_bed *b, bool (*holds)(const struct spool_bed *))
{
	const struct timeval often = { 0, 20000 };
	struct event *wake =
	    event_new(b->base, -1, EV_PERSIST, nothing_cb, NULL);
	int64_t end = clock_loop() + PATIENCE_US;

	event_add(wake, &often);
	while (!holds(b)) {
		ck_assert_msg(clock_loop() < end, "waited in vain");
		event_base_loop(b->base, EVLOOP_ONCE);
	}
	event_free(wake);
}

bool
bed_is_synced(const struct spool_bed *b)
{
	return spool_synced(b->spool) == spool_last(b->spool);
}

bool
bed_is_well(const struct spool_bed *b)
{
	return spool_trouble(b->spool) == NULL && spool_unsaved(b->spool) == 0;
}

bool
bed_has_trouble(const struct spool_bed *b)
{
	return spool_trouble(b->spool) != NULL;
}

void
spool_bed_holds(struct spool_bed *b, uint64_t from, uint64_t to)
{
	uint64_t first = spool_first(b->spool), n = from;
	const void *p;
	size_t len;

	ck_assert_uint_eq(spool_last(b->spool) + 1 - first, to + 1 - from);
	for (uint64_t seq = first; seq <= spool_last(b->spool); seq++, n++) {
		ck_ok(spool_get(b->spool, seq, &p, &len));
		ck_assert_uint_eq(recognise(p, len), n);
	}
	ck_err(spool_get(b->spool, first - 1, &p, &len), ERR_NOT_FOUND);
	ck_err(spool_get(b->spool, spool_last(b->spool) + 1, &p, &len),
	    ERR_NOT_FOUND);
}

static bool
find(const struct spool_bed *b, const char *what, glob_t *g)
{
	char pattern[512];

	snprintf(pattern, sizeof(pattern), "%s/*.%s", b->dir, what);
	return glob(pattern, 0, NULL, g) == 0;
}

unsigned
spool_bed_files(const struct spool_bed *b, const char *what)
{
	glob_t g = { 0 };
	unsigned n = find(b, what, &g) ? (unsigned)g.gl_pathc : 0;

	globfree(&g);
	return n;
}

const char *
spool_bed_file(const struct spool_bed *b, const char *what, unsigned i)
{
	static char path[512];
	glob_t g = { 0 };

	ck_assert(find(b, what, &g) && i < g.gl_pathc);
	snprintf(path, sizeof(path), "%s", g.gl_pathv[i]);
	globfree(&g);
	return path;
}

uint64_t
spool_bed_disk(const struct spool_bed *b)
{
	glob_t g = { 0 };
	uint64_t n = 0;
	struct stat st;

	if (find(b, "spool", &g))
		for (size_t i = 0; i < g.gl_pathc; i++)
			if (stat(g.gl_pathv[i], &st) == 0)
				n += (uint64_t)st.st_size;
	globfree(&g);
	return n;
}
