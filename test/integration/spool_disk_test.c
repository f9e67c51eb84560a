/*
 * spool_disk_test.c - the disk is full, fails or lies: events go on in memory,
 * are written when there is room again, and nothing that was saved is lost;
 * a million of them need no more memory than a few.
 */
#include <errno.h>
#include <event2/event.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "bridge/spool.h"
#include "bridge/spool_disk.h"
#include "bridge/spool_record.h"
#include "test/support/spool_bed.h"
#include "test/support/support.h"

static struct spool_bed b;

static void
setup(void)
{
	spool_bed_init(&b, "spool");
}

static void
teardown(void)
{
	spool_bed_fini(&b);
}

static void
step(struct spool_bed *x)
{
	event_base_loop(x->base, EVLOOP_NONBLOCK);
}

/* ------------------------------------------------------- a disk that fails */

static int write_error;
static _Atomic unsigned sync_failures; /* so many more */
static unsigned write_room;            /* bytes that are still taken */

static ssize_t
failing_write(int fd, const void *p, size_t len, off_t at)
{
	if (write_error == 0)
		return pwrite(fd, p, len, at);
	if (at == 80 && len == 8)
		return pwrite(fd, p, len, at); /* in place */
	if (write_room == 0) {
		errno = write_error;
		return -1;
	}
	if (len > write_room)
		len = write_room;
	write_room -= (unsigned)len;
	return pwrite(fd, p, len, at);
}

static int
failing_sync(int fd)
{
	unsigned n = sync_failures;

	while (
	    n > 0 && !atomic_compare_exchange_weak(&sync_failures, &n, n - 1))
		;
	if (n == 0)
		return fdatasync(fd);
	errno = EIO;
	return -1;
}

static void
open_failing(void)
{
	spool_bed_open(&b);
	spool_disk.write = failing_write;
	spool_disk.sync = failing_sync;
}

START_TEST(full_and_well_again)
{
	open_failing();
	spool_bed_add_many(&b, 20);
	spool_bed_until(&b, bed_is_synced);
	write_error = ENOSPC;
	write_room = 100; /* the next one is written in part */
	spool_bed_add_many(&b, 30);
	ck_assert_uint_eq(spool_unsaved(b.spool), 30);
	ck_assert_str_eq(spool_trouble(b.spool), strerror(ENOSPC));
	spool_bed_holds(&b, 1, 50);
	ck_assert_uint_eq(spool_synced(b.spool), BED_FIRST + 19);
	write_error = 0;
	spool_bed_until(&b, bed_is_well);
	spool_bed_until(&b, bed_is_synced);
	spool_bed_holds(&b, 1, 50);
	spool_bed_cut(&b, "second", "boot-1", 0);
	spool_bed_open(&b);
	ck_assert(!b.opened.lost_tail);
	ck_assert_uint_eq(b.opened.torn_files, 0);
	spool_bed_holds(&b, 1, 50);
	ck_assert_uint_eq(spool_first(b.spool), BED_FIRST);
}
END_TEST

/* Killed while some are in memory only: their numbers are not given again. */
START_TEST(killed_while_full)
{
	open_failing();
	spool_bed_add_many(&b, 20);
	write_error = EIO;
	spool_bed_add_many(&b, 30);
	spool_bed_cut(&b, "second", "boot-1", 0);
	write_error = 0;
	spool_bed_open(&b);
	ck_assert(b.opened.lost_tail);
	ck_assert_uint_gt(spool_first(b.spool), BED_FIRST + 50);
	spool_bed_holds(&b, 1, 20);
}
END_TEST

START_TEST(closed_while_full)
{
	open_failing();
	spool_bed_add_many(&b, 20);
	write_error = EIO;
	spool_bed_add_many(&b, 30);
	spool_bed_close(&b);
	write_error = 0;
	spool_bed_open(&b);
	ck_assert(b.opened.lost_tail);
	spool_bed_holds(&b, 1, 20);
	/* Closed with all in memory written in the end: nothing is lost. */
	write_error = EIO;
	spool_bed_add_many(&b, 30);
	write_error = 0;
	spool_bed_close(&b);
	spool_bed_open(&b);
	ck_assert(!b.opened.lost_tail);
	spool_bed_holds(&b, 1, 50);
}
END_TEST

START_TEST(memory_is_full_too)
{
	char text[512];
	uint64_t seq, n;
	size_t len;
	enum err e;

	b.o.memory_bytes = 10000;
	open_failing();
	spool_bed_add_many(&b, 100);
	write_error = ENOSPC;
	do {
		len = spool_bed_event(b.n + 1, text);
		e = spool_add(b.spool, text, len, &seq);
		b.n += e == ERR_OK;
	} while (e == ERR_OK);
	ck_err(e, ERR_FULL);
	n = b.n;
	ck_assert_uint_gt(spool_unsaved(b.spool), 20);
	ck_assert_uint_lt(spool_unsaved(b.spool), 100);
	ck_assert_uint_eq(spool_last(b.spool), BED_FIRST + n - 1);
	spool_bed_holds(&b, 1, n);
	/* Room comes by forgetting, first in memory. */
	spool_forget(b.spool, spool_last(b.spool) - 2);
	spool_bed_add_many(&b, 20);
	spool_bed_holds(&b, n - 1, n + 20);
	write_error = 0;
	spool_bed_until(&b, bed_is_well);
	spool_bed_until(&b, bed_is_synced);
	spool_bed_cut(&b, "second", "boot-1", 0);
	spool_bed_open(&b);
	ck_assert(!b.opened.lost_tail);
	ck_assert_uint_eq(b.calls_n, n + 20);
	spool_bed_holds(&b, n - 1, n + 20);
}
END_TEST

START_TEST(the_limit)
{
	uint64_t n;

	b.o.limit_bytes = 20000;
	spool_bed_open(&b);
	while (spool_trouble(b.spool) == NULL)
		spool_bed_add(&b);
	n = b.n;
	ck_assert_uint_gt(n, 50);
	ck_assert_uint_le(spool_bed_disk(&b), 20000);
	ck_assert_ptr_nonnull(strstr(spool_trouble(b.spool), "20000"));
	spool_bed_add_many(&b, 50);
	spool_bed_holds(&b, 1, n + 50);
	spool_forget(b.spool, spool_first(b.spool) + n - 10);
	spool_bed_until(&b, bed_is_well);
	spool_bed_holds(&b, n - 8, n + 50);
	ck_assert_uint_le(spool_bed_disk(&b), 21000);
	spool_bed_close(&b);
	spool_bed_open(&b);
	ck_assert(!b.opened.lost_tail);
	ck_assert_uint_eq(b.calls_n, n + 50);
	spool_bed_holds(&b, n - 8, n + 50);
}
END_TEST

/* All of it is in one segment that cannot grow. */
START_TEST(the_limit_within_a_segment)
{
	b.o.limit_bytes = 20000;
	b.o.segment_bytes = 1 << 20;
	spool_bed_open(&b);
	for (unsigned i = 0; i < 10; i++) {
		while (spool_trouble(b.spool) == NULL)
			spool_bed_add(&b);
		spool_bed_add_many(&b, 20);
		spool_forget(b.spool, spool_last(b.spool) - 3);
		spool_bed_until(&b, bed_is_well);
	}
	spool_bed_holds(&b, b.n - 2, b.n);
	spool_bed_close(&b);
	spool_bed_open(&b);
	ck_assert(!b.opened.lost_tail);
	ck_assert_uint_eq(b.calls_n, b.n);
}
END_TEST

static unsigned checkpoints_left;

static ssize_t
write_few_checkpoints(int fd, const void *p, size_t len, off_t at)
{
	const uint8_t *kind = (const uint8_t *)p + 8;

	if (at > 0 && len > SPOOL_RECORD_HEAD && *kind == SPOOL_CHECKPOINT &&
	    checkpoints_left-- == 0) {
		errno = EIO;
		checkpoints_left = 0;
		return -1;
	}
	return pwrite(fd, p, len, at);
}

static bool
is_saved(const struct spool_bed *x)
{
	return spool_unsaved(x->spool) == 0;
}

/* Events that were in memory stand behind a checkpoint that knows them: they
 * are to be sent again, and are not told again. */
START_TEST(a_checkpoint_knows_of_memory)
{
	uint64_t n;

	b.o.limit_bytes = 20000;
	spool_bed_open(&b);
	while (spool_trouble(b.spool) == NULL)
		spool_bed_add(&b);
	n = b.n;
	spool_bed_add_many(&b, 30);
	checkpoints_left = 1;
	spool_disk.write = write_few_checkpoints;
	spool_forget(b.spool, spool_first(b.spool) + n - 10);
	ck_assert_uint_gt(spool_unsaved(b.spool), 0);
	spool_bed_until(&b, is_saved);
	ck_assert_uint_eq(b.checkpoints, 2);
	spool_bed_cut(&b, "second", "boot-1", 0);
	spool_bed_open(&b);
	ck_assert_uint_eq(b.n_read, 0);
	ck_assert_uint_eq(b.calls_n, n + 30);
	spool_bed_holds(&b, n - 8, n + 30);
}
END_TEST

/* A real file system without room; only its own checkpoint frees any. */
START_TEST(a_full_file_system)
{
	char at[256], options[] = "size=262144";
	uint64_t n;

	snprintf(at, sizeof(at), "%s/small", test_dir());
	ck_assert_int_eq(mkdir(at, 0700), 0);
	if (unshare(CLONE_NEWNS) != 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("tmpfs", at, "tmpfs", 0, options) != 0)
		test_skip("no right to mount a small file system");
	snprintf(b.dir, sizeof(b.dir), "%s/small/spool", test_dir());
	b.o.segment_bytes = _i == 0 ? 16384 : 1 << 20;
	spool_bed_open(&b);
	for (unsigned i = 0; i < 5; i++) {
		while (spool_trouble(b.spool) == NULL)
			spool_bed_add(&b);
		ck_assert_str_eq(spool_trouble(b.spool), strerror(ENOSPC));
		n = b.n;
		spool_bed_add_many(&b, 100);
		ck_assert_uint_ge(spool_unsaved(b.spool), 100);
		spool_forget(b.spool, spool_last(b.spool) - 50);
		spool_bed_until(&b, bed_is_well);
		spool_bed_holds(&b, n + 51, n + 100);
	}
	/* Full, and killed; it opens on the full disk. */
	while (spool_trouble(b.spool) == NULL)
		spool_bed_add(&b);
	spool_bed_close(&b);
	spool_bed_open(&b);
	ck_assert_uint_eq(b.holes, 0);
	spool_forget(b.spool, spool_last(b.spool));
	spool_bed_until(&b, bed_is_well);
	spool_bed_close(&b);
	ck_assert_int_eq(umount(at), 0);
}
END_TEST

START_TEST(files_may_not_grow)
{
	struct rlimit was, small;

	b.o.segment_bytes = 1 << 20;
	b.o.limit_bytes = 1 << 20;
	spool_bed_open(&b);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	small = was;
	small.rlim_cur = 10000;
	setrlimit(RLIMIT_FSIZE, &small);
	spool_bed_add_many(&b, 200);
	ck_assert_str_eq(spool_trouble(b.spool), strerror(EFBIG));
	ck_assert_uint_gt(spool_unsaved(b.spool), 100);
	setrlimit(RLIMIT_FSIZE, &was);
	spool_bed_until(&b, bed_is_well);
	spool_bed_close(&b);
	spool_bed_open(&b);
	ck_assert(!b.opened.lost_tail);
	spool_bed_holds(&b, 1, 200);
}
END_TEST

/* ------------------------------------------------------- a sync that fails */

START_TEST(a_sync_fails)
{
	uint64_t was;

	open_failing();
	spool_bed_add_many(&b, 50);
	spool_bed_until(&b, bed_is_synced);
	was = spool_synced(b.spool);
	spool_forget(b.spool, BED_FIRST + 9);
	sync_failures = (unsigned)_i;
	spool_bed_add_many(&b, 5);
	spool_bed_until(&b, bed_is_synced);
	ck_assert_uint_eq(sync_failures, 0);
	spool_bed_until(&b, bed_is_well);
	ck_assert_uint_eq(spool_synced(b.spool), was + 5);
	spool_bed_holds(&b, 11, 55);
	spool_bed_add_many(&b, 50);
	/* Whether the one that is not trusted has kept it or not. */
	spool_bed_until(&b, bed_is_synced);
	spool_bed_cut(&b, "second", "boot-1", 0);
	spool_bed_open(&b);
	ck_assert(!b.opened.lost_tail);
	ck_assert_uint_eq(spool_first(b.spool), BED_FIRST + 10);
	ck_assert_uint_eq(b.calls_n, 105);
	spool_bed_holds(&b, 11, 105);
}
END_TEST

/* The segment that was not trusted was in fact lost. */
START_TEST(what_failed_is_gone)
{
	unsigned failed;

	open_failing();
	spool_bed_add_many(&b, 50);
	spool_bed_until(&b, bed_is_synced);
	failed = spool_bed_files(&b, "spool") - 1;
	sync_failures = 1;
	spool_bed_add(&b);
	spool_bed_until(&b, bed_is_synced);
	spool_bed_add_many(&b, 20);
	spool_bed_until(&b, bed_is_synced);
	spool_bed_cut(&b, "second", "boot-1", 0);
	ck_assert_int_eq(
	    truncate(spool_bed_file(&b, "spool", failed), 500 + _i * 97), 0);
	spool_bed_open(&b);
	ck_assert_uint_eq(b.n_read, 71);
	ck_assert_uint_eq(b.holes, 0);
	spool_bed_holds(&b, 1, 71);
}
END_TEST

static bool
has_failed(const struct spool_bed *x)
{
	(void)x;
	return sync_failures < 999990;
}

/* It fails and fails: all is kept in memory, and nothing is told as synced. */
START_TEST(no_sync_works)
{
	open_failing();
	spool_bed_add_many(&b, 20);
	spool_bed_until(&b, bed_is_synced);
	sync_failures = 1000000;
	spool_bed_add_many(&b, 30);
	spool_bed_until(&b, has_failed);
	ck_assert_uint_eq(spool_synced(b.spool), BED_FIRST + 19);
	spool_bed_until(&b, bed_has_trouble);
	spool_bed_add_many(&b, 30);
	spool_bed_holds(&b, 1, 80);
	sync_failures = 0;
	spool_bed_until(&b, bed_is_well);
	spool_bed_until(&b, bed_is_synced);
	spool_bed_holds(&b, 1, 80);
	spool_bed_close(&b);
	spool_bed_open(&b);
	ck_assert(!b.opened.lost_tail);
	spool_bed_holds(&b, 1, 80);
}
END_TEST

static bool
is_small(const struct spool_bed *x)
{
	return spool_bed_files(x, "spool") <= 2;
}

/* Nothing goes while the live calls stand in memory of the kernel only. */
START_TEST(a_checkpoint_counts_when_it_is_synced)
{
	char oldest[512];

	open_failing();
	spool_bed_add_many(&b, 100);
	spool_bed_until(&b, bed_is_synced);
	snprintf(oldest, sizeof(oldest), "%s", spool_bed_file(&b, "spool", 0));
	sync_failures = 1000000;
	spool_forget(b.spool, spool_last(b.spool));
	ck_assert_uint_ge(b.checkpoints, 1);
	spool_bed_until(&b, has_failed);
	ck_assert_int_eq(access(oldest, F_OK), 0);
	sync_failures = 0;
	spool_bed_until(&b, bed_is_well);
	spool_forget(b.spool, spool_bed_add(&b));
	spool_bed_until(&b, is_small);
	spool_bed_close(&b);
	spool_bed_open(&b);
	ck_assert_uint_eq(b.calls_n, 101);
}
END_TEST

/* ------------------------------------------------------------ random lives */

static unsigned seed;

static unsigned
draw(unsigned n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

/* What is not forgotten begins with one that the writer had not seen forgotten,
 * and goes on to the last that was saved.  (A checkpoint may know of more.) */
static void
check_lost(uint64_t forgotten, uint64_t saved)
{
	uint64_t first = spool_first(b.spool), n = 0;
	char text[512];
	const void *p;
	size_t len;

	for (uint64_t seq = first; seq <= spool_last(b.spool); seq++) {
		ck_ok(spool_get(b.spool, seq, &p, &len));
		snprintf(text, sizeof(text), "%.*s", (int)len, (const char *)p);
		if (n > 0)
			ck_assert_uint_eq(strtoull(text, NULL, 10), n + 1);
		n = strtoull(text, NULL, 10);
		if (seq == first)
			ck_assert_uint_le(n, forgotten + 1);
		ck_assert_uint_eq(spool_bed_event(n, text), len);
		ck_assert(memcmp(text, p, len) == 0);
	}
	if (saved > forgotten)
		ck_assert_uint_ge(n, saved);
	if (n > b.n)
		b.n = n;
}

static char boot[40];

/* The next life, after a kill or a power cut in whatever state; what is lost
 * is only what was in memory. */
static void
live_again(uint64_t *forgotten, unsigned life)
{
	uint64_t last = b.n, saved = last - spool_unsaved(b.spool), n;
	uint64_t incarnation = b.opened.incarnation;
	bool power = draw(3) == 0;
	char name[32];

	snprintf(name, sizeof(name), "life%u", life);
	if (power)
		snprintf(boot, sizeof(boot), "boot-%u", life + 2);
	spool_bed_cut(&b, name, power ? boot : b.o.boot_id, 0);
	sync_failures = 0;
	write_error = 0;
	spool_bed_open(&b);
	ck_assert_uint_eq(b.opened.incarnation, incarnation + 1);
	ck_assert_uint_eq(b.opened.torn_files, 0);
	ck_assert(b.opened.lost_tail || !power);
	if (b.opened.lost_tail) {
		check_lost(*forgotten, saved);
		spool_forget(b.spool, spool_last(b.spool));
		*forgotten = b.n;
		return;
	}
	ck_assert_uint_eq(saved, last);
	ck_assert_uint_eq(b.calls_n, last);
	n = spool_last(b.spool) + 1 - spool_first(b.spool);
	ck_assert_uint_le(last - n, *forgotten);
	*forgotten = last - n;
	spool_bed_holds(&b, *forgotten + 1, b.n);
}

static bool
is_synced_or_in_trouble(const struct spool_bed *x)
{
	return bed_is_synced(x) || bed_has_trouble(x);
}

static void
one_step(uint64_t *forgotten, unsigned i)
{
	switch (draw(12)) {
	case 0:
		write_error = draw(3) == 0 ? ENOSPC : 0;
		write_room = draw(600);
		break;
	case 1:
		sync_failures = draw(8) == 0;
		break;
	case 2:
	case 3:
		*forgotten += draw((unsigned)(b.n - *forgotten) + 1);
		spool_forget(b.spool, spool_first(b.spool) + *forgotten -
					  (b.n - (spool_last(b.spool) + 1 -
						     spool_first(b.spool))) -
					  1);
		break;
	case 4:
		if (draw(10) == 0)
			live_again(forgotten, i);
		break;
	case 5:
		spool_bed_holds(&b, *forgotten + 1, b.n);
		break;
	case 6:
		spool_bed_until(&b, is_synced_or_in_trouble);
		break;
	default:
		spool_bed_add_many(&b, draw(6));
		break;
	}
	step(&b);
}

START_TEST(random_lives)
{
	uint64_t forgotten = 0;

	seed = (unsigned)_i + 1;
	b.o.sync_us = 200;
	b.o.limit_bytes = 60000;
	open_failing();
	for (unsigned i = 0; i < 600; i++)
		one_step(&forgotten, i);
	write_error = 0;
	sync_failures = 0;
	spool_bed_until(&b, bed_is_well);
	spool_bed_holds(&b, forgotten + 1, b.n);
	spool_bed_until(&b, bed_is_synced);
	live_again(&forgotten, 9999);
}
END_TEST

/* ------------------------------------------------------------- a long way */

#define MILLION 1000000

static uint64_t
rss_kib(void)
{
	unsigned long size, pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fscanf(f, "%lu %lu", &size, &pages), 2);
	fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
}

START_TEST(a_million_events)
{
	uint64_t before, seq, disk;
	const void *p;
	char text[512];
	size_t len;

	b.o.segment_bytes = 8 << 20;
	b.o.memory_bytes = 4 << 20;
	b.o.sync_us = 10000;
	spool_bed_open(&b);
	before = rss_kib();
	for (unsigned i = 1; i <= MILLION; i++) {
		spool_bed_add(&b);
		if (i % 1000 == 0)
			step(&b);
	}
	spool_bed_until(&b, bed_is_synced);
	ck_assert_uint_eq(spool_unsaved(b.spool), 0);
	disk = spool_bytes(b.spool);
	ck_assert_uint_eq(disk, spool_bed_disk(&b));
	for (seq = BED_FIRST; seq < BED_FIRST + MILLION; seq++) {
		ck_ok(spool_get(b.spool, seq, &p, &len));
		ck_assert_uint_eq(
		    spool_bed_event(seq - BED_FIRST + 1, text), len);
		ck_assert(memcmp(p, text, len) == 0);
		if (seq % 1000 == 0) {
			spool_forget(b.spool, seq);
			step(&b);
		}
		if (seq == BED_FIRST + MILLION / 2)
			ck_assert_uint_lt(spool_bytes(b.spool), disk * 6 / 10);
	}
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	ck_assert_uint_lt(rss_kib(), before + 16 * 1024);
#endif
	spool_forget(b.spool, spool_last(b.spool));
	spool_bed_until(&b, bed_is_synced);
	ck_assert_uint_lt(spool_bytes(b.spool), 24 << 20);
	spool_bed_close(&b);
	spool_bed_open(&b);
	ck_assert(!b.opened.lost_tail);
	ck_assert_uint_eq(b.calls_n, MILLION);
	ck_assert_uint_eq(spool_first(b.spool), BED_FIRST + MILLION);
}
END_TEST

/* Other lives than the usual ones: SPOOL_LIVES=1000. */
static unsigned long
lives_from(void)
{
	const char *from = getenv("SPOOL_LIVES");

	return from != NULL ? strtoul(from, NULL, 10) : 0;
}

Suite *
spool_disk_suite(void)
{
	TCase *tc = tcase_create("spool_disk");
	int from = (int)lives_from();

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 180);
	tcase_add_test(tc, full_and_well_again);
	tcase_add_test(tc, killed_while_full);
	tcase_add_test(tc, closed_while_full);
	tcase_add_test(tc, memory_is_full_too);
	tcase_add_test(tc, the_limit);
	tcase_add_test(tc, the_limit_within_a_segment);
	tcase_add_test(tc, a_checkpoint_knows_of_memory);
	tcase_add_loop_test(tc, a_full_file_system, 0, 2);
	tcase_add_test(tc, files_may_not_grow);
	tcase_add_loop_test(tc, a_sync_fails, 0, 4);
	tcase_add_loop_test(tc, what_failed_is_gone, 0, 8);
	tcase_add_test(tc, no_sync_works);
	tcase_add_test(tc, a_checkpoint_counts_when_it_is_synced);
	tcase_add_loop_test(tc, random_lives, from, from + 40);
	tcase_add_test(tc, a_million_events);
	return suite_of(tc, "spool_disk");
}
