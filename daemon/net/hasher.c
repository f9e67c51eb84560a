/*
 * hasher.c - two threads, a queue to them, a list of results back.
 *
 * What threads and loop share lies under one mutex; an eventfd wakes the loop.
 */
#include "net/hasher.h"

#include <assert.h>
#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#define NTHREADS 2

/* A hash of the same cost that no password has: the digest is made up. */
static const char nobody[] =
    "$argon2id$v=19$m=65536,t=2,p=1$bm9ib2R5J3Mgc2FsdCEhIQ"
    "$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";

struct job {
	STAILQ_ENTRY(job) entry;
	hasher_verified_fn *verified; /* or */
	hasher_made_fn *made;
	void *arg;
	enum err result;
	char secret[crypto_pwhash_STRBYTES];
	uint32_t len;
	char password[PASSWORD_MAX];
};

STAILQ_HEAD(jobs, job);

struct hasher {
	struct event *ev;
	int fd;
	unsigned limit, n; /* n: taken and not yet told */
	unsigned n_threads;
	pthread_t threads[NTHREADS];
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	struct jobs waiting, finished;
	bool stop;
};

static void
hash(struct job *j)
{
	if (j->made != NULL) {
		j->result = crypto_pwhash_str(j->secret, j->password, j->len,
				crypto_pwhash_OPSLIMIT_INTERACTIVE,
				crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0
		                ? ERR_OK
		                : ERR_NOMEM;
	} else {
		j->result = crypto_pwhash_str_verify(
				j->secret, j->password, j->len) == 0
		                ? ERR_OK
		                : ERR_AUTH;
	}
	sodium_memzero(j->password, sizeof(j->password));
}

static void *
work(void *arg)
{
	struct hasher *h = arg;
	const uint64_t one = 1;
	struct job *j;

	pthread_mutex_lock(&h->mutex);
	while (!h->stop) {
		if ((j = STAILQ_FIRST(&h->waiting)) == NULL) {
			pthread_cond_wait(&h->wake, &h->mutex);
			continue;
		}
		STAILQ_REMOVE_HEAD(&h->waiting, entry);
		pthread_mutex_unlock(&h->mutex);
		hash(j);
		pthread_mutex_lock(&h->mutex);
		STAILQ_INSERT_TAIL(&h->finished, j, entry);
		/* It cannot be full: the loop reads it whole. */
		if (write(h->fd, &one, sizeof(one)) < 0)
			abort();
	}
	pthread_mutex_unlock(&h->mutex);
	return NULL;
}

static void
tell(struct job *j)
{
	struct str secret = { j->secret, (uint32_t)strlen(j->secret) };

	if (j->made != NULL)
		j->made(j->arg, j->result, secret);
	else
		j->verified(j->arg, j->result);
	sodium_memzero(j, sizeof(*j));
	free(j);
}

static void
finished_cb(evutil_socket_t fd, short what, void *arg)
{
	struct hasher *h = arg;
	struct jobs done;
	struct job *j;
	uint64_t n;

	(void)what;
	if (read(fd, &n, sizeof(n)) < 0)
		return;
	STAILQ_INIT(&done);
	pthread_mutex_lock(&h->mutex);
	STAILQ_CONCAT(&done, &h->finished);
	pthread_mutex_unlock(&h->mutex);
	while ((j = STAILQ_FIRST(&done)) != NULL) {
		STAILQ_REMOVE_HEAD(&done, entry);
		h->n--;
		tell(j);
	}
}

/* Signals are the loop's. */
static enum err
start_threads(struct hasher *h)
{
	sigset_t all, before;
	enum err e = ERR_OK;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (; h->n_threads < NTHREADS; h->n_threads++)
		if (pthread_create(&h->threads[h->n_threads], NULL, work, h) !=
		    0) {
			e = ERR_NOMEM;
			break;
		}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return e;
}

enum err
hasher_new(struct event_base *base, unsigned queue, struct hasher **out)
{
	struct hasher *h;
	enum err e;

	if (sodium_init() < 0 || (h = calloc(1, sizeof(*h))) == NULL)
		return ERR_NOMEM;
	h->limit = queue;
	STAILQ_INIT(&h->waiting);
	STAILQ_INIT(&h->finished);
	pthread_mutex_init(&h->mutex, NULL);
	pthread_cond_init(&h->wake, NULL);
	e = ERR_IO;
	if ((h->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0)
		goto fail;
	e = ERR_NOMEM;
	h->ev = event_new(base, h->fd, EV_READ | EV_PERSIST, finished_cb, h);
	if (h->ev == NULL || event_add(h->ev, NULL) != 0)
		goto fail;
	if ((e = start_threads(h)) != ERR_OK)
		goto fail;
	*out = h;
	return ERR_OK;
fail:
	hasher_free(&h);
	return e;
}

void
hasher_free(struct hasher **p)
{
	struct hasher *h = *p;
	struct job *j;

	if (h == NULL)
		return;
	pthread_mutex_lock(&h->mutex);
	h->stop = true;
	pthread_cond_broadcast(&h->wake);
	pthread_mutex_unlock(&h->mutex);
	while (h->n_threads > 0)
		pthread_join(h->threads[--h->n_threads], NULL);
	STAILQ_CONCAT(&h->finished, &h->waiting);
	while ((j = STAILQ_FIRST(&h->finished)) != NULL) {
		STAILQ_REMOVE_HEAD(&h->finished, entry);
		j->result = ERR_IO;
		tell(j);
	}
	if (h->ev != NULL)
		event_free(h->ev);
	if (h->fd >= 0)
		close(h->fd);
	pthread_mutex_destroy(&h->mutex);
	pthread_cond_destroy(&h->wake);
	free(h);
	*p = NULL;
}

static enum err
submit(struct hasher *h, const struct job *what, struct str secret,
    struct str password)
{
	struct job *j;

	assert(password.len <= PASSWORD_MAX);
	assert(secret.len < sizeof(j->secret));
	if (h->n >= h->limit)
		return ERR_BUSY;
	if ((j = malloc(sizeof(*j))) == NULL)
		return ERR_NOMEM;
	*j = *what;
	memcpy(j->secret, secret.p, secret.len);
	j->secret[secret.len] = '\0';
	memcpy(j->password, password.p, password.len);
	j->len = password.len;
	h->n++;
	pthread_mutex_lock(&h->mutex);
	STAILQ_INSERT_TAIL(&h->waiting, j, entry);
	pthread_cond_signal(&h->wake);
	pthread_mutex_unlock(&h->mutex);
	return ERR_OK;
}

enum err
hasher_verify(struct hasher *h, struct str secret, struct str password,
    hasher_verified_fn *done, void *arg)
{
	const struct job j = { .verified = done, .arg = arg };

	if (secret.len == 0 || secret.len >= sizeof(j.secret))
		secret = STR_LIT(nobody);
	return submit(h, &j, secret, password);
}

enum err
hasher_make(
    struct hasher *h, struct str password, hasher_made_fn *done, void *arg)
{
	const struct job j = { .made = done, .arg = arg };

	return submit(h, &j, STR_LIT(""), password);
}

bool
hasher_is_idle(const struct hasher *h)
{
	return h->n == 0;
}
