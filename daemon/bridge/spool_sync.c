/*
 * spool_sync.c - one thread, one queue, one eventfd that wakes the loop.
 */
#include "bridge/spool_sync.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/failpoint.h"
#include "bridge/spool_disk.h"
#include "bridge/spool_segment.h"

/* In `files' while it is open; in `queue' while something in it is to be
 * synced, or while it waits to be closed or removed. */
struct sync_file {
	TAILQ_ENTRY(sync_file) next, queued;
	int fd; /* -1: a file to be removed */
	uint64_t id, ticket, seq;
	bool is_queued, is_left, is_new;
};

TAILQ_HEAD(sync_files, sync_file);

struct spool_sync {
	int dir, wake; /* wake: an eventfd */
	int64_t sync_us;
	struct spool_sync_news news;
	struct event *woken;
	pthread_t thread;
	uint64_t tickets;

	pthread_mutex_t lock; /* of all below, and of files' fields */
	pthread_cond_t work;
	struct sync_files files, queue;
	int64_t due; /* of the queue's first */
	uint64_t done, done_seq, failed_id;
	int error; /* 0: none */
	bool news_pending, stops;
};

/* ------------------------------------------------- in the spool's thread */

static void
wake(struct spool_sync *s)
{
	const uint64_t one = 1;

	if (s->news_pending)
		return;
	s->news_pending = true;
	while (write(s->wake, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

/* The file is gone from the queue; with `s->lock' given back meanwhile. */
static void
sync_one(struct spool_sync *s, struct sync_file *f)
{
	uint64_t ticket = f->ticket, seq = f->seq;
	bool is_new = f->is_new;
	int error = 0;

	pthread_mutex_unlock(&s->lock);
	if (spool_disk.sync(f->fd) != 0 ||
	    (is_new && spool_disk.sync_directory(s->dir) != 0))
		error = errno;
	FAILPOINT("spool.synced");
	pthread_mutex_lock(&s->lock);
	if (error != 0) {
		s->error = error;
		s->failed_id = f->id;
	} else {
		f->is_new = false;
		if (ticket > s->done) {
			s->done = ticket;
			s->done_seq = seq;
		}
	}
	wake(s);
}

static void
close_file(struct spool_sync *s, struct sync_file *f)
{
	TAILQ_REMOVE(&s->files, f, next);
	if (f->is_queued)
		TAILQ_REMOVE(&s->queue, f, queued);
	close(f->fd);
	free(f);
}

static void
remove_file(struct spool_sync *s, struct sync_file *f)
{
	char name[SEGMENT_NAME];

	pthread_mutex_unlock(&s->lock);
	unlinkat(s->dir, segment_name(f->id, "spool", name), 0);
	FAILPOINT("spool.removed");
	free(f);
	pthread_mutex_lock(&s->lock);
}

static void
serve_one(struct spool_sync *s)
{
	struct sync_file *f = TAILQ_FIRST(&s->queue);

	TAILQ_REMOVE(&s->queue, f, queued);
	f->is_queued = false;
	if (f->fd < 0) {
		remove_file(s, f);
		return;
	}
	sync_one(s, f);
	if (s->error == 0 && f->is_left && !f->is_queued)
		close_file(s, f);
}

/* Is there something to do by now?  If not, sleep until there might be. */
static bool
has_work(struct spool_sync *s)
{
	struct timespec t;
	int64_t due = s->due;

	if (s->error != 0 || TAILQ_EMPTY(&s->queue)) {
		if (!s->stops)
			pthread_cond_wait(&s->work, &s->lock);
		return false;
	}
	if (s->stops || due <= clock_loop())
		return true;
	t.tv_sec = due / CLOCK_S;
	t.tv_nsec = due % CLOCK_S * 1000;
	pthread_cond_timedwait(&s->work, &s->lock, &t);
	return false;
}

static void *
run(void *arg)
{
	struct spool_sync *s = arg;

	pthread_mutex_lock(&s->lock);
	for (;;) {
		if (has_work(s))
			serve_one(s);
		else if (s->stops && (s->error != 0 || TAILQ_EMPTY(&s->queue)))
			break;
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* ------------------------------------------------------------ in the loop */

static void
woken_cb(evutil_socket_t fd, short what, void *arg)
{
	struct spool_sync *s = arg;
	uint64_t n, done, seq, id;
	int error;

	(void)what;
	if (read(fd, &n, sizeof(n)) < 0)
		return;
	pthread_mutex_lock(&s->lock);
	s->news_pending = false;
	done = s->done;
	seq = s->done_seq;
	id = s->failed_id;
	error = s->error;
	pthread_mutex_unlock(&s->lock);
	s->news.synced(s->news.arg, done, seq);
	if (error != 0)
		s->news.failed(s->news.arg, id, error);
}

/* The signals of the process are the loop's. */
static int
start(struct spool_sync *s)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&s->thread, NULL, run, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

static void
discard(struct spool_sync *s)
{
	struct sync_file *f;

	while ((f = TAILQ_FIRST(&s->queue)) != NULL) {
		TAILQ_REMOVE(&s->queue, f, queued);
		free(f);
	}
	if (s->woken != NULL)
		event_free(s->woken);
	if (s->wake >= 0)
		close(s->wake);
	pthread_cond_destroy(&s->work);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

enum err
spool_sync_new(struct event_base *base, int dir, int64_t sync_us,
    const struct spool_sync_news *news, struct spool_sync **out)
{
	struct spool_sync *s = calloc(1, sizeof(*s));
	pthread_condattr_t monotonic;
	int error;

	if (s == NULL)
		return ERR_NOMEM;
	s->dir = dir;
	s->sync_us = sync_us;
	s->news = *news;
	TAILQ_INIT(&s->files);
	TAILQ_INIT(&s->queue);
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&s->work, &monotonic);
	pthread_condattr_destroy(&monotonic);
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	error = errno;
	if (s->wake >= 0) {
		s->woken =
		    event_new(base, s->wake, EV_READ | EV_PERSIST, woken_cb, s);
		error = ENOMEM;
	}
	if (s->woken == NULL || event_add(s->woken, NULL) != 0 ||
	    (error = start(s)) != 0) {
		discard(s);
		errno = error;
		return ERR_IO;
	}
	*out = s;
	return ERR_OK;
}

bool
spool_sync_free(struct spool_sync **p)
{
	struct spool_sync *s = *p;
	bool good;

	*p = NULL;
	if (s == NULL)
		return true;
	pthread_mutex_lock(&s->lock);
	s->stops = true;
	pthread_cond_signal(&s->work);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	good = s->error == 0;
	spool_sync_reset(s);
	discard(s);
	return good;
}

/* With the lock. */
static void
queue(struct spool_sync *s, struct sync_file *f)
{
	if (f->is_queued)
		return;
	f->is_queued = true;
	if (TAILQ_EMPTY(&s->queue)) {
		s->due = clock_loop() + s->sync_us;
		pthread_cond_signal(&s->work);
	}
	TAILQ_INSERT_TAIL(&s->queue, f, queued);
}

static struct sync_file *
file_new(int fd, uint64_t id)
{
	struct sync_file *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->fd = fd;
	f->id = id;
	return f;
}

struct sync_file *
spool_sync_file(struct spool_sync *s, int fd, uint64_t id)
{
	struct sync_file *f = file_new(fd, id);

	if (f == NULL)
		return NULL;
	f->is_new = true;
	pthread_mutex_lock(&s->lock);
	TAILQ_INSERT_TAIL(&s->files, f, next);
	pthread_mutex_unlock(&s->lock);
	return f;
}

int
spool_sync_fd(const struct sync_file *f)
{
	return f->fd;
}

uint64_t
spool_sync_write(struct spool_sync *s, struct sync_file *f, uint64_t seq)
{
	uint64_t ticket;

	pthread_mutex_lock(&s->lock);
	ticket = f->ticket = ++s->tickets;
	f->seq = seq;
	queue(s, f);
	pthread_mutex_unlock(&s->lock);
	return ticket;
}

void
spool_sync_leave(struct spool_sync *s, struct sync_file *f)
{
	pthread_mutex_lock(&s->lock);
	f->is_left = true;
	queue(s, f);
	pthread_mutex_unlock(&s->lock);
}

void
spool_sync_remove(struct spool_sync *s, uint64_t id)
{
	struct sync_file *f = file_new(-1, id);
	char name[SEGMENT_NAME];

	if (f == NULL) {
		unlinkat(s->dir, segment_name(id, "spool", name), 0);
		return;
	}
	pthread_mutex_lock(&s->lock);
	queue(s, f);
	pthread_mutex_unlock(&s->lock);
}

void
spool_sync_reset(struct spool_sync *s)
{
	pthread_mutex_lock(&s->lock);
	while (!TAILQ_EMPTY(&s->files))
		close_file(s, TAILQ_FIRST(&s->files));
	s->error = 0;
	pthread_cond_signal(&s->work);
	pthread_mutex_unlock(&s->lock);
}
