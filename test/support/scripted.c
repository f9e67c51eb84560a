/*
 * scripted.c - see scripted.h.  Everything of the driver runs in the child.
 */
#include "test/support/scripted.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "bridge/config.h"
#include "bridge/exchange.h"
#include "bridge/run.h"
#include "test/support/support.h"

#define WAIT_MS 20000
#define SCRIPT_FD 100 /* in the child */

/* -------------------------------------------------------------- the driver */

struct options {
	int64_t fd;
};

static const struct conf_field fields[] = {
	{ "fd", CONF_NUMBER, offsetof(struct options, fd), NULL,
	    "Where the lines come from.", .min = 0, .max = 65535,
	    .mark_offset = SIZE_MAX },
	{ NULL }
};

static struct {
	struct exchange *x;
	struct bufferevent *bev;
	bool mute;
} self;

static const struct {
	const char *word;
	Mashang__CallEventKind kind;
} words[] = {
	{ "offered", MASHANG__CALL_EVENT_KIND__OFFERED },
	{ "queued", MASHANG__CALL_EVENT_KIND__QUEUED },
	{ "delivered", MASHANG__CALL_EVENT_KIND__DELIVERED },
	{ "established", MASHANG__CALL_EVENT_KIND__ESTABLISHED },
	{ "held", MASHANG__CALL_EVENT_KIND__HELD },
	{ "retrieved", MASHANG__CALL_EVENT_KIND__RETRIEVED },
	{ "diverted", MASHANG__CALL_EVENT_KIND__DIVERTED },
	{ "failed", MASHANG__CALL_EVENT_KIND__FAILED },
	{ "cleared", MASHANG__CALL_EVENT_KIND__CALL_CLEARED },
};

static void
report(char *text, void (*does)(struct exchange *, const struct report *))
{
	char *save, *word = strtok_r(text, " ", &save);
	struct report r = { .caller = STR_LIT("13812348000"),
		.called = STR_LIT("4001"),
		.cause = MASHANG__CAUSE__CAUSE_NONE };

	for (unsigned i = 0; i < NELEM(words); i++)
		if (strcmp(words[i].word, word) == 0)
			r.kind = words[i].kind;
	if (r.kind == MASHANG__CALL_EVENT_KIND__FAILED)
		r.cause = MASHANG__CAUSE__CAUSE_NO_ANSWER;
	if (r.kind == MASHANG__CALL_EVENT_KIND__CALL_CLEARED) {
		r.cause = MASHANG__CAUSE__CAUSE_NORMAL;
		r.party = MASHANG__PARTY__PARTY_CALLER;
	}
	r.call = str_of(strtok_r(NULL, " ", &save));
	r.device = str_of(strtok_r(NULL, " ", &save));
	does(self.x, &r);
}

static void
line(char *s)
{
	if (strcmp(s, "up") == 0)
		exchange_up(self.x, "script 1");
	else if (strcmp(s, "down") == 0)
		exchange_down(self.x, "told so");
	else if (strcmp(s, "mute") == 0)
		self.mute = true;
	else if (strcmp(s, "sync") == 0)
		evbuffer_add_printf(
		    bufferevent_get_output(self.bev), "synced\n");
	else if (strcmp(s, "resync") == 0)
		exchange_resync(self.x);
	else if (strcmp(s, "resynced") == 0)
		exchange_resynced(self.x);
	else if (strcmp(s, "phones") == 0)
		exchange_devices(self.x);
	else if (strcmp(s, "phones_end") == 0)
		exchange_devices_end(self.x);
	else if (strncmp(s, "phone ", 6) == 0)
		exchange_device(self.x, str_of(s + 6),
		    MASHANG__DEVICE_REACH__DEVICE_REACHABLE);
	else if (strncmp(s, "seen ", 5) == 0)
		report(s + 5, exchange_seen);
	else
		report(s, exchange_report);
}

static void
read_cb(struct bufferevent *bev, void *arg)
{
	char *s;

	(void)arg;
	while ((s = evbuffer_readln(bufferevent_get_input(bev), NULL,
		    EVBUFFER_EOL_LF)) != NULL) {
		line(s);
		free(s);
	}
}

static enum err
script_open(const struct driver_setup *setup, void **out)
{
	const struct options *o = setup->options;

	self.x = setup->exchange;
	self.bev = bufferevent_socket_new(
	    setup->base, (int)o->fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(self.bev, read_cb, NULL, NULL, NULL);
	evutil_make_socket_nonblocking((int)o->fd);
	bufferevent_enable(self.bev, EV_READ | EV_WRITE);
	*out = &self;
	return ERR_OK;
}

static void
script_close(void **driver)
{
	bufferevent_free(self.bev);
	*driver = NULL;
}

static void
script_order(void *driver, const struct driver_order *o)
{
	const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(
	    &mashang__order_kind__descriptor, (int)o->kind);
	struct str none = STR_LIT("-");
	struct str call = o->call != NULL ? xcall_name(o->call) : none;

	(void)driver;
	evbuffer_add_printf(bufferevent_get_output(self.bev),
	    "%s %.*s %.*s %.*s\n", v->name + strlen("ORDER_"), STR_ARG(call),
	    STR_ARG(o->device.len > 0 ? o->device : none),
	    STR_ARG(o->number.len > 0 ? o->number : none));
	if (!self.mute)
		exchange_answer(self.x, o->id, MASHANG__CODE__CODE_OK);
}

static void
script_forget(void *driver, struct xcall *c)
{
	(void)driver;
	(void)c;
}

static unsigned
script_can(const void *o, bool listen_only)
{
	(void)o;
	return listen_only ? 0
	                   : CAN(CONNECT) | CAN(DISCONNECT) | CAN(CLEAR) |
	                         CAN(TRANSFER) | CAN(HOLD);
}

static void
script_probe(void *driver, driver_probe_fn *tell,
    void (*done)(void *arg, bool good), void *arg)
{
	(void)driver;
	tell(arg, true, "lines can be read", "");
	tell(arg, false, "a telephone", "buy one");
	done(arg, false);
}

static const char *
script_fault(const void *options, bool listen_only)
{
	const struct options *o = options;

	(void)listen_only;
	return o->fd == 13 ? "13 brings bad luck; write another" : NULL;
}

static const struct driver script = { "script", "A test's lines.", fields,
	sizeof(struct options), script_fault, script_can, script_open,
	script_close, script_order, NULL, script_forget, script_probe };
static const struct driver other = { "other", "Another switch.", fields,
	sizeof(struct options), NULL, script_can, script_open, script_close,
	script_order, NULL, script_forget, script_probe };

const struct driver *const scripted_drivers[] = { &script, &other, NULL };

/* ------------------------------------------------------------- the process */

void
scripted_configure(struct scripted *p, const struct stack *s, const char *name,
    const char *daemons, const char *more)
{
	scripted_configure_as(p, s, name, name, daemons, more);
}

void
scripted_configure_as(struct scripted *p, const struct stack *s,
    const char *name, const char *switch_name, const char *daemons,
    const char *more)
{
	char text[PATH_MAX * 3], *comma;
	char list[PATH_MAX * 2];
	size_t n;

	memset(p, 0, sizeof(*p));
	p->fd = -1;
	snprintf(p->name, sizeof(p->name), "%s", name);
	snprintf(list, sizeof(list), "%s", daemons);
	n = (size_t)snprintf(text, sizeof(text),
	    "switch: %s\ndriver: script\nscript: {fd: %d}\n"
	    "spool: %s/spool-%s\n%sdaemons:\n",
	    switch_name, SCRIPT_FD, s->dir, name, more);
	for (char *one = list; one != NULL; one = comma) {
		if ((comma = strchr(one, ',')) != NULL)
			*comma++ = '\0';
		n += (size_t)snprintf(
		    text + n, sizeof(text) - n, "  - '%s'\n", one);
	}
	snprintf(p->config, sizeof(p->config), "%s.yaml", name);
	stack_write(s, p->config, text);
}

/* In the child: it ends with the test's process at the latest. */
static void
become(const struct scripted *p, const struct stack *s, int fd)
{
	char path[PATH_MAX];
	struct config *c;
	int out;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(path, sizeof(path), "%s/%s.log", s->dir, p->name);
	out = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	dup2(fd, SCRIPT_FD);
	unsetenv("NOTIFY_SOCKET");
	signal(SIGPIPE, SIG_IGN);
	snprintf(path, sizeof(path), "%s/%s", s->dir, p->config);
	if (config_load(path, scripted_drivers, stderr, &c) != ERR_OK)
		_exit(RUN_CONFIG);
	_exit(run_bridge(c));
}

void
scripted_start(struct scripted *p, const struct stack *s)
{
	int fds[2];

	ck_assert_int_eq(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	p->pid = fork();
	ck_assert_int_ne(p->pid, -1);
	if (p->pid == 0)
		become(p, s, fds[1]);
	close(fds[1]);
	p->fd = fds[0];
	p->lines[0] = '\0';
}

static int
ended(struct scripted *p, int seconds)
{
	int status = stack_wait(p->pid, seconds);

	p->pid = 0;
	close(p->fd);
	p->fd = -1;
	return status;
}

void
scripted_kill(struct scripted *p)
{
	if (p->pid == 0)
		return;
	kill(p->pid, SIGKILL);
	ended(p, 10);
}

int
scripted_wait(struct scripted *p)
{
	return ended(p, 20);
}

int
scripted_stop(struct scripted *p)
{
	kill(p->pid, SIGTERM);
	return ended(p, 20);
}

void
scripted_say(struct scripted *p, const char *lines)
{
	char *copy = strdup(lines), *rest = copy, *one;

	while ((one = strsep(&rest, ";")) != NULL) {
		one += strspn(one, " ");
		if (one[0] != '\0')
			dprintf(p->fd, "%s\n", one);
	}
	free(copy);
}

void
scripted_expect(struct scripted *p, const char *want)
{
	struct pollfd fd = { p->fd, POLLIN, 0 };
	char *end;
	ssize_t got;

	while ((end = strchr(p->lines, '\n')) == NULL) {
		size_t n = strlen(p->lines);

		ck_assert_msg(
		    poll(&fd, 1, WAIT_MS) > 0, "no '%s' has come", want);
		got = read(p->fd, p->lines + n, sizeof(p->lines) - n - 1);
		ck_assert_msg(got > 0, "it ended before '%s'", want);
		p->lines[n + (size_t)got] = '\0';
	}
	*end = '\0';
	ck_assert_str_eq(p->lines, want);
	memmove(p->lines, end + 1, strlen(end + 1) + 1);
}
