/*
 * acd_suite.c - reads the steps of a row, sends them, compares.
 */
#include "test/support/acd_suite.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "test/support/support.h"

#define MAX_OFFERS 40 /* of one call in one row */

struct run {
	struct acd_rig *rig;
	const char *name, *step;
	uint64_t arrival;
	struct {
		uint64_t offers[MAX_OFFERS];
		uint32_t agents[MAX_OFFERS];
		unsigned n;
	} calls[128]; /* by letter */
	struct acd_line line;
	struct acd_profile profile;
	int64_t scores[ACD_MAX_AGENT_QUEUES];
	bool asks_staff, looks;
	char got[512];
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

static void say(struct run *, const char *, ...) PRINTF_LIKE(2, 3);
static void
say(struct run *r, const char *fmt, ...)
{
	size_t len = strlen(r->got);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->got + len, sizeof(r->got) - len, fmt, ap);
	va_end(ap);
}

/* The latest of this call to that agent, 0: to whomever. */
static uint64_t
offer_to(struct run *r, int letter, uint32_t agent)
{
	for (unsigned i = r->calls[letter].n; i-- > 0;)
		if (agent == 0 || r->calls[letter].agents[i] == agent)
			return r->calls[letter].offers[i];
	ck_abort_msg("%s: no such offer of %c", r->name, letter);
}

static void
note_offer(struct run *r, const struct acd_effect *e)
{
	unsigned letter = e->call.b[2], n = r->calls[letter].n++;

	ck_assert_uint_lt(n, MAX_OFFERS);
	r->calls[letter].offers[n] = e->offer;
	r->calls[letter].agents[n] = e->agent;
}

/* What happened, in the words of the row. */
static void
done(void *arg, const struct acd_reply *reply)
{
	static const char *const seen[] = { "none", "waiting", "offered",
		"idle", "ready", "busy" };
	struct run *r = arg;

	if (reply->err != ERR_OK)
		say(r, " = %s", err_name(reply->err));
	else if (r->asks_staff)
		say(r, " = %u", reply->staffed);
	else if (r->looks)
		say(r, " = %s", seen[reply->seen]);
	if (reply->n_effects > 0)
		say(r, " >");
	for (unsigned i = 0; i < reply->n_effects; i++) {
		const struct acd_effect *e = &reply->effects[i];
		char letter = (char)e->call.b[2];

		if (e->kind == ACD_OFFERED)
			note_offer(r, e);
		else
			ck_assert_uint_eq(
			    e->offer, offer_to(r, letter, e->agent));
		say(r, " %s%c:%u", e->kind == ACD_RESCINDED ? "-" : "", letter,
		    e->agent);
	}
}

static uint32_t
number(const char *text)
{
	return (uint32_t)strtoul(text, NULL, 10);
}

/* q1,q2:3/s7=5/s8=3: a line, and a profile */
static void
read_queues(struct run *r, char *text)
{
	struct acd_profile *p = &r->profile;
	char *word, *part = strsep(&text, "/");

	while ((word = strsep(&part, ",")) != NULL) {
		uint32_t queue = number(word + 1);

		if (p->n_queues == 0)
			r->line.queue = queue;
		else
			r->line.neighbours[r->line.n_neighbours++] = queue;
		if (strchr(word, ':') != NULL)
			p->tiers[p->n_queues] =
			    (uint8_t)number(strchr(word, ':') + 1);
		p->queues[p->n_queues++] = queue;
	}
	while ((part = strsep(&text, "/")) != NULL) {
		struct acd_skill *s = &p->skills[p->n_skills++];

		s->skill = number(strsep(&part, "=") + 1);
		s->level = number(part);
		r->line.skills[r->line.n_skills++] = *s;
	}
}

/* @10|5,6 */
static void
read_scores(struct run *r, const char *word, struct acd_cmd *cmd)
{
	char *end;

	cmd->score = strtoll(word + 1, &end, 10);
	for (; *end != '\0'; cmd->scores = r->scores)
		r->scores[cmd->n_scores++] = strtoll(end + 1, &end, 10);
}

/* A: the call's latest offer; A.1: its first; A:2: that to agent 2; ?: one
 * that never was. */
static uint64_t
read_offer(struct run *r, const char *word)
{
	int letter = (unsigned char)word[0];

	if (letter == '?')
		return 1;
	if (word[1] == '.')
		return r->calls[letter].offers[number(word + 2) - 1];
	return offer_to(r, letter, word[1] == ':' ? number(word + 2) : 0);
}

static const struct verb {
	const char *name;
	enum acd_op op;
	char first; /* c: a call, a: an agent, o: an offer, ?: by its look */
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
	{ "move", ACD_MOVE, 'c' },
	{ "item_done", ACD_ITEM_DONE, 'a' },
	{ "look", ACD_LOOK, '?' },
};

const char *
acd_suite_verb(enum acd_op op)
{
	for (size_t i = 0; i < NELEM(verbs); i++)
		if (verbs[i].op == op)
			return verbs[i].name;
	return "?";
}

/* A word that is a name with a number behind it, or a flag. */
static bool
read_word(struct run *r, const char *word, struct acd_cmd *cmd)
{
	const struct {
		const char *name;
		uint32_t *number;
		bool *flag;
	} words[] = {
		{ "site", &r->line.site, NULL },
		{ "items", &r->profile.items, NULL },
		{ "hand", &r->profile.in_hand, NULL },
		{ "a", &r->line.agent, NULL },
		{ "x", &cmd->ring, NULL },
		{ "stay", NULL, &cmd->stay_ready },
		{ "exclude", NULL, &cmd->exclude },
		{ "forgive", NULL, &cmd->forgive },
		{ "staff", NULL, &r->asks_staff },
	};
	size_t len = strcspn(word, "0123456789");

	if (strcmp(word, "work") == 0) {
		r->line.media = ACD_WORK;
		return true;
	}
	if (len == 4 && strncmp(word, "tier", len) == 0) {
		r->line.tier = (uint8_t)number(word + len);
		return true;
	}
	for (size_t i = 0; i < NELEM(words); i++) {
		if (strlen(words[i].name) != len ||
		    strncmp(word, words[i].name, len) != 0)
			continue;
		if (words[i].flag != NULL)
			*words[i].flag = true;
		else
			*words[i].number = number(word + len);
		return true;
	}
	return false;
}

static void
read_rest(struct run *r, char *text, struct acd_cmd *cmd)
{
	char *word;

	memset(&r->line, 0, sizeof(r->line));
	memset(&r->profile, 0, sizeof(r->profile));
	r->asks_staff = false;
	r->looks = cmd->op == ACD_LOOK;
	cmd->arrival = ++r->arrival;
	while ((word = strsep(&text, " ")) != NULL)
		if (word[0] == '@')
			read_scores(r, word, cmd);
		else if (word[0] == '#')
			cmd->arrival = strtoull(word + 1, NULL, 10);
		else if (word[0] == 'q')
			read_queues(r, word);
		else
			ck_assert_msg(
			    word[0] == '\0' || read_word(r, word, cmd),
			    "%s: what is '%s'?", r->name, word);
	r->profile.site = r->line.site;
	cmd->line = &r->line;
	cmd->profile = &r->profile;
}

static void
read_command(struct run *r, char *text, struct acd_cmd *cmd)
{
	const char *name = strsep(&text, " "), *first = strsep(&text, " ");

	*cmd = (struct acd_cmd){ .now = 1 };
	for (size_t i = 0; i < NELEM(verbs); i++) {
		char what = verbs[i].first;

		if (strcmp(verbs[i].name, name) != 0)
			continue;
		if (what == '?')
			what = number(first) > 0 ? 'a' : 'c';
		cmd->op = verbs[i].op;
		if (what == 'c')
			cmd->call = id_of_letter(first[0]);
		else if (what == 'a')
			cmd->agent = number(first);
		else
			cmd->offer = read_offer(r, first);
	}
	ck_assert_msg(cmd->op != ACD_NONE, "%s: no verb '%s'", r->name, name);
	read_rest(r, text, cmd);
}

static void
run_step(struct run *r, const char *step, size_t len)
{
	char text[400];
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
	struct run r = { .rig = rig, .name = acd_rows[row].name };
	const char *s = acd_rows[row].steps;

	ck_ok(rig->acd->ops->reset(rig->acd, ++generation));
	while (*s != '\0') {
		size_t len = strcspn(s, ";");

		run_step(&r, s, len);
		s += len;
		s += strspn(s, "; ");
	}
}
