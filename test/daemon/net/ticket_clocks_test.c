/*
 * ticket_clocks_test.c - a ticket's clocks as people see them, and what stands
 * behind: from the cards of a ledger to the messages.
 */
#include <stdio.h>
#include <string.h>

#include "desk/desk.h"
#include "test/support/fake_ledger.h"
#include "test/support/house.h"
#include "test/support/support.h"

Suite *ticket_clocks_suite(void);

#define CODE(c) MASHANG__CODE__CODE_##c
#define ROLE(r) MASHANG__ROLE__ROLE_##r
#define BODY(b) MASHANG__ENVELOPE__BODY_##b
#define MINUTE INT64_C(60000000)

/* Opened half an hour ago; for ten minutes it waited for the customer. */
#define OPENED "1699998200000000"
#define PENDED "1699998800000000"
#define RESUMED "1699999400000000"
#define DUE INT64_C(1700002400000000)

static struct house h;
static struct peer a;

static void
setup(void)
{
	house_up(&h, false);
	fake_ledger_card(
	    h.ledger, LQ_SLA_REVISIONS, "1|1600000000000000|new|x");
	fake_ledger_card(h.ledger, LQ_SLA_POLICIES,
	    "1|vip|sla if=priority:1,2 target=resolution:calendar"
	    " goal=600000000\n"
	    "1|all|sla target=resolution:calendar goal=3600000000"
	    " pauses=pending_customer");
	fake_ledger_card(h.ledger, LQ_SLA_HISTORY,
	    "42|0|1|" OPENED "|opened|f|new||q|consultation||3||||phone|\n"
	    "42|0|2|" OPENED "|answered|f|in_progress|1|||||||||\n"
	    "42|0|3|" PENDED "|pended|f|pending_customer|||||"
	    "|1700009999000000||||\n"
	    "42|0|4|" RESUMED "|resumed|f|in_progress||||||||||");
	fake_ledger_card(h.ledger, LQ_TICKET,
	    "42|consultation|in_progress|boiler||||a1|5||||f||3|0|4");
	fake_ledger_card(h.ledger, LQ_TICKET_EVENTS, "1|5|opened|system|");
	desk_ledger_up(h.desk, h.now);
	fake_ledger_run(h.ledger);
	peer_login(&a, &h, ROLE(SUPERVISOR), NULL, NULL);
}

static void
teardown(void)
{
	peer_close(&a);
	house_down(&h);
}

static bool
is(ProtobufCBinaryData b, const char *want)
{
	return b.len == strlen(want) && memcmp(b.data, want, b.len) == 0;
}

static void
ask_ticket(void)
{
	Mashang__TicketShow s = MASHANG__TICKET_SHOW__INIT;

	s.number = desk_ticket_number(42);
	peer_request(&a, &ENVELOPE(TICKET_SHOW, ticket_show, &s));
}

START_TEST(a_ticket_comes_with_its_clocks)
{
	const Mashang__Ticket *t;
	const Mashang__Clock *c;

	ask_ticket();
	t = peer_reply(&a, BODY(TICKET))->ticket;
	ck_assert_uint_eq(t->n_clocks, 1);
	ck_assert_int_eq(t->at, h.now);
	ck_assert_uint_eq(t->n_events, 1);
	c = t->clocks[0];
	ck_assert(is(c->metric, "resolution") && is(c->agreement, "sla"));
	ck_assert(is(c->stage, "running") && is(c->outcome, ""));
	ck_assert(is(c->policy, "all") && c->revision == 1);
	ck_assert_int_eq(c->goal_us, 60 * MINUTE);
	ck_assert_int_eq(c->elapsed_us, 20 * MINUTE);
	ck_assert_int_eq(c->due_at, DUE);
	ck_assert_int_eq(c->breached_at, 0);
}
END_TEST

/* When they cannot be computed the ticket is shown all the same. */
START_TEST(without_its_clocks_it_is_shown_too)
{
	const Mashang__Ticket *t;

	fake_ledger_trouble(h.ledger, LQ_SLA_HISTORY, 1, ERR_IO);
	ask_ticket();
	t = peer_reply(&a, BODY(TICKET))->ticket;
	ck_assert_uint_eq(t->n_clocks, 0);
	ck_assert_uint_eq(t->n_events, 1);
}
END_TEST

static void
show(const char *what, const char *ticket, uint32_t limit, const char *cursor)
{
	Mashang__Show m = MASHANG__SHOW__INIT;
	Mashang__KeyValue kv = MASHANG__KEY_VALUE__INIT, *where = &kv;

	m.what = data_of(what);
	kv.key = data_of("ticket");
	kv.value = data_of(ticket);
	m.n_where = 1;
	m.where = &where;
	m.limit = limit;
	m.cursor = data_of(cursor);
	peer_request(&a, &ENVELOPE(SHOW, show, &m));
}

static const char *
number(void)
{
	static char text[24];

	snprintf(text, sizeof(text), "%llu",
	    (unsigned long long)desk_ticket_number(42));
	return text;
}

/* A row as text: times in minutes from now, spans in minutes, - for null. */
static const char *
row(const Mashang__Page *p, unsigned i)
{
	static char out[512];
	size_t n = 0;

	ck_assert_uint_lt(i, p->n_rows);
	for (size_t k = 0; k < p->n_columns; k++) {
		const Mashang__Cell *c = p->rows[i]->cells[k];
		int64_t v = c->number;

		if (k > 0)
			out[n++] = ' ';
		if (p->columns[k]->kind == MASHANG__CELL_KIND__CELL_TIME)
			v = (v - h.now) / MINUTE;
		if (p->columns[k]->kind == MASHANG__CELL_KIND__CELL_DURATION)
			v /= MINUTE;
		if (c->null)
			n += (size_t)snprintf(out + n, sizeof(out) - n, "-");
		else if (p->columns[k]->kind == MASHANG__CELL_KIND__CELL_TEXT)
			n += (size_t)snprintf(out + n, sizeof(out) - n, "%.*s",
			    (int)c->text.len, (char *)c->text.data);
		else
			n += (size_t)snprintf(
			    out + n, sizeof(out) - n, "%d", (int)v);
	}
	return out;
}

static const char recorded[] =
    "42|resolution|sla||1|1|1|all||running||1|1|1|1700002400000000|";
static const char otherwise[] =
    "42|resolution|sla||1|1|1|all||running||1|1|1|1700002460000000|\n"
    "42|promise|sla||1|1|||||||||5|";

START_TEST(why_says_all_and_compares)
{
	const Mashang__Page *p;

	fake_ledger_card(h.ledger, LQ_SLA_CLOCKS, recorded);
	show("why", number(), 0, "");
	p = peer_reply(&a, BODY(PAGE))->page;
	ck_assert_uint_eq(p->n_rows, 4);
	ck_assert_str_eq(row(p, 0),
	    "resolution sla - 1 -30 -20 counted - 10 10 60 all 1 - - -");
	ck_assert_str_eq(row(p, 1), "resolution sla - 1 -20 -10 waiting "
				    "pending_customer 0 10 60 all 1 - - -");
	ck_assert_str_eq(row(p, 2),
	    "resolution sla - 1 -10 0 counted - 10 20 60 all 1 - - -");
	ck_assert_str_eq(row(p, 3),
	    "resolution sla - 1 -30 - due running 20 20 60 all 1 - 40 40");
	fake_ledger_card(h.ledger, LQ_SLA_CLOCKS, otherwise);
	show("why", number(), 0, "");
	p = peer_reply(&a, BODY(PAGE))->page;
	ck_assert_str_eq(row(p, 3),
	    "resolution sla - 1 -30 - due running 20 20 60 all 1 - 40 41");
	/* Not recorded is not the same as recorded without. */
	fake_ledger_card(h.ledger, LQ_SLA_CLOCKS, NULL);
	show("why", number(), 0, "");
	p = peer_reply(&a, BODY(PAGE))->page;
	ck_assert_str_eq(row(p, 3),
	    "resolution sla - 1 -30 - due running 20 20 60 all 1 - 40 -");
}
END_TEST

START_TEST(why_comes_in_pages)
{
	char cursor[24] = "";
	unsigned n = 0, pages = 0;

	do {
		const Mashang__Page *p;

		show("why", number(), 3, cursor);
		p = peer_reply(&a, BODY(PAGE))->page;
		n += (unsigned)p->n_rows;
		pages++;
		snprintf(cursor, sizeof(cursor), "%.*s", (int)p->cursor.len,
		    p->cursor.len > 0 ? (char *)p->cursor.data : "");
	} while (*cursor != '\0' && pages < 5);
	ck_assert_uint_eq(pages, 2);
	ck_assert_uint_eq(n, 4);
}
END_TEST

START_TEST(policies_explain_themselves)
{
	const Mashang__Page *p;

	show("policies", number(), 0, "");
	p = peer_reply(&a, BODY(PAGE))->page;
	ck_assert_uint_eq(p->n_rows, 2);
	ck_assert_str_eq(row(p, 0), "1 vip sla resolution no priority 3 1,2");
	ck_assert_str_eq(row(p, 1), "2 all sla resolution yes - - -");
}
END_TEST

START_TEST(shares_name_the_holders)
{
	const Mashang__Page *p;
	int64_t sum = 0;

	show("shares", number(), 0, "");
	p = peer_reply(&a, BODY(PAGE))->page;
	ck_assert_uint_ge(p->n_rows, 2);
	for (unsigned i = 0; i < p->n_rows; i++)
		sum += p->rows[i]->cells[2]->number;
	ck_assert_int_eq(sum, 30 * MINUTE);
	ck_assert_str_eq(row(p, 0), "agent a1 20");
}
END_TEST

START_TEST(what_is_asked_wrong_is_told)
{
	static const char *const lists[] = { "why", "policies", "shares" };

	for (size_t i = 0; i < NELEM(lists); i++) {
		show(lists[i], "", 0, "");
		ck_assert_int_eq(
		    peer_reply(&a, BODY(ERROR))->error->code, CODE(BAD_FIELD));
		show(lists[i], "12x", 0, "");
		ck_assert_int_eq(
		    peer_reply(&a, BODY(ERROR))->error->code, CODE(BAD_FIELD));
		show(lists[i], "42", 0, "");
		ck_assert_int_eq(
		    peer_reply(&a, BODY(ERROR))->error->code, CODE(MISHEARD));
		fake_ledger_trouble(h.ledger, LQ_SLA_HISTORY, 1, ERR_IO);
		show(lists[i], number(), 0, "");
		ck_assert_int_eq(peer_reply(&a, BODY(ERROR))->error->code,
		    CODE(UNAVAILABLE));
	}
	fake_ledger_card(h.ledger, LQ_SLA_HISTORY, NULL);
	show("why", number(), 0, "");
	ck_assert_int_eq(
	    peer_reply(&a, BODY(ERROR))->error->code, CODE(NOT_FOUND));
	fake_ledger_away(h.ledger, true);
	show("why", number(), 0, "");
	ck_assert_int_eq(
	    peer_reply(&a, BODY(ERROR))->error->code, CODE(UNAVAILABLE));
}
END_TEST

START_TEST(lists_of_the_ledger)
{
	Mashang__Show m = MASHANG__SHOW__INIT;
	const Mashang__Page *p;

	fake_ledger_card(h.ledger, LQ_CLOCKS,
	    "42|resolution|sla|running|1700002400000000||all|q|a1|boiler\n"
	    "42|promise|sla|paused||1699999940000000||q||");
	m.what = data_of("clocks");
	peer_request(&a, &ENVELOPE(SHOW, show, &m));
	p = peer_reply(&a, BODY(PAGE))->page;
	ck_assert_uint_eq(p->n_rows, 2);
	ck_assert_uint_eq(
	    (uint64_t)p->rows[0]->cells[0]->number, desk_ticket_number(42));
	ck_assert_str_eq(strchr(row(p, 0), ' '),
	    " resolution sla running 40 - all q a1 boiler");
	ck_assert_str_eq(
	    strchr(row(p, 1), ' '), " promise sla paused - -1 - q - -");
	fake_ledger_card(h.ledger, LQ_SLA_JOBS,
	    "2|forward|1700000000000000|root|5|9|\n"
	    "1|new|1699999940000000|root|||");
	m.what = data_of("revisions");
	peer_request(&a, &ENVELOPE(SHOW, show, &m));
	p = peer_reply(&a, BODY(PAGE))->page;
	ck_assert_str_eq(row(p, 0), "2 forward 0 root 5 9 -");
	ck_assert_str_eq(row(p, 1), "1 new -1 root - - -");
	fake_ledger_card(h.ledger, LQ_CALIBRATION, "3|20|350000|400000");
	m.what = data_of("calibration");
	peer_request(&a, &ENVELOPE(SHOW, show, &m));
	p = peer_reply(&a, BODY(PAGE))->page;
	ck_assert_str_eq(row(p, 0), "3 20 350000 400000");
	show("clocks", number(), 0, ""); /* it has no conditions */
	ck_assert_int_eq(
	    peer_reply(&a, BODY(ERROR))->error->code, CODE(BAD_FIELD));
}
END_TEST

Suite *
ticket_clocks_suite(void)
{
	TCase *tc = tcase_create("ticket_clocks");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_ticket_comes_with_its_clocks);
	tcase_add_test(tc, without_its_clocks_it_is_shown_too);
	tcase_add_test(tc, why_says_all_and_compares);
	tcase_add_test(tc, why_comes_in_pages);
	tcase_add_test(tc, policies_explain_themselves);
	tcase_add_test(tc, shares_name_the_holders);
	tcase_add_test(tc, what_is_asked_wrong_is_told);
	tcase_add_test(tc, lists_of_the_ledger);
	return suite_of(tc, "ticket_clocks");
}
