/*
 * ledger_bed.c - see the header.
 */
#include "test/support/ledger_bed.h"

#include <stdio.h>

struct event_base *base;
struct ledger *l;
int n_up, n_lost;

struct bed_done dones[4096];
int n_dones;

static void
on_up(void *arg)
{
	(void)arg;
	n_up++;
}

static void
on_lost(void *arg, const char *why)
{
	(void)arg, (void)why;
	n_lost++;
}

struct ledger *
open_with(struct pg_options *opt)
{
	const struct pg_events events = { on_up, on_lost, NULL };
	static char conninfo[256];
	struct ledger *out;

	snprintf(
	    conninfo, sizeof(conninfo), "%s", pg_server_conninfo("daemon"));
	opt->conninfo = conninfo;
	ck_ok(pg_ledger_new(base, opt, &events, &out));
	return out;
}

void
wait_up(int n)
{
	while (n_up < n)
		event_base_loop(base, EVLOOP_ONCE);
}

void
wait_done(int n)
{
	while (n_dones < n)
		event_base_loop(base, EVLOOP_ONCE);
}

static void
set_up(void)
{
	struct pg_options opt = { .batches = 2 };

	pg_server_fresh();
	base = event_base_new();
	n_up = n_lost = n_dones = 0;
	l = open_with(&opt);
	wait_up(1);
}

static void
tear_down(void)
{
	if (l != NULL)
		l->ops->free(l, 0);
	event_base_free(base);
}

void
on_done(void *arg, enum err e)
{
	ck_assert_int_lt(n_dones, (int)NELEM(dones));
	dones[n_dones].tag = (int)(intptr_t)arg;
	dones[n_dones++].err = e;
}

void
give(struct ledger_unit *u, int tag)
{
	int before = n_dones;

	ledger_commit(l, &u, on_done, (void *)(intptr_t)tag);
	ck_assert_ptr_null(u);
	ck_assert_int_eq(n_dones, before); /* never from inside */
}

struct id
id_n(uint32_t n)
{
	struct id id = { { 1 } };

	memcpy(&id.b[4], &n, sizeof(n));
	return id;
}

static struct str
name_n(uint32_t n)
{
	static char ring[8][16];
	static unsigned at;
	char *out = ring[at++ % 8];

	snprintf(out, sizeof(ring[0]), "c%u", n);
	return str_of(out);
}

struct call_row
call_row(uint32_t n, uint32_t seq, const char *state)
{
	return (struct call_row){ .id = id_n(n),
		.switch_id = 1,
		.epoch = 9,
		.switch_call = name_n(n),
		.seq = seq,
		.state = state,
		.offered_at = T0 + n };
}

struct ledger_unit *
event_unit(uint32_t n, uint32_t seq, const char *state, const char *kind)
{
	struct ledger_unit *u = ledger_unit_new(l);
	struct call_row c = call_row(n, seq, state);
	struct call_event_row e = { .call_id = id_n(n),
		.seq = seq,
		.kind = kind,
		.occurred_at = T0 + seq,
		.received_at = T0 + seq,
		.stream_seq = n * 100 + seq,
		.digest = seq };

	ck_ok(ledger_put_call(u, &c));
	ck_ok(ledger_put_call_event(u, &e));
	return u;
}

struct ledger_unit *
ticket_unit(uint64_t id, uint32_t call, uint32_t rev, const char *status,
    const char *caller)
{
	struct ledger_unit *u = ledger_unit_new(l);
	struct ticket_row t = { .id = id,
		.rev = rev,
		.status = status,
		.caller = str_of(caller),
		.caller_e164 = str_of(caller),
		.opened_at = T0 };

	if (call != 0)
		t.call_id = id_n(call);
	ck_ok(ledger_put_ticket(u, &t));
	return u;
}

void
put_note(struct ledger_unit *u, uint64_t ticket, uint32_t call, uint32_t key)
{
	struct ticket_event_row e = { .ticket_id = ticket,
		.key = id_n(key),
		.at = T0 + key,
		.kind = "note",
		.actor = STR_LIT("wang"),
		.text = STR_LIT("hello") };

	if (call != 0)
		e.call_id = id_n(call);
	ck_ok(ledger_put_ticket_event(u, &e));
}

void
check_order(int n)
{
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(dones[i].tag, i);
}

TCase *
bed_case(const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 60);
	return tc;
}
