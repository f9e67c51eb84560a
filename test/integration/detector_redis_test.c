/*
 * detector_redis_test.c - somebody damages what Redis holds of the ACD, behind
 * the daemon's back, so that a caller and an agent who are for each other do
 * not meet: within seconds they do, it is counted under its kind, and logged.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "test/support/oracle.h"
#include "test/support/pg_server.h"
#include "test/support/program.h"
#include "test/support/stack.h"
#include "test/support/support.h"
#include "test/support/wire.h"

#define WAIT_S 30

static const char hotline[] =
    "queues: [{name: repair, ring: 30s, wrap_up: 0s}]\n"
    "agents:\n"
    "  - {name: wang, queues: [repair], answer: screen}\n"
    "devices: [{name: '101', switch: main}]\n"
    "numbers: [{called: '400', queue: repair}]\n";

static const char *const kinds[] = { "call_unknown", "call_offered",
	"agent_unknown", "agent_idle", "agent_offered", "agent_ready",
	"agent_differs", "agent_reserved", "offer_orphaned", "offer_late",
	"unmatched" };

static struct stack st;
static struct wire bridge, wang;

static void
up(void)
{
	stack_up_with(&st, false, "shown: 3s\n");
	stack_write(&st, "hotline.yaml", hotline);
	mashang(
	    &st, 0, "admin", "apply", stack_path(&st, "hotline.yaml"), NULL);
	wire_bridge(&bridge, &st, "main");
	wire_agent(&wang, &st, "wang", "101");
	/* One has been there before: the line is known. */
	wire_ring(&bridge, "c0", "13812348001", "400", "");
	wire_clear(&bridge, "c0", 3, MASHANG__PARTY__PARTY_CALLER);
	wire_until_committed(&bridge);
}

static void
down(void)
{
	wire_close(&wang);
	wire_close(&bridge);
	stack_down(&st);
}

static long long
repaired(const char *kind)
{
	char name[64];

	snprintf(name, sizeof(name), "repaired_%s", kind);
	return stack_shown(&st, "store", "figure", name, "value");
}

/* Each kind is counted so often: `kind' once, the others never. */
static void
only(const char *kind)
{
	for (unsigned i = 0; i < NELEM(kinds); i++)
		ck_assert_msg(
		    repaired(kinds[i]) == (strcmp(kinds[i], kind) == 0),
		    "%s: %lld\n%s", kinds[i], repaired(kinds[i]),
		    stack_file(&st, "mashangd.log"));
}

/* What is to be destroyed must be there first: commands are on their way. */
static void
until_destroyed(const char *script)
{
	static const struct timespec beat = { 0, 20000000 };
	int64_t end = clock_loop() + WAIT_S * CLOCK_S;

	while (strcmp(redis_server_do(&st.redis, "EVAL", script, "0", NULL),
		   "1") != 0) {
		ck_assert_msg(clock_loop() < end, "never there: %s", script);
		nanosleep(&beat, NULL);
	}
}

#define STEM                                     \
	"local s = '{mashang}:acd:test';"        \
	"s = s .. ':' .. redis.call('GET', s);"  \
	"local function drop(what)"              \
	" local n = 0;"                          \
	" for _, k in ipairs(redis.call('KEYS'," \
	" s .. what)) do n = n + redis.call('DEL', k) end return n end;"

/* ---- one row, one damage: who comes after it, and what is seen to be wrong.
 * The keys are those of acd_floor.lua's head; a script tells 1 when it has
 * found what it is to destroy. */

static const struct {
	const char *what;
	bool call_first; /* the call waits, then the agent is ready */
	const char *script, *kind;
} rows[] = {
	{ "the call and its place", true,
	    STEM "return math.min(drop(':c'), drop(':w:*'))", "call_unknown" },
	{ "the call, its place left", true, STEM "return drop(':c')",
	    "call_unknown" },
	{ "the place, the call left", true, STEM "return drop(':w:*')",
	    "unmatched" },
	{ "the agent", false,
	    STEM "if"
		 " #redis.call('KEYS', s .. ':r:*') == 0 then return 0 end"
		 " return math.min(drop(':a'), drop(':r:*'))",
	    "agent_unknown" },
	{ "the ready agent's seats", false, STEM "return drop(':r:*')",
	    "unmatched" },
};

static void
comes(bool call)
{
	if (call)
		wire_ring(&bridge, "c1", "13812348000", "400", "");
	else
		wire_set_state(
		    &wang, MASHANG__AGENT_STATE_KIND__AGENT_READY, "");
}

START_TEST(it_is_repaired_within_seconds)
{
	char words[64];
	const char *log, *first;

	comes(rows[_i].call_first);
	until_destroyed(rows[_i].script);
	comes(!rows[_i].call_first);
	ck_assert_msg(WIRE_EXPECT(&wang, OFFER) != NULL, "%s", rows[_i].what);
	only(rows[_i].kind);
	snprintf(words, sizeof(words), "repaired: %s ", rows[_i].kind);
	log = stack_file(&st, "mashangd.log");
	first = strstr(log, "repaired: ");
	ck_assert_msg(
	    first != NULL && strstr(first, words) == first, "%s", log);
	ck_assert_ptr_null(strstr(first + 1, "repaired: "));
}
END_TEST

/* ---- and where nothing is damaged, nothing is repaired */

static void
up_driven(void)
{
	stack_up(&st, true);
}

static void
down_driven(void)
{
	stack_down(&st);
}

START_TEST(a_sound_day_needs_no_repair)
{
	char json[PATH_MAX];
	const char *argv[] = { "mashang-replay", "--generate",
		"seed=21,calls=1000,agents=20", "--speed", "max", "--quiet",
		"--json", json, NULL };

	snprintf(json, sizeof(json), "%s/replay.json", st.dir);
	oracle_compare(&st, stack_run(&st, argv, "replay.out", 120));
	oracle_consult(&st);
	only("nothing");
	ck_assert_ptr_null(
	    strstr(stack_file(&st, "mashangd.log"), "repaired: "));
}
END_TEST

Suite *
detector_redis_suite(void)
{
	TCase *damaged = tcase_create("damaged"),
	      *sound = tcase_create("sound");
	Suite *s = suite_of(damaged, "detector_redis");

	tcase_set_timeout(damaged, 60);
	tcase_add_unchecked_fixture(damaged, pg_server_start, NULL);
	tcase_add_checked_fixture(damaged, up, down);
	tcase_add_loop_test(
	    damaged, it_is_repaired_within_seconds, 0, NELEM(rows));
	suite_add_tcase(s, sound);
	tcase_set_timeout(sound, 180);
	tcase_add_unchecked_fixture(sound, pg_server_start, NULL);
	tcase_add_checked_fixture(sound, up_driven, down_driven);
	tcase_add_test(sound, a_sound_day_needs_no_repair);
	return s;
}
