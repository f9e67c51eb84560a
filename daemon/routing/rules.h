/*
 * rules.h - how one queue distributes its calls: the rules as data, the one
 * line of text a rule that they are kept and shown as, and what must hold.
 *
 * A queue without rules goes by the preset: longest idle, nobody first, no
 * credit but for the switch's class of priority, open always.  Rules name
 * queues, skills and calendars by name; whoever uses them finds the ids.
 *
 * Text form, one rule a line, in this order, presets left out:
 *
 *   strategy most_skilled                  whom among the ready
 *   ring_at_once 8                         ring_all: how many at a time, left
 *                                          out: as many as can be
 *   relax 30s skill english 3              the minimum falls (0: not asked)
 *   relax 60s tier 2                       agents of tiers up to 2 join
 *   relax 90s queue sales                  the agents of sales join
 *   first owner 30s                        of the caller's open ticket
 *   first last_agent 20s within 7d         who spoke with the caller last
 *   first account_manager 60s              the key account's
 *   credit grade A 60s                     head start for the customer's grade
 *   credit breached 2m                     an open ticket's promise is broken
 *   credit repeat 60s                      called within 24 h already
 *   credit word gas 10m                    of the menu: safety words
 *   hours office closed queue night        calendar, and what when closed
 *   full 50 refuse                         so many wait: what for the next
 *   max_wait 10m refuse
 *   overflow wait 60s queue sales          also: length 20, estimate 5m
 *   callback agent_first retries 3 every 10m expires 8h
 *   follow_up_abandoned 1m                 who gave up after this is called
 *   return 10m                             back within: the old place
 *   announce 30s                           position and estimate, each 30 s
 *   delay no_answer 10s                    also: refused, device_busy
 *   unanswered 3                           so many in a row: not ready
 *   again 60s                              who refused is asked again after;
 *                                          0s: never
 *   extend 2m 3                            wrap-up: by 2 min, 3 times at most
 *   direct 5m                              for one agent; then for everybody
 *   work_credit -5m                        of ticket work beside calls
 *
 * Actions: refuse (the switch is told why), queue NAME, callback (the caller is
 * called back where the number allows it, else refused; the queue has a rule
 * `callback', too).
 *
 * Names are escaped as in a URL where they hold blanks, control characters or
 * a percent sign (%20); times are 500ms 20s 15m 2h 1d.  The order of lines is
 * free to read, but for steps of `relax' and `overflow'; what is written is in
 * this order.
 *
 * Ownership: texts belong to whoever filled the struct (an arena, a file).
 */
#ifndef ROUTING_RULES_H
#define ROUTING_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define RULES_RELAX_MAX 16
#define RULES_WORDS_MAX 16
#define RULES_OVERFLOWS_MAX 4
#define RULES_TIERS 10
#define RULES_RING_MAX 16
#define RULES_GRADES 5     /* A to E */
#define RULES_NEIGHBOURS 7 /* queues that join by relaxing */
#define RULES_TEXT_MAX 12288
#define RULES_NAME_MAX 64

/* No waiting is longer, and no credit; callbacks expire and last agents are
 * forgotten later. */
#define RULES_SPAN_MAX (INT64_C(86400) * 1000000)
#define RULES_LONG_MAX (366 * RULES_SPAN_MAX)
#define RULES_EVERY_MIN INT64_C(1000000) /* what comes again and again */
#define RULES_COUNT_MAX 100000           /* of calls */
#define RULES_TIMES_MAX 100              /* retries, extensions, unanswered */
#define RULES_WEIGHT_MAX 10

/* Words: longest_idle round_robin fewest_calls least_talk top_down random
 * weighted_random ring_all most_skilled least_skilled. */
enum strategy {
	STRATEGY_LONGEST_IDLE, /* the preset */
	STRATEGY_ROUND_ROBIN,  /* offered least recently by this queue */
	STRATEGY_FEWEST_CALLS,
	STRATEGY_LEAST_TALK,
	STRATEGY_TOP_DOWN, /* as the file names them */
	STRATEGY_RANDOM,
	STRATEGY_WEIGHTED_RANDOM,
	STRATEGY_RING_ALL,
	STRATEGY_MOST_SKILLED, /* in what the queue asks for */
	STRATEGY_LEAST_SKILLED,
	NSTRATEGIES
};

enum relax_kind { RELAX_SKILL, RELAX_TIER, RELAX_QUEUE, NRELAXES };
struct relax {
	int64_t after_us; /* of waiting; rising */
	enum relax_kind kind;
	struct str name; /* skill or queue */
	uint32_t n;      /* level (0: not asked for), or tier */
};

enum first_kind {
	FIRST_OWNER,
	FIRST_LAST_AGENT,
	FIRST_ACCOUNT_MANAGER,
	NFIRSTS
};

enum rule_action { ACTION_NONE, ACTION_REFUSE, ACTION_QUEUE, ACTION_CALLBACK };
struct rule_then {
	enum rule_action action;
	struct str queue;
};

enum overflow_kind {
	OVERFLOW_WAIT,
	OVERFLOW_LENGTH,
	OVERFLOW_ESTIMATE,
	NOVERFLOWS
};
struct overflow {
	enum overflow_kind kind;
	int64_t over; /* us, or calls */
	struct rule_then then;
};

/* What a line begins with, in the order of the text. */
enum rule_kind {
	RULE_STRATEGY,
	RULE_RING_AT_ONCE,
	RULE_RELAX,
	RULE_FIRST,
	RULE_CREDIT,
	RULE_HOURS,
	RULE_FULL,
	RULE_MAX_WAIT,
	RULE_OVERFLOW,
	RULE_CALLBACK,
	RULE_FOLLOW_UP_ABANDONED,
	RULE_RETURN,
	RULE_ANNOUNCE,
	RULE_DELAY,
	RULE_UNANSWERED,
	RULE_AGAIN,
	RULE_EXTEND,
	RULE_DIRECT,
	RULE_WORK_CREDIT,
	NRULES
};

enum delay_kind { DELAY_NO_ANSWER, DELAY_REFUSED, DELAY_DEVICE_BUSY, NDELAYS };

struct route_rules {
	enum strategy strategy;
	uint32_t ring_at_once; /* 1 to RULES_RING_MAX */
	unsigned n_relax;
	struct relax relax[RULES_RELAX_MAX];
	int64_t first_us[NFIRSTS]; /* 0: not */
	int64_t last_agent_within_us;
	int64_t grade_us[RULES_GRADES], breached_us, repeat_us;
	unsigned n_words;
	struct {
		struct str word;
		int64_t us;
	} words[RULES_WORDS_MAX];
	struct str hours; /* calendar; empty: always open */
	struct rule_then closed;
	uint32_t full; /* waiting calls; 0: no bound */
	struct rule_then when_full;
	int64_t max_wait_us; /* 0: none */
	struct rule_then after_max_wait;
	unsigned n_overflows;
	struct overflow overflows[RULES_OVERFLOWS_MAX];
	struct {
		bool offered, customer_first;
		uint32_t retries;
		int64_t every_us, expires_us;
	} callback;
	int64_t follow_up_abandoned_us; /* 0: not */
	int64_t return_us, announce_us; /* 0: not */
	int64_t delay_us[NDELAYS];
	uint32_t unanswered; /* 0: any number */
	int64_t again_us;
	int64_t extend_us; /* 0: not */
	uint32_t extensions;
	int64_t direct_us;      /* 0: until they log off */
	int64_t work_credit_us; /* may be negative */
};

/* What holds where nothing is said. */
void rules_preset(struct route_rules *);
/* How many ring at once where only the strategy is said. */
uint32_t rules_ring_preset(enum strategy);

/* "longest_idle"; NULL: none of that number.  And back, -1: no such word. */
const char *strategy_word(enum strategy);
int strategy_of(struct str word);
const char *rule_word(enum rule_kind);
const char *relax_word(enum relax_kind);
const char *first_word(enum first_kind);
const char *overflow_word(enum overflow_kind);
const char *delay_word(enum delay_kind);
const char *action_word(enum rule_action);
/* All of them in their order, NULL-ended; actions without the first. */
extern const char *const strategy_words[NSTRATEGIES + 1];
extern const char *const rule_words[NRULES + 1];
extern const char *const relax_words[NRELAXES + 1];
extern const char *const first_words[NFIRSTS + 1];
extern const char *const overflow_words[NOVERFLOWS + 1];
extern const char *const delay_words[NDELAYS + 1];
extern const char *const action_words[ACTION_CALLBACK + 1];

/* The text form, in the arena; { "", 0 } for the preset.  { NULL, 0 }: no
 * memory. */
struct str rules_text(const struct route_rules *, struct arena *);
/* Texts are copied to the arena.  ERR_CONFIG: `fault' (of `room' bytes) says
 * which line and what is wrong with it. */
enum err rules_parse(struct str text, struct arena *, struct route_rules *,
    char *fault, size_t room) MUST_USE;

/* Which rule it is, and which of its kind (a step, a word). */
struct rules_fault {
	enum rule_kind rule;
	unsigned index;
	char what[256];
};
/* What no single line shows: relaxations that do not rise, a queue that leads
 * to itself, two rules of a kind.  ERR_CONFIG: the fault is set. */
enum err rules_check(struct str queue, const struct route_rules *,
    struct rules_fault *) MUST_USE;

/* Relaxed skills are asked for by the queue, and fall. */
struct rules_minimum {
	struct str skill;
	uint32_t level;
};
enum err rules_check_skills(const struct route_rules *,
    const struct rules_minimum *, unsigned n, struct rules_fault *) MUST_USE;

/* All queues: none leads back to itself over others.  `which' is one that
 * does.  ERR_NOMEM, too. */
struct rules_of {
	struct str queue;
	const struct route_rules *rules;
};
enum err rules_check_rings(const struct rules_of *, unsigned n, unsigned *which,
    struct rules_fault *) MUST_USE;

#endif
