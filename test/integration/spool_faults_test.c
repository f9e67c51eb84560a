/*
 * spool_faults_test.c - the spool's process is killed at every write, power is
 * cut, the disk is full, or lies: what was acknowledged is there, once, in
 * order.
 */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "bridge/spool.h"
#include "bridge/spool_disk.h"
#include "test/support/spool_bed.h"
#include "test/support/support.h"

#define FIRST (1000000 * (uint64_t)CLOCK_S)

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

static int
no_sync(int fd)
{
	(void)fd;
	return 0;
}

static void
step(struct spool_bed *x)
{
	event_base_loop(x->base, EVLOOP_NONBLOCK);
}

/* ---------------------------------------------------------------- killed */

/* What the one who is killed was told, so far. */
static struct told {
	uint64_t n, forgotten, incarnation;
} *told;

static void
open_told(struct spool_bed *x)
{
	spool_bed_open(x);
	told->incarnation = x->opened.incarnation;
}

static void
live(struct spool_bed *x)
{
	open_told(x);
	for (unsigned i = 1; i <= 130; i++) {
		spool_bed_add(x);
		told->n = x->n;
		if (i % 10 == 0) {
			told->forgotten = x->n - 5;
			spool_forget(x->spool, spool_last(x->spool) - 5);
		}
		if (i % 30 == 0)
			spool_bed_until(x, bed_is_synced);
	}
	spool_bed_close(x);
	open_told(x);
	spool_bed_add(x);
	told->n = x->n;
	spool_bed_close(x);
}

/* Do it in another process; true: it came to its end. */
static bool
survives(const char *name, void (*prepare)(unsigned), unsigned arg)
{
	int status;
	pid_t pid;

	memset(told, 0, sizeof(*told));
	fflush(NULL);
	if ((pid = fork()) == 0) {
		struct spool_bed *x = malloc(sizeof(*x));

		spool_bed_init(x, "unused");
		snprintf(x->dir, sizeof(x->dir), "%s", name);
		spool_disk.sync = spool_disk.sync_directory = no_sync;
		prepare(arg);
		live(x);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		ck_assert_int_eq(WTERMSIG(status), SIGKILL);
	else
		ck_assert_int_eq(WEXITSTATUS(status), 0);
	return !WIFSIGNALED(status);
}

/* All that was told is there; what was under way may be too. */
static void
check_told(bool same_numbers)
{
	uint64_t n = spool_last(b.spool) + 1 - spool_first(b.spool);
	uint64_t last = b.calls_n;

	ck_assert_uint_gt(b.opened.incarnation, told->incarnation);
	ck_assert_uint_ge(last, told->n);
	ck_assert_uint_le(last, told->n + 1);
	ck_assert_uint_eq(b.holes, 0);
	ck_assert_uint_le(last + 1 - n, told->forgotten + 1);
	spool_bed_holds(&b, last + 1 - n, last);
	if (same_numbers)
		ck_assert_uint_eq(spool_last(b.spool), FIRST + last - 1);
	ck_assert_uint_eq(spool_bed_add(&b), spool_last(b.spool));
}

static void
fresh(unsigned i)
{
	snprintf(b.dir, sizeof(b.dir), "%s/%u", test_dir(), i);
}

static const char *const points[] = { "spool.written", "spool.made",
	"spool.rotated", "spool.checkpointed", "spool.synced", "spool.removed",
	"spool.begun", "spool.closed" };
static const char *point;

static void
arm(unsigned count)
{
	static char spec[64];

	snprintf(spec, sizeof(spec), "%s:%u", point, count);
	failpoint_arm(spec);
}

START_TEST(killed_at_each_point)
{
	unsigned count = 1;

	point = points[_i];
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	spool_disk.sync = spool_disk.sync_directory = no_sync;
	for (;; count++) {
		bool end;

		fresh(count);
		end = survives(b.dir, arm, count);
		spool_bed_open(&b);
		ck_assert(!b.opened.lost_tail);
		ck_assert_uint_eq(b.opened.torn_files, 0);
		check_told(true);
		spool_bed_close(&b);
		if (end)
			break;
	}
	ck_assert_uint_gt(count, 2);
}
END_TEST

static unsigned until_kill;

static ssize_t
die_writing(int fd, const void *p, size_t len, off_t at)
{
	const size_t parts[] = { 1, 7, len / 2, len - 1 };

	if (--until_kill == 0) {
		if (pwrite(fd, p, parts[(size_t)at / 8 % 4], at) >= 0)
			kill(getpid(), SIGKILL);
	}
	return pwrite(fd, p, len, at);
}

static void
die_in_write(unsigned count)
{
	until_kill = count;
	spool_disk.write = die_writing;
}

START_TEST(killed_within_each_write)
{
	unsigned torn = 0;

	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	spool_disk.sync = spool_disk.sync_directory = no_sync;
	for (unsigned count = 1;; count++) {
		bool end;

		fresh(count);
		end = survives(b.dir, die_in_write, count);
		spool_bed_open(&b);
		ck_assert(b.opened.lost_tail == (b.opened.torn_files > 0));
		torn += b.opened.torn_files;
		check_told(!b.opened.lost_tail);
		spool_bed_close(&b);
		if (end)
			break;
	}
	ck_assert_uint_gt(torn, 100);
}
END_TEST

/* The mending of a torn tail is killed, and is done again. */
START_TEST(killed_while_mending)
{
	static const char *const mending[] = { "spool.begun", "spool.torn",
		"spool.made", "spool.rotated" };
	struct stat st;
	int status;
	pid_t pid;

	spool_bed_open(&b);
	spool_bed_add_many(&b, 40);
	spool_bed_close(&b);
	ck_assert_int_eq(stat(spool_bed_file(&b, "spool", 0), &st), 0);
	ck_assert_int_eq(
	    truncate(spool_bed_file(&b, "spool", 0), st.st_size - 3), 0);
	if ((pid = fork()) == 0) {
		failpoint_arm(mending[_i]);
		spool_bed_open(&b);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	spool_bed_open(&b);
	ck_assert(b.opened.lost_tail);
	ck_assert_uint_eq(b.opened.torn_files, 1);
	ck_assert_uint_eq(b.n_read, 39);
	for (size_t i = 1; i < b.n_read; i++) {
		ck_assert_uint_gt(b.read[i].n, b.read[i - 1].n);
		ck_assert_uint_eq(b.read[i].seq, b.read[i - 1].seq + 1);
	}
	ck_assert_uint_eq(b.read[38].n, 40);
	ck_assert_uint_eq(b.opened.incarnation, _i == 2 ? 1000001 : 1000002);
	spool_bed_close(&b);
	spool_bed_open(&b);
	ck_assert(!b.opened.lost_tail);
}
END_TEST

/* ------------------------------------------------------------- power cut */

/* As the machine comes back: what was there, without `cut' bytes. */
static void
cut_power(const char *name, const char *boot, off_t cut)
{
	struct spool *old = b.spool;
	const char *path;
	struct stat st;

	spool_bed_copy(&b, name);
	b.spool = NULL;
	spool_close(&old);
	if (cut > 0) {
		path = spool_bed_file(
		    &b, "spool", spool_bed_files(&b, "spool") - 1);
		ck_assert_int_eq(stat(path, &st), 0);
		ck_assert_int_eq(truncate(path, st.st_size - cut), 0);
	}
	b.o.boot_id = boot;
}

START_TEST(power_cut)
{
	uint64_t first;

	spool_bed_open(&b);
	spool_bed_add_many(&b, 60);
	spool_forget(b.spool, FIRST + 19);
	cut_power("second", "boot-2", 0);
	b.o.now += CLOCK_S;
	spool_bed_open(&b);
	ck_assert(b.opened.lost_tail);
	ck_assert_uint_eq(b.opened.torn_files, 0);
	ck_assert_uint_eq(b.opened.incarnation, 1000001);
	first = spool_first(b.spool);
	ck_assert_uint_ge(first, (uint64_t)b.o.now);
	ck_assert_uint_gt(first, FIRST + 60);
	ck_assert_uint_eq(b.calls_n, 60);
	spool_bed_holds(&b, 21, 60);
	/* The new numbers stay, by whatever way it is opened again. */
	spool_bed_add_many(&b, 30);
	spool_bed_close(&b);
	spool_bed_open(&b);
	ck_assert(!b.opened.lost_tail);
	ck_assert_uint_eq(spool_first(b.spool), first);
	spool_bed_holds(&b, 21, 90);
	cut_power("third", "boot-2", 0); /* only killed */
	spool_bed_open(&b);
	ck_assert(!b.opened.lost_tail);
	ck_assert_uint_eq(spool_first(b.spool), first);
	spool_forget(b.spool, first + 29);
	/* And once more, after more. */
	cut_power("fourth", "boot-3", 0);
	spool_bed_open(&b);
	ck_assert(b.opened.lost_tail);
	ck_assert_uint_gt(spool_first(b.spool), first + 100);
	ck_assert_uint_eq(b.calls_n, 90);
	spool_bed_holds(&b, 51, 90);
	spool_bed_until(&b, bed_is_synced);
	spool_forget(b.spool, spool_last(b.spool));
	spool_bed_close(&b);
	spool_bed_open(&b);
	ck_assert(!b.opened.lost_tail);
	ck_assert_uint_eq(b.calls_n, 90);
}
END_TEST

/* What was not synced is gone, at any byte. */
START_TEST(power_cut_takes_a_tail)
{
	for (unsigned cut = 1; cut < 1200; cut += 7) {
		char name[2][32];
		uint64_t n;

		snprintf(name[0], sizeof(name[0]), "a%u", cut);
		snprintf(name[1], sizeof(name[1]), "b%u", cut);
		snprintf(b.dir, sizeof(b.dir), "%s/%s", test_dir(), name[0]);
		b.o.boot_id = "boot-1";
		b.n = b.calls_n = 0;
		spool_disk.sync = spool_disk.sync_directory = no_sync;
		spool_bed_open(&b);
		spool_bed_add_many(&b, 37);
		cut_power(name[1], "boot-2", (off_t)cut);
		spool_bed_open(&b);
		ck_assert(b.opened.lost_tail);
		n = b.n_read;
		ck_assert_uint_lt(n, 37);
		ck_assert_uint_gt(n, 10);
		ck_assert_uint_eq(b.holes, 0);
		ck_assert_uint_gt(spool_first(b.spool), FIRST + 37);
		spool_bed_holds(&b, 1, n);
		spool_bed_close(&b);
	}
}
END_TEST

/* ------------------------------------------------------- a disk that fails */

static int write_error, sync_error;
static unsigned sync_failures; /* so many more */
static unsigned write_room;    /* bytes that are still taken */

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
	if (__sync_fetch_and_add(&sync_failures, 0) > 0) {
		__sync_fetch_and_sub(&sync_failures, 1);
		errno = sync_error;
		return -1;
	}
	return fdatasync(fd);
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
	ck_assert_uint_eq(spool_synced(b.spool), FIRST + 19);
	write_error = 0;
	spool_bed_until(&b, bed_is_well);
	spool_bed_until(&b, bed_is_synced);
	spool_bed_holds(&b, 1, 50);
	cut_power("second", "boot-1", 0);
	spool_bed_open(&b);
	ck_assert(!b.opened.lost_tail);
	ck_assert_uint_eq(b.opened.torn_files, 0);
	spool_bed_holds(&b, 1, 50);
	ck_assert_uint_eq(spool_first(b.spool), FIRST);
}
END_TEST

/* Killed while some are in memory only: their numbers are not given again. */
START_TEST(killed_while_full)
{
	open_failing();
	spool_bed_add_many(&b, 20);
	write_error = EIO;
	spool_bed_add_many(&b, 30);
	cut_power("second", "boot-1", 0);
	write_error = 0;
	spool_bed_open(&b);
	ck_assert(b.opened.lost_tail);
	ck_assert_uint_gt(spool_first(b.spool), FIRST + 50);
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
	ck_assert_uint_eq(spool_last(b.spool), FIRST + n - 1);
	spool_bed_holds(&b, 1, n);
	/* Room comes by forgetting, first in memory. */
	spool_forget(b.spool, spool_last(b.spool) - 2);
	spool_bed_add_many(&b, 20);
	spool_bed_holds(&b, n - 1, n + 20);
	write_error = 0;
	spool_bed_until(&b, bed_is_well);
	spool_bed_until(&b, bed_is_synced);
	cut_power("second", "boot-1", 0);
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
	spool_forget(b.spool, FIRST + 9);
	sync_error = EIO;
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
	cut_power("second", "boot-1", 0);
	spool_bed_open(&b);
	ck_assert(!b.opened.lost_tail);
	ck_assert_uint_eq(spool_first(b.spool), FIRST + 10);
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
	sync_error = EIO;
	sync_failures = 1;
	spool_bed_add(&b);
	spool_bed_until(&b, bed_is_synced);
	spool_bed_add_many(&b, 20);
	spool_bed_until(&b, bed_is_synced);
	cut_power("second", "boot-1", 0);
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
	return __sync_fetch_and_add(&sync_failures, 0) < 999990;
}

/* It fails and fails: all is kept in memory, and nothing is told as synced. */
START_TEST(no_sync_works)
{
	open_failing();
	spool_bed_add_many(&b, 20);
	spool_bed_until(&b, bed_is_synced);
	sync_error = EIO;
	sync_failures = 1000000;
	spool_bed_add_many(&b, 30);
	spool_bed_until(&b, has_failed);
	ck_assert_uint_eq(spool_synced(b.spool), FIRST + 19);
	spool_bed_until(&b, bed_has_trouble);
	spool_bed_add_many(&b, 30);
	spool_bed_holds(&b, 1, 80);
	__sync_lock_test_and_set(&sync_failures, 0);
	spool_bed_until(&b, bed_is_well);
	spool_bed_until(&b, bed_is_synced);
	spool_bed_holds(&b, 1, 80);
	spool_bed_close(&b);
	spool_bed_open(&b);
	ck_assert(!b.opened.lost_tail);
	spool_bed_holds(&b, 1, 80);
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

/* The next life, killed in whatever state; what is lost is only what was in
 * memory. */
static void
live_again(uint64_t *forgotten, unsigned life)
{
	uint64_t last = b.n, saved = last - spool_unsaved(b.spool), n;
	uint64_t incarnation = b.opened.incarnation;
	char name[32];

	snprintf(name, sizeof(name), "life%u", life);
	cut_power(name, b.o.boot_id, 0);
	sync_failures = 0;
	write_error = 0;
	spool_bed_open(&b);
	ck_assert_uint_eq(b.opened.incarnation, incarnation + 1);
	ck_assert_uint_eq(b.opened.torn_files, 0);
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

static void
one_step(uint64_t *forgotten, unsigned i)
{
	switch (draw(12)) {
	case 0:
		write_error = draw(3) == 0 ? ENOSPC : 0;
		write_room = draw(600);
		break;
	case 1:
		sync_error = EIO;
		sync_failures = draw(8) == 0;
		break;
	case 2:
	case 3:
		*forgotten += draw((unsigned)(b.n - *forgotten) + 1);
		spool_forget(b.spool,
		    spool_first(b.spool) + *forgotten -
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
		usleep(draw(1500));
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
	ck_assert(!b.opened.lost_tail);
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
	for (seq = FIRST; seq < FIRST + MILLION; seq++) {
		ck_ok(spool_get(b.spool, seq, &p, &len));
		ck_assert_uint_eq(spool_bed_event(seq - FIRST + 1, text), len);
		ck_assert(memcmp(p, text, len) == 0);
		if (seq % 1000 == 0) {
			spool_forget(b.spool, seq);
			step(&b);
		}
		if (seq == FIRST + MILLION / 2)
			ck_assert_uint_lt(spool_bytes(b.spool), disk * 6 / 10);
	}
#ifndef __SANITIZE_ADDRESS__
	ck_assert_uint_lt(rss_kib(), before + 16 * 1024);
#endif
	spool_forget(b.spool, spool_last(b.spool));
	spool_bed_until(&b, bed_is_synced);
	ck_assert_uint_lt(spool_bytes(b.spool), 24 << 20);
	spool_bed_close(&b);
	spool_bed_open(&b);
	ck_assert(!b.opened.lost_tail);
	ck_assert_uint_eq(b.calls_n, MILLION);
	ck_assert_uint_eq(spool_first(b.spool), FIRST + MILLION);
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
spool_faults_suite(void)
{
	TCase *tc = tcase_create("spool_faults");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 180);
	tcase_add_loop_test(tc, killed_at_each_point, 0, NELEM(points));
	tcase_add_test(tc, killed_within_each_write);
	tcase_add_loop_test(tc, killed_while_mending, 0, 4);
	tcase_add_test(tc, power_cut);
	tcase_add_test(tc, power_cut_takes_a_tail);
	tcase_add_test(tc, full_and_well_again);
	tcase_add_test(tc, killed_while_full);
	tcase_add_test(tc, closed_while_full);
	tcase_add_test(tc, memory_is_full_too);
	tcase_add_test(tc, the_limit);
	tcase_add_test(tc, the_limit_within_a_segment);
	tcase_add_loop_test(tc, a_full_file_system, 0, 2);
	tcase_add_test(tc, files_may_not_grow);
	tcase_add_loop_test(tc, a_sync_fails, 0, 4);
	tcase_add_loop_test(tc, what_failed_is_gone, 0, 8);
	tcase_add_test(tc, no_sync_works);
	tcase_add_loop_test(tc, random_lives, (int)lives_from(), (int)lives_from() + 40);
	tcase_add_test(tc, a_million_events);
	return suite_of(tc, "spool_faults");
}
