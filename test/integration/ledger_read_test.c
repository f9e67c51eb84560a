/*
 * ledger_read_test.c - questions, leases, configuration, log-ins, rights and
 * migrations on a real PostgreSQL.
 */
#include "test/support/ledger_bed.h"

#include <stdio.h>
#include <string.h>

static void
on_rows_count(void *arg, enum err e, const struct ledger_rows *rows)
{
	ck_assert(e == ERR_OK ? rows != NULL : rows == NULL);
	*(int *)arg = e == ERR_OK ? (int)rows->n : -(int)e;
}

/* ------------------------------------------------------------------- reads */

START_TEST(reads_do_not_wait_for_writes)
{
	struct str args[] = { STR_LIT("2000") };
	int n = -1;

	give(ticket_unit(2000, 1, 1, NULL, ""), 0);
	wait_done(1);
	pg_server_hold("LOCK TABLE call IN EXCLUSIVE MODE");
	give(event_unit(1, 1, "offered", "offered"), 1);
	event_base_loop(base, EVLOOP_ONCE);
	ck_ok(l->ops->query(l, LQ_TICKET, 1, args, on_rows_count, &n));
	ck_assert_int_eq(n, -1); /* never from inside */
	while (n == -1)
		event_base_loop(base, EVLOOP_ONCE);
	ck_assert_int_eq(n, 1);
	ck_assert_int_eq(n_dones, 1);
	pg_server_release();
	wait_done(2);
	ck_assert_int_eq(n_lost, 0);
}
END_TEST

START_TEST(a_read_is_told_of_the_loss)
{
	int n = 1;

	pg_server_freeze(true);
	ck_ok(l->ops->query(l, LQ_CONFIG_SKILLS, 0, NULL, on_rows_count, &n));
	event_base_loop(base, EVLOOP_NONBLOCK);
	pg_server_kill();
	while (n == 1)
		event_base_loop(base, EVLOOP_ONCE);
	ck_assert_int_eq(n, -(int)ERR_IO);
	pg_server_again();
}
END_TEST

static char cells[4096];

static void
on_cells(void *arg, enum err e, const struct ledger_rows *rows)
{
	char *p = cells;

	(void)arg;
	cells[0] = '\0';
	if (e != ERR_OK) {
		snprintf(cells, sizeof(cells), "%s", err_name(e));
		return;
	}
	for (unsigned i = 0; i < rows->n * rows->n_columns; i++)
		p += snprintf(p, 200, "%.*s%c", STR_ARG(rows->cells[i]),
		    (i + 1) % rows->n_columns == 0 ? ';' : '|');
}

static const char *
ask(enum ledger_query q, unsigned n, const struct str *args)
{
	snprintf(cells, sizeof(cells), "?");
	ck_ok(l->ops->query(l, q, n, args, on_cells, NULL));
	while (strcmp(cells, "?") == 0)
		event_base_loop(base, EVLOOP_ONCE);
	return cells;
}

#define ck_query(want, q, ...)                                          \
	ck_assert_str_eq(ask(q, NELEM(((struct str[]){ __VA_ARGS__ })), \
			     (struct str[]){ __VA_ARGS__ }),            \
	    want)

#define OP(digit) STR_LIT("0000000000000000000000000000000" digit)

static const struct str args[LQ_NQUERIES][16] = {
	[LQ_SWITCH_ADD] = { STR_LIT("pbx") },
	[LQ_STREAM_COMMITTED] = { STR_LIT("1"), STR_LIT("9") },
	[LQ_CALLS_BY_NAME] = { STR_LIT("1"), STR_LIT("9"), STR_LIT("{c1}") },
	[LQ_CALLS_LIVE] = { STR_LIT("1") },
	[LQ_OFFERS_OPEN] = { STR_LIT("a"), STR_LIT("1") },
	[LQ_AGENTS_LEFT] = { STR_LIT("a") },
	[LQ_NODE_ALIVE] = { STR_LIT("a") },
	[LQ_STORY] = { STR_LIT("+86"), STR_LIT("") },
	[LQ_CALLER_FACTS] = { STR_LIT("+86"), STR_LIT(""), OP("6"),
	    STR_LIT("1") },
	[LQ_AGENT_FIGURES] = { STR_LIT("1"), STR_LIT("0") },
	[LQ_TICKET] = { STR_LIT("2000") },
	[LQ_TICKET_EVENTS] = { STR_LIT("2000"), STR_LIT("0") },
	[LQ_TICKET_OF_KEY] = { OP("1") },
	[LQ_TICKETS] = { STR_LIT(""), STR_LIT(""), STR_LIT(""), STR_LIT("0"),
	    STR_LIT("10") },
	[LQ_DAY] = { STR_LIT("0"), STR_LIT("1") },
	[LQ_TICKET_CHANGE] = { OP("2"), STR_LIT("2000"), STR_LIT("0"),
	    STR_LIT("{new}"), STR_LIT("resumed"), STR_LIT("1"), STR_LIT("wang"),
	    STR_LIT(""), STR_LIT("f"), STR_LIT("in_progress"), STR_LIT(""),
	    STR_LIT(""), STR_LIT("0"), STR_LIT(""), STR_LIT("-"),
	    STR_LIT("0") },
	[LQ_DIAL] = { OP("3"), STR_LIT("2000"), STR_LIT(""),
	    STR_LIT("callback"), STR_LIT("1"), STR_LIT("wang"), STR_LIT("7"),
	    STR_LIT("1"), STR_LIT("801"), STR_LIT("1") },
	[LQ_DIALS_OPEN] = { STR_LIT("1") },
	[LQ_DIAL_OF_OP] = { OP("3") },
	[LQ_DIAL_OF_CALL] = { OP("4") },
	[LQ_DIALS] = { STR_LIT("0"), STR_LIT("0"), STR_LIT("1"), STR_LIT("0"),
	    STR_LIT("10") },
	[LQ_DO_NOT_CALL] = { STR_LIT(""), STR_LIT("1"), STR_LIT("0"),
	    STR_LIT("10") },
	[LQ_DO_NOT_CALL_SET] = { OP("5"), STR_LIT("+861"), STR_LIT("no"),
	    STR_LIT("0"), STR_LIT("f"), STR_LIT("wang"), STR_LIT("1") },
	[LQ_CUSTOMER_SET] = { OP("7"), STR_LIT("+861"), STR_LIT("Wang"),
	    STR_LIT("A"), STR_LIT(""), STR_LIT("boss"), STR_LIT("1") },
	[LQ_CUSTOMERS] = { STR_LIT(""), STR_LIT("0"), STR_LIT("10") },
	[LQ_WHY_CALL] = { OP("6"), STR_LIT("") },
	[LQ_DECISIONS] = { OP("6"), STR_LIT("0"), STR_LIT("10") },
	[LQ_WHY_NOT] = { OP("6"), STR_LIT("wang"), STR_LIT("1"), STR_LIT("0"),
	    STR_LIT("10") },
	[LQ_AGENT_STATES] = { STR_LIT("wang"), STR_LIT("0"), STR_LIT("1"),
	    STR_LIT("0"), STR_LIT("10") },
	[LQ_QUEUE_DOOR_SET] = { OP("7"), STR_LIT("none"), STR_LIT("open"),
	    STR_LIT("0"), STR_LIT("wang"), STR_LIT("1") },
	[LQ_WORK_TAKE] = { OP("6"), STR_LIT("0"), STR_LIT("1"), STR_LIT("wang"),
	    STR_LIT("a"), STR_LIT("1") },
	[LQ_WORK_OUTCOME] = { OP("6"), STR_LIT("1"), STR_LIT(""), STR_LIT("0"),
	    STR_LIT("1") },
	[LQ_WORK_CLOSE] = { OP("6"), STR_LIT("1"), STR_LIT("1") },
	[LQ_WORK_HOLD] = { STR_LIT("a"), STR_LIT("{b}"), STR_LIT("{}"),
	    STR_LIT("{}"), STR_LIT("{1/0}"), STR_LIT("{1}"), STR_LIT("t"),
	    STR_LIT("t"), STR_LIT("10") },
	[LQ_WORK_NODES] = { STR_LIT("a") },
	[LQ_WORK_LIST] = { STR_LIT(""), STR_LIT("0"), STR_LIT("10") },
	[LQ_CLOCKS] = { STR_LIT("10") },
	[LQ_SLA_REVISIONS] = { STR_LIT("0") },
	[LQ_SLA_CALENDARS] = { STR_LIT("0") },
	[LQ_SLA_POLICIES] = { STR_LIT("0") },
	[LQ_SLA_QUEUES] = { STR_LIT("0") },
	[LQ_SLA_TODO] = { STR_LIT("a"), STR_LIT("0"), STR_LIT("10"),
	    STR_LIT("0") },
	[LQ_SLA_DUE] = { STR_LIT("10") },
	[LQ_SLA_HISTORY] = { STR_LIT("{2000}") },
	[LQ_SLA_CLOCKS] = { STR_LIT("{2000}") },
	[LQ_SLA_EVENTS] = { STR_LIT("{2000}") },
	[LQ_SLA_OPEN] = { STR_LIT("0"), STR_LIT("0") },
	[LQ_SLA_JOB] = { STR_LIT("500"), STR_LIT("1") },
	[LQ_SLA_WORK] = { STR_LIT("0") },
};

/* Each is prepared and takes as many arguments as it says. */
START_TEST(every_query_answers)
{
	for (unsigned q = LQ_NONE + 1; q < LQ_NQUERIES; q++) {
		unsigned n = 0;

		while (n < 16 && args[q][n].p != NULL)
			n++;
		ck_assert_msg(strcmp(ask(q, n, args[q]), "io") != 0, "%u", q);
	}
}
END_TEST

START_TEST(calls_and_tickets_are_found)
{
	struct ledger_unit *u = ticket_unit(2000, 1, 1, NULL, "+8613812348000");

	put_note(u, 0, 1, 5);
	give(event_unit(1, 1, "offered", "offered"), 0);
	give(event_unit(2, 3, "queued", "queued"), 0);
	give(u, 0);
	wait_done(3);
	ck_query("c1|1|offered||||1700000000000001||||2000|1||||0||;",
	    LQ_CALLS_BY_NAME, STR_LIT("1"), STR_LIT("9"), STR_LIT("{c1,x}"));
	ck_query("203;", LQ_STREAM_COMMITTED, STR_LIT("1"), STR_LIT("9"));
	ck_query("0;", LQ_STREAM_COMMITTED, STR_LIT("1"), STR_LIT("10"));
	ck_query("1;", LQ_SWITCH_ADD, STR_LIT("pbx"));
	ck_query("1;", LQ_SWITCH_ADD, STR_LIT("pbx"));
	ck_query("1|1700000000000005|note|wang|hello;", LQ_TICKET_EVENTS,
	    STR_LIT("2000"), STR_LIT("0"));
	ck_query("", LQ_TICKET_EVENTS, STR_LIT("2000"), STR_LIT("1"));
	ck_query("customer|1700000000000000||||||1;"
		 "contact|1700000000000000|hello|2000||new||;"
		 "ticket|1700000000000000||2000||new||;",
	    LQ_STORY, STR_LIT("+8613812348000"), STR_LIT(""));
	ck_query("2000||new||+8613812348000|||1700000000000000|;", LQ_TICKETS,
	    STR_LIT("new"), STR_LIT(""), STR_LIT(""), STR_LIT("0"),
	    STR_LIT("9"));
	ck_query("", LQ_TICKETS, STR_LIT("closed"), STR_LIT(""), STR_LIT(""),
	    STR_LIT("0"), STR_LIT("9"));
	ck_query("bad_field", LQ_TICKET, STR_LIT("2000;"));
}
END_TEST

/* clang-format off */
static const struct {
	int64_t queued, delivered, established, ended;
	const char *cause, *relation, *outcome;
} outcomes[] = {
	{ 0, 0, 0, 0, NULL, NULL, "menu_only" },
	{ 0, 0, 0, 9, "normal", NULL, "menu_only" },
	{ 0, 2, 3, 9, "normal", "consult", "menu_only" },
	{ 0, 2, 3, 9, "normal", NULL, "answered" },
	{ 1, 2, 3, 9, "normal", "transfer", "answered" },
	{ 1, 2, 3, 0, NULL, NULL, "answered" },
	{ 1, 2, 0, 0, NULL, NULL, "waiting" },
	{ 1, 0, 0, 6000001, "normal", NULL, "abandoned" },
	{ 1, 0, 0, 5000001, "normal", NULL, "short" },
	{ 1, 0, 0, 9, "overflow", NULL, "overflowed" },
	{ 1, 0, 0, 9, "timed_out", NULL, "timed_out" },
	{ 1, 0, 0, 9, "refused", NULL, "refused" },
	{ 1, 0, 0, 9, "called_back", NULL, "called_back" },
	{ 1, 0, 0, 9, "withdrawn", NULL, "withdrawn" },
	{ 1, 0, 0, 9, "switch_lost", NULL, "lost_by_switch" },
};
/* clang-format on */

START_TEST(every_call_has_one_outcome)
{
	char sql[128];

	for (unsigned i = 0; i < NELEM(outcomes); i++) {
		struct ledger_unit *u = ledger_unit_new(l);
		struct call_row c = call_row(i, 1, "queued");

#define AT(x) ((x) != 0 ? T0 + (x) : 0)
		c.queued_at = AT(outcomes[i].queued);
		c.delivered_at = AT(outcomes[i].delivered);
		c.established_at = AT(outcomes[i].established);
		c.ended_at = AT(outcomes[i].ended);
		c.end_cause = outcomes[i].cause;
		c.relation = outcomes[i].relation;
		ck_ok(ledger_put_call(u, &c));
		give(u, 0);
	}
	wait_done(NELEM(outcomes));
	for (unsigned i = 0; i < NELEM(outcomes); i++) {
		snprintf(sql, sizeof(sql),
		    "SELECT outcome FROM call_outcome o JOIN call c"
		    " USING (id) WHERE switch_call = 'c%u'",
		    i);
		ck_ask(sql, outcomes[i].outcome);
	}
	/* offered = the sum of the others; waits and talks of the answered */
	ck_query("|12|3|1|1|1|1|1|1|1|1|1|5|3|3|3|12|0;", LQ_DAY,
	    STR_LIT("1700000000000000"), STR_LIT("1700000000001000"));
}
END_TEST

/* ------------------------------------------------------------------ leases */

static uint64_t
take(struct ledger *from, enum ledger_lease which)
{
	uint64_t n;

	while (from->ops->lease(from, which, &n) == ERR_BUSY)
		event_base_loop(base, EVLOOP_ONCE);
	return n;
}

START_TEST(leases_are_unique)
{
	struct pg_options opt = { .batches = 2, .ticket_block = 10 };
	static bool seen[4000];
	struct ledger *a, *b;

	a = open_with(&opt);
	b = open_with(&opt);
	wait_up(3);
	for (int i = 0; i < 400; i++) {
		uint64_t n = take(i % 3 ? a : b, LEASE_TICKET);

		ck_assert_uint_ge(n, 1000); /* five digits with the check's */
		if (i == 200) {
			a->ops->free(a, 0);
			a = open_with(&opt);
		}
		n = (n - 1000) % NELEM(seen); /* l took three blocks first */
		ck_assert(!seen[n]);
		seen[n] = true;
	}
	a->ops->free(a, 0);
	b->ops->free(b, 0);
}
END_TEST

static void
asks_again(void *arg, enum err e, const struct ledger_rows *rows)
{
	const struct str id = STR_LIT("1");
	uint64_t n;

	(void)rows;
	ck_err(e, ERR_IO);
	ck_err(l->ops->query(l, LQ_TICKET, 1, &id, asks_again, arg), ERR_IO);
	ck_err(l->ops->lease(l, LEASE_TICKET, &n), ERR_BUSY);
	++*(int *)arg;
}

/* Its parts go one by one; who is told by one must not find another gone. */
START_TEST(at_the_end_nobody_is_asked_any_more)
{
	struct pg_options opt = { .batches = 2 };
	const struct str id = STR_LIT("{1}");
	int told = 0;

	l->ops->free(l, 0);
	l = open_with(&opt);
	wait_up(2);
	ck_ok(l->ops->query(l, LQ_SLA_HISTORY, 1, &id, asks_again, &told));
	l->ops->free(l, 0);
	ck_assert_int_eq(told, 1);
	l = open_with(&opt);
}
END_TEST

START_TEST(leases_last_without_the_server)
{
	struct pg_options opt = { .batches = 2, .ticket_block = 100 };
	uint64_t n;
	int got = 0;

	l->ops->free(l, 0);
	l = open_with(&opt);
	wait_up(2);
	for (int i = 0; i < 1000; i++)
		take(l, LEASE_TICKET);
	event_base_loop(base, EVLOOP_NONBLOCK);
	pg_server_halt("immediate");
	while (n_lost == 0)
		event_base_loop(base, EVLOOP_ONCE);
	while (l->ops->lease(l, LEASE_TICKET, &n) == ERR_OK)
		got++;
	ck_assert_int_ge(got, 200);
	pg_server_again();
	wait_up(3);
	ck_ok(l->ops->lease(l, LEASE_TICKET, &n));
}
END_TEST

/* ------------------------------------------------------------------- admin */

static enum err
apply(const struct config *c)
{
	int n = n_dones;

	ck_ok(l->ops->apply(l, c, on_done, NULL));
	wait_done(n + 1);
	return dones[n].err;
}

static const struct config_skill skills[] = { { STR_LIT("billing") },
	{ STR_LIT("english") } };
static const struct config_level levels[] = { { STR_LIT("english"), 3 },
	{ STR_LIT("billing"), 5 } };
static const struct str queues[] = { STR_LIT("support"), STR_LIT("sales") };
static const struct config_queue qs[] = {
	{ STR_LIT("support"), 2, levels, 20000000, 0, 90000000, 5000000, true,
	    { NULL, 0 }, STR_LIT("strategy random\nfull 50 refuse\n") },
	{ STR_LIT("sales"), 0, NULL, 20000000, 1, 2, 3, false, { NULL, 0 },
	    { NULL, 0 } },
};
static const uint32_t tiers[] = { 1, 2 }, weights[] = { 10, 1 };
static const struct config_agent agents[] = { { STR_LIT("wang"),
    STR_LIT("\xe7\x8e\x8b"), true, 2, 1, queues, levels, tiers, weights, 3 } };
static const struct config_reason reasons[] = {
	{ STR_LIT("training"), true, 0 },
	{ STR_LIT("lunch"), false, 2700000000 },
};
static const struct config_device devices[] = { { STR_LIT("101"),
    STR_LIT("pbx") } };
static const struct config_number numbers[] = { { STR_LIT("400"), STR_LIT("2"),
    STR_LIT("support") } };
static const struct config hotline = { .n_skills = 2,
	.skills = skills,
	.n_queues = 2,
	.queues = qs,
	.n_agents = 1,
	.agents = agents,
	.n_devices = 1,
	.devices = devices,
	.n_numbers = 1,
	.numbers = numbers,
	.n_reasons = 2,
	.reasons = reasons,
	.actor = STR_LIT("root"),
	.op = { { 1 } },
	.now = T0 };

START_TEST(a_configuration_is_applied_whole)
{
	ck_ok(apply(&hotline));
	ck_ok(apply(&hotline));
	ck_assert_str_eq(
	    ask(LQ_CONFIG_SKILLS, 0, NULL), "1|billing;2|english;");
	ck_assert_str_eq(ask(LQ_CONFIG_QUEUES, 0, NULL),
	    "1|support|1=5,2=3|20000000|0|90000000|t|5000000|"
	    "strategy random\nfull 50 refuse\n;"
	    "2|sales||20000000|1|2|f|3|;");
	ck_assert_str_eq(ask(LQ_CONFIG_AGENTS, 0, NULL),
	    "1|wang|\xe7\x8e\x8b|t|1,2|2=3|2=2|1=10|1|3;");
	ck_assert_str_eq(ask(LQ_CONFIG_REASONS, 0, NULL),
	    "lunch|f|2700000000;training|t|0;");
	ck_assert_str_eq(ask(LQ_CONFIG_DEVICES, 0, NULL), "101|1;");
	ck_assert_str_eq(ask(LQ_CONFIG_NUMBERS, 0, NULL), "400|2|1;");
	ck_assert_str_eq(ask(LQ_CONFIG_SWITCHES, 0, NULL), "1|pbx;");
	ck_ask("SELECT string_agg(actor || action, ' ') FROM audit",
	    "rootconfig_apply");
}
END_TEST

/* Ranks go by the order of the file; what is only added comes last. */
START_TEST(agents_are_ranked)
{
	static const struct config_agent file[] = { { .name = STR_LIT("c") },
		{ .name = STR_LIT("a") }, { .name = STR_LIT("b") },
		{ .name = STR_LIT("d") } };
	static const char ranks[] = "SELECT string_agg(name || rank, ' '"
				    " ORDER BY rank) FROM agent";
	struct config c = { .n_agents = 3, .agents = file, .now = T0 };

	ck_ok(apply(&c));
	ck_ask(ranks, "c1 a2 b3");
	c = (struct config){ .n_agents = 2,
		.agents = file + 2,
		.keep_others = true,
		.now = T0 };
	ck_ok(apply(&c));
	ck_ask(ranks, "c1 a2 b3 d5");
	c = (struct config){ .n_agents = 3, .agents = file + 1, .now = T0 };
	ck_ok(apply(&c));
	ck_ask("SELECT string_agg(name || rank, ' ' ORDER BY rank) FROM agent"
	       " WHERE NOT retired",
	    "a1 b2 d3");
}
END_TEST

START_TEST(what_is_left_out_is_retired)
{
	struct config c = hotline;

	ck_ok(apply(&c));
	c.n_agents = c.n_devices = c.n_reasons = 0;
	c.keep_others = true;
	ck_ok(apply(&c));
	ck_assert_str_eq(ask(LQ_CONFIG_DEVICES, 0, NULL), "101|1;");
	ck_assert_str_eq(ask(LQ_CONFIG_REASONS, 0, NULL),
	    "lunch|f|2700000000;training|t|0;");
	c.keep_others = false;
	ck_ok(apply(&c));
	ck_assert_str_eq(ask(LQ_CONFIG_DEVICES, 0, NULL), "");
	ck_assert_str_eq(ask(LQ_CONFIG_REASONS, 0, NULL), "");
	ck_ask("SELECT name || retired FROM agent", "wangtrue");

	c.n_agents = 1;
	c.n_queues = 1; /* wang's `sales' is gone: nothing is changed */
	ck_err(apply(&c), ERR_BAD_FIELD);
	ck_ask("SELECT count(*) FROM queue WHERE retired", "0");
}
END_TEST

/* ----------------------------------------------------------- what is agreed */

static const struct config_spec two_calendars[] = {
	{ STR_LIT("office"), STR_LIT("base=cn") },
	{ STR_LIT("cn"), STR_LIT("zone=Asia/Shanghai mon=09:00-18:00") },
};
static const struct config_spec two_policies[] = {
	{ STR_LIT("complaints"), STR_LIT("sla if=kind:complaint") },
	{ STR_LIT("rest"), STR_LIT("sla") },
};
static const struct config_spec other_way_round[] = {
	{ STR_LIT("rest"), STR_LIT("sla") },
	{ STR_LIT("complaints"), STR_LIT("sla if=kind:complaint") },
};

/* A revision as one line. */
static const char *
revision(unsigned n)
{
	static char sql[512];

	snprintf(sql, sizeof(sql),
	    "SELECT concat_ws(' ', (SELECT string_agg(name, ',' ORDER BY name)"
	    " FROM calendar WHERE revision = %u), (SELECT string_agg(name, ','"
	    " ORDER BY position) FROM sla_policy WHERE revision = %u),"
	    " (SELECT string_agg(queue || '=' || calendar, ',' ORDER BY queue)"
	    " FROM queue_calendar WHERE revision = %u))",
	    n, n, n);
	return pg_server_ask(sql);
}

/* Applied under an operation of its own. */
static enum err
apply_as(struct config *c, uint32_t op, uint32_t last)
{
	c->op = id_n(op);
	c->revision = last;
	return apply(c);
}

static struct config
with_promises(void)
{
	static struct config_queue in_office[2];
	struct config c = hotline;

	memcpy(in_office, qs, sizeof(in_office));
	in_office[0].calendar = STR_LIT("office");
	c.queues = in_office;
	c.n_calendars = c.n_policies = 2;
	c.calendars = two_calendars;
	c.policies = two_policies;
	return c;
}

START_TEST(a_revision_is_made_only_when_something_differs)
{
	struct config c = hotline;

	ck_ok(apply_as(&c, 1, 0));
	ck_ask("SELECT count(*) FROM sla_revision", "0");
	c = with_promises();
	ck_ok(apply_as(&c, 2, 0));
	ck_ok(apply_as(&c, 2, 0)); /* the same operation */
	ck_ok(apply_as(&c, 3, 1)); /* the same content */
	ck_ask("SELECT string_agg(id || actor || apply_to, ' ') FROM"
	       " sla_revision",
	    "1rootnew");
	ck_ask("SELECT us(at) FROM sla_revision", "1700000000000000");
	ck_assert_str_eq(
	    revision(1), "cn,office complaints,rest support=office");
	c.policies = other_way_round;
	ck_ok(apply_as(&c, 4, 1));
	ck_ok(apply_as(&c, 2, 0)); /* an old operation, come late */
	ck_assert_str_eq(
	    revision(2), "cn,office rest,complaints support=office");
	/* later than the one before, whatever the clock says */
	ck_ask(
	    "SELECT us(at) FROM sla_revision WHERE id = 2", "1700000000000001");
	c.queues = qs;
	ck_ok(apply_as(&c, 5, 2));
	ck_assert_str_eq(revision(3), "cn,office rest,complaints");
	c = hotline;
	ck_ok(apply_as(&c, 6, 3));
	ck_ask("SELECT max(id) FROM sla_revision", "4");
	ck_assert_str_eq(revision(4), "");
}
END_TEST

START_TEST(what_is_kept_is_of_the_next_revision_too)
{
	static const struct config_spec night[] = { { STR_LIT("night"),
	    STR_LIT("base=cn") } };
	struct config c = with_promises();

	ck_ok(apply_as(&c, 1, 0));
	c.keep_others = true;
	c.n_calendars = c.n_policies = c.n_queues = c.n_agents = 0;
	c.n_numbers = 0;
	ck_ok(apply_as(&c, 2, 1)); /* names nothing */
	ck_ask("SELECT max(id) FROM sla_revision", "1");
	c.n_calendars = 1;
	c.calendars = night;
	ck_ok(apply_as(&c, 3, 1));
	ck_assert_str_eq(
	    revision(2), "cn,night,office complaints,rest support=office");
	c.n_queues = 1; /* named: without a calendar */
	c.queues = qs;
	ck_ok(apply_as(&c, 4, 2));
	ck_assert_str_eq(revision(3), "cn,night,office complaints,rest");
}
END_TEST

START_TEST(a_revision_goes_to_the_open_tickets_by_a_job)
{
	struct config c = with_promises();

	c.apply_to = "forward";
	ck_ok(apply_as(&c, 1, 0));
	ck_ask("SELECT concat_ws(' ', revision, done, total, us(ended_at))"
	       " FROM sla_job",
	    "1 0 0 1700000000000000");
	pg_server_ask("INSERT INTO sla_ticket SELECT i, 1, gen_random_uuid(),"
		      " 1, now(), NULL, i > 1, NULL, '[]'"
		      " FROM generate_series(1, 3) AS i RETURNING 1");
	c.policies = other_way_round;
	c.apply_to = "retroactive";
	ck_ok(apply_as(&c, 2, 1));
	ck_ask("SELECT concat_ws(' ', revision, done, total, us(ended_at))"
	       " FROM sla_job WHERE revision = 2",
	    "2 0 2");
	ck_ask("SELECT apply_to FROM sla_revision WHERE id = 2", "retroactive");
	c.apply_to = "for ever";
	c.policies = two_policies;
	ck_err(apply_as(&c, 3, 2), ERR_BAD_FIELD);
}
END_TEST

/* Both were checked against what was there before. */
START_TEST(of_two_at_a_time_one_is_refused_whole)
{
	struct config a = with_promises(), b = with_promises();
	int n = n_dones;

	a.op = id_n(1);
	b.op = id_n(2);
	b.policies = other_way_round;
	b.n_devices = 0;
	ck_ok(l->ops->apply(l, &a, on_done, NULL));
	ck_ok(l->ops->apply(l, &b, on_done, NULL));
	wait_done(n + 2);
	ck_ok(dones[n].err);
	ck_err(dones[n + 1].err, ERR_CONFLICT);
	ck_ask("SELECT max(id) FROM sla_revision", "1");
	ck_ask("SELECT count(*) FROM device WHERE NOT retired", "1");
	ck_ok(apply_as(&b, 3, 1));
	ck_assert_str_eq(
	    revision(2), "cn,office rest,complaints support=office");
}
END_TEST

static enum err
change(const struct login_change *c)
{
	int n = n_dones;

	ck_ok(l->ops->login_change(l, c, on_done, NULL));
	wait_done(n + 1);
	return dones[n].err;
}

START_TEST(log_ins_are_made_and_changed)
{
	struct login_change c = { .name = STR_LIT("pbx1"),
		.role = STR_LIT("bridge"),
		.secret = STR_LIT("hash"),
		.switch_name = STR_LIT("pbx"),
		.now = T0,
		.op = id_n(1),
		.actor = STR_LIT("root") };

	ck_err(change(&c), ERR_NOT_FOUND);
	c.create = true;
	ck_ok(change(&c));
	ck_ok(change(&c)); /* the same operation */
	c.op = id_n(2);
	ck_err(change(&c), ERR_CONFLICT);
	ck_assert_str_eq(ask(LQ_LOGINS, 0, NULL),
	    "pbx1|bridge|hash||pbx|f|1700000000000000;");
	c = (struct login_change){ .name = STR_LIT("pbx1"),
		.disable = true,
		.now = T0 + 1,
		.op = id_n(3) };
	ck_ok(change(&c));
	ck_assert_str_eq(ask(LQ_LOGINS, 0, NULL),
	    "pbx1|bridge|hash||pbx|t|1700000000000001;");
	c = (struct login_change){ .name = STR_LIT("li"),
		.create = true,
		.role = STR_LIT("king"),
		.op = id_n(4),
		.now = T0 };
	ck_err(change(&c), ERR_BAD_FIELD);
	ck_ask("SELECT string_agg(action || ' ' || actor, ', ' ORDER BY key)"
	       " FROM audit",
	    "login_create root, login_change system");
}
END_TEST

/* --------------------------------------------------- start, rights, schema */

static void
write_file(const char *dir, const char *name, const char *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	ck_assert_ptr_nonnull(f = fopen(path, "w"));
	fputs(text, f);
	fclose(f);
}

static enum err
migrate(const char *dir)
{
	FILE *out = fopen("/dev/null", "w");
	enum err e = pg_migrate(pg_server_conninfo("owner"), dir, out);

	fclose(out);
	return e;
}

START_TEST(migrations)
{
	const char *dir = test_dir();

	ck_ok(migrate("sql"));            /* nothing to do */
	ck_err(migrate(dir), ERR_CONFIG); /* applied and not there */
	pg_server_ask("DELETE FROM schema_migration");
	write_file(dir, "0001_a.sql", "CREATE TABLE a (x int);");
	write_file(dir, "0002_b.sql", "CREATE TABLE b (x int);");
	write_file(dir, "README", "not SQL");
	ck_ok(migrate(dir));
	ck_ok(migrate(dir));
	ck_ask("SELECT string_agg(name, ' ' ORDER BY version)"
	       " FROM schema_migration",
	    "0001_a.sql 0002_b.sql");
	write_file(dir, "0003_c.sql", "CREATE TABLE c (x int); SELECT 1/0;");
	ck_err(migrate(dir), ERR_IO);
	ck_ask("SELECT to_regclass('c')", "");
	write_file(dir, "0003_c.sql", "CREATE TABLE c (x int);");
	ck_ok(migrate(dir));
	write_file(dir, "0002_b.sql", "CREATE TABLE b (x bigint);");
	ck_err(migrate(dir), ERR_CONFIG);
}
END_TEST

/* clang-format off */
static const struct {
	const char *role, *sql;
	bool may;
} rights[] = {
	{ "daemon", "INSERT INTO audit VALUES (gen_random_uuid(), now(), '', '')", true },
	{ "daemon", "UPDATE audit SET actor = ''", false },
	{ "daemon", "DELETE FROM audit", false },
	{ "daemon", "DELETE FROM ticket_event", false },
	{ "daemon", "UPDATE call_event SET kind = 'queued'", false },
	{ "daemon", "TRUNCATE call", false },
	{ "daemon", "DELETE FROM call", false },
	{ "daemon", "CREATE TABLE x (x int)", false },
	{ "daemon", "ALTER TABLE call ADD x int", false },
	{ "daemon", "UPDATE schema_migration SET version = 2", false },
	{ "report", "SELECT count(*) FROM call_outcome", true },
	{ "report", "SELECT name FROM login", true },
	{ "report", "SELECT secret FROM login", false },
	{ "report", "INSERT INTO audit VALUES (gen_random_uuid(), now(), '', '')", false },
	{ "report", "UPDATE ticket SET status = 'closed'", false },
	{ "report", "SELECT nextval('customer_id_seq')", false },
	{ "report", "CREATE TABLE x (x int)", false },
};
/* clang-format on */

START_TEST(roles_may_what_they_need)
{
	for (unsigned i = 0; i < NELEM(rights); i++)
		ck_assert_msg(pg_server_may(rights[i].role, rights[i].sql) ==
				  rights[i].may,
		    "%s: %s", rights[i].role, rights[i].sql);
}
END_TEST

Suite *
ledger_read_suite(void)
{
	TCase *tc = bed_case("ledger_read");

	tcase_add_test(tc, reads_do_not_wait_for_writes);
	tcase_add_test(tc, a_read_is_told_of_the_loss);
	tcase_add_test(tc, every_query_answers);
	tcase_add_test(tc, calls_and_tickets_are_found);
	tcase_add_test(tc, every_call_has_one_outcome);
	tcase_add_test(tc, leases_are_unique);
	tcase_add_test(tc, at_the_end_nobody_is_asked_any_more);
	tcase_add_test(tc, leases_last_without_the_server);
	tcase_add_test(tc, a_configuration_is_applied_whole);
	tcase_add_test(tc, agents_are_ranked);
	tcase_add_test(tc, what_is_left_out_is_retired);
	tcase_add_test(tc, a_revision_is_made_only_when_something_differs);
	tcase_add_test(tc, what_is_kept_is_of_the_next_revision_too);
	tcase_add_test(tc, a_revision_goes_to_the_open_tickets_by_a_job);
	tcase_add_test(tc, of_two_at_a_time_one_is_refused_whole);
	tcase_add_test(tc, log_ins_are_made_and_changed);
	tcase_add_test(tc, migrations);
	tcase_add_test(tc, roles_may_what_they_need);
	return suite_of(tc, "ledger_read");
}
