/*
 * spool_faults_test.c - the spool's process is killed at every write, and power
 * is cut: what was acknowledged is there, once, in order.
 */
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "bridge/spool.h"
#include "bridge/spool_disk.h"
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

/* ---------------------------------------------------------------- killed */

/* What the one who is killed was told, so far. */
static struct told {
	uint64_t n, forgotten, incarnation;
} * told;

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
	struct spool_bed *x = malloc(sizeof(*x));
	int status;
	pid_t pid;

	memset(told, 0, sizeof(*told));
	fflush(NULL);
	/* Before the fork: a child that is killed takes no folder away. */
	spool_bed_init(x, "unused");
	if ((pid = fork()) == 0) {
		event_reinit(x->base);
		snprintf(x->dir, sizeof(x->dir), "%s", name);
		spool_disk.sync = spool_disk.sync_directory = bed_no_sync;
		prepare(arg);
		live(x);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		ck_assert_int_eq(WTERMSIG(status), SIGKILL);
	else
		ck_assert_int_eq(WEXITSTATUS(status), 0);
	spool_bed_fini(x);
	free(x);
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
		ck_assert_uint_eq(spool_last(b.spool), BED_FIRST + last - 1);
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
	spool_disk.sync = spool_disk.sync_directory = bed_no_sync;
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
	spool_disk.sync = spool_disk.sync_directory = bed_no_sync;
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

START_TEST(power_cut)
{
	uint64_t first;

	spool_bed_open(&b);
	spool_bed_add_many(&b, 60);
	spool_forget(b.spool, BED_FIRST + 19);
	spool_bed_cut(&b, "second", "boot-2", 0);
	b.o.now += CLOCK_S;
	spool_bed_open(&b);
	ck_assert(b.opened.lost_tail);
	ck_assert_uint_eq(b.opened.torn_files, 0);
	ck_assert_uint_eq(b.opened.incarnation, 1000001);
	first = spool_first(b.spool);
	ck_assert_uint_ge(first, (uint64_t)b.o.now);
	ck_assert_uint_gt(first, BED_FIRST + 60);
	ck_assert_uint_eq(b.calls_n, 60);
	spool_bed_holds(&b, 21, 60);
	/* The new numbers stay, by whatever way it is opened again. */
	spool_bed_add_many(&b, 30);
	spool_bed_close(&b);
	spool_bed_open(&b);
	ck_assert(!b.opened.lost_tail);
	ck_assert_uint_eq(spool_first(b.spool), first);
	spool_bed_holds(&b, 21, 90);
	spool_bed_cut(&b, "third", "boot-2", 0); /* only killed */
	spool_bed_open(&b);
	ck_assert(!b.opened.lost_tail);
	ck_assert_uint_eq(spool_first(b.spool), first);
	spool_forget(b.spool, first + 29);
	/* And once more, after more. */
	spool_bed_cut(&b, "fourth", "boot-3", 0);
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
		spool_disk.sync = spool_disk.sync_directory = bed_no_sync;
		spool_bed_open(&b);
		spool_bed_add_many(&b, 37);
		spool_bed_cut(&b, name[1], "boot-2", (off_t)cut);
		spool_bed_open(&b);
		ck_assert(b.opened.lost_tail);
		n = b.n_read;
		ck_assert_uint_lt(n, 37);
		ck_assert_uint_gt(n, 10);
		ck_assert_uint_eq(b.holes, 0);
		ck_assert_uint_gt(spool_first(b.spool), BED_FIRST + 37);
		spool_bed_holds(&b, 1, n);
		spool_bed_close(&b);
	}
}
END_TEST

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
	return suite_of(tc, "spool_faults");
}
