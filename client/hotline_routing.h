/*
 * hotline_routing.h - how a queue distributes its calls, as the file says it.
 *
 * It comes to rules (routing/rules.h), which are sent as their text.  A mark's
 * line is 0 where nothing was written.
 *
 * Ownership: as all of the struct hotline.
 */
#ifndef CLIENT_HOTLINE_ROUTING_H
#define CLIENT_HOTLINE_ROUTING_H

#include "base/conf.h"
#include "routing/rules.h"

/* One of skill (with level), tier and queue. */
struct hotline_step {
	int64_t after_us, level, tier;
	const char *skill, *queue; /* may be "" */
	struct conf_mark at, level_at, of_at[NRELAXES];
};

/* One of wait, length and estimate. */
struct hotline_overflow {
	int64_t over[NOVERFLOWS];
	struct conf_mark at[NOVERFLOWS];
	struct conf_choice then;
};

struct hotline_routing {
	int strategy;
	int64_t ring_at_once;
	struct conf_list relax, overflow; /* steps; overflows */
	struct conf_mark ring_at, relax_at, overflow_at;

	int64_t first_us[NFIRSTS], within_us;
	struct conf_mark within_at;

	int64_t grade_us[RULES_GRADES], breached_us, repeat_us;
	struct conf_list words; /* struct conf_level: us */
	struct conf_mark words_at;

	const char *hours; /* a calendar, or "" */
	int64_t full, max_wait_us;
	struct conf_mark hours_at, full_at, max_wait_at;
	struct conf_choice closed, when_full, after_max_wait;

	int callback_first; /* 0 agent, 1 customer */
	int64_t retries, every_us, expires_us;
	struct conf_mark callback_at;

	int64_t follow_up_us, return_us, announce_us;
	struct conf_mark announce_at, extend_at;
	int64_t delay_us[NDELAYS];
	int64_t unanswered, again_us, extend_us, extensions, direct_us,
	    work_credit_us;

	struct route_rules rules; /* what it comes to ... */
	struct str text;          /* ... in one form, or "" */
};

#endif
