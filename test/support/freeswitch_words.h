/*
 * freeswitch_words.h - a FreeSWITCH's words, and calls as far as a test wants
 * them, for the driver between esl_peer.h and exchange_bed.h.
 */
#ifndef FREESWITCH_WORDS_H
#define FREESWITCH_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/freeswitch.h"
#include "test/support/esl_peer.h"

#define LEGS 8
#define ORDER(KIND) MASHANG__ORDER_KIND__ORDER_##KIND
#define ANSWERED "Answer-State: answered\n"
#define ROW(uuid) "{\"uuid\":\"" uuid "\",\"presence_data\":\"mashang\"}"

extern struct esl_peer fs_peer;
/* What has been told and not been expected yet. */
extern char fs_told[16384];
/* The legs that were rung, in order. */
extern char fs_legs[LEGS][FS_NAME_MAX + 1];
/* What `show channels' is answered. */
extern const char *fs_rows;

/* Turn until as much has been told; it must be this: `FAILED c1@801 CAUSE_BUSY',
 * between semicolons. */
void fs_expect_told(const char *want);
/* Until it asks what there is. */
void fs_log_in(const char *life);
void fs_no_phones(void);
void fs_set_up(bool drip, bool listen_only);
/* Logged in, and all listed. */
void fs_up(void);
void fs_down(void);

void fs_says(const char *name, const char *uuid, const char *more);
void fs_bridged(const char *a, const char *b);
void fs_expect_bridge(const char *a, const char *b);
/* The answer of a uuid_dump. */
void fs_dumped(const char *more);
/* c1 is offered and waits. */
void fs_caller_waits(void);
/* The order rings a leg. */
void fs_rung(uint64_t order);
void fs_connect_801(uint64_t order);
/* c1 talks at 801, which is the first leg. */
void fs_talking(void);

#endif
