/*
 * acd_random.c - random commands to several ACDs and the model at once.
 *
 * A burst of commands is sent within one loop pass, so that batches of all
 * sizes are seen; each reply of each ACD must be what the model predicted.
 * Every so often all start over, so that the history of a failure is bounded;
 * it is then made as short as still fails, and printed in the words of
 * acd_suite.h.
 */
#include "test/support/acd_model.h"
#include "test/support/acd_suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "test/support/support.h"

#define BURST 24
#define MAX_RIGS 2
#define HISTORY 2000          /* then all start over */
#define SHRINK_BUDGET 200000u /* commands sent to shorten a history */
#define QUEUES 4

/* Whole in itself, so that it can be played again among others: an offer is
 * the latest that the model made to that agent. */
struct step {
	struct acd_cmd cmd;
	struct acd_line line;
	struct acd_profile profile;
	int64_t scores[QUEUES];
	uint32_t excluded[2];
	unsigned offer_of;
	bool ends_burst;
};

struct history {
	unsigned n;
	struct step steps[HISTORY];
};

/* What plays, and how it went wrong. */
struct play {
	struct acd_rig *rigs;
	unsigned n_rigs;
	uint32_t generation;
	struct acd_model model;
	struct model_reply want[BURST];
	char wrong[1200]; /* "" while it did not */
};

/* Replies of one ACD, as they come. */
struct heard {
	unsigned n;
	struct model_reply got[BURST];
};

static uint64_t seed;

static unsigned
pick(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % n;
}

/* ---------------------------------------------------------- what to command */

static void
some_skills(struct acd_skill *skills, uint32_t *n, unsigned levels)
{
	*n = 0;
	for (uint32_t skill = 1; skill <= 3; skill++)
		if (pick(3) == 0)
			skills[(*n)++] = (struct acd_skill){ .skill = skill,
				.level = 1 + pick(levels) };
}

static void
some_profile(struct acd_profile *p)
{
	for (uint32_t queue = 1; queue <= QUEUES; queue++)
		if (pick(2) == 0) {
			p->queues[p->n_queues] = queue;
			p->tiers[p->n_queues++] = (uint8_t)pick(4);
		}
	some_skills(p->skills, &p->n_skills, 10);
	p->site = pick(3);
	p->items = pick(3);
	p->in_hand = pick(4) == 0 ? pick(3) : 0;
}

static void
some_line(struct acd_line *l)
{
	l->queue = 1 + pick(QUEUES);
	if (pick(8) == 0)
		l->agent = 1 + pick(MODEL_AGENTS);
	if (pick(4) == 0)
		l->site = 1 + pick(2);
	if (pick(4) == 0)
		l->media = ACD_WORK;
	if (pick(3) == 0)
		l->tier = (uint8_t)(1 + pick(3));
	if (pick(3) == 0)
		l->n_neighbours = (uint8_t)pick(4);
	for (unsigned i = 0; i < l->n_neighbours; i++)
		l->neighbours[i] = 1 + pick(QUEUES);
	if (pick(2) == 0)
		some_skills(l->skills, &l->n_skills, 4);
}

/* Mostly one that is open. */
static unsigned
some_offer(const struct acd_model *m)
{
	unsigned agent = 1 + pick(MODEL_AGENTS);

	for (unsigned i = 0; i < 8; i++)
		if (m->agents[agent].state != AGENT_OFFERED)
			agent = 1 + pick(MODEL_AGENTS);
	return agent;
}

static int64_t
some_agent_score(void)
{
	static const int64_t odd[] = { -5, INT64_MAX, ACD_AGENT_SCORES,
		ACD_AGENT_SCORES - 1, ACD_AGENT_SCORES - 2 };

	return pick(8) == 0 ? odd[pick(NELEM(odd))] : pick(20);
}

/* By turns calls wait for agents, and agents for calls. */
static enum acd_op
some_op(void)
{
	static const enum acd_op ops[] = { ACD_ENQUEUE, ACD_ENQUEUE,
		ACD_ENQUEUE, ACD_ENQUEUE, ACD_DEQUEUE, ACD_LOGIN, ACD_LOGOUT,
		ACD_READY, ACD_READY, ACD_READY, ACD_READY, ACD_NOT_READY,
		ACD_WRAP_UP, ACD_SHOWN, ACD_ACCEPT, ACD_ACCEPT, ACD_END_OFFER,
		ACD_END_OFFER, ACD_BUSY, ACD_MOVE, ACD_MOVE, ACD_ITEM_DONE,
		ACD_ITEM_DONE, ACD_LOOK };
	static bool is_quiet;
	enum acd_op op = ops[pick(NELEM(ops))];

	is_quiet ^= pick(150) == 0;
	if (is_quiet && op == ACD_ENQUEUE && pick(2) == 0)
		return ACD_DEQUEUE;
	if (is_quiet && (op == ACD_LOGOUT || op == ACD_BUSY ||
			    op == ACD_NOT_READY || op == ACD_WRAP_UP))
		return ACD_READY;
	return op;
}

static void
some_step(const struct acd_model *m, struct step *s)
{
	static uint64_t arrival;

	memset(s, 0, sizeof(*s));
	some_line(&s->line);
	some_profile(&s->profile);
	for (unsigned i = 0; i < QUEUES; i++)
		s->scores[i] = some_agent_score();
	for (unsigned i = 0; i < NELEM(s->excluded); i++)
		s->excluded[i] = 1 + pick(MODEL_AGENTS);
	arrival += pick(3) * 100;
	s->offer_of = some_offer(m);
	s->cmd = (struct acd_cmd){
		.op = some_op(),
		.now = 1,
		.call = model_call_id(pick(MODEL_CALLS)),
		.agent = 1 + pick(MODEL_AGENTS),
		.score = (int64_t)pick(30) - 10,
		.n_scores = pick(2) ? pick(QUEUES + 1) : 0,
		.ring = pick(3) == 0 ? pick(6) : 0,
		.n_excluded = pick(4) == 0 ? 1 + pick(2) : 0,
		.forgive = pick(2),
		.arrival = arrival,
		.stay_ready = pick(2),
		.exclude = pick(4) == 0,
	};
	if (s->cmd.op == ACD_LOOK && pick(2) == 0)
		s->cmd.call = (struct id){ { 0 } };
}

/* ------------------------------------------------------------ in the words */

static void
say_line(const struct acd_line *l)
{
	if (l->agent != 0)
		printf(" a%u", l->agent);
	printf(" q%u", l->queue);
	for (unsigned i = 0; i < l->n_neighbours; i++)
		printf(",q%u", l->neighbours[i]);
	for (unsigned i = 0; i < l->n_skills; i++)
		printf("/s%u=%u", l->skills[i].skill, l->skills[i].level);
	if (l->tier != 0)
		printf(" tier%u", l->tier);
	if (l->site != 0)
		printf(" site%u", l->site);
	if (l->media == ACD_WORK)
		printf(" work");
}

static void
say_profile(const struct acd_profile *p)
{
	for (unsigned i = 0; i < p->n_queues; i++)
		printf(
		    "%sq%u:%u", i == 0 ? " " : ",", p->queues[i], p->tiers[i]);
	for (unsigned i = 0; i < p->n_skills; i++)
		printf("/s%u=%u", p->skills[i].skill, p->skills[i].level);
	printf(" site%u items%u hand%u", p->site, p->items, p->in_hand);
}

static void
say_scores(const struct step *s)
{
	printf(" @%lld", (long long)s->cmd.score);
	for (unsigned i = 0; i < s->cmd.n_scores; i++)
		printf("%c%lld", i == 0 ? '|' : ',', (long long)s->scores[i]);
}

static void
say_step(const struct step *s)
{
	const struct acd_cmd *c = &s->cmd;

	printf("  %s", acd_suite_verb(c->op));
	switch (c->op) {
	case ACD_ENQUEUE:
	case ACD_MOVE:
		printf(" c%u", c->call.b[2]);
		say_line(&s->line);
		printf(" @%lld #%llu x%u%s", (long long)c->score,
		    (unsigned long long)c->arrival, c->ring,
		    c->op == ACD_MOVE && c->forgive ? " forgive" : "");
		break;
	case ACD_DEQUEUE:
		printf(" c%u", c->call.b[2]);
		break;
	case ACD_LOOK:
		if (!id_is_none(&c->call))
			printf(" c%u", c->call.b[2]);
		else
			printf(" %u", c->agent);
		break;
	case ACD_SHOWN:
	case ACD_ACCEPT:
	case ACD_END_OFFER:
		printf(" the offer of %u%s%s", s->offer_of,
		    c->op == ACD_END_OFFER && c->stay_ready ? " stay" : "",
		    c->op == ACD_END_OFFER && c->exclude ? " exclude" : "");
		break;
	default:
		printf(" %u", c->agent);
		if (c->op == ACD_LOGIN)
			say_profile(&s->profile);
		if (c->op == ACD_READY)
			say_scores(s);
	}
	printf("%s\n", s->ends_burst ? ";" : "");
}

static void
say_reply(const struct model_reply *r, char *out, size_t size)
{
	int len =
	    snprintf(out, size, "%s, seen %d, staff %u:", err_name(r->err),
		(int)r->seen, r->staffed);

	for (unsigned i = 0; i < r->n; i++)
		len += snprintf(out + len, size - (size_t)len, " %sc%u:%u(%x)",
		    r->effects[i].kind == ACD_RESCINDED ? "-" : "",
		    r->effects[i].call.b[2], r->effects[i].agent,
		    (unsigned)r->effects[i].offer);
}

/* ------------------------------------------------------------------ playing */

static void
done(void *arg, const struct acd_reply *reply)
{
	struct heard *h = arg;
	struct model_reply *got = &h->got[h->n++];

	ck_assert_uint_le(reply->n_effects, ACD_MAX_EFFECTS);
	got->err = reply->err;
	got->seen = reply->seen;
	got->staffed = reply->staffed;
	got->n = reply->n_effects;
	for (unsigned i = 0; i < got->n; i++)
		got->effects[i] = reply->effects[i];
}

static bool
same(const struct model_reply *a, const struct model_reply *b)
{
	if (a->err != b->err || a->n != b->n || a->seen != b->seen ||
	    a->staffed != b->staffed)
		return false;
	for (unsigned i = 0; i < a->n; i++)
		if (a->effects[i].kind != b->effects[i].kind ||
		    a->effects[i].offer != b->effects[i].offer ||
		    a->effects[i].agent != b->effects[i].agent ||
		    !id_eq(&a->effects[i].call, &b->effects[i].call))
			return false;
	return true;
}

static void
compare(struct play *p, const struct acd_rig *rig, const struct heard *h,
    unsigned n)
{
	char want[500], got[500];
	struct acd_stats stats;

	for (unsigned i = 0; i < n; i++) {
		if (i < h->n && same(&p->want[i], &h->got[i]))
			continue;
		say_reply(&p->want[i], want, sizeof(want));
		say_reply(&h->got[i], got, sizeof(got));
		snprintf(p->wrong, sizeof(p->wrong),
		    "%s, the last burst's command %u:\nwant %s\ngot  %s",
		    rig->acd->ops->name, i + 1, want, got);
		return;
	}
	rig->acd->ops->stats(rig->acd, &stats);
	if (stats.waiting != model_waiting(&p->model) ||
	    stats.ready != model_ready(&p->model))
		snprintf(p->wrong, sizeof(p->wrong), "%s counts wrongly",
		    rig->acd->ops->name);
}

static void
predict(struct play *p, struct step *s, struct model_reply *want)
{
	const char *broken;

	s->cmd.line = &s->line;
	s->cmd.profile = &s->profile;
	s->cmd.scores = s->cmd.n_scores > 0 ? s->scores : NULL;
	s->cmd.excluded = s->excluded;
	s->cmd.offer = p->model.agents[s->offer_of].offer;
	model_step(&p->model, &s->cmd, want);
	if ((broken = model_broken(&p->model)) != NULL)
		snprintf(p->wrong, sizeof(p->wrong), "model: %s", broken);
}

/* These steps, predicted already, in one loop pass. */
static void
send_burst(struct play *p, const struct step *steps, unsigned n)
{
	for (unsigned r = 0; r < p->n_rigs && p->wrong[0] == '\0'; r++) {
		struct heard heard = { 0 };

		for (unsigned i = 0; i < n; i++)
			if (acd_send(p->rigs[r].acd, &steps[i].cmd, done,
				&heard) != ERR_OK)
				break;
		acd_rig_settle(&p->rigs[r]);
		compare(p, &p->rigs[r], &heard, n);
	}
}

/* False: it cannot, a store is lost. */
static bool
start_over(struct play *p)
{
	memset(&p->model, 0, sizeof(p->model));
	p->model.generation = ++p->generation;
	p->wrong[0] = '\0';
	for (unsigned r = 0; r < p->n_rigs; r++)
		if (p->rigs[r].acd->ops->reset(p->rigs[r].acd, p->generation) !=
		    ERR_OK)
			return false;
	return true;
}

/* ---------------------------------------------------------------- shrinking */

/* Does it still fail?  Cut behind the burst in which it does. */
static bool
still_fails(struct play *p, struct history *h)
{
	unsigned from = 0;

	if (!start_over(p))
		return false;
	for (unsigned i = 0; i < h->n && p->wrong[0] == '\0'; i++) {
		predict(p, &h->steps[i], &p->want[i - from]);
		if (!h->steps[i].ends_burst && i + 1 < h->n &&
		    i + 1 - from < BURST)
			continue;
		send_burst(p, &h->steps[from], i + 1 - from);
		from = i + 1;
		if (p->wrong[0] != '\0')
			h->n = from;
	}
	return p->wrong[0] != '\0';
}

static void
shrink(struct play *p, struct history *h)
{
	struct history *less = malloc(sizeof(*less));
	unsigned sent = 0;

	for (unsigned cut = h->n / 2; cut > 0; cut /= 2)
		for (unsigned at = 0; at + cut <= h->n && sent < SHRINK_BUDGET;
		     sent += h->n) {
			less->n = h->n - cut;
			memcpy(less->steps, h->steps, at * sizeof(h->steps[0]));
			memcpy(less->steps + at, h->steps + at + cut,
			    (h->n - at - cut) * sizeof(h->steps[0]));
			if (still_fails(p, less))
				*h = *less;
			else
				at += cut;
		}
	free(less);
}

static void
give_up(struct play *p, struct history *h, uint64_t began)
{
	char first[sizeof(p->wrong)];

	memcpy(first, p->wrong, sizeof(first));
	printf("acd: MASHANG_SEED=%llu fails after %u commands\n",
	    (unsigned long long)began, h->n);
	shrink(p, h);
	if (!still_fails(p, h))
		memcpy(p->wrong, first, sizeof(first));
	printf("acd: shortened to %u:\n", h->n);
	for (unsigned i = 0; i < h->n; i++)
		say_step(&h->steps[i]);
	fflush(stdout);
	ck_abort_msg("%s", p->wrong);
}

static uint64_t
number_of(const char *name, uint64_t preset)
{
	const char *given = getenv(name);

	return given != NULL ? strtoull(given, NULL, 10) : preset;
}

void
acd_suite_random(struct acd_rig *rigs, unsigned n_rigs, unsigned n)
{
	struct play *p = calloc(1, sizeof(*p));
	struct history *h = calloc(1, sizeof(*h));
	uint64_t left = number_of("MASHANG_OPS", n);
	uint64_t began =
	    number_of("MASHANG_SEED", (uint64_t)time(NULL) << 20 | 1);

	ck_assert(p != NULL && h != NULL);
	ck_assert_uint_le(n_rigs, MAX_RIGS);
	p->rigs = rigs;
	p->n_rigs = n_rigs;
	seed = began;
	printf("acd: MASHANG_SEED=%llu\n", (unsigned long long)began);
	while (left > 0) {
		unsigned from = h->n, burst = 1 + pick(BURST);

		if (from + burst > HISTORY)
			from = h->n = 0;
		if (from == 0)
			ck_assert(start_over(p));
		for (; h->n < from + burst && p->wrong[0] == '\0'; h->n++) {
			some_step(&p->model, &h->steps[h->n]);
			predict(p, &h->steps[h->n], &p->want[h->n - from]);
		}
		h->steps[h->n - 1].ends_burst = true;
		send_burst(p, &h->steps[from], h->n - from);
		if (p->wrong[0] != '\0')
			give_up(p, h, began);
		left -= left < burst ? left : burst;
	}
	free(h);
	free(p);
}
