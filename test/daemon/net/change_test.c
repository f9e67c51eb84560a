/*
 * change_test.c - what people do to tickets, and what they are told.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/id.h"
#include "desk/clockwork.h"
#include "desk/desk.h"
#include "test/support/fake_ledger.h"
#include "test/support/house.h"
#include "test/support/support.h"

Suite *change_suite(void);

#define CODE(c) MASHANG__CODE__CODE_##c
#define ROLE(r) MASHANG__ROLE__ROLE_##r
#define BODY(b) MASHANG__ENVELOPE__BODY_##b
#define CHANGE(c) MASHANG__TICKET_CHANGE_KIND__TICKET_##c
#define DAY INT64_C(86400000000)

static struct house h;
static struct peer a;

static void
setup(void)
{
	house_up(&h, false);
}

static void
teardown(void)
{
	peer_close(&a);
	house_down(&h);
}

static void
log_in(Mashang__Role role)
{
	bool agent = role == ROLE(AGENT);

	peer_login(&a, &h, role, agent ? "a1" : NULL, agent ? "801" : NULL);
}

/* A change that lacks nothing, as far as its kind tells. */
static Mashang__TicketChange
change(Mashang__TicketChangeKind kind)
{
	Mashang__TicketChange c = MASHANG__TICKET_CHANGE__INIT;
	const struct ticket_rule *r =
	    ticket_rule((enum ticket_change_kind)kind);

	c.number = desk_ticket_number(42);
	c.change = kind;
	if (r->needs_text)
		c.text = data_of("so it is");
	if (r->needs_until)
		c.until_at = h.now + DAY;
	if (r->hands_over)
		c.owner = data_of("a2");
	if (r->describes)
		c.priority = 2;
	return c;
}

static void
request(Mashang__TicketChange *c)
{
	peer_request(&a, &ENVELOPE(TICKET_CHANGE, ticket_change, c));
}

static void
is_refused(Mashang__Code code, const char *params)
{
	const Mashang__Error *e = peer_reply(&a, BODY(ERROR))->error;
	char got[512] = "";

	for (size_t i = 0; i < e->n_params; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%.*s",
		    i > 0 ? "|" : "", (int)e->params[i].len,
		    (char *)e->params[i].data);
	ck_assert_int_eq(e->code, code);
	ck_assert_str_eq(got, params);
}

/* Everything that a change says reaches the ledger, and only what the rule
 * adds; then it is done, and saved. */
START_TEST(done_is_committed)
{
	Mashang__TicketChange c;
	Mashang__Envelope *e;
	char want[512];

	log_in(ROLE(AGENT));
	c = change(CHANGE(PEND_THIRD_PARTY));
	c.expect = 6;
	c.for_customer = true;
	fake_ledger_card(
	    h.ledger, LQ_TICKET_CHANGE, "done|7|pending_third_party|1");
	request(&c);
	e = peer_reply(&a, BODY(DONE));
	ck_assert_uint_eq(e->done->number, c.number);
	e = peer_wait(&a, BODY(SAVED));
	ck_assert_mem_eq(e->saved->op_ids[0].data, a.op, sizeof(a.op));
	snprintf(want, sizeof(want),
	    "|42|6|{acknowledged,assigned,in_progress,pending_third_party}|"
	    "pended|%" PRId64
	    "|%s|so it is|t|pending_third_party|||0|||%" PRId64,
	    h.now, "a1", h.now + DAY);
	ck_assert_str_eq(
	    fake_ledger_args(h.ledger, LQ_TICKET_CHANGE) + ID_TEXT_LEN, want);
}
END_TEST

/* What leads elsewhere from some and leaves others is asked twice. */
START_TEST(asked_twice_where_some_stay)
{
	Mashang__TicketChange c;
	const char *args;

	log_in(ROLE(AGENT));
	c = change(CHANGE(ASSIGN));
	fake_ledger_card(h.ledger, LQ_TICKET_CHANGE, "refused|7|scheduled|1");
	request(&c);
	is_refused(CODE(REFUSED),
	    "ticket|assign|scheduled|acknowledge, assign, schedule, resume, "
	    "arrive, resolve, change, promise, keep, contact");
	ck_assert_uint_eq(fake_ledger_asked(h.ledger, LQ_TICKET_CHANGE), 2);
	args = fake_ledger_args(h.ledger, LQ_TICKET_CHANGE);
	ck_assert_ptr_nonnull(
	    strstr(args, "|{pending_customer,pending_third_party,scheduled,"
			 "resolved,callback_pending}|assigned|"));
	ck_assert_ptr_nonnull(strstr(args, "|a1||f||||0||a2|0"));
	/* Where it would not stay either, once. */
	fake_ledger_card(h.ledger, LQ_TICKET_CHANGE, "refused|7|merged|1");
	request(&c);
	is_refused(CODE(REFUSED), "ticket|assign|merged");
	ck_assert_uint_eq(fake_ledger_asked(h.ledger, LQ_TICKET_CHANGE), 3);
}
END_TEST

/* clang-format off */
static const struct {
	const char *card;
	Mashang__Code code;
	const char *before, *after; /* the number; NULL: it is not named */
} outcomes[] = {
	{ "stale|9|in_progress|1", CODE(STALE_VERSION), "ticket|", "|9" },
	{ "missing|0||0",          CODE(NOT_FOUND),     "ticket|", "" },
	{ "no_owner|9|new|1",      CODE(NOT_FOUND),     "owner|a2", NULL },
	{ "no_queue|9|new|1",      CODE(NOT_FOUND),     "queue|q", NULL },
	{ "sung|9|new|1",          CODE(UNAVAILABLE),   "ledger", NULL },
};
/* clang-format on */

START_TEST(each_outcome)
{
	Mashang__TicketChange c;
	char want[64], number[24] = "";

	log_in(ROLE(AGENT));
	c = change(CHANGE(ASSIGN));
	c.queue = data_of("q");
	if (outcomes[_i].after != NULL)
		snprintf(number, sizeof(number), "%llu",
		    (unsigned long long)c.number);
	snprintf(want, sizeof(want), "%s%s%s", outcomes[_i].before, number,
	    number[0] != '\0' ? outcomes[_i].after : "");
	fake_ledger_card(h.ledger, LQ_TICKET_CHANGE, outcomes[_i].card);
	request(&c);
	is_refused(outcomes[_i].code, want);
}
END_TEST

/* The one who is beaten to the next place in the history tries once more. */
START_TEST(a_race_is_run_again_once)
{
	Mashang__TicketChange c;

	log_in(ROLE(AGENT));
	c = change(CHANGE(RESUME));
	fake_ledger_card(h.ledger, LQ_TICKET_CHANGE, "done|7|in_progress|1");
	fake_ledger_trouble(h.ledger, LQ_TICKET_CHANGE, 1, ERR_BAD_FIELD);
	request(&c);
	peer_reply(&a, BODY(DONE));
	ck_assert_uint_eq(fake_ledger_asked(h.ledger, LQ_TICKET_CHANGE), 2);
	fake_ledger_trouble(h.ledger, LQ_TICKET_CHANGE, 2, ERR_BUSY);
	request(&c);
	is_refused(CODE(BUSY), "");
	ck_assert_uint_eq(fake_ledger_asked(h.ledger, LQ_TICKET_CHANGE), 4);
	/* A question that was lost is not a race. */
	fake_ledger_trouble(h.ledger, LQ_TICKET_CHANGE, 1, ERR_IO);
	request(&c);
	is_refused(CODE(UNAVAILABLE), "ledger");
	ck_assert_uint_eq(fake_ledger_asked(h.ledger, LQ_TICKET_CHANGE), 5);
	fake_ledger_away(h.ledger, true);
	request(&c);
	is_refused(CODE(UNAVAILABLE), "ledger");
}
END_TEST

/* Neither cancelled nor closed unresolved by an agent. */
START_TEST(what_is_the_supervisors)
{
	Mashang__TicketChange c;

	log_in(ROLE(AGENT));
	fake_ledger_card(h.ledger, LQ_TICKET_CHANGE, "refused|7|new|1");
	c = change(CHANGE(CANCEL));
	request(&c);
	is_refused(CODE(FORBIDDEN), "agent|cancel");
	ck_assert_uint_eq(fake_ledger_asked(h.ledger, LQ_TICKET_CHANGE), 0);
	c = change(CHANGE(CLOSE));
	request(&c);
	is_refused(CODE(FORBIDDEN), "agent|close");
	ck_assert_ptr_nonnull(
	    strstr(fake_ledger_args(h.ledger, LQ_TICKET_CHANGE),
		"|{resolved,callback_pending}|closed|"));
	peer_close(&a);
	log_in(ROLE(SUPERVISOR));
	fake_ledger_card(h.ledger, LQ_TICKET_CHANGE, "done|7|closed|1");
	request(&c);
	peer_reply(&a, BODY(DONE));
	ck_assert_ptr_nonnull(
	    strstr(fake_ledger_args(h.ledger, LQ_TICKET_CHANGE),
		"|{new,acknowledged,assigned,in_progress,pending_customer,"
		"pending_third_party,scheduled,resolved,callback_pending}|"));
}
END_TEST

static void
lacks(Mashang__TicketChange *c, Mashang__Code code, const char *params)
{
	request(c);
	is_refused(code, params);
	ck_assert_uint_eq(fake_ledger_asked(h.ledger, LQ_TICKET_CHANGE), 0);
}

START_TEST(what_is_wrong_is_named)
{
	Mashang__TicketChange c;
	char number[24];

	log_in(ROLE(SUPERVISOR));
	c = change(CHANGE(PROMISE));
	c.text = data_of("");
	lacks(&c, CODE(BAD_FIELD), "text|missing");
	c = change(CHANGE(PROMISE));
	c.until_at = 0;
	lacks(&c, CODE(BAD_FIELD), "until|missing");
	c.until_at = h.now;
	lacks(&c, CODE(BAD_FIELD), "until|in the past");
	c.until_at = h.now + 366 * DAY + 1;
	lacks(&c, CODE(BAD_FIELD), "until|at most 366 days ahead");
	c = change(CHANGE(RESUME));
	c.until_at = h.now + DAY;
	lacks(&c, CODE(BAD_FIELD), "until|none, this takes no time");
	c = change(CHANGE(RESUME));
	c.owner = data_of("a2");
	lacks(&c, CODE(BAD_FIELD), "owner, queue|none, use assign");
	c.owner = data_of("");
	c.priority = 1;
	lacks(&c, CODE(BAD_FIELD), "kind, category, priority|none, use change");
	c = change(CHANGE(ASSIGN));
	c.owner = data_of("");
	lacks(&c, CODE(BAD_FIELD), "owner|missing, or a queue");
	c = change(CHANGE(CHANGE));
	c.priority = 0;
	lacks(&c, CODE(BAD_FIELD), "kind|missing, or a category or priority");
	c.priority = 6;
	lacks(&c, CODE(BAD_FIELD), "priority|0 to 5");
	c = change(CHANGE(RESUME));
	c.change = CHANGE(CHANGE_NONE);
	lacks(&c, CODE(BAD_FIELD), "change|1 to 16");
	c = change(CHANGE(RESUME));
	c.number++;
	snprintf(number, sizeof(number), "%llu", (unsigned long long)c.number);
	lacks(&c, CODE(MISHEARD), number);
}
END_TEST

/* Whoever asked may be gone when the ledger answers. */
START_TEST(the_answer_finds_nobody)
{
	Mashang__TicketChange c;

	log_in(ROLE(AGENT));
	c = change(CHANGE(RESUME));
	fake_ledger_card(h.ledger, LQ_TICKET_CHANGE, "done|7|in_progress|1");
	request(&c);
	shutdown(a.fd, SHUT_RDWR);
	house_turn(&h);
	house_turn(&h);
	ck_assert_uint_eq(fake_ledger_asked(h.ledger, LQ_TICKET_CHANGE), 1);
}
END_TEST

/* ---------------------------------------------------------------- notices */

static void
tell(unsigned notify, uint32_t owner)
{
	const struct clock_notice n = {
		.ticket = 42,
		.metric = "resolution",
		.percent = 75,
		.notify = notify,
		.owner = owner,
		.at = h.now,
		.due_at = h.now + DAY,
	};

	net_clock_notice(h.net, &n);
}

/* Is it the next that this peer hears? */
static bool
hears(struct peer *p)
{
	Mashang__Ping ping = MASHANG__PING__INIT;
	Mashang__Envelope *e;

	peer_request(p, &ENVELOPE(PING, ping, &ping));
	do
		e = peer_next(p);
	while (
	    e->body_case != BODY(PONG) && e->body_case != BODY(CLOCK_NOTICE));
	if (e->body_case == BODY(PONG))
		return false;
	ck_assert_uint_eq(e->clock_notice->number, desk_ticket_number(42));
	ck_assert_uint_eq(e->clock_notice->percent, 75);
	ck_assert_int_eq(e->clock_notice->due_at, h.now + DAY);
	ck_assert_mem_eq(e->clock_notice->owner.data, "a", 1);
	peer_reply(p, BODY(PONG));
	return true;
}

START_TEST(a_notice_is_told_to_whom_it_concerns)
{
	struct peer boss, root;

	log_in(ROLE(AGENT));
	peer_login(&boss, &h, ROLE(SUPERVISOR), NULL, NULL);
	peer_login(&root, &h, ROLE(ADMINISTRATOR), NULL, NULL);
	tell(NOTIFY_OWNER, 1);
	ck_assert(hears(&a) && !hears(&boss) && !hears(&root));
	tell(NOTIFY_OWNER, 2); /* another's */
	ck_assert(!hears(&a) && !hears(&boss) && !hears(&root));
	tell(NOTIFY_SUPERVISOR, 1);
	ck_assert(!hears(&a) && hears(&boss) && !hears(&root));
	tell(NOTIFY_OWNER | NOTIFY_MANAGER, 1);
	ck_assert(hears(&a) && hears(&boss) && !hears(&root));
	tell(0, 1);
	ck_assert(!hears(&a) && !hears(&boss));
	peer_close(&boss);
	peer_close(&root);
}
END_TEST

Suite *
change_suite(void)
{
	TCase *tc = tcase_create("change");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, done_is_committed);
	tcase_add_test(tc, asked_twice_where_some_stay);
	tcase_add_loop_test(tc, each_outcome, 0, NELEM(outcomes));
	tcase_add_test(tc, a_race_is_run_again_once);
	tcase_add_test(tc, what_is_the_supervisors);
	tcase_add_test(tc, what_is_wrong_is_named);
	tcase_add_test(tc, the_answer_finds_nobody);
	tcase_add_test(tc, a_notice_is_told_to_whom_it_concerns);
	return suite_of(tc, "change");
}
