/*
 * policy.c - words, presets and matching.
 */
#include "sla/policy.h"

static const char *const metrics[SLA_NMETRICS] = { "acknowledge",
	"first_response", "next_response", "periodic_update", "ownership",
	"resolution", "onsite_arrival", "callback", "promise", "daily_clear",
	"third_party" };
static const char *const agreements[SLA_NAGREEMENTS] = { "sla", "ola", "uc" };
static const char *const types[TARGET_NTYPES] = { "business", "calendar",
	"business_days", "months", "cutoff", "fixed" };
static const char *const waits[] = { "pending_customer", "pending_third_party",
	"scheduled", "resolved" };
static const char *const notify[] = { "owner", "supervisor", "second_line",
	"manager" };
static const char *const attributes[ATTR_NATTRIBUTES] = { "kind", "category",
	"queue", "priority", "complaint", "channel", "grade", "tier",
	"region" };
static const char *const rematches[] = { "carry", "restart", "keep" };

#define WORD(table, i) ((unsigned)(i) < NELEM(table) ? (table)[i] : NULL)
#define INDEX(table, word) index_of(table, NELEM(table), word)

static int
index_of(const char *const *table, unsigned n, struct str word)
{
	for (unsigned i = 0; i < n; i++)
		if (str_eq(str_of(table[i]), word))
			return (int)i;
	return -1;
}

/* The word of a mask's single bit. */
static const char *
bit_word(const char *const *table, unsigned n, unsigned bit)
{
	for (unsigned i = 0; i < n; i++)
		if (bit == 1U << i)
			return table[i];
	return NULL;
}

static int
bit_of(const char *const *table, unsigned n, struct str word)
{
	int i = index_of(table, n, word);

	return i < 0 ? -1 : 1 << i;
}

const char *
sla_metric_word(enum sla_metric m)
{
	return WORD(metrics, m);
}

const char *
sla_agreement_word(enum sla_agreement a)
{
	return WORD(agreements, a);
}

const char *
sla_target_word(enum sla_target_type t)
{
	return WORD(types, t);
}

const char *
sla_wait_word(enum sla_wait w)
{
	return bit_word(waits, NELEM(waits), w);
}

const char *
sla_notify_word(enum sla_notify n)
{
	return bit_word(notify, NELEM(notify), n);
}

const char *
sla_attribute_word(enum sla_attribute a)
{
	return WORD(attributes, a);
}

const char *
sla_rematch_word(enum sla_on_rematch r)
{
	return WORD(rematches, r);
}

int
sla_metric_of(struct str word)
{
	return INDEX(metrics, word);
}

int
sla_agreement_of(struct str word)
{
	return INDEX(agreements, word);
}

int
sla_target_of(struct str word)
{
	return INDEX(types, word);
}

int
sla_wait_of(struct str word)
{
	return bit_of(waits, NELEM(waits), word);
}

int
sla_notify_of(struct str word)
{
	return bit_of(notify, NELEM(notify), word);
}

int
sla_attribute_of(struct str word)
{
	return INDEX(attributes, word);
}

int
sla_rematch_of(struct str word)
{
	return INDEX(rematches, word);
}

/* Metrics that the customer sees answered never wait; the supplier's clock
 * runs through what it is about. */
unsigned
sla_default_pauses(enum sla_metric m)
{
	static const unsigned table[SLA_NMETRICS] = {
		[SLA_PERIODIC_UPDATE] = WAIT_CUSTOMER,
		[SLA_OWNERSHIP] =
		    WAIT_CUSTOMER | WAIT_THIRD_PARTY | WAIT_APPOINTMENT,
		[SLA_RESOLUTION] =
		    WAIT_CUSTOMER | WAIT_APPOINTMENT | WAIT_RESOLVED,
		[SLA_THIRD_PARTY] = WAIT_CUSTOMER,
	};

	return (unsigned)m < SLA_NMETRICS ? table[m] : 0;
}

void
sla_default_rungs(struct sla_target *t)
{
	static const struct sla_rung ladder[] = {
		{ .percent = 50, .notify = NOTIFY_OWNER },
		{ .percent = 75, .notify = NOTIFY_OWNER },
		{ .percent = 90, .notify = NOTIFY_SUPERVISOR, .raise = 1 },
		{ .percent = 100,
		    .notify = NOTIFY_SUPERVISOR | NOTIFY_MANAGER },
		{ .percent = 125, .notify = NOTIFY_SECOND_LINE },
		{ .percent = 150, .notify = NOTIFY_MANAGER },
		{ .percent = 200, .notify = NOTIFY_MANAGER },
	};

	memcpy(t->rungs, ladder, sizeof(ladder));
	t->n_rungs = NELEM(ladder);
}

static bool
holds(const struct sla_condition *c, const struct sla_attributes *a)
{
	for (unsigned i = 0; i < c->n; i++)
		if (str_eq(c->values[i], a->value[c->attribute]))
			return true;
	return false;
}

int
sla_first_failing(const struct sla_policy *p, const struct sla_attributes *a)
{
	for (unsigned i = 0; i < p->n_conditions; i++)
		if (!holds(&p->conditions[i], a))
			return (int)i;
	return -1;
}

static const struct sla_target *
target_for(const struct sla_policy *p, enum sla_metric m)
{
	for (unsigned i = 0; i < p->n_targets; i++)
		if (p->targets[i].metric == m)
			return &p->targets[i];
	return NULL;
}

struct sla_match
sla_match(const struct sla_revision *r, enum sla_metric m,
    enum sla_agreement agreement, const struct sla_attributes *a)
{
	for (unsigned i = 0; i < r->n_policies; i++) {
		const struct sla_policy *p = &r->policies[i];
		const struct sla_target *t;

		if (p->agreement != agreement)
			continue;
		t = target_for(p, m);
		if (t != NULL && sla_first_failing(p, a) < 0)
			return (struct sla_match){ p, t };
	}
	return (struct sla_match){ NULL, NULL };
}
