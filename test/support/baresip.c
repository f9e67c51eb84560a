/*
 * baresip.c - see baresip.h.  Its ctrl_tcp speaks JSON in netstrings, too.
 */
#include "test/support/baresip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bridge/netstring.h"
#include "test/support/support.h"

#define MODULES "/usr/lib/baresip/modules"
#define WAIT_MS 15000
#define MESSAGE_MAX 65536

static const char config[] =
    "sip_listen " LAB_PHONES ":%u\n"
    "net_interface " LAB_PHONES "\n"
    "rtp_ports %u-%u\n"
    "call_local_timeout 300\n"
    "call_max_calls 4\n"
    "audio_source ausine,400\n"
    "audio_player aubridge,null\n"
    "audio_alert aubridge,null\n"
    "ausrc_srate 48000\n" /* ausine knows no other, and no single channel */
    "ausrc_channels 2\n"
    "module_path " MODULES "\n"
    "module g711.so\n"
    "module ausine.so\n"
    "module aubridge.so\n"
    "module_app account.so\n"
    "module_app menu.so\n"
    "module_app ctrl_tcp.so\n"
    "ctrl_tcp_listen " LAB_PHONES ":%u\n";

static FILE *
file_in(const char *home, const char *name)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", home, name);
	f = fopen(path, "we");
	ck_assert_msg(f != NULL, "%s: %s", path, strerror(errno));
	return f;
}

static void
write_home(const char *home, const struct sip_lab *l, const struct baresip *b,
    unsigned ctrl, unsigned expires)
{
	unsigned rtp = lab_port() & ~1u;
	FILE *f;

	ck_assert_msg(mkdir(home, 0700) == 0 || errno == EEXIST, "%s: %s",
	    home, strerror(errno));
	f = file_in(home, "config");
	fprintf(f, config, b->port, rtp, rtp + 20, ctrl);
	fclose(f);
	f = file_in(home, "accounts");
	fprintf(f,
	    "<sip:%s@" LAB_PHONES ":%u>;regint=%u;auth_user=%s;"
	    "auth_pass=\"%s\"\n",
	    b->name, l->sip, expires, b->name, LAB_PASSWORD);
	fclose(f);
	fclose(file_in(home, "contacts"));
}

static int
connect_to(unsigned port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };

	inet_pton(AF_INET, LAB_PHONES, &sin.sin_addr);
	for (int ms = 0; ms < WAIT_MS; ms += 20) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (connect(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0)
			return fd;
		close(fd);
		poll(NULL, 0, 20);
	}
	ck_abort_msg("baresip is not ready");
}

void
baresip_start(struct baresip *b, const struct sip_lab *l, const char *name,
    unsigned expires)
{
	const char *argv[] = { "baresip", "-4", "-f", NULL, NULL };
	unsigned ctrl = lab_port();
	char home[PATH_MAX], out[64];

	memset(b, 0, sizeof(*b));
	snprintf(b->name, sizeof(b->name), "%s", name);
	b->port = lab_port();
	ck_assert_int_lt(snprintf(home, sizeof(home), "%s/baresip-%s-%u",
			     l->dir, name, b->port),
	    sizeof(home));
	write_home(home, l, b, ctrl, expires);
	argv[3] = home;
	snprintf(out, sizeof(out), "baresip-%s-%u.log", name, b->port);
	b->pid = lab_spawn(l->dir, argv, out);
	b->in = malloc(MESSAGE_MAX);
	ck_assert_ptr_nonnull(b->in);
	b->fd = connect_to(ctrl);
	sip_lab_wait_phone(l, name, true);
}

/* The next whole object it has said. */
static json_t *
next(struct baresip *b, const char *waiting_for)
{
	struct pollfd p = { .fd = b->fd, .events = POLLIN };
	struct str text;
	size_t used;
	json_t *o;

	while (netstring_pull((struct str){ b->in, (uint32_t)b->in_len },
		   MESSAGE_MAX, &text, &used) != ERR_OK) {
		ssize_t n;

		ck_assert_msg(poll(&p, 1, WAIT_MS) > 0,
		    "baresip %s: no %s", b->name, waiting_for);
		n = read(b->fd, b->in + b->in_len, MESSAGE_MAX - b->in_len);
		ck_assert_msg(n > 0, "baresip %s has gone", b->name);
		b->in_len += (size_t)n;
	}
	o = json_loadb(text.p, text.len, 0, NULL);
	b->in_len -= used;
	memmove(b->in, b->in + used, b->in_len);
	ck_assert_ptr_nonnull(o);
	return o;
}

void
baresip_expect(struct baresip *b, const char *type)
{
	bool found = false;

	while (!found) {
		json_t *o = next(b, type);
		const char *is =
		    json_string_value(json_object_get(o, "type"));

		found = is != NULL && strcmp(is, type) == 0;
		json_decref(o);
	}
}

void
baresip_tell(struct baresip *b, const char *command, const char *params)
{
	char text[512], out[600];
	size_t len;
	json_t *cmd = json_pack(
	    "{s:s, s:s, s:s}", "command", command, "params", params, "token",
	    command);

	len = json_dumpb(cmd, text, sizeof(text), JSON_COMPACT);
	json_decref(cmd);
	len = netstring_put(
	    (struct str){ text, (uint32_t)len }, out, sizeof(out));
	ck_assert_uint_gt(len, 0);
	ck_assert_int_eq(write(b->fd, out, len), (ssize_t)len);
}

static void
let_go(struct baresip *b)
{
	close(b->fd);
	free(b->in);
	b->in = NULL;
}

void
baresip_stop(struct baresip *b)
{
	if (b->pid == 0)
		return;
	let_go(b);
	lab_end(&b->pid);
}

void
baresip_kill(struct baresip *b)
{
	if (b->pid == 0)
		return;
	let_go(b);
	kill(b->pid, SIGKILL);
	waitpid(b->pid, NULL, 0);
	b->pid = 0;
}
