/*
 * log_test.c - what reaches standard error: a pipe here, so that it can fill.
 *
 * The wording of lines is no interface; what is tested is their form.
 */
#include "base/log.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test/support/support.h"

static int end, saved;
static char got[1 << 17];

static void
redirect(int fd[2])
{
	saved = dup(STDERR_FILENO);
	end = fd[0];
	dup2(fd[1], STDERR_FILENO);
	close(fd[1]);
	fcntl(end, F_SETFL, O_NONBLOCK);
	unsetenv("JOURNAL_STREAM");
	ck_ok(log_set("info"));
}

static void
take_stderr(void)
{
	int fd[2];

	ck_assert_int_eq(pipe(fd), 0);
	redirect(fd);
}

static void
give_stderr_back(void)
{
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(end);
}

/* All that is there now. */
static const char *
read_all(void)
{
	size_t len = 0;
	ssize_t n;

	while ((n = read(end, got + len, sizeof(got) - 1 - len)) > 0)
		len += (size_t)n;
	got[len] = '\0';
	return got;
}

static unsigned
count_lines(const char *s)
{
	unsigned n = 0;

	for (; *s != '\0'; s++)
		n += *s == '\n';
	return n;
}

START_TEST(a_line_with_its_time)
{
	int y, mon, d, h, m, s, us, len = 0;

	take_stderr();
	log_info(LOG_NET, "session=%d opened", 12);
	sscanf(read_all(), "%4d-%2d-%2dT%2d:%2d:%2d.%6dZ %n", &y, &mon, &d, &h,
	    &m, &s, &us, &len);
	give_stderr_back();
	ck_assert_int_gt(len, 0);
	ck_assert_str_eq(got + len, "info net session=12 opened\n");
}
END_TEST

/* systemd tells which socket is its journal's; only there the prefix. */
START_TEST(the_journal_gets_a_priority)
{
	struct stat st;
	char name[64];
	int fd[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	redirect(fd);
	ck_assert_int_eq(fstat(STDERR_FILENO, &st), 0);
	snprintf(name, sizeof(name), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", name, 1);
	log_error(LOG_STORE, "lost");
	read_all();
	setenv("JOURNAL_STREAM", "1:1", 1);
	log_error(LOG_STORE, "lost");
	unsetenv("JOURNAL_STREAM");
	ck_assert_str_eq(got, "<3>error store lost\n");
	read_all();
	give_stderr_back();
	ck_assert_ptr_nonnull(strstr(got, "Z error store lost\n"));
}
END_TEST

START_TEST(no_value_forges_a_line)
{
	take_stderr();
	log_warn(LOG_DESK, "name=%s", "x\n<3>error\x1B[2J\xC2\x9B\u202E");
	read_all();
	give_stderr_back();
	ck_assert_uint_eq(count_lines(got), 1);
	ck_assert_ptr_null(strchr(got, '\x1B'));
	ck_assert_ptr_null(strstr(got, "\u202E"));
}
END_TEST

START_TEST(a_long_line_is_cut)
{
	char text[10000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	take_stderr();
	log_warn(LOG_DESK, "text=%s", text);
	read_all();
	give_stderr_back();
	ck_assert_uint_eq(count_lines(got), 1);
	ck_assert_uint_lt(strlen(got), 4096);
	ck_assert_uint_gt(strlen(got), 1000);
}
END_TEST

START_TEST(one_site_is_limited_and_others_are_not)
{
	unsigned a = 0, b = 0;

	take_stderr();
	for (int i = 0; i < 1000; i++)
		log_info(LOG_NET, "flood=%d", i);
	log_info(LOG_NET, "other");
	read_all();
	give_stderr_back();
	for (const char *p = got; (p = strstr(p, "flood=")) != NULL; p++)
		a++;
	for (const char *p = got; (p = strstr(p, "other")) != NULL; p++)
		b++;
	/* A second may end within the loop: then twice the allowance. */
	ck_assert_uint_ge(a, 20);
	ck_assert_uint_le(a, 41);
	ck_assert_uint_eq(b, 1);
}
END_TEST

/* Nobody reads: writing must go on, and say what it lost once it can. */
START_TEST(a_full_pipe_blocks_nobody)
{
	uint64_t before = log_dropped();
	char filler[4096];

	take_stderr();
	memset(filler, '.', sizeof(filler));
	fcntl(STDERR_FILENO, F_SETFL, O_NONBLOCK);
	while (write(STDERR_FILENO, filler, sizeof(filler)) > 0)
		;
	fcntl(STDERR_FILENO, F_SETFL, 0);
	log_warn(LOG_NET, "first");
	log_warn(LOG_NET, "second");
	ck_assert_uint_ge(log_dropped(), before + 2);
	read_all();
	log_warn(LOG_NET, "third");
	read_all();
	give_stderr_back();
	ck_assert_ptr_nonnull(strstr(got, "lost="));
	ck_assert_ptr_nonnull(strstr(got, "third"));
	ck_assert_ptr_null(strstr(got, "second"));
}
END_TEST

START_TEST(levels)
{
	take_stderr();
	log_debug(LOG_STORE, "unseen");
	ck_ok(log_set("store=debug"));
	log_debug(LOG_STORE, "seen");
	log_debug(LOG_NET, "unseen");
	ck_ok(log_set("error"));
	log_warn(LOG_STORE, "unseen");
	ck_ok(log_set("info"));
	read_all();
	give_stderr_back();
	ck_assert_uint_eq(count_lines(got), 1);
	ck_assert_ptr_nonnull(strstr(got, "debug store seen"));
	ck_assert_ptr_null(strstr(got, "unseen"));
	ck_err(log_set("loud"), ERR_BAD_FIELD);
	ck_err(log_set("shop=info"), ERR_BAD_FIELD);
	ck_err(log_set("net="), ERR_BAD_FIELD);
	ck_err(log_set("=info"), ERR_BAD_FIELD);
	ck_err(log_set(""), ERR_BAD_FIELD);
}
END_TEST

static const struct {
	const char *number, *masked;
} masks[] = {
	{ "13812348000", "138****8000" },
	{ "+8613812348000", "+86****8000" },
	{ "62581234", "****34" },
	{ "8001", "****" },
	{ "", "-" },
	{ "Zhang San 13812348000", "****" },
	{ "anonymous", "****" },
	{ "1381234800\x1B", "****" },
};

START_TEST(numbers_are_masked)
{
	ck_assert_str_eq(log_mask(str_of(masks[_i].number)), masks[_i].masked);
}
END_TEST

START_TEST(four_masks_in_one_line)
{
	const char *a = log_mask(STR_LIT("13812340001"));
	const char *b = log_mask(STR_LIT("13812340002"));
	const char *c = log_mask(STR_LIT("13812340003"));
	const char *d = log_mask(STR_LIT("13812340004"));

	ck_assert_str_eq(a, "138****0001");
	ck_assert_str_eq(b, "138****0002");
	ck_assert_str_eq(c, "138****0003");
	ck_assert_str_eq(d, "138****0004");
}
END_TEST

Suite *
log_suite(void)
{
	TCase *tc = tcase_create("log");

	tcase_add_test(tc, a_line_with_its_time);
	tcase_add_test(tc, the_journal_gets_a_priority);
	tcase_add_test(tc, no_value_forges_a_line);
	tcase_add_test(tc, a_long_line_is_cut);
	tcase_add_test(tc, one_site_is_limited_and_others_are_not);
	tcase_add_test(tc, a_full_pipe_blocks_nobody);
	tcase_add_test(tc, levels);
	tcase_add_loop_test(tc, numbers_are_masked, 0, NELEM(masks));
	tcase_add_test(tc, four_masks_in_one_line);
	return suite_of(tc, "log");
}
