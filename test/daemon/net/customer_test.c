/*
 * customer_test.c - what supervisors write down of customers, by the wire.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "test/support/fake_ledger.h"
#include "test/support/house.h"
#include "test/support/support.h"

Suite *customer_suite(void);

#define CODE(c) MASHANG__CODE__CODE_##c
#define ROLE(r) MASHANG__ROLE__ROLE_##r
#define BODY(b) MASHANG__ENVELOPE__BODY_##b

static struct house h;
static struct peer boss;

static void
setup(void)
{
	house_up(&h, false);
	peer_login(&boss, &h, ROLE(SUPERVISOR), NULL, NULL);
}

static void
teardown(void)
{
	peer_close(&boss);
	house_down(&h);
}

static void
write_down(const char *number, const char *name, const char *grade,
    const char *manager)
{
	Mashang__CustomerSet m = MASHANG__CUSTOMER_SET__INIT;

	m.number = data_of(number);
	m.name = data_of(name);
	m.grade = data_of(grade);
	m.account_manager = data_of(manager);
	peer_request(&boss, &ENVELOPE(CUSTOMER_SET, customer_set, &m));
}

START_TEST(written_down)
{
	char want[128];

	fake_ledger_card(h.ledger, LQ_CUSTOMER_SET, "done");
	write_down("010-88880000", "王芳", "A", "a1");
	peer_reply(&boss, BODY(DONE));
	peer_wait(&boss, BODY(SAVED));
	snprintf(
	    want, sizeof(want), "|+861088880000|王芳|A|a1|%%s|%" PRId64, h.now);
	*strchr(want, '%') = '\0';
	ck_assert_ptr_nonnull(
	    strstr(fake_ledger_args(h.ledger, LQ_CUSTOMER_SET), want));
}
END_TEST

static const struct {
	const char *number, *name, *grade, *manager, *card;
	int code;
	const char *params[2];
} wrongs[] = {
	{ "wang", "", "A", "", "done", CODE(BAD_FIELD),
	    { "number", "not a telephone number" } },
	{ "01088880000", "", "F", "", "done", CODE(BAD_FIELD),
	    { "grade", "A, B, C, D, E, or - for none" } },
	{ "01088880000", "", "AB", "", "done", CODE(BAD_FIELD),
	    { "grade", "A, B, C, D, E, or - for none" } },
	{ "01088880000", "", "", "", "done", CODE(BAD_FIELD),
	    { "name",
		"nothing to write down: name, grade or account manager" } },
	{ "01088880000", "", "", "li", "no_agent", CODE(NOT_FOUND),
	    { "agent", "li" } },
};

START_TEST(refused)
{
	const Mashang__Envelope *e;

	fake_ledger_card(h.ledger, LQ_CUSTOMER_SET, wrongs[_i].card);
	write_down(wrongs[_i].number, wrongs[_i].name, wrongs[_i].grade,
	    wrongs[_i].manager);
	e = peer_reply(&boss, BODY(ERROR));
	ck_assert_int_eq((int)e->error->code, wrongs[_i].code);
	ck_assert_uint_eq(e->error->n_params, 2);
	for (unsigned i = 0; i < 2; i++)
		ck_assert_int_eq(
		    memcmp(e->error->params[i].data, wrongs[_i].params[i],
			e->error->params[i].len),
		    0);
}
END_TEST

START_TEST(listed)
{
	Mashang__Show m = MASHANG__SHOW__INIT;
	Mashang__KeyValue kv = MASHANG__KEY_VALUE__INIT, *list[] = { &kv };
	const Mashang__Page *p;

	fake_ledger_card(h.ledger, LQ_CUSTOMERS,
	    "7|+861088880000|Wang|A|a1|1700000000000000");
	kv.key = data_of("number");
	kv.value = data_of("01088880000");
	m.what = data_of("customers");
	m.n_where = 1;
	m.where = list;
	peer_request(&boss, &ENVELOPE(SHOW, show, &m));
	p = peer_reply(&boss, BODY(PAGE))->page;
	ck_assert_uint_eq(p->n_rows, 1);
	ck_assert_uint_eq(p->n_columns, 5);
	ck_assert_int_eq(
	    p->rows[0]->cells[4]->number, INT64_C(1700000000000000));
	ck_assert_str_eq(
	    fake_ledger_args(h.ledger, LQ_CUSTOMERS), "+861088880000|0|400");
}
END_TEST

Suite *
customer_suite(void)
{
	TCase *tc = tcase_create("customer");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, written_down);
	tcase_add_loop_test(tc, refused, 0, NELEM(wrongs));
	tcase_add_test(tc, listed);
	return suite_of(tc, "customer");
}
