/*
 * kamailio_ask.c - commands and their replies.
 *
 * Each goes out in one write, since the switch drops a netstring whose length
 * comes in two pieces.  A reply that does not come in time means that nobody
 * knows what the switch did: all is asked for again.
 */
#include "bridge/kamailio.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "bridge/netstring.h"

#define COMMAND_MAX 4096 /* the switch's buffer is 8 KiB */
#define DEADLINE_US (2 * CLOCK_S)

bool
kam_say(struct kam *k, json_t *cmd)
{
	char text[COMMAND_MAX], out[COMMAND_MAX + NETSTRING_EXTRA];
	size_t len = 0;

	if (cmd != NULL)
		len = json_dumpb(cmd, text, sizeof(text), JSON_COMPACT);
	json_decref(cmd);
	if (len == 0 || len > sizeof(text))
		return false;
	len = netstring_put(
	    (struct str){ text, (uint32_t)len }, out, sizeof(out));
	return len > 0 && stream_write(k->stream, out, len);
}

bool
kam_ask(struct kam *k, json_t *cmd, enum kam_asked asked, uint64_t order_id,
    json_t *about)
{
	struct kam_ask *a = calloc(1, sizeof(*a));
	char id[24];

	if (a == NULL || cmd == NULL)
		goto fail;
	a->id = ++k->next_id;
	a->order_id = order_id;
	a->asked = asked;
	a->until = clock_loop() + DEADLINE_US;
	a->about = about;
	snprintf(id, sizeof(id), "%llu", (unsigned long long)a->id);
	if (json_object_set_new(cmd, "id", json_string(id)) != 0)
		goto fail;
	if (!kam_say(k, cmd)) {
		cmd = NULL;
		goto fail;
	}
	TAILQ_INSERT_TAIL(&k->asks, a, entry);
	return true;
fail:
	json_decref(cmd);
	free(a);
	return false;
}

/* Its texts for refusals, and what they mean to the daemon. */
static Mashang__Code
code_of(const json_t *reply)
{
	static const struct {
		const char *error;
		Mashang__Code code;
	} rows[] = {
		{ "no such call", MASHANG__CODE__CODE_NOT_FOUND },
		{ "no such target", MASHANG__CODE__CODE_BAD_FIELD },
		{ "not ringing", MASHANG__CODE__CODE_OK },
		{ "not registered", MASHANG__CODE__CODE_NO_DEVICE },
		{ "no way out", MASHANG__CODE__CODE_NO_DEVICE },
	};
	struct str error = kam_text(reply, "error");

	if (json_is_true(json_object_get(reply, "ok")))
		return MASHANG__CODE__CODE_OK;
	for (unsigned i = 0; i < NELEM(rows); i++)
		if (str_eq(error, str_of(rows[i].error)))
			return rows[i].code;
	return MASHANG__CODE__CODE_REFUSED;
}

static void
finish(struct kam *k, struct kam_ask *a, Mashang__Code code)
{
	TAILQ_REMOVE(&k->asks, a, entry);
	if (a->order_id != 0)
		exchange_answer(k->exchange, a->order_id, code);
	json_decref(a->about);
	free(a);
}

void
kam_reply(struct kam *k, const json_t *reply)
{
	struct str text = kam_text(reply, "id");
	struct kam_ask *a;
	char id[24];
	Mashang__Code code = code_of(reply);

	snprintf(id, sizeof(id), "%.*s", STR_ARG(text));
	TAILQ_FOREACH (a, &k->asks, entry) {
		if (a->id == strtoull(id, NULL, 10))
			break;
	}
	if (a == NULL)
		return; /* came too late */
	if (a->asked == KAM_STOP && json_is_true(json_object_get(reply, "ok")))
		return; /* its end is an event */
	if (a->asked == KAM_PING)
		kam_told_up_to(k, kam_number(reply, "seq"));
	if (a->asked == KAM_SNAPSHOT)
		kam_snapshot_end(k);
	if (a->asked == KAM_DIAL && code == MASHANG__CODE__CODE_OK)
		kam_dialled(k, a, reply);
	if (a->asked == KAM_DEFLECT && code == MASHANG__CODE__CODE_OK)
		kam_deflected(k, a);
	if (a->asked == KAM_HELLO) {
		finish(k, a, code);
		kam_hello(k, reply);
		return;
	}
	finish(k, a, code);
}

void
kam_asks_tick(struct kam *k, int64_t now)
{
	struct kam_ask *a = TAILQ_FIRST(&k->asks);

	if (a == NULL || now < a->until)
		return;
	log_warn(LOG_BRIDGE, "kamailio a command got no reply in time");
	if (a->order_id == 0) {
		/* What it always answers at once. */
		stream_fail(k->stream, "no reply within 2 s");
		return;
	}
	while ((a = TAILQ_FIRST(&k->asks)) != NULL && now >= a->until)
		finish(k, a, MASHANG__CODE__CODE_TIMEOUT);
	kam_resync(k);
}

void
kam_asks_stopped(struct kam *k, struct str call, Mashang__Code code)
{
	struct kam_ask *a = TAILQ_FIRST(&k->asks), *next;

	for (; a != NULL; a = next) {
		next = TAILQ_NEXT(a, entry);
		if (a->asked == KAM_STOP &&
		    str_eq(call, str_of(json_string_value(a->about))))
			finish(k, a, code);
	}
}

void
kam_asks_lost(struct kam *k)
{
	struct kam_ask *a;

	while ((a = TAILQ_FIRST(&k->asks)) != NULL)
		finish(k, a, MASHANG__CODE__CODE_UNAVAILABLE);
}

bool
kam_is_asking(const struct kam *k, enum kam_asked what)
{
	const struct kam_ask *a;

	TAILQ_FOREACH (a, &k->asks, entry) {
		if (a->asked == what)
			return true;
	}
	return false;
}
