/*
 * spool_fuzz.c - any bytes as what a spool's directory holds.
 *
 * The input is cut into segments and records; a byte in front of each says
 * whether its sums are made right, so that what is behind them is reached too.
 * Whatever it is, it opens; what is held has consecutive numbers and can be
 * read; it can be written to, and once it is mended there is nothing to be
 * mended any more.
 *
 *	make build/fuzz/spool && build/fuzz/spool test/fuzz/spool
 */
#include <dirent.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "base/log.h"
#include "bridge/spool.h"
#include "bridge/spool_disk.h"
#include "bridge/spool_record.h"

static struct event_base *base;
static char dir[64];
static uint64_t last_seq;
static size_t told;

static void
must(int ok)
{
	if (!ok)
		abort();
}

static int
no_sync(int fd)
{
	(void)fd;
	return 0;
}

static int
no_room(int fd, off_t from, off_t len)
{
	(void)fd;
	(void)from;
	(void)len;
	return ENOSPC;
}

static enum err
on_event(void *arg, uint64_t seq, const void *p, size_t len)
{
	(void)arg;
	must(seq > last_seq);
	must(crc32c(0, p, len) != 1 || len > 0);
	last_seq = seq;
	told++;
	return ERR_OK;
}

static enum err
on_calls(void *arg, const void *p, size_t len)
{
	(void)arg;
	must(crc32c(0, p, len) != 1 || len > 0);
	return ERR_OK;
}

static enum err
checkpoint(void *arg, void **out, size_t *len)
{
	(void)arg;
	*len = 3;
	*out = strdup("abc");
	return *out != NULL ? ERR_OK : ERR_NOMEM;
}

static struct spool *
open_spool(struct spool_opened *o)
{
	const struct spool_options options = {
		.directory = dir,
		.sync_us = 1000000,
		.segment_bytes = 4096,
		.limit_bytes = 1 << 20,
		.memory_bytes = 1 << 16,
		.now = 1000,
		.boot_id = "b",
		.base = base,
		.checkpoint = checkpoint,
	};
	const struct spool_reader r = { on_event, on_calls, NULL };
	struct spool *s = NULL;
	enum err e;

	last_seq = 0;
	told = 0;
	e = spool_open(&options, &r, o, &s);
	must(e == ERR_OK || e == ERR_REFUSED);
	return s;
}

/* An empty directory. */
static void
clear(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	if (d == NULL) {
		must(mkdir(dir, 0700) == 0);
		return;
	}
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
}

static void
remove_dir(void)
{
	clear();
	rmdir(dir);
}

/* A record of `len' bytes from the input, or what the input says is one. */
static size_t
put_record(uint8_t *out, const uint8_t *p, size_t n, uint64_t *seq)
{
	static uint8_t bytes[256];
	size_t len = p[1] < n - 2 ? p[1] : n - 2;
	enum spool_kind kind = p[0] % (SPOOL_NKINDS + 1);

	memcpy(bytes, p + 2, len);
	if (kind == SPOOL_EVENT)
		++*seq;
	spool_record_write(out, kind, *seq + (p[0] >> 6), bytes, len);
	if (p[0] & 0x20)
		out[p[0] % spool_record_size(len)] ^= p[1];
	return 2 + len;
}

/* One segment; how much of the input it took. */
static size_t
put_segment(unsigned id, const uint8_t *p, size_t n)
{
	static uint8_t out[65536];
	struct spool_head h = { "b", 7, 1, 0, false };
	size_t at = SPOOL_HEAD_SIZE, used = 4;
	uint64_t seq;
	char path[128];
	int fd;

	if (n < 4)
		return n;
	h.next = 1 + p[0];
	h.forgotten = p[1];
	h.unsaved = p[2] & 1;
	h.boot[0] = p[2] & 2 ? 'c' : 'b';
	seq = h.next - 1;
	spool_head_write(out, &h);
	if (p[2] & 4)
		out[p[3] % SPOOL_HEAD_SIZE] ^= p[3];
	while (used + 2 < n && p[used] != 0xff && at < sizeof(out) - 512) {
		struct spool_record r;
		size_t size, took;

		took = put_record(out + at, p + used, n - used, &seq);
		if (spool_record_read(out + at, 512, &r, &size) != ERR_OK)
			size = 64;
		at += size;
		used += took;
	}
	snprintf(path, sizeof(path), "%s/%016x.spool", dir, id);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	must(fd >= 0 && write(fd, out, at) == (ssize_t)at);
	close(fd);
	return used < n ? used + 1 : n;
}

static void
check_held(struct spool *s)
{
	const void *p;
	size_t len, n = 0;

	for (uint64_t i = spool_first(s); i <= spool_last(s) && n < 4096; i++) {
		must(spool_get(s, i, &p, &len) == ERR_OK);
		n++;
	}
	must(spool_last(s) - spool_first(s) + 1 == n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
set_up(void)
{
	if (base != NULL)
		return;
	base = event_base_new();
	snprintf(dir, sizeof(dir), "/dev/shm/spool-fuzz-%d", (int)getpid());
	spool_disk.sync = spool_disk.sync_directory = no_sync;
	spool_disk.allocate = no_room;
	must(log_set("store=error") == ERR_OK);
	atexit(remove_dir);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct spool_opened o;
	struct spool *s;
	uint64_t seq, first, last;

	set_up();
	clear();
	for (unsigned id = 1; size > 0 && id < 12; id++) {
		size_t n = put_segment(id, data, size);

		data += n;
		size -= n;
	}
	if ((s = open_spool(&o)) == NULL)
		return 0;
	check_held(s);
	for (unsigned i = 0; i < 3; i++)
		must(spool_add(s, "event", i, &seq) == ERR_OK);
	spool_forget(s, spool_first(s));
	first = spool_first(s);
	last = spool_last(s);
	check_held(s);
	spool_close(&s);
	s = open_spool(&o);
	must(s != NULL && !o.lost_tail && o.torn_files == 0);
	must(spool_first(s) == first && spool_last(s) == last);
	check_held(s);
	spool_close(&s);
	return 0;
}
