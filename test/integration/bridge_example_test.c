/*
 * bridge_example_test.c - the protocol's folder alone is enough to write a
 * bridge: it is copied, its example compiled there, and run against the real
 * daemon with an agent who takes the call.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/support/pg_server.h"
#include "test/support/program.h"
#include "test/support/stack.h"
#include "test/support/support.h"
#include "test/support/wire.h"

static struct stack st;

static void
up(void)
{
	stack_up(&st, false);
	stack_write(&st, "small.yaml",
	    "queues: [{name: repair}]\n"
	    "agents: [{name: wang, queues: [repair]}]\n"
	    "devices: [{name: '101', switch: example}]\n"
	    "numbers: [{called: '4001', queue: repair}]\n");
	mashang(&st, 0, "admin", "apply", stack_path(&st, "small.yaml"), NULL);
}

static void
down(void)
{
	stack_down(&st);
}

/* As PROTOCOL.md 17 says it. */
static void
compile(void)
{
	char line[2 * PATH_MAX];
	int status;

	snprintf(line, sizeof(line),
	    "cp -r proto %s/proto && cd %s/proto && "
	    "{ protoc-c --c_out=. mashang.proto && cc -D_GNU_SOURCE -I. "
	    "-o bridge_example *.c -levent -lprotobuf-c; } >cc.log 2>&1",
	    st.dir, st.dir);
	status = system(line);
	ck_assert_msg(
	    status == 0, "%s\n%s", line, stack_file(&st, "proto/cc.log"));
}

static pid_t
start(void)
{
	const char *program = stack_path(&st, "proto/bridge_example");
	pid_t pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		if (freopen(stack_path(&st, "example.log"), "w", stdout) ==
		    NULL)
			_exit(126);
		dup2(STDOUT_FILENO, STDERR_FILENO);
		execl(program, program, st.socket, "13800138000", "4001", NULL);
		_exit(127);
	}
	return pid;
}

START_TEST(the_example_carries_a_call)
{
	struct wire agent;
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Shown shown = MASHANG__SHOWN__INIT;
	pid_t pid;

	compile();
	wire_agent(&agent, &st, "wang", "101");
	wire_set_state(&agent, MASHANG__AGENT_STATE_KIND__AGENT_READY, "");
	pid = start();
	shown.offer_id = WIRE_EXPECT(&agent, OFFER)->offer->offer_id;
	e.body_case = MASHANG__ENVELOPE__BODY_SHOWN;
	e.shown = &shown;
	wire_send(&agent, &e);
	ck_assert_int_eq(WIRE_EXPECT(&agent, OFFER_ENDED)->offer_ended->reason,
	    MASHANG__OFFER_END_REASON__OFFER_ACCEPTED);
	ck_assert_msg(
	    stack_wait(pid, 20) == 0, "%s", stack_file(&st, "example.log"));
	ck_assert_ptr_nonnull(
	    strstr(stack_file(&st, "example.log"), "4 events committed"));
	ck_assert_str_eq(
	    pg_server_ask("SELECT string_agg(kind, ' ' ORDER BY seq) "
			  "FROM call_event"),
	    "queued delivered established call_cleared");
	ck_assert_str_eq(pg_server_ask("SELECT count(*) FROM ticket"), "1");
	wire_close(&agent);
}
END_TEST

Suite *
bridge_example_suite(void)
{
	TCase *tc = tcase_create("bridge_example");

	tcase_set_timeout(tc, 60);
	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, the_example_carries_a_call);
	return suite_of(tc, "bridge_example");
}
