/*
 * ledger_bed.h - a ledger on a fresh database, and units to give it.
 *
 * Units wait until a test turns the loop, so batches are as it wants them.
 */
#ifndef LEDGER_BED_H
#define LEDGER_BED_H

#include <event2/event.h>

#include "store/ledger.h"
#include "test/support/pg_server.h"
#include "test/support/support.h"

#define T0 INT64_C(1700000000000000)

extern struct event_base *base;
extern struct ledger *l;
extern int n_up, n_lost;

/* What came back, in order; the tag is what give() was given. */
struct bed_done {
	int tag;
	enum err err;
};
extern struct bed_done dones[4096];
extern int n_dones;

/* A case with the server, and for each test a database and a ledger. */
TCase *bed_case(const char *name);

struct ledger *open_with(struct pg_options *);
void wait_up(int n);
void wait_done(int n);
void on_done(void *tag, enum err);
void give(struct ledger_unit *, int tag);
void check_order(int n); /* tags 0 to n - 1 */

struct id id_n(uint32_t);
struct call_row call_row(uint32_t n, uint32_t seq, const char *state);
/* As an event makes it: the call's row and the event. */
struct ledger_unit *event_unit(
    uint32_t n, uint32_t seq, const char *state, const char *kind);
/* Call 0: a ticket without one. */
struct ledger_unit *ticket_unit(uint64_t id, uint32_t call, uint32_t rev,
    const char *status, const char *caller);
/* At T0 + key. */
void put_note(
    struct ledger_unit *, uint64_t ticket, uint32_t call, uint32_t key);

#define ck_ask(sql, want) ck_assert_str_eq(pg_server_ask(sql), want)

#endif
