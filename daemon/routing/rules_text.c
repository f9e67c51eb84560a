/*
 * rules_text.c - rules as lines of text; what is as the preset is left out, so
 * equal rules have equal texts.
 */
#include "routing/rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/conf.h"

static void
put_name(FILE *f, struct str s)
{
	for (uint32_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c == '%' || c == 0x7F)
			fprintf(f, "%%%02X", c);
		else
			putc(c, f);
	}
}

static void
put_span(FILE *f, int64_t us)
{
	char text[CONF_VALUE_LEN];

	fprintf(f, " %s", conf_show_duration(us, text));
}

static void
put_then(FILE *f, const struct rule_then *t)
{
	const char *word = action_word(t->action);

	fprintf(f, " %s", word != NULL ? word : "none"); /* is not read again */
	if (t->action == ACTION_QUEUE) {
		putc(' ', f);
		put_name(f, t->queue);
	}
	putc('\n', f);
}

/* "announce 30s"; nothing where it is the preset's. */
static void
put_timed(FILE *f, enum rule_kind k, int64_t us, int64_t preset)
{
	if (us == preset)
		return;
	fputs(rule_word(k), f);
	put_span(f, us);
	putc('\n', f);
}

static void
put_relax(FILE *f, const struct relax *x)
{
	fputs("relax", f);
	put_span(f, x->after_us);
	fprintf(f, " %s ", relax_word(x->kind));
	if (x->kind != RELAX_TIER)
		put_name(f, x->name);
	if (x->kind == RELAX_SKILL)
		putc(' ', f);
	if (x->kind != RELAX_QUEUE)
		fprintf(f, "%" PRIu32, x->n);
	putc('\n', f);
}

static void
put_firsts(FILE *f, const struct route_rules *r, const struct route_rules *p)
{
	for (unsigned i = 0; i < NFIRSTS; i++) {
		if (r->first_us[i] == 0)
			continue;
		fprintf(f, "first %s", first_word((enum first_kind)i));
		put_span(f, r->first_us[i]);
		if (i == FIRST_LAST_AGENT &&
		    r->last_agent_within_us != p->last_agent_within_us) {
			fputs(" within", f);
			put_span(f, r->last_agent_within_us);
		}
		putc('\n', f);
	}
}

static void
put_credits(FILE *f, const struct route_rules *r)
{
	for (unsigned i = 0; i < RULES_GRADES; i++)
		if (r->grade_us[i] != 0) {
			fprintf(f, "credit grade %c", (int)('A' + i));
			put_span(f, r->grade_us[i]);
			putc('\n', f);
		}
	if (r->breached_us != 0) {
		fputs("credit breached", f);
		put_span(f, r->breached_us);
		putc('\n', f);
	}
	if (r->repeat_us != 0) {
		fputs("credit repeat", f);
		put_span(f, r->repeat_us);
		putc('\n', f);
	}
	for (unsigned i = 0; i < r->n_words; i++) {
		fputs("credit word ", f);
		put_name(f, r->words[i].word);
		put_span(f, r->words[i].us);
		putc('\n', f);
	}
}

static void
put_gates(FILE *f, const struct route_rules *r)
{
	if (r->hours.len > 0) {
		fputs("hours ", f);
		put_name(f, r->hours);
		fputs(" closed", f);
		put_then(f, &r->closed);
	}
	if (r->full != 0) {
		fprintf(f, "full %" PRIu32, r->full);
		put_then(f, &r->when_full);
	}
	if (r->max_wait_us != 0) {
		fputs("max_wait", f);
		put_span(f, r->max_wait_us);
		put_then(f, &r->after_max_wait);
	}
	for (unsigned i = 0; i < r->n_overflows; i++) {
		const struct overflow *o = &r->overflows[i];

		fprintf(f, "overflow %s", overflow_word(o->kind));
		if (o->kind == OVERFLOW_LENGTH)
			fprintf(f, " %" PRId64, o->over);
		else
			put_span(f, o->over);
		put_then(f, &o->then);
	}
}

static void
put_callback(FILE *f, const struct route_rules *r)
{
	if (!r->callback.offered)
		return;
	fprintf(f, "callback %s retries %" PRIu32 " every",
	    r->callback.customer_first ? "customer_first" : "agent_first",
	    r->callback.retries);
	put_span(f, r->callback.every_us);
	fputs(" expires", f);
	put_span(f, r->callback.expires_us);
	putc('\n', f);
}

static void
put_agents(FILE *f, const struct route_rules *r, const struct route_rules *p)
{
	for (unsigned i = 0; i < NDELAYS; i++)
		if (r->delay_us[i] != 0) {
			fprintf(f, "delay %s", delay_word((enum delay_kind)i));
			put_span(f, r->delay_us[i]);
			putc('\n', f);
		}
	if (r->unanswered != 0)
		fprintf(f, "unanswered %" PRIu32 "\n", r->unanswered);
	put_timed(f, RULE_AGAIN, r->again_us, p->again_us);
	if (r->extend_us != 0) {
		fputs("extend", f);
		put_span(f, r->extend_us);
		fprintf(f, " %" PRIu32 "\n", r->extensions);
	}
	put_timed(f, RULE_DIRECT, r->direct_us, p->direct_us);
	put_timed(f, RULE_WORK_CREDIT, r->work_credit_us, p->work_credit_us);
}

static void
put_rules(FILE *f, const struct route_rules *r)
{
	struct route_rules p;

	rules_preset(&p);
	if (r->strategy != p.strategy)
		fprintf(f, "strategy %s\n", strategy_word(r->strategy));
	if (r->ring_at_once != rules_ring_preset(r->strategy))
		fprintf(f, "ring_at_once %" PRIu32 "\n", r->ring_at_once);
	for (unsigned i = 0; i < r->n_relax; i++)
		put_relax(f, &r->relax[i]);
	put_firsts(f, r, &p);
	put_credits(f, r);
	put_gates(f, r);
	put_callback(f, r);
	put_timed(f, RULE_FOLLOW_UP_ABANDONED, r->follow_up_abandoned_us,
	    p.follow_up_abandoned_us);
	put_timed(f, RULE_RETURN, r->return_us, p.return_us);
	put_timed(f, RULE_ANNOUNCE, r->announce_us, p.announce_us);
	put_agents(f, r, &p);
}

struct str
rules_text(const struct route_rules *r, struct arena *a)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	struct str out = { NULL, 0 };
	bool bad;

	if (f == NULL)
		return out;
	put_rules(f, r);
	bad = ferror(f) != 0;
	if (fclose(f) == 0 && !bad)
		out = len == 0
		          ? STR_LIT("")
		          : arena_copy(a, (struct str){ text, (uint32_t)len });
	free(text);
	return out;
}
