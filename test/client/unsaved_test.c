/*
 * unsaved_test.c - what an agent did outlives a crash.
 */
#include "test/support/support.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/fmt.h"
#include "client/unsaved.h"

#define TEXTS_MAX 1024

static char path[PATH_MAX];

static void
setup(void)
{
	snprintf(path, sizeof(path), "%s/wang.unsaved", test_dir());
}

static void
add_note(struct unsaved *u, uint8_t op, const char *text)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__TicketNote n = MASHANG__TICKET_NOTE__INIT;
	uint8_t id[16] = { op };

	n.number = 10000237;
	n.text = fmt_data(text);
	e.op_id = (ProtobufCBinaryData){ 16, id };
	e.body_case = MASHANG__ENVELOPE__BODY_TICKET_NOTE;
	e.ticket_note = &n;
	ck_ok(unsaved_add(u, &e));
}

static void
collect(void *arg, const Mashang__Envelope *e)
{
	char *all = arg;

	size_t len = strlen(all);

	snprintf(all + len, TEXTS_MAX - len, "%.*s;",
	    (int)e->ticket_note->text.len,
	    (const char *)e->ticket_note->text.data);
}

static const char *
texts(struct unsaved *u)
{
	static char all[TEXTS_MAX];

	all[0] = '\0';
	unsaved_each(u, collect, all);
	return all;
}

static struct unsaved *
opened(void)
{
	struct unsaved *u = NULL;

	ck_ok(unsaved_open(path, &u));
	return u;
}

static off_t
size_of_file(void)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_size;
}

START_TEST(kept_in_order_over_a_restart)
{
	struct unsaved *u = opened();
	const uint8_t two[16] = { 2 };

	add_note(u, 1, "one");
	add_note(u, 2, "two");
	add_note(u, 3, "three");
	unsaved_remove(u, two);
	ck_assert_str_eq(texts(u), "one;three;");
	unsaved_free(&u);
	ck_assert_ptr_null(u);

	u = opened();
	ck_assert_str_eq(texts(u), "one;three;");
	ck_assert_uint_eq(unsaved_count(u), 2);
	ck_assert_ptr_null(unsaved_find(u, two));
	add_note(u, 4, "four");
	ck_assert_str_eq(texts(u), "one;three;four;");
	unsaved_free(&u);
}
END_TEST

/* Written, then the process is killed before it can send anything. */
START_TEST(killed_between_write_and_send)
{
	struct unsaved *u;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		u = opened();
		add_note(u, 1, "survives");
		raise(SIGKILL);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	u = opened();
	ck_assert_str_eq(texts(u), "survives;");
	unsaved_free(&u);
}
END_TEST

/* Cut the file at every length: never a wrong record, never a fault. */
START_TEST(a_torn_last_record_is_ignored)
{
	struct unsaved *u = opened();
	off_t first, both;

	add_note(u, 1, "one");
	first = size_of_file();
	add_note(u, 2, "two");
	both = size_of_file();
	unsaved_free(&u);
	for (off_t cut = both - 1; cut >= 0; cut--) {
		ck_assert_int_eq(truncate(path, cut), 0);
		u = opened();
		ck_assert_str_eq(texts(u), cut >= first ? "one;" : "");
		ck_assert_int_eq(size_of_file(), cut >= first ? first : 0);
		unsaved_free(&u);
	}
}
END_TEST

START_TEST(a_changed_byte_ends_the_file)
{
	struct unsaved *u = opened();
	off_t first;
	int fd;

	add_note(u, 1, "one");
	first = size_of_file();
	add_note(u, 2, "two");
	unsaved_free(&u);
	fd = open(path, O_WRONLY);
	ck_assert_int_eq(pwrite(fd, "0", 1, first + 60), 1);
	ck_assert_int_eq(pwrite(fd, "1", 1, first + 61), 1);
	close(fd);
	u = opened();
	ck_assert_str_eq(texts(u), "one;");
	add_note(u, 3, "three");
	unsaved_free(&u);
	u = opened();
	ck_assert_str_eq(texts(u), "one;three;");
	unsaved_free(&u);
}
END_TEST

START_TEST(empty_when_all_is_saved)
{
	struct unsaved *u = opened();
	const uint8_t one[16] = { 1 }, two[16] = { 2 };

	add_note(u, 1, "one");
	add_note(u, 2, "two");
	unsaved_remove(u, one);
	unsaved_remove(u, one);
	ck_assert_int_gt(size_of_file(), 0);
	unsaved_remove(u, two);
	ck_assert_int_eq(size_of_file(), 0);
	ck_assert_uint_eq(unsaved_count(u), 0);
	unsaved_free(&u);
}
END_TEST

START_TEST(one_process_at_a_time_and_private)
{
	struct unsaved *u = opened(), *other = NULL;
	struct stat st;

	ck_err(unsaved_open(path, &other), ERR_BUSY);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
	unsaved_free(&u);
	ck_ok(unsaved_open(path, &other));
	unsaved_free(&other);
}
END_TEST

START_TEST(it_has_a_limit)
{
	struct unsaved *u = opened();
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__TicketNote n = MASHANG__TICKET_NOTE__INIT;
	static uint8_t big[60000];
	uint8_t id[16] = { 0 };
	enum err got = ERR_OK;

	memset(big, 'x', sizeof(big));
	n.text = (ProtobufCBinaryData){ sizeof(big), big };
	e.op_id = (ProtobufCBinaryData){ 16, id };
	e.body_case = MASHANG__ENVELOPE__BODY_TICKET_NOTE;
	e.ticket_note = &n;
	for (int i = 0; i < 200 && got == ERR_OK; i++) {
		id[0] = (uint8_t)i;
		got = unsaved_add(u, &e);
	}
	ck_err(got, ERR_TOO_LARGE);
	ck_assert_int_le(size_of_file(), 16 << 20);
	unsaved_free(&u);
}
END_TEST

START_TEST(the_path_names_login_and_daemon)
{
	char out[PATH_MAX], want[PATH_MAX];
	struct stat st;

	setenv("XDG_STATE_HOME", test_dir(), 1);
	ck_ok(unsaved_path("unix:/run/m.sock", "a/../b", out, sizeof(out)));
	snprintf(want, sizeof(want),
	    "%s/mashang/a_.._b@unix__run_m.sock.unsaved", test_dir());
	ck_assert_str_eq(out, want);
	*strrchr(out, '/') = '\0';
	ck_assert_int_eq(stat(out, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0700);
	ck_err(unsaved_path("unix:/run/m.sock", "a", out, 20), ERR_IO);
}
END_TEST

Suite *
unsaved_suite(void)
{
	TCase *tc = tcase_create("unsaved");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, kept_in_order_over_a_restart);
	tcase_add_test(tc, killed_between_write_and_send);
	tcase_add_test(tc, a_torn_last_record_is_ignored);
	tcase_add_test(tc, a_changed_byte_ends_the_file);
	tcase_add_test(tc, empty_when_all_is_saved);
	tcase_add_test(tc, one_process_at_a_time_and_private);
	tcase_add_test(tc, it_has_a_limit);
	tcase_add_test(tc, the_path_names_login_and_daemon);
	return suite_of(tc, "unsaved");
}
