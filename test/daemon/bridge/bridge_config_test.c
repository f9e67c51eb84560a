/*
 * bridge_config_test.c - the bridge's file, fault by fault, and what it does
 * when it is asked about its switch.
 */
#include "bridge/config.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bridge/run.h"
#include "test/support/scripted.h"
#include "test/support/support.h"

static char path[PATH_MAX];

static const char *
write_config(const char *text)
{
	FILE *f;

	snprintf(path, sizeof(path), "%s/bridge.yaml", test_dir());
	ck_assert_ptr_nonnull(f = fopen(path, "w"));
	fputs(text, f);
	fclose(f);
	return path;
}

/* What --check-config says, without the file's name. */
static const char *
faults(const char *text)
{
	static char said[4096];
	char *errors = NULL, *at;
	size_t len;
	FILE *f = open_memstream(&errors, &len);
	struct config *c = NULL;
	enum err e = config_load(write_config(text), scripted_drivers, f, &c);

	fclose(f);
	said[0] = '\0';
	if (e == ERR_OK)
		config_free(&c);
	else
		ck_err(e, ERR_CONFIG);
	for (char *line = strtok_r(errors, "\n", &at); line != NULL;
	     line = strtok_r(NULL, "\n", &at)) {
		ck_assert_int_eq(strncmp(line, path, strlen(path)), 0);
		snprintf(said + strlen(said), sizeof(said) - strlen(said),
		    "%s\n", line + strlen(path));
	}
	free(errors);
	return said;
}

#define GOOD "switch: pbx1\ndriver: script\nscript: {fd: 7}\n"

START_TEST(a_good_file)
{
	struct config *c;

	ck_ok(config_load(write_config(GOOD "fallback: {to: '999'}\n"
					    "daemons: ['unix:/a', 'unix:/b']\n"
					    "other: {nothing: [1, 2]}\n"),
	    scripted_drivers, stderr, &c));
	ck_assert_str_eq(c->switch_name, "pbx1");
	ck_assert_str_eq(c->driver->name, "script");
	ck_assert_str_eq(c->daemons, "unix:/a,unix:/b");
	ck_assert_int_eq(*(int64_t *)c->options, 7);
	ck_assert_int_eq(c->epoch, 1);
	ck_assert_int_eq(c->sync_us, 10000);
	ck_assert_int_eq(c->ring_us, 60000000);
	ck_assert_str_eq(c->fallback.to, "999");
	ck_assert_int_eq(c->fallback.after_us, 10000000);
	ck_assert(!c->listen_only);
	ck_assert_uint_ne(config_can(c), 0);
	config_free(&c);
}
END_TEST

/* What is printed is a file that says the same. */
START_TEST(printed_and_read_again)
{
	struct config *c;
	char *first = NULL, *again = NULL;
	size_t len;
	FILE *f;

	for (char **to = &first;; to = &again) {
		ck_ok(config_load(write_config(to == &first ? GOOD : first),
		    scripted_drivers, stderr, &c));
		f = open_memstream(to, &len);
		config_print(c, f);
		fclose(f);
		config_free(&c);
		if (to == &again)
			break;
	}
	ck_assert_str_eq(first, again);
	ck_assert_ptr_nonnull(strstr(first, "script:\n"));
	ck_assert_ptr_null(strstr(first, "other:"));
	free(first);
	free(again);
}
END_TEST

/* clang-format off */
static const struct {
	const char *text, *fault; /* NULL: none */
} rows[] = {
	{ GOOD, NULL },
	{ "driver: script\nscript: {fd: 7}\n", ":1:1: switch is missing" },
	{ "switch: a\n", "driver is missing" },
	{ "switch: a\ndriver: skript\n", ":2:9: driver is 'skript'; write one of "
	  "script, other; did you mean 'script'?" },
	{ "switch: a\ndriver: script\n", "script is missing" },
	{ "switch: a\ndriver: script\nscript: {}\n", ":3:9: fd is missing" },
	{ "switch: a\ndriver: script\nscript: {fd: x}\n", ":3:14: fd is 'x'" },
	{ "switch: a\ndriver: script\nscript: {fd: 13}\n",
	  ":3:9: script: 13 brings bad luck" },
	{ GOOD "epok: 2\n", ":4:1: 'epok' is not known; did you mean 'epoch'?" },
	{ GOOD "epoch: 0\n", ":4:8: epoch is '0'" },
	{ GOOD "password_file: /a\ntoken_file: /b\n", ":5:13: token_file: " },
	{ GOOD "daemons: ['host:1']\n", ":4:10: daemons: an address is" },
	{ GOOD "daemons: ['unix:/a,unix:/b']\n", ":4:10: daemons: " },
	{ GOOD "daemons: []\n", ":4:10: daemons has 0 entries" },
	{ GOOD "log: [loud]\n", ":4:6: log: " },
	{ GOOD "listen_only: yes\nfallback: {to: '9'}\n", ":5:11: fallback: " },
	{ GOOD "fallback: {after: 9}\n", ":4:19: after is '9'" },
	{ GOOD "sync: 2s\n", ":4:7: sync is '2s'" },
};
/* clang-format on */

START_TEST(each_fault_has_its_place)
{
	const char *said = faults(rows[_i].text);

	if (rows[_i].fault == NULL)
		ck_assert_str_eq(said, "");
	else
		ck_assert_msg(strstr(said, rows[_i].fault) != NULL,
		    "\"%s\" is not in \"%s\"", rows[_i].fault, said);
}
END_TEST

/* Runs in a child, its output in a file; the exit status. */
static int
run(const char *text, int (*does)(const struct config *), char *out,
    size_t room)
{
	struct config *c;
	char file[PATH_MAX];
	int status, fd;
	ssize_t n;
	pid_t pid;

	snprintf(file, sizeof(file), "%s/out", test_dir());
	ck_ok(config_load(write_config(text), scripted_drivers, stderr, &c));
	if ((pid = fork()) == 0) {
		fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		dup2(fd, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
		_exit(does(c));
	}
	waitpid(pid, &status, 0);
	config_free(&c);
	fd = open(file, O_RDONLY);
	n = read(fd, out, room - 1);
	close(fd);
	out[n > 0 ? n : 0] = '\0';
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

START_TEST(the_switch_is_asked)
{
	char out[4096], text[200];
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	snprintf(text, sizeof(text),
	    "switch: a\ndriver: script\nscript: {fd: %d}\n", fds[0]);
	ck_assert_int_eq(run(text, run_probe, out, sizeof(out)), RUN_FAILED);
	ck_assert_str_eq(
	    out, "ok lines can be read\nmissing a telephone: buy one\n");
}
END_TEST

START_TEST(a_secret_that_others_may_read)
{
	char out[4096], text[PATH_MAX * 2], file[PATH_MAX];
	FILE *f;

	snprintf(file, sizeof(file), "%s/password", test_dir());
	ck_assert_ptr_nonnull(f = fopen(file, "w"));
	fputs("secret\n", f);
	fclose(f);
	chmod(file, 0644);
	snprintf(text, sizeof(text), GOOD "password_file: '%s'\n", file);
	ck_assert_int_eq(run(text, run_bridge, out, sizeof(out)), RUN_CONFIG);
	ck_assert_ptr_nonnull(strstr(out, "others may read it"));
}
END_TEST

START_TEST(a_spool_that_cannot_be)
{
	char out[4096];

	ck_assert_int_eq(run(GOOD "spool: /proc/nowhere/spool\n", run_bridge,
			     out, sizeof(out)),
	    RUN_FAILED);
	ck_assert_ptr_nonnull(strstr(out, "/proc/nowhere/spool"));
}
END_TEST

Suite *
bridge_config_suite(void)
{
	TCase *tc = tcase_create("config");

	tcase_add_test(tc, a_good_file);
	tcase_add_test(tc, printed_and_read_again);
	tcase_add_loop_test(tc, each_fault_has_its_place, 0, NELEM(rows));
	tcase_add_test(tc, the_switch_is_asked);
	tcase_add_test(tc, a_secret_that_others_may_read);
	tcase_add_test(tc, a_spool_that_cannot_be);
	return suite_of(tc, "bridge_config");
}
