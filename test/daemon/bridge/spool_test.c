/*
 * spool_test.c - what goes in comes out, once, in order, under its number; and
 * what is torn, flipped or cut takes nothing with it that stood before.
 */
#include "bridge/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
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

static mode_t
mode_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_mode & 07777;
}

START_TEST(a_new_spool)
{
	umask(0);
	spool_bed_open(&b);
	ck_assert(b.opened.fresh && !b.opened.lost_tail);
	ck_assert_uint_eq(b.opened.incarnation, 1000000);
	ck_assert_uint_eq(spool_first(b.spool), 1000000 * CLOCK_S);
	ck_assert_uint_eq(spool_last(b.spool), 1000000 * CLOCK_S - 1);
	ck_assert_uint_eq(spool_synced(b.spool), spool_last(b.spool));
	ck_assert_uint_eq(spool_bed_add(&b), 1000000 * CLOCK_S);
	ck_assert_uint_eq(spool_bed_add(&b), 1000000 * CLOCK_S + 1);
	ck_assert_uint_eq(mode_of(b.dir), 0700);
	ck_assert_uint_eq(mode_of(spool_bed_file(&b, "spool", 0)), 0600);
	ck_assert_ptr_null(spool_trouble(b.spool));
	ck_assert_uint_eq(spool_unsaved(b.spool), 0);
	spool_bed_holds(&b, 1, 2);
}
END_TEST

START_TEST(numbers_are_above_what_is_known)
{
	b.o.at_least = (uint64_t)b.o.now + 5;
	spool_bed_open(&b);
	ck_assert_uint_eq(spool_bed_add(&b), (uint64_t)b.o.now + 6);
}
END_TEST

START_TEST(closed_and_opened)
{
	uint64_t first, last;

	spool_bed_open(&b);
	spool_bed_add_many(&b, 100);
	spool_forget(b.spool, spool_first(b.spool) + 29);
	first = spool_first(b.spool);
	last = spool_last(b.spool);
	for (unsigned i = 1; i <= 3; i++) {
		spool_bed_close(&b);
		b.o.boot_id = i == 2 ? "boot-2" : b.o.boot_id;
		b.o.now += CLOCK_S * 100;
		spool_bed_open(&b);
		ck_assert(!b.opened.fresh && !b.opened.lost_tail);
		ck_assert_uint_eq(b.opened.torn_files, 0);
		ck_assert_uint_eq(b.opened.incarnation, 1000000 + i);
		ck_assert_uint_eq(spool_first(b.spool), first);
		ck_assert_uint_eq(spool_last(b.spool), last);
		ck_assert_uint_eq(spool_synced(b.spool), last);
		ck_assert_uint_eq(b.calls_n, 100);
		ck_assert_uint_eq(b.holes, 0);
		spool_bed_holds(&b, 31, 100);
	}
	ck_assert_uint_eq(spool_bed_add(&b), last + 1);
}
END_TEST

/* Openings alone must not fill the directory. */
START_TEST(opened_a_hundred_times)
{
	for (unsigned i = 0; i < 100; i++) {
		spool_bed_open(&b);
		ck_assert_uint_eq(b.opened.incarnation, 1000000 + i);
		spool_bed_close(&b);
	}
	ck_assert_uint_le(spool_bed_files(&b, "spool"), 2);
}
END_TEST

/* All forgotten, all old segments gone: numbers go on all the same. */
START_TEST(numbers_go_on)
{
	uint64_t last;

	spool_bed_open(&b);
	spool_bed_add_many(&b, 300);
	last = spool_last(b.spool);
	spool_forget(b.spool, last + 1000);
	ck_assert_uint_eq(spool_first(b.spool), last + 1);
	ck_assert_uint_eq(spool_last(b.spool), last);
	spool_bed_close(&b);
	spool_bed_open(&b);
	spool_bed_close(&b);
	b.o.now -= 10 * CLOCK_S;
	spool_bed_open(&b);
	ck_assert_uint_eq(spool_first(b.spool), last + 1);
	ck_assert_uint_eq(spool_bed_add(&b), last + 1);
	ck_assert_uint_eq(b.holes, 0);
}
END_TEST

static bool
is_small(const struct spool_bed *x)
{
	return spool_bed_files(x, "spool") <= 2;
}

/* Segments go, and the live calls are still known. */
START_TEST(checkpoints)
{
	spool_bed_open(&b);
	for (unsigned i = 0; i < 40; i++) {
		spool_bed_add_many(&b, 50);
		spool_forget(b.spool, spool_last(b.spool) - 10);
		spool_bed_until(&b, bed_is_synced);
	}
	spool_bed_until(&b, is_small);
	ck_assert_uint_gt(b.checkpoints, 3);
	ck_assert_uint_le(b.checkpoints, 40);
	spool_bed_close(&b);
	spool_bed_open(&b);
	ck_assert_uint_eq(b.calls_n, 2000);
	ck_assert_uint_eq(b.calls, 1);
	ck_assert_uint_lt(b.n_read, 100);
	ck_assert_uint_eq(b.holes, 0);
	spool_bed_holds(&b, 1991, 2000);
}
END_TEST

static unsigned writes, syncs, directory_syncs;

static ssize_t
count_write(int fd, const void *p, size_t len, off_t at)
{
	writes++;
	return pwrite(fd, p, len, at);
}

static int
count_sync(int fd)
{
	__sync_fetch_and_add(&syncs, 1);
	return fdatasync(fd);
}

static int
count_directory_sync(int fd)
{
	__sync_fetch_and_add(&directory_syncs, 1);
	return fsync(fd);
}

/* A file counts when its name is on disk too. */
START_TEST(directories_are_synced)
{
	spool_disk.sync_directory = count_directory_sync;
	spool_bed_open(&b);
	ck_assert_uint_eq(
	    __sync_fetch_and_add(&directory_syncs, 0), 2); /* the parent */
	for (unsigned i = 2; i < 6; i++) {
		while (spool_bed_files(&b, "spool") < i)
			spool_bed_add(&b);
		spool_bed_until(&b, bed_is_synced);
		ck_assert_uint_ge(
		    __sync_fetch_and_add(&directory_syncs, 0), i + 1);
	}
}
END_TEST

/* Many writes share a sync; each event is written before it has a number. */
START_TEST(group_sync)
{
	b.o.segment_bytes = 1 << 20;
	b.o.sync_us = 50000;
	spool_bed_open(&b);
	spool_disk.write = count_write;
	spool_disk.sync = count_sync;
	for (unsigned i = 1; i <= 200; i++) {
		spool_bed_add(&b);
		ck_assert_uint_eq(writes, i);
	}
	ck_assert_uint_lt(spool_synced(b.spool), spool_last(b.spool));
	spool_bed_until(&b, bed_is_synced);
	ck_assert_uint_ge(syncs, 1);
	ck_assert_uint_le(syncs, 20);
}
END_TEST

START_TEST(one_process_only)
{
	struct spool_bed other;

	spool_bed_open(&b);
	spool_bed_init(&other, "spool");
	ck_err(spool_bed_try(&other), ERR_BUSY);
	spool_bed_close(&b);
	spool_bed_open(&other);
	spool_bed_fini(&other);
}
END_TEST

START_TEST(a_directory_that_cannot_be)
{
	snprintf(b.dir, sizeof(b.dir), "%s/none/spool", test_dir());
	ck_err(spool_bed_try(&b), ERR_IO);
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

static enum err
refuse(void *arg, uint64_t seq, const void *p, size_t len)
{
	(void)arg;
	(void)seq;
	(void)p;
	(void)len;
	return ERR_BAD_FIELD;
}

/* The reader's fault changes nothing on disk. */
START_TEST(a_reader_that_refuses)
{
	struct spool_reader r = { refuse, NULL, NULL };
	struct spool_opened o;

	spool_bed_open(&b);
	spool_bed_add_many(&b, 5);
	spool_bed_close(&b);
	ck_err(spool_open(&b.o, &r, &o, &b.spool), ERR_BAD_FIELD);
	ck_assert_ptr_null(b.spool);
	spool_bed_open(&b);
	ck_assert_uint_eq(b.opened.incarnation, 1000001);
	spool_bed_holds(&b, 1, 5);
}
END_TEST

START_TEST(too_large_an_event)
{
	char *big = calloc(1, (64 << 20) + 1);
	uint64_t seq;

	spool_bed_open(&b);
	ck_err(spool_add(b.spool, big, (64 << 20) + 1, &seq), ERR_TOO_LARGE);
	/* One that is larger than a segment is well. */
	memset(big, 'x', 20000);
	ck_ok(spool_add(b.spool, big, 20000, &seq));
	ck_ok(spool_add(b.spool, "", 0, &seq));
	ck_assert_ptr_null(spool_trouble(b.spool));
	free(big);
}
END_TEST

static void
poke(const char *path, off_t at, uint8_t flip)
{
	int fd = open(path, O_RDWR);
	uint8_t c;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pread(fd, &c, 1, at), 1);
	c ^= flip;
	ck_assert_int_eq(pwrite(fd, &c, 1, at), 1);
	close(fd);
}

/* A head of a later form, with a sum that is right: not ours to touch. */
START_TEST(of_a_newer_program)
{
	static const uint8_t head[88] = { 'm', 'a', 's', 'h', 's', 'p', 'l',
		'\n', 2, 0, 0, 0, 0x67, 0x70, 0x58, 0xb2 };
	const char *path;
	int fd;

	spool_bed_open(&b);
	spool_bed_close(&b);
	path = spool_bed_file(&b, "spool", 0);
	fd = open(path, O_WRONLY | O_TRUNC);
	ck_assert_int_eq(write(fd, head, sizeof(head)), sizeof(head));
	close(fd);
	ck_err(spool_bed_try(&b), ERR_REFUSED);
	ck_assert_uint_eq(spool_bed_files(&b, "torn"), 0);
	ck_assert_uint_eq(spool_bed_disk(&b), sizeof(head));
}
END_TEST

/* ------------------------------------------------------- torn and flipped */

#define SMALL 6 /* events */

static uint64_t ends[SMALL + 1]; /* where each event ends; 0: the head */
static uint64_t whole;           /* bytes, with the mark of closing */

static uint8_t image[8192]; /* the file, closed */

static void
write_small(void)
{
	const char *path;
	int fd;

	spool_disk.sync = spool_disk.sync_directory = bed_no_sync;
	spool_bed_open(&b);
	ends[0] = spool_bytes(b.spool);
	for (unsigned i = 1; i <= SMALL; i++) {
		spool_bed_add(&b);
		ends[i] = spool_bytes(b.spool);
	}
	spool_bed_close(&b);
	ck_assert_uint_eq(spool_bed_files(&b, "spool"), 1);
	whole = spool_bed_disk(&b);
	path = spool_bed_file(&b, "spool", 0);
	fd = open(path, O_RDONLY);
	ck_assert_int_eq(read(fd, image, sizeof(image)), (ssize_t)whole);
	close(fd);
}

/* The directory with nothing but these bytes in its one segment. */
static void
put_small(const uint8_t *p, uint64_t len)
{
	char path[512];
	int fd;

	for (unsigned i = spool_bed_files(&b, "*"); i-- > 0;)
		unlink(spool_bed_file(&b, "*", i));
	snprintf(path, sizeof(path), "%s/0000000000000001.spool", b.dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ck_assert_int_eq(write(fd, p, len), (ssize_t)len);
	close(fd);
}

static unsigned
events_before(uint64_t at)
{
	unsigned n = 0;

	while (n < SMALL && ends[n + 1] <= at)
		n++;
	return n;
}

static bool
is_end(uint64_t at)
{
	for (unsigned i = 0; i <= SMALL; i++)
		if (ends[i] == at)
			return true;
	return at == whole;
}

static uint64_t
torn_bytes(void)
{
	struct stat st;

	if (spool_bed_files(&b, "torn") == 0)
		return 0;
	ck_assert_int_eq(stat(spool_bed_file(&b, "torn", 0), &st), 0);
	return (uint64_t)st.st_size;
}

/* Opened as it is: so many events, torn at a place or not at all. */
static void
check_small(unsigned events, bool torn, bool lost, uint64_t bytes)
{
	uint64_t incarnation;

	spool_bed_open(&b);
	ck_assert(b.opened.lost_tail == lost);
	ck_assert_uint_eq(b.opened.torn_files, torn);
	ck_assert_uint_eq(b.opened.torn_bytes, bytes);
	ck_assert_uint_eq(spool_bed_files(&b, "torn"), torn);
	ck_assert_uint_eq(torn_bytes(), bytes);
	ck_assert_uint_eq(b.n_read, events);
	ck_assert_uint_eq(b.holes, 0);
	spool_bed_holds(&b, 1, events);
	if (lost)
		ck_assert_uint_gt(
		    spool_first(b.spool), 1000000 * (uint64_t)CLOCK_S + SMALL);
	ck_assert_uint_ge(b.opened.incarnation, 1000001);
	incarnation = b.opened.incarnation;
	spool_bed_add(&b);
	spool_bed_close(&b);
	/* The second time there is nothing to be mended. */
	spool_bed_open(&b);
	ck_assert(!b.opened.lost_tail && b.opened.torn_files == 0);
	ck_assert_uint_gt(b.opened.incarnation, incarnation);
	spool_bed_holds(&b, 1, events + 1);
	spool_bed_close(&b);
}

START_TEST(cut_at_every_byte)
{
	write_small();
	b.o.now += 50 * CLOCK_S;
	for (uint64_t at = 0; at <= whole; at++) {
		unsigned n = events_before(at);
		bool torn = !is_end(at);
		uint64_t from = at < ends[0] ? 0 : ends[n];

		if (n == SMALL && at == whole)
			from = at;
		put_small(image, at);
		check_small(n, torn, torn, torn ? at - from : 0);
	}
}
END_TEST

START_TEST(every_byte_flipped)
{
	static const uint8_t flips[] = { 0x01, 0x80, 0xff };

	write_small();
	b.o.now += 50 * CLOCK_S;
	for (uint64_t at = 0; at < whole; at++) {
		uint64_t from = ends[events_before(at)];
		bool mark = at >= 80 && at < 88;

		if (at < ends[0])
			from = mark ? whole : 0;
		image[at] ^= flips[_i];
		put_small(image, whole);
		image[at] ^= flips[_i];
		check_small(mark           ? SMALL
			    : at < ends[0] ? 0
					   : events_before(at),
		    !mark, true, whole - from);
	}
}
END_TEST

/* Zeros are what a file system may leave behind a power cut. */
START_TEST(zeros_at_the_end)
{
	write_small();
	memset(image + ends[SMALL], 0, 4000);
	put_small(image, ends[SMALL] + 4000);
	check_small(SMALL, true, true, 4000);
}
END_TEST

/* A bad record takes the rest of its segment, and no more. */
START_TEST(younger_segments_stay)
{
	struct stat st;
	char path[512];
	unsigned last, lost;

	spool_bed_open(&b);
	spool_bed_add_many(&b, 50);
	spool_bed_close(&b);
	ck_assert_uint_ge(spool_bed_files(&b, "spool"), 3);
	snprintf(path, sizeof(path), "%s", spool_bed_file(&b, "spool", 1));
	ck_assert_int_eq(stat(path, &st), 0);
	poke(path, st.st_size / 2, 0x10);
	spool_bed_open(&b);
	ck_assert(b.opened.lost_tail);
	ck_assert_uint_eq(b.opened.torn_files, 1);
	ck_assert_uint_eq(b.holes, 1);
	lost = 50 - (unsigned)b.n_read;
	ck_assert_uint_gt(lost, 2);
	ck_assert_uint_lt(lost, 25);
	last = 0;
	for (size_t i = 0; i < b.n_read; i++) {
		ck_assert_uint_gt(b.read[i].n, last);
		ck_assert_uint_eq(b.read[i].seq, b.read[0].seq + i);
		last = (unsigned)b.read[i].n;
	}
	ck_assert_uint_eq(last, 50);
	ck_assert_uint_eq(b.read[0].seq, spool_first(b.spool));
	ck_assert_uint_eq(spool_last(b.spool), b.read[0].seq + b.n_read - 1);
}
END_TEST

START_TEST(a_segment_is_missing)
{
	spool_bed_open(&b);
	spool_bed_add_many(&b, 50);
	spool_bed_close(&b);
	unlink(spool_bed_file(&b, "spool", _i));
	spool_bed_open(&b);
	ck_assert(b.opened.lost_tail);
	ck_assert_uint_lt(b.n_read, 50);
	ck_assert_uint_eq(
	    spool_last(b.spool) + 1 - spool_first(b.spool), b.n_read);
	spool_bed_close(&b);
	spool_bed_open(&b);
	ck_assert(!b.opened.lost_tail);
}
END_TEST

START_TEST(old_torn_files_go)
{
	write_small();
	for (unsigned i = 0; i < 30; i++) {
		spool_bed_open(&b);
		spool_bed_add(&b);
		spool_bed_close(&b);
		poke(spool_bed_file(
			 &b, "spool", spool_bed_files(&b, "spool") - 1),
		    90, 1);
	}
	ck_assert_uint_le(spool_bed_files(&b, "torn"), 10);
}
END_TEST

Suite *
spool_suite(void)
{
	TCase *tc = tcase_create("spool"), *torn = tcase_create("torn");
	Suite *s = suite_of(tc, "spool");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_new_spool);
	tcase_add_test(tc, numbers_are_above_what_is_known);
	tcase_add_test(tc, closed_and_opened);
	tcase_add_test(tc, opened_a_hundred_times);
	tcase_add_test(tc, numbers_go_on);
	tcase_add_test(tc, checkpoints);
	tcase_add_test(tc, group_sync);
	tcase_add_test(tc, directories_are_synced);
	tcase_add_test(tc, one_process_only);
	tcase_add_test(tc, a_directory_that_cannot_be);
	tcase_add_test(tc, a_reader_that_refuses);
	tcase_add_test(tc, too_large_an_event);
	tcase_add_test(tc, of_a_newer_program);
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(torn, setup, teardown);
	tcase_add_test(torn, cut_at_every_byte);
	tcase_add_loop_test(torn, every_byte_flipped, 0, 3);
	tcase_add_test(torn, zeros_at_the_end);
	tcase_add_test(torn, younger_segments_stay);
	tcase_add_loop_test(torn, a_segment_is_missing, 0, 2);
	tcase_add_test(torn, old_torn_files_go);
	tcase_set_timeout(torn, 60);
	suite_add_tcase(s, torn);
	return s;
}
