/*
 * report.c - one walk over the calls, and three ways to say it.
 */
#include "replay/report.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "base/clock.h"

#define SHORT_US (5 * CLOCK_S)

static const int64_t levels_s[REPORT_LEVELS] = { 15, 20, 30 };

/* ---------------------------------------------------------------- counting */

static uint64_t *
place_of(struct report_balance *b, const struct switch_call *c)
{
	if (c->established_at != 0)
		return &b->answered;
	if (c->state != SWITCH_ENDED)
		return &b->waiting;
	switch (c->end_cause) {
	case MASHANG__CAUSE__CAUSE_OVERFLOW:
		return &b->overflowed;
	case MASHANG__CAUSE__CAUSE_TIMED_OUT:
		return &b->timed_out;
	case MASHANG__CAUSE__CAUSE_REFUSED:
		return &b->refused;
	case MASHANG__CAUSE__CAUSE_CALLED_BACK:
		return &b->called_back;
	case MASHANG__CAUSE__CAUSE_WITHDRAWN:
		return &b->withdrawn;
	case MASHANG__CAUSE__CAUSE_SWITCH_LOST:
		return &b->lost;
	default:
		return c->ended_at - c->queued_at <= SHORT_US ? &b->short_
		                                              : &b->abandoned;
	}
}

struct sums {
	int64_t wait_us, handled_us;
	uint64_t handled;
};

static void
add_call(struct report *r, const struct switch_call *c, struct sums *s)
{
	int64_t wait;

	r->calls++;
	if (c->queued_at == 0) {
		r->menu += c->state == SWITCH_ENDED;
		r->in_menu += c->state != SWITCH_ENDED;
		return;
	}
	r->balance.offered++;
	++*place_of(&r->balance, c);
	if (c->established_at == 0)
		return;
	wait = c->established_at - c->queued_at;
	s->wait_us += wait;
	for (int i = 0; i < REPORT_LEVELS; i++)
		r->within[i] += wait <= levels_s[i] * CLOCK_S;
	if (c->ended_at == 0) {
		r->talking++;
		return;
	}
	s->handled++;
	s->handled_us += c->ended_at - c->established_at + c->plan->wrap_up_us;
}

static double
share(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

void
report_make(const struct telephone_switch *sw, uint64_t committed_up_to,
    struct report *r)
{
	struct sums s = { 0 };

	memset(r, 0, sizeof(*r));
	for (size_t i = 0; i < sw->plan->n_calls; i++) {
		const struct switch_call *c = &sw->calls[i];

		if (c->offered_at == 0)
			continue;
		add_call(r, c, &s);
		r->tickets += c->queued_stream_seq != 0 &&
		              c->queued_stream_seq <= committed_up_to;
	}
	r->repeated = sw->counts.repeated;
	r->lost_before = sw->counts.lost;
	r->phantoms = sw->plan->phantoms;
	r->corrections = sw->plan->n_corrections;
	r->asa_s = share((double)s.wait_us / 1e6, (double)r->balance.answered);
	r->aht_s = share((double)s.handled_us / 1e6, (double)s.handled);
	for (int i = 0; i < REPORT_LEVELS; i++)
		r->level[i] = share((double)r->within[i],
		    (double)(r->balance.offered - r->balance.short_));
}

void
report_latency(struct report *r, const struct stat_hist *h)
{
	static const double q[3] = { 0.5, 0.99, 0.999 };

	r->latency_n = stat_count(h);
	for (int i = 0; i < 3; i++)
		r->latency_us[i] = stat_quantile(h, q[i]);
}

bool
report_balances(const struct report *r)
{
	const struct report_balance *b = &r->balance;

	return b->offered == b->answered + b->abandoned + b->short_ +
	                         b->overflowed + b->timed_out + b->refused +
	                         b->called_back + b->withdrawn + b->lost +
	                         b->waiting;
}

/* ------------------------------------------------------------------ saying */

static void
print_balance(const struct report *r, FILE *out)
{
	const struct report_balance *b = &r->balance;

	fprintf(out,
	    "balance: offered %" PRIu64 " = answered %" PRIu64
	    " + abandoned %" PRIu64 " + short %" PRIu64 " + overflowed %" PRIu64
	    " + timed out %" PRIu64 " + refused %" PRIu64
	    " + called back %" PRIu64 " + withdrawn %" PRIu64
	    " + lost by the switch %" PRIu64 " + waiting %" PRIu64 "%s\n",
	    b->offered, b->answered, b->abandoned, b->short_, b->overflowed,
	    b->timed_out, b->refused, b->called_back, b->withdrawn, b->lost,
	    b->waiting, report_balances(r) ? "" : "  DOES NOT BALANCE");
}

void
report_print(const struct report *r, FILE *out)
{
	const struct report_balance *b = &r->balance;

	fprintf(out, "calls        %8" PRIu64 "\n", r->calls);
	fprintf(out, "  in menu    %8" PRIu64 "  hung up before any queue\n",
	    r->menu);
	fprintf(out, "answered     %8" PRIu64 "\n", b->answered);
	fprintf(out, "abandoned    %8" PRIu64 "  short %" PRIu64 "\n",
	    b->abandoned + b->short_, b->short_);
	fprintf(out, "tickets      %8" PRIu64 "  committed\n", r->tickets);
	fprintf(out, "uncommitted  %8" PRIu64 "  events\n", r->uncommitted);
	fprintf(out, "repeated     %8" PRIu64 "  ended in an earlier run\n",
	    r->repeated);
	if (r->lost_before > 0)
		fprintf(out,
		    "lost         %8" PRIu64
		    "  begun in an earlier run, not ended\n",
		    r->lost_before);
	if (r->phantoms > 0 || r->corrections > 0)
		fprintf(out,
		    "phantom      %8" PRIu64 "  rows left out; %" PRIu64
		    " corrections (--corrections lists them)\n",
		    r->phantoms, r->corrections);
	fprintf(out, "ASA          %8.1f s\n", r->asa_s);
	fprintf(out, "AHT          %8.1f s\n", r->aht_s);
	for (int i = 0; i < REPORT_LEVELS; i++)
		fprintf(out, "within %2" PRId64 " s  %8.1f %%\n", levels_s[i],
		    r->level[i] * 100);
	fprintf(out,
	    "offer        %8.3f ms p50, %.3f p99, %.3f p99.9 of %" PRIu64
	    " (an agent ready)\n",
	    (double)r->latency_us[0] / 1e3, (double)r->latency_us[1] / 1e3,
	    (double)r->latency_us[2] / 1e3, r->latency_n);
	fprintf(out,
	    "wire         %8" PRIu64 " events, %" PRIu64 " resent, %" PRIu64
	    " nacked; %" PRIu64 " orders, %" PRIu64 " refused\n",
	    r->bridge.sent, r->bridge.resent, r->bridge.nacked,
	    r->bridge.orders, r->bridge.refused);
	if (r->errors > 0)
		fprintf(out,
		    "agents       %8" PRIu64
		    "  requests refused, the last by %s\n",
		    r->errors, r->last_error);
	fprintf(out, "time         %8.1f s for %.1f h\n", r->loop_s,
	    r->domain_s / 3600);
	print_balance(r, out);
}

void
report_summary(const struct report *r, FILE *out)
{
	fprintf(out,
	    "summary: calls=%" PRIu64 " answered=%" PRIu64 " abandoned=%" PRIu64
	    " tickets=%" PRIu64 " uncommitted=%" PRIu64 "\n",
	    r->calls, r->balance.answered,
	    r->balance.abandoned + r->balance.short_, r->tickets,
	    r->uncommitted);
}

/* -------------------------------------------------------------------- json */

#define INT(n) (json_int_t)(n)

static json_t *
balance_json(const struct report_balance *b)
{
	return json_pack(
	    "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
	    "offered", INT(b->offered), "answered", INT(b->answered),
	    "abandoned", INT(b->abandoned), "short", INT(b->short_),
	    "overflowed", INT(b->overflowed), "timed_out", INT(b->timed_out),
	    "refused", INT(b->refused), "called_back", INT(b->called_back),
	    "withdrawn", INT(b->withdrawn), "lost", INT(b->lost), "waiting",
	    INT(b->waiting));
}

static json_t *
report_object(const struct report *r)
{
	const struct report_balance *b = &r->balance;

	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I,"
			 " s:f, s:f, s:f, s:f, s:f,"
			 " s:{s:I, s:f, s:f, s:f},"
			 " s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:o}",
	    "calls", INT(r->calls), "menu", INT(r->menu), "answered",
	    INT(b->answered), "abandoned", INT(b->abandoned + b->short_),
	    "tickets", INT(r->tickets), "uncommitted", INT(r->uncommitted),
	    "repeated", INT(r->repeated), "lost_before", INT(r->lost_before),
	    "phantoms", INT(r->phantoms), "corrections", INT(r->corrections),
	    "asa_s", r->asa_s, "aht_s", r->aht_s, "within_15", r->level[0],
	    "within_20", r->level[1], "within_30", r->level[2],
	    "offer_latency_ms", "n", INT(r->latency_n), "p50",
	    (double)r->latency_us[0] / 1e3, "p99",
	    (double)r->latency_us[1] / 1e3, "p999",
	    (double)r->latency_us[2] / 1e3, "events", INT(r->bridge.sent),
	    "resent", INT(r->bridge.resent), "nacked", INT(r->bridge.nacked),
	    "orders", INT(r->bridge.orders), "orders_refused",
	    INT(r->bridge.refused), "offers", INT(r->offers), "notes",
	    INT(r->notes), "errors", INT(r->errors), "balances",
	    report_balances(r), "balance", balance_json(b));
}

enum err
report_json(const struct report *r, const char *file)
{
	json_t *o = report_object(r);
	int failed;

	if (o == NULL)
		return ERR_NOMEM;
	failed =
	    json_dump_file(o, file, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
	json_decref(o);
	return failed != 0 ? ERR_IO : ERR_OK;
}
