/*
 * fs_lab.c - see fs_lab.h.
 */
#include "test/support/fs_lab.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/support/program.h"
#include "test/support/support.h"

#define PASSWORD "sesame for tests"
#define READY_MS 60000
#define RTP_PORTS 400

static const char *
program(void)
{
	static char path[PATH_MAX];
	const char *named = getenv("MASHANG_FREESWITCH");
	char *dirs, *dir, *rest;

	if (named != NULL && named[0] != '\0')
		return access(named, X_OK) == 0 ? named : NULL;
	if ((dirs = strdup(getenv("PATH"))) == NULL)
		return NULL;
	path[0] = '\0';
	for (dir = strtok_r(dirs, ":", &rest); dir != NULL;
	     dir = strtok_r(NULL, ":", &rest)) {
		snprintf(path, sizeof(path), "%s/freeswitch", dir);
		if (access(path, X_OK) == 0)
			break;
		path[0] = '\0';
	}
	free(dirs);
	return path[0] != '\0' ? path : NULL;
}

/* -------------------------------------------------------------- event socket */

static int
try_connect(unsigned port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ne(fd, -1);
	inet_pton(AF_INET, LAB_PHONES, &sin.sin_addr);
	if (connect(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Until the n-th frame is whole; they all have Content-Length or no body. */
static size_t
read_some(int fd, char *to, size_t have, size_t room)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;

	ck_assert_int_gt(poll(&p, 1, 10000), 0);
	n = read(fd, to + have, room - 1 - have);
	ck_assert_int_gt(n, 0);
	to[have + (size_t)n] = '\0';
	return have + (size_t)n;
}

static const char *
ask(unsigned port, const char *command)
{
	static char said[1 << 16];
	char line[1024];
	int fd = try_connect(port);
	char *body, *length;
	size_t n = 0;

	ck_assert_int_ne(fd, -1);
	said[0] = '\0';
	n = (size_t)snprintf(
	    line, sizeof(line), "auth " PASSWORD "\n\napi %s\n\n", command);
	ck_assert_int_eq(write(fd, line, n), n);
	n = 0;
	do {
		n = read_some(fd, said, n, sizeof(said));
		body = strstr(said, "api/response");
		length = body != NULL ? strstr(body, "Content-Length: ") : NULL;
		body = body != NULL ? strstr(body, "\n\n") : NULL;
	} while (body == NULL || length == NULL ||
		 strlen(body + 2) < strtoul(length + 16, NULL, 10));
	close(fd);
	return body + 2;
}

const char *
fs_lab_api(struct fs_lab *l, const char *command)
{
	return ask(l->esl, command);
}

static void
wait_phone(const struct sip_lab *l, const char *name, bool there)
{
	char user[64];

	snprintf(user, sizeof(user), "\"reg_user\":\"%s\"", name);
	for (int ms = 0; ms < READY_MS; ms += 50) {
		const char *all = ask(l->cti, "show registrations as json");

		if ((strstr(all, user) != NULL) == there)
			return;
		poll(NULL, 0, 50);
	}
	ck_abort_msg("phone %s is %s", name, there ? "not there" : "there");
}

/* ------------------------------------------------------------------- files */

static void
put_in(char *text, size_t room, const char *name, const char *value)
{
	char *at;

	while ((at = strstr(text, name)) != NULL) {
		size_t n = strlen(name), v = strlen(value);

		ck_assert_uint_lt(strlen(text) + v, room);
		memmove(at + v, at + n, strlen(at + n) + 1);
		memcpy(at, value, v);
	}
}

static void
put_number(char *text, size_t room, const char *name, unsigned value)
{
	char digits[16];

	snprintf(digits, sizeof(digits), "%u", value);
	put_in(text, room, name, digits);
}

/* What an owner copies; what callers are told is written down instead of said. */
static void
write_dialplan(const struct fs_lab *l)
{
	static const char here[] = "expression=\"^music$\">";
	char path[PATH_MAX], line[1024];
	FILE *in = fopen("config/freeswitch/mashang.xml", "re"), *out;

	ck_assert_ptr_nonnull(in);
	snprintf(path, sizeof(path), "%s/mashang.xml", l->bed.lab.dir);
	out = fopen(path, "we");
	ck_assert_ptr_nonnull(out);
	while (fgets(line, sizeof(line), in) != NULL)
		fprintf(out, "%s%s", line,
		    strstr(line, here) != NULL
			? "<action application=\"log\" data=\"NOTICE told "
			  "place=${mashang_position} wait=${mashang_wait_low}-"
			  "${mashang_wait_high} end\"/>\n"
			: "");
	fclose(in);
	fclose(out);
}

bool
fs_lab_said(const struct fs_lab *l, const char *words)
{
	char path[PATH_MAX], line[4096];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/freeswitch.log", l->bed.lab.dir);
	if ((f = fopen(path, "re")) == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), f) != NULL)
		found = strstr(line, words) != NULL;
	fclose(f);
	return found;
}

static void
write_switch(struct fs_lab *l)
{
	static char text[65536];
	char path[PATH_MAX];
	FILE *f = fopen("test/live/freeswitch.xml", "re");
	unsigned rtp = 20000 + (l->esl * 7) % 30000;

	ck_assert_ptr_nonnull(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	put_in(text, sizeof(text), "@DIR@", l->bed.lab.dir);
	write_dialplan(l);
	put_in(text, sizeof(text), "@PASSWORD@", PASSWORD);
	put_in(text, sizeof(text), "@PHONES@", LAB_PASSWORD);
	put_number(text, sizeof(text), "@SIP@", l->bed.lab.sip);
	put_number(text, sizeof(text), "@ESL@", l->esl);
	put_number(text, sizeof(text), "@OUT@", l->out);
	put_number(text, sizeof(text), "@RTP@", rtp);
	put_number(text, sizeof(text), "@RTP_END@", rtp + RTP_PORTS);
	snprintf(path, sizeof(path), "%s/freeswitch.xml", l->bed.lab.dir);
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void
write_bridge(struct fs_lab *l)
{
	const struct stack *s = &l->bed.stack;
	char text[4 * PATH_MAX];
	char path[PATH_MAX];

	stack_write(s, "esl.password", PASSWORD "\n");
	snprintf(path, sizeof(path), "%s", stack_path(s, "esl.password"));
	ck_assert_int_eq(chmod(path, 0600), 0);
	snprintf(text, sizeof(text),
	    "switch: main\n"
	    "driver: freeswitch\n"
	    "daemons: [\"%s\"]\n"
	    "spool: %s/spool\n"
	    "listen_only: %s\n"
	    "log: [debug]\n"
	    "freeswitch:\n"
	    "  address: \"tcp:" LAB_PHONES ":%u\"\n"
	    "  password_file: \"%s\"\n"
	    "%s",
	    s->socket, s->dir, l->listen_only ? "yes" : "no", l->esl, path,
	    l->more != NULL ? l->more : "");
	stack_write(s, "bridge.yaml", text);
}

static void
configure(struct fs_lab *l)
{
	static const char text[] =
	    "queues: [{name: repair, ring: 5s, wrap_up: 0s}]\n"
	    "numbers: [{called: '4001', queue: repair},\n"
	    "  {called: 'support@default', queue: repair}]\n"
	    "dialling: {allow: ['+86'], show: '4001'}\n"
	    "agents:\n"
	    "  - {name: wang, queues: [repair]}\n"
	    "  - {name: li, queues: [repair]}\n"
	    "  - {name: zhang, queues: [repair], answer: screen}\n"
	    "devices:\n"
	    "  - {name: '801', switch: main}\n"
	    "  - {name: '802', switch: main}\n"
	    "  - {name: '803', switch: main}\n"
	    "  - {name: '804', switch: main}\n";

	stack_write(&l->bed.stack, "hotline.yaml", text);
	mashang(&l->bed.stack, 0, "admin", "apply",
	    stack_path(&l->bed.stack, "hotline.yaml"), NULL);
}

/* --------------------------------------------------------------- up and down */

void
fs_lab_start(struct fs_lab *l)
{
	const char *d = l->bed.lab.dir;
	const char *argv[] = { program(), "-nf", "-nc", "-np", "-nonat",
		"-conf", d, "-log", d, "-db", d, "-run", d, "-temp", d,
		"-storage", d, "-cache", d, "-recordings", d, "-certs", d,
		"-scripts", d, NULL };
	int fd;

	l->freeswitch = lab_spawn(d, argv, "freeswitch.out");
	for (int ms = 0; ms < READY_MS; ms += 50) {
		if ((fd = try_connect(l->esl)) != -1) {
			close(fd);
			return;
		}
		poll(NULL, 0, 50);
	}
	ck_abort_msg("FreeSWITCH is not ready: see %s", d);
}

void
fs_lab_kill(struct fs_lab *l)
{
	if (l->freeswitch > 0) {
		kill(l->freeswitch, SIGKILL);
		waitpid(l->freeswitch, NULL, 0);
	}
	l->freeswitch = 0;
}

void
fs_lab_up(struct fs_lab *l, bool listen_only)
{
	const char *more = l->more;

	if (program() == NULL)
		test_skip("no freeswitch: name it in MASHANG_FREESWITCH");
	memset(l, 0, sizeof(*l));
	l->more = more;
	l->listen_only = listen_only;
	stack_up(&l->bed.stack, false);
	ck_assert_int_lt(snprintf(l->bed.lab.dir, sizeof(l->bed.lab.dir),
			     "%s/fs", l->bed.stack.dir),
	    sizeof(l->bed.lab.dir));
	ck_assert_int_eq(mkdir(l->bed.lab.dir, 0755), 0);
	l->bed.lab.sip = lab_port();
	l->esl = l->bed.lab.cti = lab_port();
	l->bed.lab.wait_phone = wait_phone;
	l->out = lab_port();
	write_switch(l);
	fs_lab_start(l);
	configure(l);
	write_bridge(l);
	sip_bed_bridge(&l->bed);
}

void
fs_lab_down(struct fs_lab *l)
{
	int status = 0;

	if (l->bed.bridge > 0) {
		kill(l->bed.bridge, SIGTERM);
		status = stack_wait(l->bed.bridge, 10);
	}
	fs_lab_kill(l);
	stack_down(&l->bed.stack);
	ck_assert_msg(status == 0, "mashang-bridge ended with %d:\n%s", status,
	    stack_file(&l->bed.stack, "bridge.log"));
}
