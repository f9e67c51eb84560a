/*
 * asterisk_bed.h - the driver of Asterisk between a switch, scripted or real,
 * and a daemon that tells what it hears.
 *
 * What is told becomes lines: `OFFERED A from=13812348000 to=4001', `DELIVERED A
 * @801 #3' (by order 3), `FAILED A @801 BUSY', `CALL_CLEARED A NORMAL CALLER'
 * (cause, party), `HELD B of=A CONSULT'.  A is the call that was named first, B
 * the second, and so on, as Asterisk chooses their names itself.
 */
#ifndef ASTERISK_BED_H
#define ASTERISK_BED_H

#include "test/support/exchange_bed.h"

/* `section': the driver's lines of the configuration, as YAML. */
void asterisk_bed_setup(const char *section, bool listen_only);
void asterisk_bed_teardown(void);
/* The bridge starts again from its spool, and connects. */
void asterisk_bed_restart(void);
void *asterisk_bed_driver(void);

/* The next line that is told must be this; it is waited for. */
void told(const char *line);
/* It comes, whatever comes before it. */
void told_sometime(const char *line);
/* Nothing has been told that was not taken. */
void told_nothing(void);
/* An order by the daemon, on the call's version; what it is answered.  Call
 * and related by letter; NULL: none. */
Mashang__Code ordered(Mashang__OrderKind, const char *call, const char *device,
    const char *number, const char *related);
/* The same in two steps: what the driver does for it comes in between. */
void order_begin(Mashang__OrderKind, const char *call, const char *device,
    const char *number, const char *related);
Mashang__Code order_result(void);
/* Given: order_result() waits for what becomes of it. */
void bed_announce(
    const char *call, uint32_t position, int64_t low, int64_t high);
void bed_clear(const char *call, Mashang__Cause);
/* The same at once, to a phone that shall answer by itself. */
Mashang__Code ordered_auto(
    Mashang__OrderKind, const char *call, const char *device);
/* The name behind a letter; "" if nobody has it yet. */
const char *call_named(const char *letter);
/* The switch is heard, its calls are listed. */
void bed_connected(void);
/* Letters begin at A again; nothing must be live. */
void bed_forget(void);
/* All that is on its way has come. */
void xb_turn(void);
/* Calls that another test has left are ended; letters begin at A again. */
void bed_clean(void);
/* exchange_status()'s trouble has this in it; it is waited for. */
void bed_trouble(const char *words);

#define ORDER(KIND) MASHANG__ORDER_KIND__ORDER_##KIND

#endif
