/*
 * listen.c - listeners, and what they do when descriptors run out.
 */
#include "net/listen.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "address.h"
#include "base/log.h"
#include "net/conn.h"

#define BACKLOG 4096
#define RETRY_US 100000

struct listener {
	struct evconnlistener *ev;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* to unlink */
};

struct listeners {
	struct event_base *base;
	struct conns *conns;
	struct event *ev_retry;
	struct listener *list;
	unsigned n;
	bool resting; /* out of descriptors, until ev_retry */
};

static void
accept_cb(struct evconnlistener *ev, evutil_socket_t fd, struct sockaddr *sa,
    int len, void *arg)
{
	struct listeners *ls = arg;

	(void)ev;
	(void)sa;
	(void)len;
	conn_open(ls->conns, fd);
}

/* Without a rest the loop would turn a million times a second. */
static void
error_cb(struct evconnlistener *ev, void *arg)
{
	static const struct timeval rest = { 0, RETRY_US };
	struct listeners *ls = arg;

	(void)ev;
	log_warn(LOG_NET, "cannot accept error=%s", strerror(errno));
	ls->resting = true;
	for (unsigned i = 0; i < ls->n; i++)
		evconnlistener_disable(ls->list[i].ev);
	event_add(ls->ev_retry, &rest);
}

void
listeners_accept(struct listeners *ls, bool yes)
{
	for (unsigned i = 0; i < ls->n; i++)
		if (yes && !ls->resting)
			evconnlistener_enable(ls->list[i].ev);
		else
			evconnlistener_disable(ls->list[i].ev);
}

static void
retry_cb(evutil_socket_t fd, short what, void *arg)
{
	struct listeners *ls = arg;

	(void)fd;
	(void)what;
	ls->resting = false;
	listeners_accept(ls, conns_have_room(ls->conns));
}

/* A socket file without a daemon behind it is only in the way. */
static enum err
clear_path(const struct address *a)
{
	const char *path = ((const struct sockaddr_un *)&a->sa)->sun_path;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc;

	if (fd < 0)
		return ERR_IO;
	rc = connect(fd, (const struct sockaddr *)&a->sa, a->len);
	if (rc != 0 && errno == ECONNREFUSED)
		unlink(path);
	close(fd);
	if (rc == 0) {
		log_error(LOG_NET, "in use path=%s", path);
		return ERR_REFUSED;
	}
	return ERR_OK;
}

static enum err
take(struct listeners *ls, struct evconnlistener *ev)
{
	if (ev == NULL)
		return ERR_IO;
	evconnlistener_set_error_cb(ev, error_cb);
	ls->list[ls->n++].ev = ev;
	return ERR_OK;
}

static enum err
listen_on(struct listeners *ls, const struct address *a)
{
	const struct sockaddr_un *un = (const struct sockaddr_un *)&a->sa;
	unsigned flags =
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE;
	bool is_unix = a->sa.ss_family == AF_UNIX;
	enum err e;

	if (is_unix && (e = clear_path(a)) != ERR_OK)
		return e;
	e = take(
	    ls, evconnlistener_new_bind(ls->base, accept_cb, ls, flags, BACKLOG,
		    (const struct sockaddr *)&a->sa, (int)a->len));
	if (e != ERR_OK) {
		log_error(LOG_NET, "cannot listen on=%s error=%s",
		    is_unix ? un->sun_path : "tcp", strerror(errno));
		return e;
	}
	if (is_unix) { /* everybody may come, nobody is let in unasked */
		memcpy(ls->list[ls->n - 1].path, un->sun_path,
		    sizeof(un->sun_path));
		if (chmod(un->sun_path, 0666) != 0)
			return ERR_IO;
	}
	return ERR_OK;
}

static enum err
listen_fd(struct listeners *ls, int fd)
{
	if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
		return ERR_IO;
	return take(ls, evconnlistener_new(ls->base, accept_cb, ls,
			    LEV_OPT_CLOSE_ON_FREE, 0, fd));
}

static enum err
listen_text(struct listeners *ls, const char *text)
{
	struct address a[ADDRESS_MAX];
	const char *why;
	unsigned n;
	enum err e = ERR_OK;

	if ((why = address_parse(text, a, &n)) != NULL) {
		log_error(LOG_NET, "cannot listen on=%s why=%s", text, why);
		return ERR_CONFIG;
	}
	for (unsigned i = 0; e == ERR_OK && i < n; i++)
		e = listen_on(ls, &a[i]);
	return e;
}

enum err
listeners_new(struct event_base *base, const char *const *addresses,
    unsigned n_addresses, const int *fds, unsigned n_fds, struct conns *conns,
    struct listeners **out)
{
	struct listeners *ls;
	enum err e = ERR_OK;

	if ((ls = calloc(1, sizeof(*ls))) == NULL)
		return ERR_NOMEM;
	ls->base = base;
	ls->conns = conns;
	ls->list = calloc(
	    (size_t)n_addresses * ADDRESS_MAX + n_fds + 1, sizeof(*ls->list));
	ls->ev_retry = evtimer_new(base, retry_cb, ls);
	if (ls->list == NULL || ls->ev_retry == NULL)
		e = ERR_NOMEM;
	for (unsigned i = 0; e == ERR_OK && i < n_addresses; i++)
		e = listen_text(ls, addresses[i]);
	for (unsigned i = 0; e == ERR_OK && i < n_fds; i++)
		e = listen_fd(ls, fds[i]);
	if (e != ERR_OK)
		listeners_free(&ls);
	*out = ls;
	return e;
}

void
listeners_free(struct listeners **p)
{
	struct listeners *ls = *p;

	if (ls == NULL)
		return;
	for (unsigned i = 0; ls->list != NULL && i < ls->n; i++) {
		evconnlistener_free(ls->list[i].ev);
		if (ls->list[i].path[0] != '\0')
			unlink(ls->list[i].path);
	}
	if (ls->ev_retry != NULL)
		event_free(ls->ev_retry);
	free(ls->list);
	free(ls);
	*p = NULL;
}
