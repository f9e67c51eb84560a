/*
 * log.c - lines to standard error, cleaned, limited per site, never blocking.
 *
 * A site is its format string's address.  Standard error may be a journal's
 * socket, a pipe, a terminal or a file, shared with others, so it is not made
 * non-blocking: a socket is sent to with MSG_DONTWAIT, the rest is asked first.
 * A line is shorter than PIPE_BUF: a pipe takes it whole or not at all.
 */
#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

#define LINE_MAX_LEN 2048
#define SITES 256
#define SITE_LINES 20

enum log_level log_levels[LOG_NCATS] = { LOG_INFO, LOG_INFO, LOG_INFO, LOG_INFO,
	LOG_INFO, LOG_INFO };

static const char *const level_names[] = { "error", "warn", "info", "debug" };
static const int priorities[] = { 3, 4, 6, 7 }; /* of syslog(3) */
static const char *const cat_names[LOG_NCATS] = { "main", "net", "desk",
	"store", "client", "bridge" };

struct site {
	const char *fmt;
	enum log_level level;
	enum log_cat cat;
	int64_t since; /* the second that is being counted */
	unsigned n, cut;
};

static struct site sites[SITES];
static uint64_t dropped, dropped_told;
static bool torn; /* the last line went out in part */

/* Is standard error the journal's?  The variable alone does not say so: it is
 * inherited by what has another standard error. */
static bool
is_journal(void)
{
	const char *s = getenv("JOURNAL_STREAM");
	char name[64];
	struct stat st;

	if (s == NULL || fstat(STDERR_FILENO, &st) != 0)
		return false;
	snprintf(name, sizeof(name), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	return strcmp(s, name) == 0;
}

static int
put_head(char *out, size_t room, enum log_level level, enum log_cat cat)
{
	const char *l = level_names[level], *c = cat_names[cat];
	int64_t now;
	time_t s;
	struct tm tm;

	if (is_journal())
		return snprintf(
		    out, room, "<%d>%s %s ", priorities[level], l, c);
	now = clock_wall();
	s = (time_t)(now / CLOCK_S);
	gmtime_r(&s, &tm);
	return snprintf(out, room, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ %s %s ",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
	    tm.tm_sec, (int)(now % CLOCK_S), l, c);
}

/* What the receiver does not take at once is lost and counted. */
static void
put_line(const char *line, size_t len)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };
	ssize_t n = send(p.fd, line, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno == ENOTSOCK && poll(&p, 1, 0) == 1 &&
	    (p.revents & POLLOUT) != 0)
		n = write(p.fd, line, len);
	if (n < 0 || (size_t)n < len)
		dropped++;
	if (n > 0)
		torn = (size_t)n < len;
}

static void PRINTF_LIKE(3, 0)
    put_v(enum log_level level, enum log_cat cat, const char *fmt, va_list ap)
{
	char raw[LINE_MAX_LEN], line[LINE_MAX_LEN + 1];
	int n = 0, m;

	if (torn)
		line[n++] = '\n';
	n += put_head(line + n, LINE_MAX_LEN / 2, level, cat);
	m = vsnprintf(raw, sizeof(raw), fmt, ap);
	if (m < 0)
		return;
	if ((size_t)m >= sizeof(raw))
		m = sizeof(raw) - 1;
	n += (int)text_clean((struct str){ raw, (uint32_t)m }, false, line + n,
	    LINE_MAX_LEN - (size_t)n);
	line[n++] = '\n';
	put_line(line, (size_t)n);
}

static void PRINTF_LIKE(3, 4)
    put(enum log_level level, enum log_cat cat, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_v(level, cat, fmt, ap);
	va_end(ap);
}

/* The count of what was cut is told when the second is over. */
static void
tell_cut(struct site *s)
{
	if (s->cut > 0)
		put(s->level, s->cat, "log cut=%u like=\"%s\"", s->cut, s->fmt);
	s->cut = 0;
}

static void
tell_dropped(void)
{
	uint64_t n = dropped;

	if (n == dropped_told)
		return;
	put(LOG_WARN, LOG_MAIN, "log lost=%" PRIu64, n - dropped_told);
	if (dropped == n)
		dropped_told = n;
}

/* One other site a line, in turn: a site that fell silent is told of too. */
static void
look_at_next(int64_t now)
{
	static unsigned hand;
	struct site *s = &sites[hand++ % SITES];

	if (s->cut > 0 && now - s->since >= CLOCK_S)
		tell_cut(s);
}

/* May this site speak?  Two sites of one slot push each other out. */
static bool
admit(enum log_level level, enum log_cat cat, const char *fmt, int64_t now)
{
	uint64_t mixed = (uintptr_t)fmt * UINT64_C(0x9E3779B97F4A7C15);
	struct site *s = &sites[(mixed >> 32) % SITES];

	if (s->fmt != fmt || now - s->since >= CLOCK_S) {
		tell_cut(s);
		*s = (struct site){ fmt, level, cat, now, 0, 0 };
	}
	if (s->n < SITE_LINES) {
		s->n++;
		return true;
	}
	s->cut++;
	return false;
}

void
log_write(enum log_level level, enum log_cat cat, const char *fmt, ...)
{
	int64_t now = clock_loop();
	va_list ap;

	assert(cat < LOG_NCATS && level <= LOG_DEBUG);
	if (level > log_levels[cat])
		return;
	look_at_next(now);
	if (!admit(level, cat, fmt, now))
		return;
	tell_dropped();
	va_start(ap, fmt);
	put_v(level, cat, fmt, ap);
	va_end(ap);
}

static int
find_word(const char *const *words, size_t n, const char *s, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(words[i]) == len && memcmp(words[i], s, len) == 0)
			return (int)i;
	return -1;
}

enum err
log_set(const char *spec)
{
	const char *eq = strchr(spec, '=');
	const char *word = eq != NULL ? eq + 1 : spec;
	int level =
	    find_word(level_names, NELEM(level_names), word, strlen(word));
	int cat = -1;

	if (eq != NULL)
		cat =
		    find_word(cat_names, LOG_NCATS, spec, (size_t)(eq - spec));
	if (level < 0 || (eq != NULL && cat < 0))
		return ERR_BAD_FIELD;
	for (int i = 0; i < LOG_NCATS; i++)
		if (cat < 0 || cat == i)
			log_levels[i] = (enum log_level)level;
	return ERR_OK;
}

/* Three first and four last of a whole number; of a short one only the last
 * two; what is not a number may be a name and shows nothing. */
const char *
log_mask(struct str number)
{
	static char ring[4][16];
	static unsigned next;
	char *out = ring[next++ % NELEM(ring)];
	uint32_t head = number.len >= 10 ? 3 : 0;
	uint32_t tail = number.len >= 10 ? 4 : 2;

	for (uint32_t i = 0; i < number.len; i++)
		if (strchr("+0123456789", number.p[i]) == NULL ||
		    number.p[i] == '\0')
			head = tail = 0;
	if (number.len == 0)
		return "-";
	if (number.len <= 4)
		tail = 0;
	snprintf(out, sizeof(ring[0]), "%.*s****%.*s", (int)head, number.p,
	    (int)tail, number.p + number.len - tail);
	return out;
}

uint64_t
log_dropped(void)
{
	return dropped;
}
