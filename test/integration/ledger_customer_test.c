/*
 * ledger_customer_test.c - customers in a real PostgreSQL.
 */
#include "test/support/ledger_bed.h"

#include <stdio.h>

Suite *ledger_customer_suite(void);

static char answer[256];
static bool answered;

static void
on_answer(void *arg, enum err e, const struct ledger_rows *rows)
{
	char *p = answer;

	(void)arg;
	answered = true;
	p[0] = '\0';
	if (e != ERR_OK)
		snprintf(p, sizeof(answer), "%s", err_name(e));
	for (unsigned i = 0; e == ERR_OK && i < rows->n * rows->n_columns; i++)
		p += snprintf(
		    p, 40, "%s%.*s", i > 0 ? "|" : "", STR_ARG(rows->cells[i]));
}

static const char *
ask(enum ledger_query q, unsigned n, const struct str *args)
{
	answered = false;
	ck_ok(l->ops->query(l, q, n, args, on_answer, NULL));
	while (!answered)
		event_base_loop(base, EVLOOP_ONCE);
	return answer;
}

static const char *
set(uint32_t op, const char *name, const char *grade, const char *manager)
{
	char hex[ID_TEXT_LEN + 1];
	struct id id = id_n(op);
	const struct str args[] = { str_of(id_text(&id, hex)),
		STR_LIT("+8613800000001"), str_of(name), str_of(grade),
		str_of(manager), STR_LIT("boss"), STR_LIT("1700000000000000") };

	return ask(LQ_CUSTOMER_SET, NELEM(args), args);
}

static const char *
present(void)
{
	static const struct str args[] = { STR_LIT("+8613800000001"),
		STR_LIT("0"), STR_LIT("10") };

	return ask(LQ_CUSTOMERS, NELEM(args), args);
}

START_TEST(what_is_known_of_a_customer)
{
	wait_up(1);
	pg_server_ask("INSERT INTO agent (name, display_name, screen_first)"
		      " VALUES ('wang', '', false) RETURNING 1");
	ck_assert_str_eq(set(1, "Zhang", "A", ""), "done");
	ck_assert_str_eq(
	    present(), "1|+8613800000001|Zhang|A||1700000000000000");
	ck_assert_str_eq(set(2, "", "", "wang"), "done");
	ck_assert_str_eq(set(2, "", "B", ""), "repeat");
	ck_assert_str_eq(set(3, "", "C", "nobody"), "no_agent");
	ck_assert_str_eq(
	    present(), "1|+8613800000001|Zhang|A|wang|1700000000000000");
	ck_assert_str_eq(set(4, "-", "-", "-"), "done");
	ck_assert_str_eq(present(), "1|+8613800000001||||1700000000000000");
	ck_ask("SELECT count(*)::text FROM audit"
	       " WHERE action = 'customer_set'",
	    "3");
}
END_TEST

Suite *
ledger_customer_suite(void)
{
	TCase *tc = bed_case("customer");

	tcase_add_test(tc, what_is_known_of_a_customer);
	return suite_of(tc, "ledger_customer");
}
