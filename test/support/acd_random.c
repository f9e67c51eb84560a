/*
 * acd_random.c - random commands to several ACDs and the model at once.
 *
 * A burst of commands is sent within one loop pass, so that batches of all
 * sizes are seen; each reply of each ACD must be what the model predicted.
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

struct burst {
	unsigned n;
	struct acd_cmd cmd[BURST];
	struct acd_line line[BURST];
	struct acd_profile profile[BURST];
	struct model_reply want[BURST];
};

/* Replies of one ACD, as they come. */
struct heard {
	const char *name;
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
	memset(p, 0, sizeof(*p));
	for (uint32_t queue = 1; queue <= 3; queue++)
		if (pick(2) == 0)
			p->queues[p->n_queues++] = queue;
	some_skills(p->skills, &p->n_skills, 10);
}

/* Mostly an offer that is open. */
static uint64_t
some_offer(const struct acd_model *m)
{
	const struct model_agent *a = &m->agents[1 + pick(MODEL_AGENTS)];

	for (unsigned i = 0; i < 8 && a->state != AGENT_OFFERED; i++)
		a = &m->agents[1 + pick(MODEL_AGENTS)];
	return a->offer;
}

static void
some_command(const struct acd_model *m, struct burst *b, unsigned i)
{
	static const enum acd_op ops[] = { ACD_ENQUEUE, ACD_ENQUEUE,
		ACD_ENQUEUE, ACD_ENQUEUE, ACD_DEQUEUE, ACD_LOGIN, ACD_LOGIN,
		ACD_LOGOUT, ACD_READY, ACD_READY, ACD_READY, ACD_READY,
		ACD_NOT_READY, ACD_WRAP_UP, ACD_SHOWN, ACD_ACCEPT, ACD_ACCEPT,
		ACD_END_OFFER, ACD_END_OFFER, ACD_BUSY };
	static uint64_t arrival;

	memset(&b->line[i], 0, sizeof(b->line[i]));
	b->line[i].queue = 1 + pick(3);
	some_skills(b->line[i].skills, &b->line[i].n_skills, 4);
	some_profile(&b->profile[i]);
	arrival += pick(3) * 100;
	b->cmd[i] = (struct acd_cmd){
		.op = ops[pick(NELEM(ops))],
		.now = 1,
		.call = model_call_id(pick(MODEL_CALLS)),
		.agent = 1 + pick(MODEL_AGENTS),
		.offer = some_offer(m),
		.score = (int64_t)pick(30) - 10,
		.arrival = arrival,
		.line = &b->line[i],
		.profile = &b->profile[i],
		.stay_ready = pick(2),
		.exclude = pick(4) == 0,
	};
}

static void
describe(const struct acd_cmd *c, const struct model_reply *r, char *out,
    size_t size)
{
	int len = snprintf(out, size,
	    "op %d call %u agent %u offer %llx score %lld arrival %llu "
	    "queue %u skills %u stay %d exclude %d: %s",
	    c->op, c->call.b[2], c->agent, (unsigned long long)c->offer,
	    (long long)c->score, (unsigned long long)c->arrival, c->line->queue,
	    c->line->n_skills, c->stay_ready, c->exclude, err_name(r->err));

	for (unsigned i = 0; i < r->n; i++)
		len += snprintf(out + len, size - (size_t)len, " %s%u:%u(%llx)",
		    r->effects[i].kind == ACD_RESCINDED ? "-" : "",
		    r->effects[i].call.b[2], r->effects[i].agent,
		    (unsigned long long)r->effects[i].offer);
}

static void
done(void *arg, const struct acd_reply *reply)
{
	struct heard *h = arg;
	struct model_reply *got = &h->got[h->n++];

	ck_assert_uint_le(reply->n_effects, ACD_MAX_EFFECTS);
	got->err = reply->err;
	got->n = reply->n_effects;
	for (unsigned i = 0; i < got->n; i++)
		got->effects[i] = reply->effects[i];
}

static bool
same(const struct model_reply *a, const struct model_reply *b)
{
	if (a->err != b->err || a->n != b->n)
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
compare(const struct burst *b, const struct heard *h)
{
	char want[512], got[512];

	ck_assert_uint_eq(h->n, b->n);
	for (unsigned i = 0; i < b->n; i++) {
		if (same(&b->want[i], &h->got[i]))
			continue;
		for (unsigned j = 0; j < i; j++) {
			describe(&b->cmd[j], &b->want[j], want, sizeof(want));
			fprintf(stderr, "%s\n", want);
		}
		describe(&b->cmd[i], &b->want[i], want, sizeof(want));
		describe(&b->cmd[i], &h->got[i], got, sizeof(got));
		ck_abort_msg("%s:\nwant %s\ngot  %s", h->name, want, got);
	}
}

static void
run_burst(
    struct acd_rig *rigs, unsigned n_rigs, struct acd_model *m, struct burst *b)
{
	struct heard heard[MAX_RIGS];
	struct acd_stats stats;
	const char *broken;

	b->n = 1 + pick(BURST);
	for (unsigned i = 0; i < b->n; i++) {
		some_command(m, b, i);
		model_step(m, &b->cmd[i], &b->want[i]);
		broken = model_broken(m);
		ck_assert_msg(broken == NULL, "broken: %s", broken);
	}
	for (unsigned r = 0; r < n_rigs; r++) {
		heard[r] = (struct heard){ .name = rigs[r].acd->ops->name };
		for (unsigned i = 0; i < b->n; i++)
			ck_ok(
			    acd_send(rigs[r].acd, &b->cmd[i], done, &heard[r]));
		acd_rig_settle(&rigs[r]);
		compare(b, &heard[r]);
		rigs[r].acd->ops->stats(rigs[r].acd, &stats);
		ck_assert_int_eq(stats.waiting, model_waiting(m));
		ck_assert_int_eq(stats.ready, model_ready(m));
	}
}

static void
start_over(struct acd_rig *rigs, unsigned n_rigs, struct acd_model *m,
    uint32_t generation)
{
	memset(m, 0, sizeof(*m));
	m->generation = generation;
	for (unsigned r = 0; r < n_rigs; r++)
		ck_ok(rigs[r].acd->ops->reset(rigs[r].acd, generation));
}

void
acd_suite_random(struct acd_rig *rigs, unsigned n_rigs, unsigned n)
{
	static struct acd_model model;
	static struct burst burst;
	const char *given = getenv("MASHANG_SEED");
	uint32_t generation = 1;
	unsigned left = 0;

	ck_assert_uint_le(n_rigs, MAX_RIGS);
	seed = given != NULL ? strtoull(given, NULL, 10)
	                     : (uint64_t)time(NULL) << 20 | 1;
	printf("acd: MASHANG_SEED=%llu\n", (unsigned long long)seed);
	while (n > 0) {
		if (left == 0) {
			start_over(rigs, n_rigs, &model, generation++);
			left = 5000;
		}
		run_burst(rigs, n_rigs, &model, &burst);
		n -= n < burst.n ? n : burst.n;
		left -= left < burst.n ? left : burst.n;
	}
}
