/*
 * config.h - configurations from the wire and from the ledger, made alike so
 * that they can be compared.
 *
 * An item is one skill, queue, rule of a queue, agent, device, number, reason,
 * calendar or policy, by its name, and all that is configured of it as one line
 * of text; and whom agents may call; and the policies' and agents' order.  Two items are the same iff their texts
 * are; a difference is shown as the two texts.
 */
#ifndef NET_CONFIG_H
#define NET_CONFIG_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "mashang.pb-c.h"
#include "routing/rules.h"
#include "store/ledger.h"

struct arena;
struct config_sla;
struct fault;
struct fields;

enum config_kind {
	CONFIG_SKILL,
	CONFIG_QUEUE,
	CONFIG_RULE, /* of a queue: "repair relax 30s" */
	CONFIG_AGENT,
	CONFIG_RANKS, /* of the agents: one item */
	CONFIG_DEVICE,
	CONFIG_NUMBER,
	CONFIG_DIALLING, /* whom agents may call: one item */
	CONFIG_REASON,
	CONFIG_CALENDAR, /* this and what follows is of clocks */
	CONFIG_POLICY,
	CONFIG_ORDER, /* of the policies: one item */
	CONFIG_NKINDS
};
const char *config_kind_name(enum config_kind);

struct config_item {
	enum config_kind kind;
	struct str name, text;
	struct str owner; /* a rule's queue: goes and comes with it */
};

struct config_items {
	struct config_item *items;
	unsigned n, room;
};

/* Names by the ledger's ids, learnt while its rows are read; and what the last
 * revision says, policies in order, a queue's calendar as its `spec'; and
 * queues' rules, likewise. */
struct config_ids {
	uint32_t revision;
	unsigned n_calendars, n_policies, n_queue_calendars;
	struct config_spec *calendars, *policies, *queue_calendars;
	unsigned n_rules, n_agents;
	struct config_spec *rules;
	struct config_rank {
		struct str name;
		int64_t rank, id;
	} * agents; /* by rank */
	struct {
		struct config_id {
			uint32_t id;
			struct str name;
		} * ids;
		unsigned n;
	} skills, queues, switches;
};

/* Append one message's parts, checked; text is copied where it is changed,
 * else stays in the message. */
enum err config_take(struct arena *, const struct fields *,
    const Mashang__Apply *, struct config *) MUST_USE;

/* The same of whom agents may call (config_dial.c); said once. */
enum err config_dialling_take(struct arena *, const struct fields *,
    const Mashang__DiallingSpec *, struct config *) MUST_USE;

/* An agent, and what tiers and weights there are (config_agent.c). */
enum err config_agent_take(struct arena *, const struct fields *,
    const Mashang__AgentSpec *, struct config_agent *) MUST_USE;
enum err config_reason_take(const struct fields *, const Mashang__ReasonSpec *,
    struct config_reason *) MUST_USE;
/* Agents whose order is another, as items on both sides: unless keep_others,
 * where everybody keeps the own rank.  ERR_NOMEM. */
enum err config_ranks(struct arena *, const struct config *,
    const struct config_ids *, struct config_items *present,
    struct config_items *wanted) MUST_USE;

/* Levels from 1 to 10, at most `max', sorted. */
enum err config_levels_take(struct arena *, const struct fields *,
    Mashang__SkillLevel *const *, size_t n, size_t max,
    const struct config_level **out) MUST_USE;

/* A queue's rules, checked on their own (config_rules.c); the queue has its
 * name and skills. */
enum err config_rules_take(struct arena *, const struct fields *,
    ProtobufCBinaryData, struct config_queue *) MUST_USE;
/* What the rules use, and of what kind; returns how many. */
#define RULES_NAMES_MAX (RULES_RELAX_MAX + RULES_OVERFLOWS_MAX + 4)
unsigned config_rules_names(const struct route_rules *,
    struct str names[RULES_NAMES_MAX], enum config_kind kinds[RULES_NAMES_MAX]);
/* With all that stays: no queue sends its calls round to itself. */
enum err config_rules_rings(struct arena *, const struct config *,
    const struct config_ids *, struct fault *) MUST_USE;

/* The configuration as items, sorted; ERR_CONFLICT: a name comes twice. */
enum err config_items(struct arena *, const struct fields *,
    const struct config *, struct config_items *) MUST_USE;

/* One question's rows as items, not sorted. */
enum err config_read(struct arena *, enum ledger_query,
    const struct ledger_rows *, struct config_ids *,
    struct config_items *) MUST_USE;
void config_items_sort(struct config_items *);

/* Every name that is used is there (with what stays, if keep_others).
 * ERR_CONFIG: the fault says which is not, and which would be near. */
enum err config_check(struct arena *, const struct config *,
    const struct config_sla *, const struct config_items *present,
    const struct config_items *wanted, struct fault *) MUST_USE;

struct config_change {
	enum config_kind kind;
	struct str name, before, after; /* empty: it was not, or is not */
};

struct config_merge {
	const struct config_items *present, *wanted;
	unsigned i, j;
	bool keep_others;
};

void config_merge_begin(struct config_merge *,
    const struct config_items *present, const struct config_items *wanted,
    bool keep_others);
bool config_merge_next(struct config_merge *, struct config_change *);

#endif
