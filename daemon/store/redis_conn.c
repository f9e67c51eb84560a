/*
 * redis_conn.c - a bufferevent, hiredis' reader and formatter, and a list of
 * who waits for which reply.
 *
 * Getting up is a table of steps, each one command and the look at its reply.
 * Losing is one function, redis_lost(); nothing else closes.
 */
#include "store/redis_conn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <hiredis/hiredis.h>
#include <netinet/tcp.h>
#include <sodium.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/redis_address.h"

#define BACKOFF_MIN_US (50 * 1000)
#define BACKOFF_MAX_US (2 * CLOCK_S)
#define REPLY_MAX (1024 * 1024) /* of one reply, unfinished */

/* One who waits for a reply. */
struct waiter {
	STAILQ_ENTRY(waiter) entry;
	redis_reply_fn *fn;
	void *arg;
	int64_t deadline;
};

STAILQ_HEAD(waiters, waiter);

struct redis_conn {
	struct event_base *base;
	struct sockaddr_storage addr;
	socklen_t addr_len;
	char *user, *password;
	const char *library, *code;
	size_t code_len;
	int64_t timeout_us, backoff_us, up_at;
	struct redis_conn_events events;

	struct bufferevent *bev; /* NULL: backing off */
	redisReader *reader;
	unsigned step; /* of getting up; N_STEPS: up */
	int64_t connect_by;
	struct waiters waiters;
	struct event *retry, *deadline;
	uint64_t attempts;
	char why[160];
};

static void redis_lost(struct redis_conn *, const char *why);
static void next_step(struct redis_conn *);

/* ------------------------------------------------------------ getting up */

static const char *
why_not_ok(const struct redisReply *r)
{
	if (r->type == REDIS_REPLY_STATUS && strcmp(r->str, "OK") == 0)
		return NULL;
	return r->type == REDIS_REPLY_ERROR ? r->str : "a strange reply";
}

static bool
has_password(const struct redis_conn *c)
{
	return c->password != NULL;
}

static unsigned
auth_args(const struct redis_conn *c, const char **argv, size_t *lens)
{
	unsigned n = 0;

	(void)lens;
	argv[n++] = "AUTH";
	if (c->user != NULL)
		argv[n++] = c->user;
	argv[n++] = c->password;
	return n;
}

static unsigned
name_args(const struct redis_conn *c, const char **argv, size_t *lens)
{
	(void)c;
	(void)lens;
	argv[0] = "CLIENT";
	argv[1] = "SETNAME";
	argv[2] = "mashang";
	return 3;
}

static unsigned
role_args(const struct redis_conn *c, const char **argv, size_t *lens)
{
	(void)c;
	(void)lens;
	argv[0] = "ROLE";
	return 1;
}

static const char *
role_check(struct redis_conn *c, const struct redisReply *r)
{
	(void)c;
	if (r->type != REDIS_REPLY_ARRAY || r->elements < 1 ||
	    r->element[0]->type != REDIS_REPLY_STRING)
		return "a strange reply to ROLE";
	return strcmp(r->element[0]->str, "master") == 0 ? NULL
	                                                 : "it is no master";
}

static const char *
ok_check(struct redis_conn *c, const struct redisReply *r)
{
	(void)c;
	return why_not_ok(r);
}

static unsigned
list_args(const struct redis_conn *c, const char **argv, size_t *lens)
{
	(void)lens;
	argv[0] = "FUNCTION";
	argv[1] = "LIST";
	argv[2] = "LIBRARYNAME";
	argv[3] = c->library;
	argv[4] = "WITHCODE";
	return 5;
}

/* Pairs of name and value; is library_code, to the byte, our text? */
static bool
is_ours(const struct redis_conn *c, const struct redisReply *lib)
{
	for (size_t i = 0; i + 1 < lib->elements; i += 2) {
		const struct redisReply *k = lib->element[i];
		const struct redisReply *v = lib->element[i + 1];

		if (k->type == REDIS_REPLY_STRING &&
		    strcmp(k->str, "library_code") == 0)
			return v->type == REDIS_REPLY_STRING &&
			       v->len == c->code_len &&
			       memcmp(v->str, c->code, c->code_len) == 0;
	}
	return false;
}

static const char *
list_check(struct redis_conn *c, const struct redisReply *r)
{
	if (r->type == REDIS_REPLY_ERROR)
		return r->str;
	if (r->type != REDIS_REPLY_ARRAY)
		return "a strange reply to FUNCTION LIST";
	if (r->elements == 1 && r->element[0]->type == REDIS_REPLY_ARRAY &&
	    is_ours(c, r->element[0]))
		c->step++; /* no need to load it */
	return NULL;
}

static unsigned
load_args(const struct redis_conn *c, const char **argv, size_t *lens)
{
	argv[0] = "FUNCTION";
	argv[1] = "LOAD";
	argv[2] = "REPLACE";
	argv[3] = c->code;
	lens[3] = c->code_len;
	return 4;
}

static const char *
load_check(struct redis_conn *c, const struct redisReply *r)
{
	if (r->type == REDIS_REPLY_ERROR)
		return r->str;
	log_info(LOG_STORE, "redis library=%s loaded", c->library);
	return r->type == REDIS_REPLY_STRING
	           ? NULL
	           : "a strange reply to FUNCTION LOAD";
}

static const struct step {
	bool (*wanted)(const struct redis_conn *); /* NULL: always */
	unsigned (*args)(const struct redis_conn *, const char **, size_t *);
	const char *(*check)(struct redis_conn *, const struct redisReply *);
} steps[] = {
	{ has_password, auth_args, ok_check },
	{ NULL, name_args, ok_check },
	{ NULL, role_args, role_check },
	{ NULL, list_args, list_check },
	{ NULL, load_args, load_check },
};

static void
finish_up(struct redis_conn *c)
{
	c->up_at = clock_loop();
	log_info(LOG_STORE, "redis up attempts=%llu",
	    (unsigned long long)c->attempts);
	c->events.up(c->events.arg);
}

static const char *
step_reply(void *arg, const struct redisReply *r)
{
	struct redis_conn *c = arg;
	const char *why;

	if (r == NULL)
		return NULL;
	if ((why = steps[c->step].check(c, r)) != NULL)
		return why;
	c->step++;
	next_step(c);
	return NULL;
}

/* What the kernel takes now need not wait until the loop has seen that it
 * would: the caller on the phone waits for this.  Errors are the
 * bufferevent's to meet. */
static size_t
write_at_once(struct redis_conn *c, const char *wire, size_t len)
{
	ssize_t n;

	if (evbuffer_get_length(bufferevent_get_output(c->bev)) > 0)
		return 0;
	n = send(
	    bufferevent_getfd(c->bev), wire, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	return n > 0 ? (size_t)n : 0;
}

static enum err
put(struct redis_conn *c, int argc, const char *const *argv, const size_t *lens,
    redis_reply_fn *fn, void *arg)
{
	struct waiter *w = malloc(sizeof(*w));
	char *wire = NULL;
	long long len = -1;
	size_t sent = 0;

	if (w != NULL)
		len = redisFormatCommandArgv(
		    &wire, argc, (const char **)(uintptr_t)argv, lens);
	if (len >= 0)
		sent = write_at_once(c, wire, (size_t)len);
	if (len < 0 ||
	    bufferevent_write(c->bev, wire + sent, (size_t)len - sent) != 0) {
		redisFreeCommand(wire);
		free(w);
		return ERR_NOMEM;
	}
	redisFreeCommand(wire);
	w->fn = fn;
	w->arg = arg;
	w->deadline = clock_loop() + c->timeout_us;
	STAILQ_INSERT_TAIL(&c->waiters, w, entry);
	return ERR_OK;
}

static void
next_step(struct redis_conn *c)
{
	const char *argv[5];
	size_t lens[5] = { 0 };
	unsigned n;

	while (c->step < NELEM(steps) && steps[c->step].wanted != NULL &&
	       !steps[c->step].wanted(c))
		c->step++;
	if (c->step == NELEM(steps)) {
		finish_up(c);
		return;
	}
	n = steps[c->step].args(c, argv, lens);
	for (unsigned i = 0; i < n; i++)
		if (lens[i] == 0)
			lens[i] = strlen(argv[i]);
	if (put(c, (int)n, argv, lens, step_reply, c) != ERR_OK)
		redis_lost(c, "no memory");
}

/* ------------------------------------------------------------ connection */

static struct timeval
tv_of(int64_t us)
{
	return (
	    struct timeval){ .tv_sec = us / CLOCK_S, .tv_usec = us % CLOCK_S };
}

/* When something is due that has not come: the head of the list, always. */
static void
arm_deadline(struct redis_conn *c, int64_t now)
{
	const struct waiter *w = STAILQ_FIRST(&c->waiters);
	int64_t at = w != NULL ? w->deadline : now + c->timeout_us;
	struct timeval tv = tv_of(at > now ? at - now : 0);

	event_add(c->deadline, &tv);
}

static void
deadline_cb(evutil_socket_t fd, short what, void *arg)
{
	struct redis_conn *c = arg;
	const struct waiter *w = STAILQ_FIRST(&c->waiters);
	int64_t now = clock_loop();

	(void)fd;
	(void)what;
	if (c->bev == NULL)
		return;
	if (c->connect_by != 0 && now >= c->connect_by)
		redis_lost(c, "connecting takes too long");
	else if (w != NULL && now >= w->deadline)
		redis_lost(c, "a reply takes too long");
	else
		arm_deadline(c, now);
}

/* Hand out the whole replies; false: the connection is gone. */
static bool
deliver(struct redis_conn *c)
{
	for (;;) {
		struct waiter *w = STAILQ_FIRST(&c->waiters);
		struct redisReply *r = NULL;
		const char *why;

		if (redisReaderGetReply(c->reader, (void **)&r) != REDIS_OK)
			why = c->reader->errstr;
		else if (r == NULL)
			return true;
		else if (w == NULL)
			why = "a reply that nobody asked for";
		else {
			STAILQ_REMOVE_HEAD(&c->waiters, entry);
			why = w->fn(w->arg, r);
			free(w);
		}
		if (why != NULL)
			redis_lost(c, why);
		if (r != NULL)
			freeReplyObject(r);
		if (c->bev == NULL)
			return false;
	}
}

static void
read_cb(struct bufferevent *bev, void *arg)
{
	struct redis_conn *c = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	char chunk[16384];
	int n;

	while ((n = evbuffer_remove(in, chunk, sizeof(chunk))) > 0) {
		if (redisReaderFeed(c->reader, chunk, (size_t)n) != REDIS_OK) {
			redis_lost(c, "no memory");
			return;
		}
		if (!deliver(c))
			return;
		if (c->reader->len - c->reader->pos > REPLY_MAX) {
			redis_lost(c, "a reply is too large");
			return;
		}
	}
}

static void
event_cb(struct bufferevent *bev, short what, void *arg)
{
	struct redis_conn *c = arg;

	(void)bev;
	if (what & BEV_EVENT_CONNECTED) {
		c->connect_by = 0;
		next_step(c);
	} else {
		redis_lost(c,
		    what & BEV_EVENT_EOF
			? "it closed the connection"
			: evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
	}
}

static void
open_connection(struct redis_conn *c)
{
	struct sockaddr *sa = (struct sockaddr *)&c->addr;
	int fd = socket(
	    sa->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	c->attempts++;
	c->step = 0;
	c->connect_by = clock_loop() + c->timeout_us;
	if (fd == -1) {
		redis_lost(c, "no socket");
		return;
	}
	if (sa->sa_family != AF_UNIX)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	c->bev = bufferevent_socket_new(
	    c->base, fd, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (c->bev == NULL)
		(void)close(fd);
	c->reader = redisReaderCreate();
	if (c->bev == NULL || c->reader == NULL) {
		redis_lost(c, "no memory");
		return;
	}
	bufferevent_setcb(c->bev, read_cb, NULL, event_cb, c);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
	arm_deadline(c, clock_loop());
	if (bufferevent_socket_connect(c->bev, sa, (int)c->addr_len) != 0)
		redis_lost(c, "cannot connect");
}

static void
retry_cb(evutil_socket_t fd, short what, void *arg)
{
	struct redis_conn *c = arg;

	(void)fd;
	(void)what;
	if (c->bev == NULL)
		open_connection(c);
}

static void
close_connection(struct redis_conn *c)
{
	struct waiters all = STAILQ_HEAD_INITIALIZER(all);
	struct waiter *w;

	if (c->bev != NULL)
		bufferevent_free(c->bev);
	c->bev = NULL;
	redisReaderFree(c->reader);
	c->reader = NULL;
	STAILQ_CONCAT(&all, &c->waiters);
	while ((w = STAILQ_FIRST(&all)) != NULL) {
		STAILQ_REMOVE_HEAD(&all, entry);
		(void)w->fn(w->arg, NULL);
		free(w);
	}
}

/* Half of the wait is chance, so that many clients do not come back as one;
 * a connection that held for a while starts over with a short one. */
static void
redis_lost(struct redis_conn *c, const char *why)
{
	bool was_up = redis_conn_is_up(c);
	struct timeval tv;
	int64_t half;

	snprintf(c->why, sizeof(c->why), "%s", why);
	if (was_up && clock_loop() - c->up_at > BACKOFF_MAX_US)
		c->backoff_us = BACKOFF_MIN_US;
	half = c->backoff_us / 2;
	tv = tv_of(half + (int64_t)randombytes_uniform((uint32_t)half + 1));
	c->backoff_us *= 2;
	if (c->backoff_us > BACKOFF_MAX_US)
		c->backoff_us = BACKOFF_MAX_US;

	log_warn(LOG_STORE, "redis lost why=\"%s\" again_ms=%ld", c->why,
	    (long)(tv.tv_sec * 1000 + tv.tv_usec / 1000));
	close_connection(c);
	event_del(c->deadline);
	event_add(c->retry, &tv);
	if (was_up)
		c->events.lost(c->events.arg, c->why);
}

/* --------------------------------------------------------------- outside */

bool
redis_conn_is_up(const struct redis_conn *c)
{
	return c->bev != NULL && c->step == NELEM(steps);
}

enum err
redis_conn_send(struct redis_conn *c, int argc, const char *const *argv,
    const size_t *lens, redis_reply_fn *fn, void *arg)
{
	if (!redis_conn_is_up(c))
		return ERR_IO;
	return put(c, argc, argv, lens, fn, arg);
}

uint64_t
redis_conn_reconnects(const struct redis_conn *c)
{
	return c->attempts > 0 ? c->attempts - 1 : 0;
}

static enum err
copy_text(const char *from, char **to)
{
	if (from != NULL && (*to = strdup(from)) == NULL)
		return ERR_NOMEM;
	return ERR_OK;
}

enum err
redis_conn_new(struct event_base *base, const struct redis_conn_options *o,
    const struct redis_conn_events *events, struct redis_conn **out)
{
	static const struct timeval at_once;
	struct redis_conn *c = calloc(1, sizeof(*c));
	enum err e = ERR_NOMEM;

	if (c == NULL)
		return ERR_NOMEM;
	STAILQ_INIT(&c->waiters);
	c->base = base;
	c->library = o->library;
	c->code = o->code;
	c->code_len = o->code_len;
	c->timeout_us = o->timeout_us;
	c->backoff_us = BACKOFF_MIN_US;
	c->events = *events;
	c->retry = evtimer_new(base, retry_cb, c);
	c->deadline = evtimer_new(base, deadline_cb, c);
	if (c->retry == NULL || c->deadline == NULL)
		goto fail;
	if ((e = copy_text(o->user, &c->user)) != ERR_OK ||
	    (e = copy_text(o->password, &c->password)) != ERR_OK ||
	    (e = redis_address(o->address, &c->addr, &c->addr_len)) != ERR_OK)
		goto fail;
	event_add(c->retry, &at_once); /* news never comes from inside */
	*out = c;
	return ERR_OK;
fail:
	redis_conn_free(&c);
	return e;
}

void
redis_conn_free(struct redis_conn **conn)
{
	struct redis_conn *c = *conn;

	*conn = NULL;
	if (c == NULL)
		return;
	c->step = 0;
	close_connection(c);
	if (c->retry != NULL)
		event_free(c->retry);
	if (c->deadline != NULL)
		event_free(c->deadline);
	if (c->password != NULL)
		sodium_memzero(c->password, strlen(c->password));
	free(c->user);
	free(c->password);
	free(c);
}
