/*
 * sip_lab.c - see sip_lab.h.
 */
#include "test/support/sip_lab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/support/support.h"

#define ARGS_MAX 64
#define READY_S 10
#define END_S 10
#define PORT_FIRST 12000
#define PORT_LAST 32000

/* -------------------------------------------------------------- processes */

pid_t
lab_spawn(const char *dir, const char *const argv[], const char *out)
{
	pid_t pid = fork();
	int fd;

	ck_assert_int_ne(pid, -1);
	if (pid != 0)
		return pid;
	setpgid(0, 0); /* what it starts in its turn ends with it */
	if (chdir(dir) == -1)
		_exit(127);
	fd = open(out, O_WRONLY | O_CREAT | O_APPEND, 0600);
	dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	/* Gently: Kamailio ends its children then. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	perror(argv[0]);
	_exit(127);
}

/* False: it still runs after so many seconds. */
static bool
ends_within(pid_t pid, int seconds)
{
	struct pollfd p = {
		.fd = (int)syscall(SYS_pidfd_open, pid, 0),
		.events = POLLIN,
	};
	bool ended = poll(&p, 1, seconds * 1000) > 0;

	close(p.fd);
	return ended;
}

void
lab_end(pid_t *pid)
{
	if (*pid <= 0)
		return;
	kill(*pid, SIGTERM);
	if (!ends_within(*pid, END_S))
		kill(*pid, SIGKILL);
	waitpid(*pid, NULL, 0);
	*pid = 0;
}

/* ------------------------------------------------------------------ ports */

static int
bound(int type, const char *address, unsigned port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	ck_assert_int_ne(fd, -1);
	inet_pton(AF_INET, address, &sin.sin_addr);
	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Everything else at this port can be had, too. */
static bool
others_free(unsigned port)
{
	static const struct {
		int type;
		const char *address;
	} rows[] = {
		{ SOCK_STREAM, LAB_PHONES },
		{ SOCK_DGRAM, LAB_LINES },
		{ SOCK_DGRAM, LAB_STRANGERS },
	};
	bool all = true;

	for (unsigned i = 0; i < NELEM(rows); i++) {
		int fd = bound(rows[i].type, rows[i].address, port);

		all &= fd != -1;
		if (fd != -1)
			close(fd);
	}
	return all;
}

/* Below those that the system gives to who connects: a connection to such a
 * port at which nobody listens yet may become one to itself. */
unsigned
lab_port(void)
{
	for (;;) {
		uint32_t dice;
		unsigned port;
		int fd;

		ck_assert_int_eq(
		    getrandom(&dice, sizeof(dice), 0), sizeof(dice));
		port = PORT_FIRST + dice % (PORT_LAST - PORT_FIRST);
		fd = bound(SOCK_DGRAM, LAB_PHONES, port);
		if (fd == -1)
			continue;
		close(fd);
		if (others_free(port))
			return port;
	}
}

/* As /proc/net/udp writes it. */
static bool
is_open(const char *address, unsigned port)
{
	struct in_addr in;
	char want[32], line[256];
	bool found = false;
	FILE *f = fopen("/proc/net/udp", "re");

	ck_assert_ptr_nonnull(f);
	inet_pton(AF_INET, address, &in);
	snprintf(want, sizeof(want), " %08X:%04X ", in.s_addr, port);
	while (!found && fgets(line, sizeof(line), f) != NULL)
		found = strstr(line, want) != NULL;
	fclose(f);
	return found;
}

void
lab_wait_udp(pid_t pid, const char *address, unsigned port)
{
	struct pollfd p = {
		.fd = (int)syscall(SYS_pidfd_open, pid, 0),
		.events = POLLIN,
	};

	for (int ms = 0; !is_open(address, port); ms += 10) {
		ck_assert_msg(
		    ms < READY_S * 1000, "nothing at UDP port %u", port);
		/* Ten milliseconds, unless it ends meanwhile. */
		ck_assert_msg(poll(&p, 1, 10) == 0,
		    "what should listen at UDP port %u has ended", port);
	}
	close(p.fd);
}

/* ----------------------------------------------------------------- switch */

static void
copy(const char *from, const char *dir, const char *name)
{
	char path[PATH_MAX], buf[8192];
	ssize_t n;
	int in = open(from, O_RDONLY | O_CLOEXEC), out;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ck_assert_msg(in != -1 && out != -1, "%s: %s", from, strerror(errno));
	while ((n = read(in, buf, sizeof(buf))) > 0)
		ck_assert_int_eq(write(out, buf, (size_t)n), n);
	close(in);
	close(out);
}

static void
write_devices(const char *dir)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/kamailio-devices.cfg", dir);
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	for (int i = LAB_PHONE_FIRST; i <= LAB_PHONE_LAST; i++)
		fprintf(f, "\t$sht(device=>%d) = \"%s\";\n", i, LAB_PASSWORD);
	fprintf(
	    f, "\t$sht(device=>%s) = \"%s\";\n", LAB_CUSTOMER, LAB_PASSWORD);
	fclose(f);
}

int
sip_lab_connect(const struct sip_lab *l)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)l->cti) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, LAB_PHONES, &sin.sin_addr);
	if (connect(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool
connects(const struct sip_lab *l)
{
	int fd = sip_lab_connect(l);

	if (fd != -1)
		close(fd);
	return fd != -1;
}

/* What a snapshot says, up to its reply.  False: the switch has closed, as one
 * that has just started may. */
static bool
snapshot(const struct sip_lab *l, char *text, size_t room)
{
	static const char ask[] = "27:{\"cmd\":\"snapshot\",\"id\":\"1\"},";
	struct pollfd p = { .fd = sip_lab_connect(l), .events = POLLIN };
	size_t len = 0;
	ssize_t n;

	ck_assert_int_ne(p.fd, -1);
	n = send(p.fd, ask, strlen(ask), MSG_NOSIGNAL);
	text[0] = '\0';
	while (n > 0 && strstr(text, "\"reply\"") == NULL) {
		ck_assert_int_gt(poll(&p, 1, READY_S * 1000), 0);
		n = read(p.fd, text + len, room - 1 - len);
		len += n > 0 ? (size_t)n : 0;
		text[len] = '\0';
	}
	close(p.fd);
	return n > 0;
}

void
sip_lab_wait_phone(const struct sip_lab *l, const char *name, bool there)
{
	char want[64], text[65536];
	int ms = 0;

	if (l->wait_phone != NULL) {
		l->wait_phone(l, name, there);
		return;
	}
	snprintf(
	    want, sizeof(want), "\"device.snapshot\",\"device\":\"%s\"", name);
	do {
		ck_assert_msg(ms < READY_S * 1000, "the switch %s %s",
		    there ? "does not know" : "still knows", name);
		ms += 20;
	} while ((!snapshot(l, text, sizeof(text)) ||
		     (strstr(text, want) != NULL) != there) &&
		 poll(NULL, 0, 20) == 0);
}

void
sip_lab_start(struct sip_lab *l)
{
	char cfg[PATH_MAX], out[32], values[4][48];
	const char *argv[ARGS_MAX] = { "kamailio", "-DD", "-E", "-f", cfg, "-Y",
		l->dir, "-m", "256", "-M", "16", "-A", values[0], "-A",
		values[1], "-A", values[2], "-A", values[3] };
	unsigned n = 19;
	struct pollfd p = { .events = POLLIN };

	snprintf(cfg, sizeof(cfg), "%s/kamailio.cfg", l->dir);
	snprintf(out, sizeof(out), "kamailio-%u.log", l->starts++);
	snprintf(values[0], sizeof(values[0]), "SIP_PORT=%u", l->sip);
	snprintf(values[1], sizeof(values[1]), "CTI_PORT=%u", l->cti);
	snprintf(values[2], sizeof(values[2]), "TRUSTED=" LAB_LINES "/32");
	snprintf(values[3], sizeof(values[3]), "GATEWAY=" LAB_LINES ":%u",
	    l->gateway);
	for (const char *const *d = l->defines; d != NULL && *d != NULL; d++) {
		ck_assert_uint_lt(n, ARGS_MAX - 3);
		argv[n++] = "-A";
		argv[n++] = *d;
	}
	l->kamailio = lab_spawn(l->dir, argv, out);
	p.fd = (int)syscall(SYS_pidfd_open, l->kamailio, 0);
	for (int ms = 0; !connects(l); ms += 20) {
		ck_assert_msg(ms < READY_S * 1000 && poll(&p, 1, 20) == 0,
		    "kamailio is not ready: see %s/%s", l->dir, out);
	}
	close(p.fd);
}

void
sip_lab_up(struct sip_lab *l, const char *dir, const char *const defines[])
{
	memset(l, 0, sizeof(*l));
	ck_assert_int_lt(
	    snprintf(l->dir, sizeof(l->dir), "%s/sip", dir), sizeof(l->dir));
	ck_assert_msg(mkdir(l->dir, 0700) == 0 || errno == EEXIST, "%s: %s",
	    l->dir, strerror(errno));
	copy("config/kamailio.cfg", l->dir, "kamailio.cfg");
	write_devices(l->dir);
	l->sip = lab_port();
	l->cti = lab_port();
	l->gateway = lab_port();
	l->defines = defines;
	sip_lab_start(l);
}

void
sip_lab_kill(struct sip_lab *l)
{
	if (l->kamailio > 0) {
		kill(-l->kamailio, SIGKILL);
		waitpid(l->kamailio, NULL, 0);
	}
	l->kamailio = 0;
	/* Its children are not ours to wait for. */
	for (int ms = 0; is_open(LAB_PHONES, l->sip) || connects(l); ms += 10) {
		ck_assert_msg(ms < END_S * 1000, "kamailio does not end");
		poll(NULL, 0, 10);
	}
}

void
sip_lab_down(struct sip_lab *l)
{
	lab_end(&l->kamailio);
}
