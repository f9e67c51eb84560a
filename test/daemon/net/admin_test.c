/*
 * admin_test.c - what people ask: tickets, lists, configurations, log-ins,
 * tokens, the clock.
 */
#include <stdio.h>
#include <string.h>

#include "desk/desk.h"
#include "test/support/fake_ledger.h"
#include "test/support/house.h"
#include "test/support/support.h"

#define CODE(c) MASHANG__CODE__CODE_##c
#define ROLE(r) MASHANG__ROLE__ROLE_##r
#define BODY(b) MASHANG__ENVELOPE__BODY_##b

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
	house_down(&h);
}

static bool
same(struct str s, const char *want)
{
	return s.len == strlen(want) && memcmp(s.p, want, s.len) == 0;
}

START_TEST(tickets_are_made_noted_and_misheard)
{
	Mashang__TicketNew n = MASHANG__TICKET_NEW__INIT;
	Mashang__TicketNote t = MASHANG__TICKET_NOTE__INIT;
	Mashang__TicketShow s = MASHANG__TICKET_SHOW__INIT;
	static char text[16385];
	Mashang__Envelope *e;
	uint64_t number;

	peer_login(&a, &h, ROLE(SUPERVISOR), NULL, NULL);
	n.kind = MASHANG__TICKET_KIND__COMPLAINT;
	n.subject = data_of("boiler");
	peer_request(&a, &ENVELOPE(TICKET_NEW, ticket_new, &n));
	number = peer_reply(&a, BODY(DONE))->done->number;
	ck_assert_uint_gt(number, 0);
	t.number = number;
	t.text = data_of("called back");
	peer_request(&a, &ENVELOPE(TICKET_NOTE, ticket_note, &t));
	peer_reply(&a, BODY(DONE));
	peer_wait(&a, BODY(SAVED));
	t.number = number + 1; /* its check digit is wrong now */
	peer_request(&a, &ENVELOPE(TICKET_NOTE, ticket_note, &t));
	ck_assert_int_eq(
	    peer_reply(&a, BODY(ERROR))->error->code, CODE(MISHEARD));
	s.number = number + 1;
	peer_request(&a, &ENVELOPE(TICKET_SHOW, ticket_show, &s));
	ck_assert_int_eq(
	    peer_reply(&a, BODY(ERROR))->error->code, CODE(MISHEARD));
	s.number = number;
	peer_request(&a, &ENVELOPE(TICKET_SHOW, ticket_show, &s));
	ck_assert_int_eq(
	    peer_reply(&a, BODY(ERROR))->error->code, CODE(NOT_FOUND));
	fake_ledger_card(h.ledger, LQ_TICKET,
	    "1|complaint|new|boiler||||boss|5|||valve|t||2|1|9");
	fake_ledger_card(
	    h.ledger, LQ_TICKET_EVENTS, "1|5|opened|boss|\n2|6|note|boss|hi");
	peer_request(&a, &ENVELOPE(TICKET_SHOW, ticket_show, &s));
	e = peer_reply(&a, BODY(TICKET));
	ck_assert_int_eq(e->ticket->kind, MASHANG__TICKET_KIND__COMPLAINT);
	ck_assert_uint_eq(e->ticket->number, number);
	ck_assert(e->ticket->dissatisfied);
	ck_assert_uint_eq(e->ticket->priority, 2);
	ck_assert_uint_eq(e->ticket->escalation, 1);
	ck_assert_uint_eq(e->ticket->seq, 9);
	ck_assert_uint_eq(e->ticket->n_events, 2);
	ck_assert_int_eq(e->ticket->events[1]->at, 6);
	memset(text, 'x', sizeof(text));
	t.text = (ProtobufCBinaryData){ sizeof(text), (uint8_t *)text };
	t.number = number;
	peer_request(&a, &ENVELOPE(TICKET_NOTE, ticket_note, &t));
	ck_assert_int_eq(
	    peer_reply(&a, BODY(ERROR))->error->code, CODE(TOO_LARGE));
	peer_close(&a);
}
END_TEST

/* clang-format off */
static const struct {
	const char *what;
	unsigned roles; /* bits of agent, supervisor, administrator, reader */
} lists[] = {
	{ "queues",   0xf }, { "agents",   0x6 }, { "calls", 0x6 },
	{ "switches", 0xe }, { "store",    0xe }, { "stats", 0xe },
	{ "tickets",  0x7 }, { "day",      0xe }, { "sessions", 0x6 },
	{ "logins",   0x4 }, { "clocks",   0x7 }, { "revisions", 0xe },
	{ "calibration", 0xe },
};
/* clang-format on */

START_TEST(who_may_see_which_list)
{
	for (int i = 0; i < 4; i++) {
		Mashang__Show m = MASHANG__SHOW__INIT;
		Mashang__Envelope *e;
		int role = ROLE(AGENT) + i;

		peer_login(&a, &h, (Mashang__Role)role, i == 0 ? "a1" : NULL,
		    i == 0 ? "801" : NULL);
		m.what = data_of(lists[_i].what);
		peer_request(&a, &ENVELOPE(SHOW, show, &m));
		if (lists[_i].roles & 1u << i) {
			e = peer_reply(&a, BODY(PAGE));
			ck_assert_uint_gt(e->page->n_columns, 0);
			ck_assert_uint_gt(e->page->columns[0]->sentence.len, 0);
		} else {
			e = peer_reply(&a, BODY(ERROR));
			ck_assert_int_eq(e->error->code, CODE(FORBIDDEN));
		}
		peer_close(&a);
	}
}
END_TEST

static void
show(const char *what, uint32_t limit, const char *cursor)
{
	Mashang__Show m = MASHANG__SHOW__INIT;

	m.what = data_of(what);
	m.limit = limit;
	m.cursor = data_of(cursor);
	peer_request(&a, &ENVELOPE(SHOW, show, &m));
}

START_TEST(a_list_comes_in_pages)
{
	Mashang__Page *p;
	char cursor[32] = "", first[64];

	peer_login(&a, &h, ROLE(ADMINISTRATOR), NULL, NULL);
	for (int i = 0; i < 6; i++) {
		show("logins", 1, cursor);
		p = peer_reply(&a, BODY(PAGE))->page;
		ck_assert_uint_eq(p->n_rows, 1);
		snprintf(first, sizeof(first), "%.*s",
		    (int)p->rows[0]->cells[0]->text.len,
		    (char *)p->rows[0]->cells[0]->text.data);
		snprintf(cursor, sizeof(cursor), "%.*s", (int)p->cursor.len,
		    p->cursor.len > 0 ? (char *)p->cursor.data : "");
	}
	ck_assert_str_eq(first, "root"); /* the last by name */
	ck_assert_str_eq(cursor, "");
	show("logins", 0, "x");
	ck_assert_int_eq(
	    peer_reply(&a, BODY(ERROR))->error->code, CODE(BAD_FIELD));
	show("nothing", 0, "");
	ck_assert_int_eq(
	    peer_reply(&a, BODY(ERROR))->error->code, CODE(NOT_FOUND));
	peer_close(&a);
}
END_TEST

/* Calls that wait, brought by a snapshot of a bridge. */
static void
bring_calls(struct peer *b, unsigned n)
{
	Mashang__Snapshot m = MASHANG__SNAPSHOT__INIT;
	static Mashang__LiveCall calls[800], *list[800];
	static char names[800][16];

	ck_assert_uint_le(n, 800);
	for (unsigned i = 0; i < n; i++) {
		mashang__live_call__init(&calls[i]);
		snprintf(names[i], sizeof(names[i]), "call-%u", i);
		calls[i].call = data_of(names[i]);
		calls[i].call_seq = 2;
		calls[i].kind = MASHANG__CALL_EVENT_KIND__QUEUED;
		calls[i].offered_at = calls[i].queued_at = HOUSE_NOON;
		calls[i].caller = data_of("13812348000");
		calls[i].called = data_of("4001");
		list[i] = &calls[i];
	}
	m.n_calls = n;
	m.calls = list;
	peer_login(b, &h, ROLE(BRIDGE), "br", "sw");
	peer_send(b, &ENVELOPE(SNAPSHOT, snapshot, &m));
	ck_assert_uint_eq(
	    peer_wait(b, BODY(SNAPSHOT_RESULT))->snapshot_result->adopted, n);
}

START_TEST(a_long_list_fits_into_frames)
{
	uint64_t n = 0;
	char cursor[32] = "";
	unsigned pages = 0;
	struct peer b;

	bring_calls(&b, 800);
	peer_login(&a, &h, ROLE(SUPERVISOR), NULL, NULL);
	do {
		Mashang__Page *p;

		show("calls", 0, cursor);
		p = peer_reply(&a, BODY(PAGE))->page;
		n += p->n_rows;
		pages++;
		snprintf(cursor, sizeof(cursor), "%.*s", (int)p->cursor.len,
		    p->cursor.len > 0 ? (char *)p->cursor.data : "");
	} while (cursor[0] != '\0');
	ck_assert_uint_eq(n, 800);
	ck_assert_uint_gt(pages, 1);
	peer_close(&a);
	peer_close(&b);
}
END_TEST

static void
apply(const char *queue_skill, const char *agent_queue, bool dry_run)
{
	Mashang__Apply m = MASHANG__APPLY__INIT;
	Mashang__QueueSpec q = MASHANG__QUEUE_SPEC__INIT, *queues[] = { &q };
	Mashang__AgentSpec g = MASHANG__AGENT_SPEC__INIT, *agents[] = { &g };
	Mashang__SkillLevel s = MASHANG__SKILL_LEVEL__INIT, *levels[] = { &s };
	ProtobufCBinaryData skills[] = { data_of("zh"), data_of("german") };
	ProtobufCBinaryData names[] = { data_of(agent_queue) };

	m.n_skills = 2;
	m.skills = skills;
	m.n_queues = m.n_agents = 1;
	m.queues = queues;
	m.agents = agents;
	m.dry_run = dry_run;
	s.skill = data_of(queue_skill);
	s.level = 3;
	q.name = data_of("q");
	q.ring_us = 20000000;
	q.short_us = 5000000;
	q.n_skills = 1;
	q.skills = levels;
	g.name = data_of("a1");
	g.display_name = data_of("Agent One");
	g.n_queues = 1;
	g.queues = names;
	peer_request(&a, &ENVELOPE(APPLY, apply, &m));
}

static bool
has_row(const Mashang__Page *p, const char *kind, const char *name,
    const char *change)
{
	for (size_t i = 0; i < p->n_rows; i++) {
		Mashang__Cell **c = p->rows[i]->cells;

		if (same((struct str){ (char *)c[0]->text.data,
			     (uint32_t)c[0]->text.len },
			kind) &&
		    same((struct str){ (char *)c[1]->text.data,
			     (uint32_t)c[1]->text.len },
			name))
			return same((struct str){ (char *)c[2]->text.data,
					(uint32_t)c[2]->text.len },
			    change);
	}
	return false;
}

START_TEST(a_configuration_is_compared_and_applied)
{
	Mashang__Page *p;

	peer_login(&a, &h, ROLE(ADMINISTRATOR), NULL, NULL);
	apply("german", "q", true);
	p = peer_reply(&a, BODY(PAGE))->page;
	ck_assert(has_row(p, "skill", "german", "added"));
	ck_assert(has_row(p, "queue", "q", "changed"));
	ck_assert(has_row(p, "agent", "a2", "removed"));
	ck_assert(has_row(p, "device", "801", "removed"));
	ck_assert(has_row(p, "number", "4001/", "removed"));
	ck_assert(!has_row(p, "agent", "a1", "changed"));
	ck_assert(!has_row(p, "skill", "zh", "removed"));
	ck_assert_uint_eq(p->n_rows, 6);
	ck_assert_uint_eq(fake_ledger_applied(h.ledger), 0);
	apply("german", "q", false);
	p = peer_reply(&a, BODY(PAGE))->page;
	ck_assert_uint_eq(p->n_rows, 6);
	ck_assert_uint_eq(fake_ledger_applied(h.ledger), 1);
	peer_close(&a);
}
END_TEST

START_TEST(an_unknown_name_is_refused_with_the_near_one)
{
	Mashang__Error *e;

	peer_login(&a, &h, ROLE(ADMINISTRATOR), NULL, NULL);
	apply("germen", "q", false);
	e = peer_reply(&a, BODY(ERROR))->error;
	ck_assert_int_eq(e->code, CODE(CONFIG));
	ck_assert_uint_eq(e->n_params, 4);
	ck_assert_ptr_nonnull(
	    memmem(e->params[3].data, e->params[3].len, "'german'", 8));
	apply("german", "p", false);
	e = peer_reply(&a, BODY(ERROR))->error;
	ck_assert_int_eq(e->code, CODE(CONFIG));
	ck_assert_uint_eq(fake_ledger_applied(h.ledger), 0);
	peer_close(&a);
}
END_TEST

START_TEST(half_a_configuration_is_not_applied)
{
	Mashang__Apply m = MASHANG__APPLY__INIT;

	peer_login(&a, &h, ROLE(ADMINISTRATOR), NULL, NULL);
	m.part = 2; /* the first was lost with an older connection */
	peer_request(&a, &ENVELOPE(APPLY, apply, &m));
	ck_assert_int_eq(
	    peer_reply(&a, BODY(ERROR))->error->code, CODE(REFUSED));
	m.part = 1;
	m.more = 1;
	peer_request(&a, &ENVELOPE(APPLY, apply, &m));
	peer_reply(&a, BODY(DONE));
	m.part = 2;
	m.more = 0;
	m.keep_others = 1;
	peer_request(&a, &ENVELOPE(APPLY, apply, &m));
	ck_assert_uint_eq(peer_reply(&a, BODY(PAGE))->page->n_rows, 0);
	peer_close(&a);
}
END_TEST

START_TEST(a_log_in_is_made_with_a_secret)
{
	Mashang__UserSet m = MASHANG__USER_SET__INIT;
	const struct login_change *c;

	peer_login(&a, &h, ROLE(ADMINISTRATOR), NULL, NULL);
	m.login = data_of("new");
	m.role = ROLE(SUPERVISOR);
	m.password = data_of("a long password");
	m.create = 1;
	peer_request(&a, &ENVELOPE(USER_SET, user_set, &m));
	peer_reply(&a, BODY(DONE));
	c = fake_ledger_change(h.ledger);
	ck_assert(c->create);
	ck_assert(same(c->role, "supervisor"));
	ck_assert_ptr_nonnull(
	    memmem(c->secret.p, c->secret.len, "argon2id", 8));
	ck_assert_ptr_null(memmem(c->secret.p, c->secret.len, "long", 4));
	m.login = data_of("boss");
	peer_request(&a, &ENVELOPE(USER_SET, user_set, &m));
	ck_assert_int_eq(
	    peer_reply(&a, BODY(ERROR))->error->code, CODE(CONFLICT));
	m.create = 0;
	m.role = ROLE(NONE);
	m.login = data_of("nobody");
	peer_request(&a, &ENVELOPE(USER_SET, user_set, &m));
	ck_assert_int_eq(
	    peer_reply(&a, BODY(ERROR))->error->code, CODE(NOT_FOUND));
	peer_close(&a);
}
END_TEST

START_TEST(a_token_is_issued_and_lets_in)
{
	Mashang__TokenIssue m = MASHANG__TOKEN_ISSUE__INIT;
	Mashang__Hello hello = MASHANG__HELLO__INIT;
	Mashang__Token *t;
	uint8_t bytes[256];

	peer_login(&a, &h, ROLE(ADMINISTRATOR), NULL, NULL);
	m.login = data_of("a2"); /* an agent without a log-in */
	m.role = ROLE(AGENT);
	peer_request(&a, &ENVELOPE(TOKEN_ISSUE, token_issue, &m));
	t = peer_reply(&a, BODY(TOKEN))->token;
	memcpy(bytes, t->token.data, t->token.len);
	hello.magic = FRAME_MAGIC;
	hello.protocol = FRAME_PROTOCOL;
	hello.token = (ProtobufCBinaryData){ t->token.len, bytes };
	hello.role = ROLE(AGENT);
	hello.device = data_of("802");
	peer_close(&a);
	peer_open(&a, &h);
	peer_send(&a, &ENVELOPE(HELLO, hello, &hello));
	ck_assert_mem_eq(
	    peer_wait(&a, BODY(WELCOME))->welcome->name.data, "a2", 2);
	peer_close(&a);
}
END_TEST

START_TEST(the_clock_is_the_systems)
{
	Mashang__ClockAdvance m = MASHANG__CLOCK_ADVANCE__INIT;

	m.to = HOUSE_NOON + 1;
	peer_login(&a, &h, ROLE(ADMINISTRATOR), NULL, NULL);
	peer_request(&a, &ENVELOPE(CLOCK_ADVANCE, clock_advance, &m));
	ck_assert_int_eq(
	    peer_reply(&a, BODY(ERROR))->error->code, CODE(NOT_DRIVEN));
	peer_close(&a);
}
END_TEST

static bool
is_asked(void *to)
{
	return h.drive_to == *(int64_t *)to;
}

START_TEST(one_drives_the_clock)
{
	Mashang__ClockAdvance m = MASHANG__CLOCK_ADVANCE__INIT;
	struct peer second;
	uint8_t op[16];

	house_down(&h);
	house_up(&h, true);
	m.to = HOUSE_NOON + 1000;
	peer_login(&a, &h, ROLE(ADMINISTRATOR), NULL, NULL);
	ck_assert(a.last->welcome->driven);
	peer_request(&a, &ENVELOPE(CLOCK_ADVANCE, clock_advance, &m));
	house_until(&h, is_asked, &m.to);
	memcpy(op, a.op, sizeof(op));
	peer_request(&a, &ENVELOPE(CLOCK_ADVANCE, clock_advance, &m));
	ck_assert_int_eq(peer_reply(&a, BODY(ERROR))->error->code, CODE(BUSY));
	peer_login(&second, &h, ROLE(ADMINISTRATOR), NULL, NULL);
	peer_request(&second, &ENVELOPE(CLOCK_ADVANCE, clock_advance, &m));
	ck_assert_int_eq(
	    peer_reply(&second, BODY(ERROR))->error->code, CODE(REFUSED));
	net_clock_reached(h.net, m.to);
	memcpy(a.op, op, sizeof(op));
	ck_assert_int_eq(
	    peer_reply(&a, BODY(CLOCK_REACHED))->clock_reached->at, m.to);
	peer_close(&a); /* the next may drive now */
	do {
		house_turn(&h);
		peer_request(
		    &second, &ENVELOPE(CLOCK_ADVANCE, clock_advance, &m));
		house_turn(&h);
		net_clock_reached(h.net, m.to);
	} while (peer_next(&second)->body_case != BODY(CLOCK_REACHED));
	peer_close(&second);
}
END_TEST

Suite *
admin_suite(void)
{
	TCase *tc = tcase_create("admin");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, tickets_are_made_noted_and_misheard);
	tcase_add_loop_test(tc, who_may_see_which_list, 0, NELEM(lists));
	tcase_add_test(tc, a_list_comes_in_pages);
	tcase_add_test(tc, a_long_list_fits_into_frames);
	tcase_add_test(tc, a_configuration_is_compared_and_applied);
	tcase_add_test(tc, an_unknown_name_is_refused_with_the_near_one);
	tcase_add_test(tc, half_a_configuration_is_not_applied);
	tcase_add_test(tc, a_log_in_is_made_with_a_secret);
	tcase_add_test(tc, a_token_is_issued_and_lets_in);
	tcase_add_test(tc, the_clock_is_the_systems);
	tcase_add_test(tc, one_drives_the_clock);
	return suite_of(tc, "admin");
}
