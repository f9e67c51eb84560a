/*
 * acd_suite.c - reads the steps of a row, sends them, compares.
 */
#include "test/support/acd_suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "test/support/support.h"

#define MAX_OFFERS 16 /* of one call in one row */

static const struct row {
	const char *name, *steps;
} rows[] = {
	/* clang-format off */
{ "a call waits while nobody is ready",
  "login 1 q1; enqueue A q1 @5; ready 1 @9 > A:1" },
{ "a call is offered to a ready agent at once",
  "login 1 q1; ready 1 @9; enqueue A q1 @5 > A:1" },
{ "nobody is offered a call of another queue",
  "login 1 q2; ready 1 @9; enqueue A q1 @5; enqueue B q2 @6 > B:1" },
{ "the lowest score is first",
  "enqueue A q1 @7; enqueue B q1 @5; enqueue C q1 @6;"
  "login 1 q1; ready 1 @1 > B:1; login 2 q1; ready 2 @2 > C:2;"
  "login 3 q1; ready 3 @3 > A:3" },
{ "a priority credit takes a call before older ones",
  "enqueue A q1 @1000000; enqueue B q1 @-89000000;"
  "login 1 q1; ready 1 @1 > B:1" },
{ "equal scores keep the order of arrival",
  "enqueue B q1 @5 #1; enqueue A q1 @5 #2; enqueue C q1 @5 #3; login 1 q1;"
  "ready 1 @1 > B:1; accept B; ready 1 @2 > A:1; accept A;"
  "ready 1 @3 > C:1" },
{ "equal scores keep the order of arrival over 2^32 and in any order sent",
  "enqueue A q1 @5 #4294967296; enqueue B q1 @5 #4294967295;"
  "login 1 q1; ready 1 @1 > B:1" },
{ "equal arrivals go by id",
  "enqueue B q1 @5 #1; enqueue A q1 @5 #1; login 1 q1; ready 1 @1 > A:1" },
{ "scores are exact to the microsecond, far in time",
  "enqueue A q1 @4503599627370498; enqueue B q1 @4503599627370497;"
  "enqueue C q1 @9007199254740991; enqueue D q1 @9007199254740990;"
  "login 1 q1; ready 1 @1 > B:1; accept B; ready 1 @2 > A:1; accept A;"
  "ready 1 @3 > D:1" },
{ "scores beyond 2^53 are all alike",
  "enqueue B q1 @9223372036854775807 #1;"
  "enqueue A q1 @9007199254740993 #2; login 1 q1; ready 1 @1 > B:1" },
{ "the longest idle agent is first",
  "login 1 q1; login 2 q1; login 3 q1; ready 1 @30; ready 2 @10; ready 3 @20;"
  "enqueue A q1 @5 > A:2; enqueue B q1 @5 > B:3; enqueue C q1 @5 > C:1" },
{ "equally idle agents go by id",
  "login 300 q1; login 2 q1; login 70000 q1; ready 70000 @1; ready 300 @1;"
  "ready 2 @1; enqueue A q1 @5 > A:2; enqueue B q1 @5 > B:300;"
  "enqueue C q1 @5 > C:70000" },
{ "a minimum is met by its level, not by less, not by another skill",
  "login 1 q1/s7=4; login 2 q1/s8=9; login 3 q1/s7=5; ready 1 @1; ready 2 @2;"
  "ready 3 @3; enqueue A q1/s7=5 @5 > A:3; enqueue B q1/s7=5 @5;"
  "enqueue C q1 @6 > C:1" },
{ "all minimums must be met",
  "login 1 q1/s7=9; login 2 q1/s7=3/s8=2; ready 1 @1; ready 2 @2;"
  "enqueue A q1/s7=3/s8=2 @5 > A:2" },
{ "lines of one queue are one order for an agent in several",
  "login 1 q1/s7=9; enqueue A q1/s7=2 @7; enqueue B q1 @6; enqueue C q1/s7=9 @5;"
  "ready 1 @1 > C:1; accept C; ready 1 @2 > B:1; accept B; ready 1 @3 > A:1" },
{ "the best head over several queues is taken",
  "login 1 q1,q2,q3; enqueue A q3 @7; enqueue B q1 @9; enqueue C q2 @8;"
  "ready 1 @1 > A:1; accept A; ready 1 @1 > C:1; accept C;"
  "ready 1 @1 > B:1" },
{ "equal scores keep arrival over several lines",
  "login 1 q1,q2,q3; enqueue A q3 @5 #300; enqueue B q1 @5 #200;"
  "enqueue C q2 @5 #256; ready 1 @1 > B:1; accept B; ready 1 @1 > C:1;"
  "accept C; ready 1 @1 > A:1" },
{ "equal arrivals go by id over several lines",
  "login 1 q1,q2; enqueue z q1 @5 #1; enqueue B q2 @5 #1; ready 1 @1 > B:1" },
{ "a reserved agent is ready in no line",
  "login 1 q1,q2; ready 1 @1; enqueue A q1 @5 > A:1; enqueue B q2 @5" },
{ "a line made after the agents were ready has them",
  "login 1 q1/s7=5; ready 1 @1; login 2 q1; enqueue A q1/s7=1 @5 > A:1" },
{ "offer, shown, accept; the agent takes the next when ready again",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; enqueue B q1 @6; shown A;"
  "shown A; accept A; ready 1 @9 > B:1" },
{ "busy and wrap-up take no work",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; accept A; enqueue B q1 @6;"
  "wrap_up 1; ready 1 @7 > B:1" },
{ "wrap-up and not ready end ready",
  "login 1 q1; ready 1 @1; wrap_up 1; enqueue A q1 @5; ready 1 @2 > A:1;"
  "accept A; ready 1 @3; not_ready 1; not_ready 1; enqueue B q1 @5;"
  "ready 1 @4 > B:1" },
{ "a call that no offer brought makes busy",
  "login 1 q1; ready 1 @1; busy 1; busy 1; enqueue A q1 @5; ready 1 @2 > A:1" },
{ "busy ends an offer",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; busy 1 > -A:1;"
  "accept A = offer_gone; ready 1 @2 > A:1" },
{ "refused: excluded and not ready, the call goes to the next",
  "login 1 q1; login 2 q1; ready 1 @1; ready 2 @2; enqueue A q1 @5 > A:1;"
  "end A exclude > A:2; ready 1 @3; enqueue B q1 @6 > B:1" },
{ "refused, staying ready: the agent gets the next call at once",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; enqueue B q1 @6;"
  "end A stay exclude > B:1" },
{ "refused, staying ready: the call first, then the agent",
  "login 1 q1,q2; login 2 q1; ready 1 @1; enqueue A q1 @5 > A:1;"
  "enqueue B q2 @4; ready 2 @2; end A stay exclude > A:2 B:1" },
{ "ended without exclusion, staying ready: offered again, as a new offer",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; end A stay > A:1;"
  "accept A.1 = offer_gone; accept A" },
{ "who stays ready keeps the old score",
  "login 1 q1,q2; login 2 q2; ready 1 @1; enqueue A q1 @5 > A:1; ready 2 @2;"
  "end A stay exclude; enqueue B q2 @5 > B:1" },
{ "an excluded call is passed over, the next in line is not",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; end A exclude;"
  "enqueue B q1 @7; enqueue C q1 @6; ready 1 @2 > C:1; accept C;"
  "ready 1 @3 > B:1; accept B; ready 1 @4" },
{ "many refusals: all are passed over",
  "login 1 q1; ready 1 @1; enqueue A q1 @1 > A:1; end A exclude;"
  "enqueue B q1 @2; ready 1 @1 > B:1; end B exclude; enqueue C q1 @3;"
  "ready 1 @1 > C:1; end C exclude; ready 1 @1; enqueue D q1 @4 > D:1;"
  "login 2 q1; ready 2 @1 > A:2" },
{ "an excluded agent is passed over, also after a new log-in",
  "login 1 q1; login 2 q1; ready 1 @1; enqueue A q1 @5 > A:1; end A exclude;"
  "logout 1; login 1 q1; ready 1 @1; ready 2 @2 > A:2; enqueue B q1 @6 > B:1" },
{ "a call keeps its place after refusal",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; enqueue B q1 @4;"
  "enqueue C q1 @6; end A exclude; login 2 q1; ready 2 @1 > B:2; accept B;"
  "ready 2 @2 > A:2; accept A; ready 2 @3 > C:2" },
{ "excluded by one, by two, by all",
  "login 1 q1; login 2 q1; login 3 q1; ready 1 @1; ready 2 @2; ready 3 @3;"
  "enqueue A q1 @5 > A:1; end A stay exclude > A:2; end A stay exclude > A:3;"
  "end A stay exclude; enqueue B q1 @6 > B:1; login 4 q1; ready 4 @9 > A:4" },
{ "not ready while offered: the call goes on",
  "login 1 q1; login 2 q1; ready 1 @1; ready 2 @2; enqueue A q1 @5 > A:1;"
  "not_ready 1 > -A:1 A:2; end A.1 = offer_gone; accept A" },
{ "not ready while offered excludes nobody",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; not_ready 1 > -A:1;"
  "ready 1 @2 > A:1" },
{ "ready while offered is refused",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; ready 1 @2 = refused;"
  "accept A" },
{ "the caller gives up while waiting",
  "enqueue A q1 @5; enqueue B q1 @6; dequeue A; login 1 q1; ready 1 @1 > B:1" },
{ "the caller gives up while offered: ready at the old score, matched on",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; enqueue B q1 @6;"
  "dequeue A > -A:1 B:1; shown A = offer_gone; accept B" },
{ "the caller gives up while offered, nobody else waits",
  "login 1 q1; login 2 q1; ready 1 @1; enqueue A q1 @5 > A:1; ready 2 @2;"
  "dequeue A > -A:1; enqueue B q1 @6 > B:1" },
{ "log-out while ready",
  "login 1 q1; ready 1 @1; logout 1; enqueue A q1 @5" },
{ "log-out while offered: the call keeps its place",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; enqueue B q1 @6;"
  "logout 1 > -A:1; login 2 q1; ready 2 @1 > A:2" },
{ "log-out while offered: the next agent has it at once",
  "login 1 q1; login 2 q1; ready 1 @1; ready 2 @2; enqueue A q1 @5 > A:1;"
  "logout 1 > -A:1 A:2" },
{ "a second log-in takes over: offers end, not ready, new skills",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; login 1 q2 > -A:1;"
  "enqueue B q2 @6; ready 1 @2 > B:1; accept B; ready 1 @3" },
{ "who is not logged in is not found",
  "ready 1 @1 = not_found; not_ready 1 = not_found; wrap_up 1 = not_found;"
  "busy 1 = not_found; logout 1 = not_found; login 1 q1; logout 1;"
  "ready 1 @1 = not_found" },
{ "an ended offer is gone for good",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; accept A;"
  "accept A = offer_gone; shown A = offer_gone; end A stay = offer_gone;"
  "ready 1 @2" },
{ "offers of no or of another generation are gone",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; accept ? = offer_gone;"
  "end ? stay exclude = offer_gone; shown ? = offer_gone; accept A" },
{ "enqueueing again changes nothing, waiting or offered",
  "enqueue A q1 @5 #1; enqueue B q1 @6 #2; enqueue A q2 @9 #3; login 1 q1,q2;"
  "ready 1 @1 > A:1; enqueue A q1 @9 #4; enqueue C q1 @5 #5;"
  "end A; ready 1 @2 > A:1" },
{ "readying again changes nothing",
  "login 1 q1; login 2 q1; ready 1 @1; ready 2 @2; ready 1 @3;"
  "enqueue A q1 @5 > A:1" },
{ "dequeueing again, or what never was, changes nothing",
  "dequeue A; enqueue A q1 @5; dequeue A; dequeue A; login 1 q1; ready 1 @1" },
{ "logging in again changes nothing",
  "login 1 q1; login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1" },
{ "an accepted call may come back, as new",
  "login 1 q1; ready 1 @1; enqueue A q1 @5 > A:1; accept A; dequeue A;"
  "enqueue A q1 @7; enqueue B q1 @6; ready 1 @2 > B:1; accept B;"
  "ready 1 @3 > A:1" },
{ "queues and skills named twice count once, at the better level",
  "login 1 q1,q1/s7=2/s7=6; enqueue A q1/s7=5 @5; ready 1 @1 > A:1; logout 1 > -A:1;"
  "login 2 q1,q1; ready 2 @1; not_ready 2; enqueue B q1 @5" },
	/* clang-format on */
};

const unsigned acd_suite_n_rows = NELEM(rows);

struct run {
	struct acd_rig *rig;
	const char *name, *step;
	uint64_t arrival;
	struct {
		uint64_t offers[MAX_OFFERS];
		unsigned n;
	} calls[128]; /* by letter */
	struct acd_line line;
	struct acd_profile profile;
	char got[256];
};

void
acd_rig_settle(struct acd_rig *r)
{
	while (r->acd->ops->in_flight(r->acd) > 0)
		if (r->base == NULL)
			mem_acd_run(r->acd);
		else
			event_base_loop(r->base, EVLOOP_ONCE);
}

static struct id
id_of_letter(char c)
{
	return (struct id){ { 0xfe, 0, (uint8_t)c } };
}

/* What happened, in the words of the row. */
static void
done(void *arg, const struct acd_reply *reply)
{
	struct run *r = arg;
	size_t len = 0;

	if (reply->err != ERR_OK)
		len += (size_t)snprintf(
		    r->got, sizeof(r->got), " = %s", err_name(reply->err));
	if (reply->n_effects > 0)
		len +=
		    (size_t)snprintf(r->got + len, sizeof(r->got) - len, " >");
	for (unsigned i = 0; i < reply->n_effects; i++) {
		const struct acd_effect *e = &reply->effects[i];
		char letter = (char)e->call.b[2];
		unsigned n = r->calls[(int)letter].n;

		if (e->kind == ACD_OFFERED) {
			ck_assert_uint_lt(n, MAX_OFFERS);
			r->calls[(int)letter].offers[n] = e->offer;
			r->calls[(int)letter].n++;
		} else {
			ck_assert_uint_eq(
			    e->offer, r->calls[(int)letter].offers[n - 1]);
		}
		len += (size_t)snprintf(r->got + len, sizeof(r->got) - len,
		    " %s%c:%u", e->kind == ACD_RESCINDED ? "-" : "", letter,
		    e->agent);
	}
}

/* q1,q2/s7=5/s8=3 */
static void
read_profile(struct run *r, char *text)
{
	char *word, *part = strsep(&text, "/");

	memset(&r->profile, 0, sizeof(r->profile));
	memset(&r->line, 0, sizeof(r->line));
	while ((word = strsep(&part, ",")) != NULL)
		r->profile.queues[r->profile.n_queues++] =
		    (uint32_t)strtoul(word + 1, NULL, 10);
	while ((part = strsep(&text, "/")) != NULL) {
		struct acd_skill *s = &r->profile.skills[r->profile.n_skills++];

		s->skill = (uint32_t)strtoul(strsep(&part, "=") + 1, NULL, 10);
		s->level = (uint32_t)strtoul(part, NULL, 10);
		r->line.skills[r->line.n_skills++] = *s;
	}
	r->line.queue = r->profile.queues[0];
}

/* A: the call's latest offer; A.1: its first; ?: one that never was. */
static uint64_t
read_offer(struct run *r, const char *word)
{
	int letter = (unsigned char)word[0];
	unsigned nth = r->calls[letter].n;

	if (letter == '?')
		return 1;
	if (word[1] == '.')
		nth = (unsigned)strtoul(word + 2, NULL, 10);
	ck_assert_uint_ge(nth, 1);
	return r->calls[letter].offers[nth - 1];
}

static const struct verb {
	const char *name;
	enum acd_op op;
	char first; /* c: a call, a: an agent, o: an offer */
} verbs[] = {
	{ "enqueue", ACD_ENQUEUE, 'c' },
	{ "dequeue", ACD_DEQUEUE, 'c' },
	{ "login", ACD_LOGIN, 'a' },
	{ "logout", ACD_LOGOUT, 'a' },
	{ "ready", ACD_READY, 'a' },
	{ "not_ready", ACD_NOT_READY, 'a' },
	{ "wrap_up", ACD_WRAP_UP, 'a' },
	{ "busy", ACD_BUSY, 'a' },
	{ "shown", ACD_SHOWN, 'o' },
	{ "accept", ACD_ACCEPT, 'o' },
	{ "end", ACD_END_OFFER, 'o' },
};

static void
read_rest(struct run *r, char *text, struct acd_cmd *cmd)
{
	char *word;

	cmd->arrival = ++r->arrival;
	while ((word = strsep(&text, " ")) != NULL)
		if (word[0] == '@')
			cmd->score = strtoll(word + 1, NULL, 10);
		else if (word[0] == '#')
			cmd->arrival = strtoull(word + 1, NULL, 10);
		else if (word[0] == 'q')
			read_profile(r, word);
		else if (strcmp(word, "stay") == 0)
			cmd->stay_ready = true;
		else if (strcmp(word, "exclude") == 0)
			cmd->exclude = true;
		else
			ck_assert_msg(word[0] == '\0', "%s: what is '%s'?",
			    r->name, word);
	cmd->line = &r->line;
	cmd->profile = &r->profile;
}

static void
read_command(struct run *r, char *text, struct acd_cmd *cmd)
{
	const char *name = strsep(&text, " "), *first = strsep(&text, " ");

	*cmd = (struct acd_cmd){ .now = 1 };
	for (size_t i = 0; i < NELEM(verbs); i++) {
		if (strcmp(verbs[i].name, name) != 0)
			continue;
		cmd->op = verbs[i].op;
		if (verbs[i].first == 'c')
			cmd->call = id_of_letter(first[0]);
		else if (verbs[i].first == 'a')
			cmd->agent = (uint32_t)strtoul(first, NULL, 10);
		else
			cmd->offer = read_offer(r, first);
	}
	ck_assert_msg(cmd->op != ACD_NONE, "%s: no verb '%s'", r->name, name);
	read_rest(r, text, cmd);
}

static void
run_step(struct run *r, const char *step, size_t len)
{
	char text[256];
	struct acd_cmd cmd;
	size_t said = strcspn(step, "=>");
	const char *want;

	while (said < len && step[said] == '=' && step[said - 1] != ' ')
		said += 1 + strcspn(step + said + 1, "=>");
	if (said > len)
		said = len;
	ck_assert_uint_lt(len, sizeof(text));
	snprintf(text, sizeof(text), "%.*s", (int)said, step);
	while (said > 0 && text[said - 1] == ' ')
		text[--said] = '\0';
	read_command(r, text, &cmd);
	want = step + said;

	r->got[0] = '\0';
	ck_ok(acd_send(r->rig->acd, &cmd, done, r));
	ck_assert_msg(r->got[0] == '\0', "done from inside send");
	acd_rig_settle(r->rig);
	ck_assert_msg(strlen(r->got) == len - said &&
			  strncmp(r->got, want, len - said) == 0,
	    "%s: `%.*s' gave `%s'", r->name, (int)len, step, r->got);
}

void
acd_suite_row(struct acd_rig *rig, unsigned row)
{
	static uint32_t generation = 7;
	struct run r = { .rig = rig, .name = rows[row].name };
	const char *s = rows[row].steps;

	ck_ok(rig->acd->ops->reset(rig->acd, ++generation));
	while (*s != '\0') {
		size_t len = strcspn(s, ";");

		run_step(&r, s, len);
		s += len;
		s += strspn(s, "; ");
	}
}
