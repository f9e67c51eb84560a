/*
 * client_test.c - every command of `mashang' that is asked and answered,
 * against the real daemon.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "test/support/pg_server.h"
#include "test/support/program.h"
#include "test/support/stack.h"
#include "test/support/support.h"
#include "test/support/wire.h"

static struct stack st;

#define ck_said(said, words) \
	ck_assert_msg(       \
	    strstr(said, words) != NULL, "no \"%s\" in:\n%s", words, said)

static void
up(void)
{
	unsetenv("LANGUAGE");
	stack_up(&st, false);
}

static void
down(void)
{
	stack_down(&st);
}

static void
apply_sample(void)
{
	mashang(&st, 0, "admin", "apply", "config/hotline.yaml", NULL);
}

/* ------------------------------------------------------------------- apply */

START_TEST(a_configuration_is_applied)
{
	const char *said = mashang(
	    &st, 0, "admin", "apply", "config/hotline.yaml", "--dry-run", NULL);

	ck_said(said, "refrigerators");
	ck_said(said, "Dry run: nothing was changed.");
	ck_assert_str_eq(pg_server_ask("SELECT count(*) FROM queue"), "0");
	said = mashang(&st, 0, "admin", "apply", "config/hotline.yaml", NULL);
	ck_said(said, "refrigerators");
	ck_said(said, "Applied.");
	ck_assert_str_eq(pg_server_ask("SELECT count(*) FROM queue"), "6");
	said = mashang(&st, 0, "admin", "apply", "config/hotline.yaml", NULL);
	ck_assert_str_eq(said, "Nothing differs.\n");
	ck_assert_str_eq(
	    pg_server_ask("SELECT count(*) FROM sla_revision"), "1");
}
END_TEST

/* What is promised changes, for open tickets too: looked at, then done. */
START_TEST(promises_are_changed)
{
	const char *said;

	apply_sample();
	stack_write(&st, "small.yaml",
	    "calendars:\n"
	    "  - {name: day, zone: UTC, week: {mon-sun: [00:00-24:00]}}\n"
	    "policies: [{name: all, calendar: day, targets: "
	    "{resolution: {business: 1h}}}]\n");
	said = mashang(&st, 0, "admin", "apply", "--dry-run", "--clocks",
	    "retroactive", stack_path(&st, "small.yaml"), NULL);
	ck_said(said, "tickets that are open");
	ck_said(said, "policy_order");
	ck_said(said, "Dry run: nothing was changed.");
	said = mashang(&st, 0, "admin", "apply", "--clocks", "forward",
	    "--wait", stack_path(&st, "small.yaml"), NULL);
	ck_said(said, "Applied.");
	ck_assert_str_eq(
	    pg_server_ask("SELECT string_agg(id || apply_to, ' ' ORDER BY id)"
			  " FROM sla_revision"),
	    "1new 2forward");
	ck_assert_str_eq(
	    pg_server_ask("SELECT ended_at IS NOT NULL FROM sla_job"), "t");
	said = mashang(&st, 64, "admin", "apply", "--clocks", "old",
	    stack_path(&st, "small.yaml"), NULL);
	ck_said(said, "new, forward, retroactive");
}
END_TEST

START_TEST(a_fault_is_told_with_its_place)
{
	const char *said;

	stack_write(&st, "bad.yaml",
	    "skills: [english]\n"
	    "queues:\n"
	    "  - name: repair\n"
	    "    skills: {englsh: 3}\n");
	said = mashang(
	    &st, 64, "admin", "apply", stack_path(&st, "bad.yaml"), NULL);
	ck_said(said, "/bad.yaml:4:14: ");
	ck_said(said, "english");
	stack_write(&st, "bad.yaml", "queues:\n  - {name: a, rings: 20s}\n");
	said = mashang(
	    &st, 64, "admin", "apply", stack_path(&st, "bad.yaml"), NULL);
	ck_said(said, "/bad.yaml:2:15: ");
	ck_said(said, "did you mean 'ring'?");
	said = mashang(&st, 64, "admin", "apply", "/nonexistent", NULL);
	ck_said(said, "No such file");
}
END_TEST

START_TEST(what_is_not_named_goes)
{
	const char *said;

	apply_sample();
	stack_write(&st, "small.yaml", "queues:\n  - name: sales\n");
	said = mashang(&st, 0, "admin", "apply", "--keep-others",
	    stack_path(&st, "small.yaml"), NULL);
	ck_assert_ptr_null(strstr(said, "refrigerators"));
	said = mashang(
	    &st, 0, "admin", "apply", stack_path(&st, "small.yaml"), NULL);
	ck_said(said, "refrigerators");
	said = mashang(&st, 0, "queue", "list", NULL);
	ck_said(said, "sales");
	ck_assert_ptr_null(strstr(said, "refrigerators"));
}
END_TEST

/* ------------------------------------------------------------------- users */

static const char *
secret(const char *password)
{
	stack_write(&st, "secret", password);
	return stack_path(&st, "secret");
}

static void
add_user(const char *name, const char *role)
{
	mashang(&st, 0, "admin", "user", "add", name, "--role", role,
	    "--new-password-file", secret("right\n"), NULL);
}

START_TEST(log_ins)
{
	const char *said;

	apply_sample();
	add_user("boss", "supervisor");
	add_user("wang", "agent");
	said = mashang(&st, 1, "admin", "user", "add", "boss",
	    "--new-password-file", secret("right\n"), NULL);
	ck_said(said, "There is a login boss already.");
	said = mashang(&st, 1, "admin", "user", "disable", "bass", NULL);
	ck_said(said, "There is no login bass.");
	said = mashang(&st, 1, "watch", "--once", "--login", "boss",
	    "--password-file", secret("wrong\n"), NULL);
	ck_said(said, "The name or the password is wrong.");
	said = mashang(&st, 0, "watch", "--once", "--login", "boss",
	    "--password-file", secret("right\n"), NULL);
	ck_said(said, "Queues");
	said = mashang(&st, 1, "admin", "apply", "config/hotline.yaml",
	    "--login", "boss", "--password-file", secret("right\n"), NULL);
	ck_said(said, "As supervisor you may not do this");
	said = mashang(&st, 1, "queue", "list", "--login", "wang",
	    "--password-file", secret("right\n"), NULL);
	ck_said(said, "an agent's log-in is for `mashang agent'");
	mashang(&st, 0, "admin", "user", "passwd", "boss",
	    "--new-password-file", secret("new\n"), NULL);
	mashang(&st, 1, "queue", "list", "--login", "boss", "--password-file",
	    secret("right\n"), NULL);
	mashang(&st, 0, "queue", "list", "--login", "boss", "--password-file",
	    secret("new\n"), NULL);
	mashang(&st, 0, "admin", "user", "disable", "boss", NULL);
	said = mashang(&st, 1, "queue", "list", "--login", "boss",
	    "--password-file", secret("new\n"), NULL);
	ck_said(said, "This log-in is switched off.");
	mashang(&st, 0, "admin", "user", "enable", "boss", NULL);
	mashang(&st, 0, "queue", "list", "--login", "boss", "--password-file",
	    secret("new\n"), NULL);
}
END_TEST

START_TEST(whoever_is_switched_off_is_shown_out)
{
	const char *argv[] = { "mashang", "agent", "--login", "wang",
		"--device", "101", "--password-file", NULL, NULL };
	struct program p;

	apply_sample();
	add_user("wang", "agent");
	argv[7] = stack_path(&st, "secret");
	program_start(&p, &st, argv);
	program_expect(&p, "Logged in as wang");
	mashang(&st, 0, "admin", "user", "disable", "wang", NULL);
	program_expect(&p, "This log-in is switched off.");
	ck_assert_int_eq(program_end(&p), 1);
	program_free(&p);
}
END_TEST

START_TEST(a_stale_token)
{
	Mashang__Hello h = MASHANG__HELLO__INIT;
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	uint8_t token[512];
	struct wire w;

	apply_sample();
	add_user("boss", "supervisor");
	wire_open(&w, &st);
	h.login = wire_bytes("boss");
	h.password = wire_bytes("right");
	h.token = wire_login(&w, &h)->token;
	ck_assert_uint_lt(h.token.len, sizeof(token));
	memcpy(token, h.token.data, h.token.len);
	h.token.data = token;
	wire_close(&w);
	h.login = h.password = (ProtobufCBinaryData){ 0, NULL };
	wire_open(&w, &st);
	ck_assert(wire_is(wire_login(&w, &h)->name, "boss"));
	wire_close(&w);
	mashang(&st, 0, "admin", "user", "passwd", "boss",
	    "--new-password-file", secret("new\n"), NULL);
	wire_open(&w, &st);
	e.body_case = MASHANG__ENVELOPE__BODY_HELLO;
	e.hello = &h;
	wire_send(&w, &e);
	ck_assert_int_eq(WIRE_EXPECT(&w, GOODBYE)->goodbye->why->code,
	    MASHANG__CODE__CODE_TOKEN_STALE);
	ck_assert_ptr_null(wire_next(&w));
	wire_close(&w);
}
END_TEST

/* ------------------------------------------------------------------ tickets */

/* The number in "Ticket 100 08: saved." without the blanks. */
static const char *
number_in(const char *said)
{
	static char out[24];
	size_t n = 0;

	ck_assert_msg(strncmp(said, "Ticket ", 7) == 0, "%s", said);
	for (said += 7; *said != ':' && n + 1 < sizeof(out); said++)
		if (*said != ' ')
			out[n++] = *said;
	out[n] = '\0';
	return out;
}

START_TEST(tickets)
{
	const char *said, *number;
	char wrong[24];

	apply_sample();
	said = mashang(&st, 0, "ticket", "new", "the drum is loud", "--kind",
	    "complaint", "--caller", "13812348000", "--queue", "repair",
	    "--note", "since Monday", NULL);
	ck_said(said, ": saved.");
	number = number_in(said);
	said = mashang(&st, 0, "ticket", "note", number, "visit on Friday",
	    "--for-customer", NULL);
	ck_said(said, ": saved.");
	said = mashang(&st, 0, "ticket", "show", number, NULL);
	ck_said(said, "the drum is loud");
	ck_said(said, "Complaint");
	ck_said(said, "since Monday");
	ck_said(said, "visit on Friday");
	said = mashang(&st, 0, "ticket", "show", number, "--json", NULL);
	ck_said(said, "\"subject\":\"the drum is loud\"");
	said = mashang(&st, 0, "ticket", "list", NULL);
	ck_said(said, "the drum is loud");
	said = mashang(
	    &st, 0, "ticket", "list", "caller=13812348000", "--json", NULL);
	ck_said(said, "the drum is loud");
	said = mashang(&st, 0, "ticket", "list", "status=closed", NULL);
	ck_assert_ptr_null(strstr(said, "the drum"));
	snprintf(wrong, sizeof(wrong), "%s", number);
	wrong[2] = (char)(wrong[2] == '9' ? '0' : wrong[2] + 1);
	said = mashang(&st, 1, "ticket", "show", wrong, NULL);
	ck_said(said, "Did you mishear?");
	said = mashang(&st, 1, "ticket", "note", wrong, "lost", NULL);
	ck_said(said, "Did you mishear?");
	mashang(&st, 64, "ticket", "new", "", NULL);
	said = mashang(&st, 64, "ticket", "show", "abc", NULL);
	ck_said(said, "`abc' is not a ticket's number");
	said =
	    mashang(&st, 1, "ticket", "new", "x", "--queue", "repairs", NULL);
	ck_said(said, "There is no queue repairs.");
}
END_TEST

/* Asks, and returns the number. */
static uint64_t
ask_new(struct wire *w, struct id *op, bool until_saved)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__TicketNew t = MASHANG__TICKET_NEW__INIT;
	uint64_t number;

	t.subject = wire_bytes("once");
	e.op_id = (ProtobufCBinaryData){ sizeof(op->b), op->b };
	e.body_case = MASHANG__ENVELOPE__BODY_TICKET_NEW;
	e.ticket_new = &t;
	wire_send(w, &e);
	number = WIRE_EXPECT(w, DONE)->done->number;
	if (until_saved)
		WIRE_EXPECT(w, SAVED);
	return number;
}

static void
supervisor(struct wire *w)
{
	Mashang__Hello h = MASHANG__HELLO__INIT;

	wire_open(w, &st);
	h.role = MASHANG__ROLE__ROLE_SUPERVISOR;
	wire_login(w, &h);
}

START_TEST(one_operation_one_ticket)
{
	struct id op = id_random(), other = id_random();
	struct wire w;
	uint64_t number;

	supervisor(&w);
	number = ask_new(&w, &op, false);
	ck_assert_uint_eq(ask_new(&w, &op, true), number);
	ck_assert_uint_eq(ask_new(&w, &op, true), number);
	wire_close(&w);
	stack_daemon_kill(&st);
	stack_daemon_start(&st, NULL);
	supervisor(&w);
	ck_assert_uint_eq(ask_new(&w, &op, true), number);
	ck_assert_uint_ne(ask_new(&w, &other, true), number);
	wire_close(&w);
	ck_assert_str_eq(pg_server_ask("SELECT count(*) FROM ticket"), "2");
}
END_TEST

/* -------------------------------------------------------------------- lists */

START_TEST(boards)
{
	const char *said;
	struct wire agent;

	apply_sample();
	wire_agent(&agent, &st, "wang", "101");
	said = mashang(&st, 0, "watch", "--once", NULL);
	ck_said(said, "Queues");
	ck_said(said, "refrigerators");
	ck_said(said, "Agents");
	ck_said(said, "wang");
	said = mashang(&st, 0, "watch", "--once", "--json", NULL);
	ck_said(said, "\"queue\":\"refrigerators\"");
	said = mashang(&st, 0, "queue", "list", "--json", NULL);
	ck_said(said, "\"queue\":\"repair\"");
	said = mashang(&st, 0, "admin", "show", "agents", "agent=wang", NULL);
	ck_said(said, "101");
	mashang(&st, 0, "admin", "show", "day", NULL);
	ck_said(mashang(&st, 0, "admin", "show", NULL), "logins");
	ck_said(mashang(&st, 0, "admin", "show", "stats", NULL),
	    "net_logins_accepted");
	ck_said(mashang(&st, 0, "admin", "show", "store", NULL), "postgres");
	ck_said(mashang(&st, 0, "admin", "show", "sessions", NULL), "wang");
	ck_said(mashang(&st, 0, "admin", "show", "queues", "--columns", NULL),
	    "waiting");
	said = mashang(&st, 1, "admin", "show", "agnets", NULL);
	ck_said(said, "agnets");
	wire_close(&agent);
}
END_TEST

START_TEST(in_chinese)
{
	apply_sample();
	setenv("LANGUAGE", "zh_CN", 1);
	ck_assert_str_eq(
	    mashang(&st, 0, "admin", "apply", "config/hotline.yaml", NULL),
	    "没有差异。\n");
	ck_said(
	    mashang(&st, 1, "ticket", "show", "12345", NULL), "是不是听错了?");
	ck_said(mashang(&st, 0, "watch", "--once", NULL), "队列");
}
END_TEST

START_TEST(nobody_answers)
{
	const char *said = mashang(&st, 2, "queue", "list", "--timeout", "1",
	    "--socket", "unix:/nonexistent/m.sock", NULL);

	ck_said(said, "no daemon answers at unix:/nonexistent/m.sock");
}
END_TEST

Suite *
client_suite(void)
{
	TCase *tc = tcase_create("client");

	tcase_set_timeout(tc, 60);
	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, a_configuration_is_applied);
	tcase_add_test(tc, promises_are_changed);
	tcase_add_test(tc, a_fault_is_told_with_its_place);
	tcase_add_test(tc, what_is_not_named_goes);
	tcase_add_test(tc, log_ins);
	tcase_add_test(tc, whoever_is_switched_off_is_shown_out);
	tcase_add_test(tc, a_stale_token);
	tcase_add_test(tc, tickets);
	tcase_add_test(tc, one_operation_one_ticket);
	tcase_add_test(tc, boards);
	tcase_add_test(tc, in_chinese);
	tcase_add_test(tc, nobody_answers);
	return suite_of(tc, "client");
}
