/*
 * desk_bed.h - the desk alone: time by hand, a ledger and an ACD in memory, one
 * switch `sw', and everything that the desk tells as one line of words.
 *
 * Queues q (number 4001) and p (4002), wrap-up 30 s; agents 1 (in q) and 2 (in
 * p) are ready at phones 801 and 802, agent 3 (in p) is logged off; 803 and 900
 * are phones of the switch, 700 is another's.
 *
 * Another house of queues and agents is opened with bed_open(); its agents are
 * logged off.
 */
#ifndef DESK_BED_H
#define DESK_BED_H

#include <stdint.h>

#include "desk/desk.h"

#define S INT64_C(1000000)
#define ALL UINT32_MAX
#define TALKING                                                 \
	(ORDER_BIT(ORDER_HOLD) | ORDER_BIT(ORDER_TRANSFER) |    \
	    ORDER_BIT(ORDER_CONSULT) | ORDER_BIT(ORDER_CLEAR) | \
	    ORDER_BIT(ORDER_REQUEUE))
#define ON_HOLD ((TALKING & ~ORDER_BIT(ORDER_HOLD)) | ORDER_BIT(ORDER_RETRIEVE))

struct acd_cmd;

struct desk_bed {
	struct desk *desk;
	struct ledger *ledger;
	struct desk_switch *sw;
	int64_t now;
	uint64_t version, offer, order;    /* the last ones */
	unsigned can[4];                   /* by agent: of the last call told */
	uint64_t ticket, consult_ticket;   /* of the last call told */
	char data[256];                    /* of the last offer */
	char why[256];                     /* the same */
	int64_t wait_low_us, wait_high_us; /* of the last announcement */
	uint32_t offered_to; /* the same; 0: none since it was set so */
};
extern struct desk_bed bench;

/* A checked fixture. */
void bed_up(void);
void bed_down(void);
/* As the ledger's cards have them (fake_ledger.h). */
struct bed_house {
	const char *skills, *queues, *agents, *devices, *numbers;
};
void bed_open(const struct bed_house *);
/* What holds in this queue from now on, as lines of text (rules.h). */
void bed_rules(const char *queue, const char *text);
/* Time goes on to there, in steps as they fall due. */
void bed_until(int64_t at);
/* Behind the desk's back. */
void bed_acd(const struct acd_cmd *);
/* Until nothing is awaited. */
void bed_run(void);
void bed_attach(unsigned able, const struct live_call *, unsigned n);
void bed_log_in(uint32_t agent, const char *device, enum agent_state);

/* What was told since the last look; then a clean page. */
const char *bed_page(void);
#define ck_told(want) ck_assert_str_eq(bed_page(), want)

struct call_event bed_an_event(
    const char *call, uint32_t seq, enum call_event_kind, const char *device);
void bed_say(struct call_event);
void bed_event(
    const char *call, uint32_t seq, enum call_event_kind, const char *device);
/* Of the consult call k about c. */
void bed_consult(uint32_t seq, enum call_event_kind, const char *device);
/* Of the last order. */
void bed_result(enum err);

struct id bed_id_of(const char *call);
/* An operation of an agent's, or of a supervisor's: 0. */
struct desk_action bed_by(uint32_t agent);
void bed_ask(uint32_t agent, struct control);
void bed_answer(void *, enum err, const struct control_answer *);
#define ASK(agent, c, KIND, ...) \
	bed_ask(agent,           \
	    (struct control){    \
		.call = bed_id_of(c), .kind = ORDER_##KIND, __VA_ARGS__ })

/* Agent 1 talks to the caller of c. */
void bed_talking(void);
/* ... who is held, and agent 1 consults agent 2. */
void bed_consulting(void);

#endif
