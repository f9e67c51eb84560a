/*
 * spool_open.c - a directory becomes a spool.
 *
 * What is there is only read until its reader has taken all of it.  Then a new
 * segment is begun, with the raised incarnation and, if numbers may have been
 * lost, with those that count from now on; once that is synced the rest is
 * only cleaning, and may be cut short and done again at any point.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "bridge/spool_disk.h"
#include "bridge/spool_state.h"

#define TORN_KEPT 8 /* files; older ones go */
#define SEGMENT_BYTES_MIN (UINT64_C(4) << 10)
#define SEGMENT_BYTES_MAX (UINT64_C(1) << 30)

/* ------------------------------------------------------------- directory */

/* That the directory is there must survive too. */
static void
sync_parent(int dir)
{
	int parent = openat(dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (parent < 0)
		return;
	if (spool_disk.sync_directory(parent) != 0)
		log_warn(LOG_STORE, "spool parent not synced errno=%d", errno);
	close(parent);
}

static enum err
open_directory(struct spool *s)
{
	bool made = mkdir(s->o.directory, 0700) == 0;

	if (!made && errno != EEXIST)
		return ERR_IO;
	s->dir = open(s->o.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir < 0)
		return ERR_IO;
	if (made)
		sync_parent(s->dir);
	s->lock = openat(s->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock < 0)
		return ERR_IO;
	if (flock(s->lock, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? ERR_BUSY : ERR_IO;
	return ERR_OK;
}

static void
read_boot_id(struct spool *s)
{
	int fd;
	ssize_t n = 0;

	if (s->o.boot_id != NULL) {
		snprintf(s->boot, sizeof(s->boot), "%s", s->o.boot_id);
		return;
	}
	fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, s->boot, sizeof(s->boot) - 1);
		close(fd);
	}
	s->boot[n > 0 ? n : 0] = '\0';
	s->boot[strcspn(s->boot, "\n")] = '\0';
}

struct ids {
	uint64_t *p;
	size_t n, room;
};

static bool
add_id(struct ids *ids, uint64_t id)
{
	if (ids->n == ids->room) {
		size_t room = ids->room > 0 ? ids->room * 2 : 64;
		uint64_t *p = realloc(ids->p, room * sizeof(*p));

		if (p == NULL)
			return false;
		ids->p = p;
		ids->room = room;
	}
	ids->p[ids->n++] = id;
	return true;
}

/* Sixteen hexadecimal digits, a dot, and what it is. */
static bool
parse_name(const char *name, uint64_t *id, const char **what)
{
	if (strspn(name, "0123456789abcdef") != 16 || name[16] != '.')
		return false;
	*id = strtoull(name, NULL, 16);
	*what = name + 17;
	return *id > 0 && *id < UINT64_MAX / 2;
}

/* 0: not ours. */
static bool
note_name(
    struct spool *s, const char *name, struct ids *segments, struct ids *torn)
{
	const char *what;
	uint64_t id;
	bool good = true;

	if (!parse_name(name, &id, &what))
		return true;
	if (strcmp(what, "spool") == 0)
		good = add_id(segments, id);
	else if (strcmp(what, "torn") == 0)
		good = add_id(torn, id);
	else if (strcmp(what, "new") == 0)
		unlinkat(s->dir, name, 0); /* never finished */
	if (id >= s->next_id)
		s->next_id = id + 1;
	return good;
}

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void
sort(struct ids *ids)
{
	if (ids->n > 0)
		qsort(ids->p, ids->n, sizeof(*ids->p), compare);
}

static enum err
list(struct spool *s, struct ids *segments, struct ids *torn)
{
	int fd = openat(s->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;
	bool good = true;

	if (d == NULL)
		return ERR_IO;
	while (good && (e = readdir(d)) != NULL)
		good = note_name(s, e->d_name, segments, torn);
	closedir(d);
	sort(segments);
	sort(torn);
	return good ? ERR_OK : ERR_NOMEM;
}

static enum err
take_ids(struct spool *s, const struct ids *ids)
{
	for (size_t i = 0; i < ids->n; i++) {
		struct segment *g;

		if (spool_reserve_segment(s) != ERR_OK ||
		    (g = segment_new(ids->p[i])) == NULL)
			return ERR_NOMEM;
		spool_add_segment(s, g);
	}
	return ERR_OK;
}

static void
remove_torn(struct spool *s, const struct ids *ids)
{
	char name[SEGMENT_NAME];

	for (size_t i = 0; i + TORN_KEPT < ids->n; i++)
		unlinkat(s->dir, segment_name(ids->p[i], "torn", name), 0);
}

/* --------------------------------------------------------------- reading */

/* What is told: the newest checkpoint, and the events that it does not know. */
struct telling {
	const struct spool_reader *reader;
	size_t from; /* segment */
	uint64_t offset, known;
};

static void
find_start(const struct spool *s, struct telling *t)
{
	t->offset = SPOOL_HEAD_SIZE;
	for (size_t i = s->n_segments; i > 0; i--) {
		const struct segment *g = s->segments[i - 1];

		if (g->checkpoint == 0)
			continue;
		t->from = i - 1;
		t->offset = g->checkpoint;
		t->known = g->known;
		return;
	}
}

static enum err
tell_record(const struct telling *t, const struct segment *g,
    const struct spool_record *rec)
{
	const struct spool_reader *r = t->reader;
	uint64_t seq = rec->seq + g->shift;

	if (rec->kind == SPOOL_CHECKPOINT)
		return r->calls(r->arg, rec->p, rec->len);
	if (rec->kind == SPOOL_EVENT && segment_has(g, seq) && seq > t->known)
		return r->event(r->arg, seq, rec->p, rec->len);
	return ERR_OK;
}

static enum err
tell_segment(struct spool *s, const struct telling *t, const struct segment *g,
    uint64_t offset)
{
	struct spool_record rec;
	size_t size;
	enum err e = segment_window_open(&s->window, s->dir, g->id);

	for (; e == ERR_OK; offset += size) {
		e = segment_window_record(
		    &s->window, offset, g->size, &rec, &size);
		if (e == ERR_OK)
			e = tell_record(t, g, &rec);
		else if (e == ERR_NOT_FOUND)
			return ERR_OK;
	}
	return e;
}

static enum err
tell_all(struct spool *s, const struct spool_reader *r)
{
	struct telling t = { .reader = r };
	enum err e = ERR_OK;

	find_start(s, &t);
	for (size_t i = t.from; i < s->n_segments && e == ERR_OK; i++)
		if (s->segments[i]->size > 0)
			e = tell_segment(s, &t, s->segments[i],
			    i == t.from ? t.offset : SPOOL_HEAD_SIZE);
	return e;
}

/* -------------------------------------------------------------- cleaning */

static bool
copy(int from, uint64_t at, uint64_t n, int to)
{
	uint8_t b[16384];
	off_t out = 0;

	while (n > 0) {
		ssize_t got =
		    pread(from, b, n < sizeof(b) ? n : sizeof(b), (off_t)at);

		if (got <= 0 || !spool_disk_write(to, b, (size_t)got, out))
			return false;
		out += got;
		at += (uint64_t)got;
		n -= (uint64_t)got;
	}
	return spool_disk.sync(to) == 0;
}

/* What is bad goes into a file beside.  If that cannot be it stays where it
 * is, and is found again the next time. */
static void
cut(struct spool *s, const struct segment *g)
{
	char from[SEGMENT_NAME], to[SEGMENT_NAME];
	int in, out;

	segment_name(g->id, "spool", from);
	segment_name(g->id, "torn", to);
	in = openat(s->dir, from, O_RDWR | O_CLOEXEC);
	out =
	    openat(s->dir, to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (in < 0 || out < 0 || !copy(in, g->size, g->torn, out)) {
		log_warn(LOG_STORE, "spool cannot cut file=%s errno=%d", from,
		    errno);
	} else {
		FAILPOINT("spool.torn");
		if (ftruncate(in, (off_t)g->size) != 0 ||
		    spool_disk.sync(in) != 0)
			log_warn(LOG_STORE, "spool cannot cut file=%s errno=%d",
			    from, errno);
	}
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
}

/* True: there is nothing more in it. */
static bool
clean_segment(struct spool *s, struct segment *g, struct spool_opened *o)
{
	char from[SEGMENT_NAME], to[SEGMENT_NAME];

	segment_name(g->id, "spool", from);
	if (g->torn > 0 || g->size == 0) {
		o->torn_files++;
		o->torn_bytes += g->torn;
		log_warn(LOG_STORE, "spool torn file=%s at=%llu bytes=%llu",
		    from, (unsigned long long)g->size,
		    (unsigned long long)g->torn);
	}
	if (g->size == 0) {
		segment_name(g->id, "torn", to);
		renameat(s->dir, from, s->dir, to);
		return true;
	}
	if (g->torn > 0)
		cut(s, g);
	if (g->count > 0 || g->checkpoint != 0 || g->renumbers)
		return false;
	unlinkat(s->dir, from, 0);
	return true;
}

static void
clean(struct spool *s, struct spool_opened *o)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n_segments; i++) {
		struct segment *g = s->segments[i];

		if (i + 1 < s->n_segments && clean_segment(s, g, o)) {
			segment_free(&s->segments[i]);
			continue;
		}
		s->segments[kept++] = g;
	}
	s->n_segments = kept;
	s->bytes = 0;
	for (size_t i = 0; i < kept; i++)
		s->bytes += s->segments[i]->size;
}

/* --------------------------------------------------------------- opening */

/* A process that was killed may have left what is in the kernel only. */
static enum err
sync_old(struct spool *s)
{
	for (size_t i = 0; i < s->n_segments; i++) {
		enum err e =
		    segment_window_open(&s->window, s->dir, s->segments[i]->id);

		if (e != ERR_OK)
			return e;
		if (spool_disk.sync(s->window.fd) != 0)
			return ERR_IO;
	}
	segment_window_close(&s->window);
	return ERR_OK;
}

static enum err
begin(struct spool *s, const struct spool_record *renumber)
{
	struct stat st;
	enum err e;

	s->reserve = fstatat(s->dir, "reserve", &st, 0) == 0;
	if ((e = spool_start(s)) != ERR_OK ||
	    (e = spool_begin_anyhow(
		 s, renumber->kind != SPOOL_NONE ? renumber : NULL)) != ERR_OK)
		return e;
	if (spool_disk.sync(spool_sync_fd(s->file)) != 0 ||
	    spool_disk.sync_directory(s->dir) != 0)
		return ERR_IO;
	FAILPOINT("spool.begun");
	return ERR_OK;
}

static enum err
open_all(struct spool *s, const struct spool_reader *r, struct spool_opened *o,
    struct ids *segments, struct ids *torn)
{
	struct spool_found f = { 0 };
	enum err e;

	if ((e = open_directory(s)) != ERR_OK ||
	    (e = list(s, segments, torn)) != ERR_OK ||
	    (e = take_ids(s, segments)) != ERR_OK ||
	    (e = spool_scan(s, &f)) != ERR_OK)
		return e;
	s->incarnation = f.incarnation;
	s->saved = s->last = s->synced = f.next - 1;
	if ((e = tell_all(s, r)) == ERR_OK && (e = sync_old(s)) == ERR_OK)
		e = begin(s, &f.renumber);
	free((void *)(uintptr_t)f.renumber.p);
	if (e != ERR_OK)
		return e;
	o->incarnation = f.incarnation;
	o->fresh = segments->n == 0;
	o->lost_tail = f.lost;
	clean(s, o);
	remove_torn(s, torn);
	spool_reserve_make(s);
	return ERR_OK;
}

static uint64_t
clamp(uint64_t v, uint64_t least, uint64_t most)
{
	return v < least ? least : v > most ? most : v;
}

enum err
spool_open(const struct spool_options *options, const struct spool_reader *r,
    struct spool_opened *opened, struct spool **out)
{
	struct ids segments = { 0 }, torn = { 0 };
	struct spool *s = calloc(1, sizeof(*s));
	enum err e;
	int error;

	memset(opened, 0, sizeof(*opened));
	if (s == NULL)
		return ERR_NOMEM;
	s->o = *options;
	s->o.segment_bytes =
	    clamp(s->o.segment_bytes, SEGMENT_BYTES_MIN, SEGMENT_BYTES_MAX);
	s->dir = s->lock = -1;
	s->next_id = 1;
	s->window = (struct segment_window)SEGMENT_WINDOW_NONE;
	tail_init(&s->tail, s->o.memory_bytes);
	read_boot_id(s);
	e = open_all(s, r, opened, &segments, &torn);
	error = errno;
	free(segments.p);
	free(torn.p);
	s->o.directory = s->o.boot_id = NULL;
	if (e != ERR_OK) {
		spool_discard(&s);
		errno = error;
		return e;
	}
	log_info(LOG_STORE,
	    "spool open incarnation=%llu first=%llu last=%llu lost_tail=%d",
	    (unsigned long long)s->incarnation,
	    (unsigned long long)spool_first(s),
	    (unsigned long long)spool_last(s), opened->lost_tail);
	*out = s;
	return ERR_OK;
}
