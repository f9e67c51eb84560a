/*
 * config.h - configurations from the wire and from the ledger, made alike so
 * that they can be compared.
 *
 * An item is one skill, queue, agent, device, number, calendar or policy, by its
 * name, and all that is configured of it as one line of text; and whom agents
 * may call; and the policies' order.  Two items are the same iff their texts
 * are; a difference is shown as the two texts.
 */
#ifndef NET_CONFIG_H
#define NET_CONFIG_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "mashang.pb-c.h"
#include "store/ledger.h"

struct arena;
struct config_sla;
struct fault;
struct fields;

enum config_kind {
	CONFIG_SKILL,
	CONFIG_QUEUE,
	CONFIG_AGENT,
	CONFIG_DEVICE,
	CONFIG_NUMBER,
	CONFIG_DIALLING, /* whom agents may call: one item */
	CONFIG_CALENDAR, /* this and what follows is of clocks */
	CONFIG_POLICY,
	CONFIG_ORDER, /* of the policies: one item */
	CONFIG_NKINDS
};
const char *config_kind_name(enum config_kind);

struct config_item {
	enum config_kind kind;
	struct str name, text;
};

struct config_items {
	struct config_item *items;
	unsigned n, room;
};

/* Names by the ledger's ids, learnt while its rows are read; and what the last
 * revision says, policies in order, a queue's calendar as its `spec'. */
struct config_ids {
	uint32_t revision;
	unsigned n_calendars, n_policies, n_queue_calendars;
	struct config_spec *calendars, *policies, *queue_calendars;
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
enum err config_check(const struct config *, const struct config_sla *,
    const struct config_items *present, const struct config_items *wanted,
    struct fault *) MUST_USE;

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
