/*
 * progress.c - five lines at most five times a second.
 */
#include "replay/progress.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define BAR 40
#define HOUR_US (3600 * CLOCK_S)

void
progress_init(struct progress *p, FILE *out, bool quiet, uint64_t n_calls)
{
	*p = (struct progress){
		.out = quiet ? NULL : out, .n_calls = n_calls, .hour = -1
	};
	p->live = p->out != NULL && isatty(fileno(out));
}

static const char *
clock_text(int64_t at, char out[32])
{
	time_t t = (time_t)(at / CLOCK_S);
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, 32, "%F %H:%M", &tm);
	return out;
}

static uint64_t
begun(const struct play_view *v)
{
	return v->counts->arrived + v->counts->repeated + v->counts->lost;
}

static const char *
state_text(const struct play_view *v)
{
	if (!v->connected)
		return "the daemon is away: waiting for it";
	if (v->waiting_for_commits)
		return "waiting for the last commits";
	switch (v->humans) {
	case HUMANS_OFFERED:
		return "somebody is offered a call: real time";
	case HUMANS_BUSY:
		return "somebody is in a call: slowly";
	case HUMANS_HERE:
		return "somebody is logged in at demo-...: not so fast";
	default:
		return "";
	}
}

static void
draw(struct progress *p, const struct play_view *v)
{
	size_t done =
	    v->day_calls > 0 ? v->day_begun * BAR / v->day_calls : BAR;
	const struct switch_counts *n = v->counts;
	char bar[BAR + 1], when[32];

	memset(bar, '.', BAR);
	memset(bar, '#', done < BAR ? done : BAR);
	bar[BAR] = '\0';
	if (p->lines > 0)
		fprintf(p->out, "\033[%uA", p->lines);
	fprintf(p->out, "%s  [%s] %zu of the day's %zu calls\033[K\n",
	    clock_text(v->now, when), bar, v->day_begun, v->day_calls);
	fprintf(p->out, "  waiting %4u   talking %4u\033[K\n", n->waiting,
	    n->talking);
	fprintf(p->out,
	    "  answered %6" PRIu64 "   abandoned %6" PRIu64
	    "   not yet committed %" PRIu64 "\033[K\n",
	    n->answered, n->abandoned, v->uncommitted);
	fprintf(p->out, "  %s\033[K\n", state_text(v));
	p->lines = 4;
	fflush(p->out);
}

static void
tell_hour(struct progress *p, const struct play_view *v)
{
	char when[32];

	fprintf(p->out,
	    "%s  calls %" PRIu64 "/%" PRIu64 "  waiting %u  talking %u"
	    "  answered %" PRIu64 "  abandoned %" PRIu64 "\n",
	    clock_text(v->now, when), begun(v), p->n_calls, v->counts->waiting,
	    v->counts->talking, v->counts->answered, v->counts->abandoned);
	fflush(p->out);
}

void
progress_show(void *arg, const struct play_view *v)
{
	struct progress *p = arg;
	int64_t hour = v->now / HOUR_US;

	if (p->out == NULL)
		return;
	if (p->live) {
		if (clock_loop() - p->drawn_at < CLOCK_S / 10)
			return;
		p->drawn_at = clock_loop();
		draw(p, v);
	} else if (hour != p->hour) {
		p->hour = hour;
		tell_hour(p, v);
	}
}

void
progress_end(struct progress *p)
{
	p->lines = 0;
}
