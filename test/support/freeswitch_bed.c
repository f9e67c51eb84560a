/*
 * freeswitch_bed.c - the driver of FreeSWITCH, and a peer that plays the switch.
 */
#include "test/support/freeswitch_bed.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "test/support/exchange_bed.h"
#include "test/support/support.h"

extern const struct driver driver_freeswitch;

struct freeswitch_bed fsb;

/* ---------------------------------------------------------- what is reported */

static const char *
word(const ProtobufCEnumDescriptor *d, int value)
{
	return value == 0
	           ? ""
	           : protobuf_c_enum_descriptor_get_value(d, value)->name;
}

/* `FAILED c1@801 CAUSE_BUSY', between semicolons. */
static void
on_event(void *arg, uint64_t seq)
{
	size_t n = strlen(fsb.told), len;
	Mashang__CallEvent *e;
	const void *p;

	(void)arg;
	ck_ok(spool_get(xb_x.spool, seq, &p, &len));
	e = mashang__call_event__unpack(NULL, len, p);
	snprintf(fsb.told + n, sizeof(fsb.told) - n, "%s%s %.*s%s%.*s%s%s%s%s",
	    n > 0 ? "; " : "",
	    word(&mashang__call_event_kind__descriptor, (int)e->kind),
	    (int)e->call.len, (const char *)e->call.data,
	    e->device.len > 0 ? "@" : "", (int)e->device.len,
	    e->device.len > 0 ? (const char *)e->device.data : "",
	    e->cause != 0 ? " " : "",
	    word(&mashang__cause__descriptor, (int)e->cause),
	    e->party != 0 ? " " : "",
	    word(&mashang__party__descriptor, (int)e->party));
	mashang__call_event__free_unpacked(e, NULL);
	xb_x.told[0] = '\0';
}

static void
ignore_result(void *arg, const Mashang__OrderResult *r)
{
	(void)arg;
	(void)r;
}

static void
ignore_status(void *arg)
{
	(void)arg;
}

static void
ignore_devices(void *arg, const Mashang__DeviceStates *d)
{
	(void)arg;
	(void)d;
}

static const struct exchange_news also = { on_event, ignore_result,
	ignore_status, ignore_devices, NULL };

/* Turn until as much has been told; it must be this. */
static const char *wanted;

static bool
is_told(void)
{
	return strlen(fsb.told) >= strlen(wanted);
}

void
fsb_expect_told(const char *want)
{
	wanted = want;
	xb_until(is_told);
	ck_assert_str_eq(fsb.told, want);
	fsb.told[0] = '\0';
}

/* --------------------------------------------------------------- up and down */

void
fsb_log_in(const char *life)
{
	esl_peer_accept(&fsb.peer);
	esl_peer_say(&fsb.peer, "Content-Type: auth/request\n\n");
	esl_peer_expect(&fsb.peer, "auth ClueCon");
	esl_peer_reply(&fsb.peer, "+OK accepted");
	esl_peer_expect(&fsb.peer, "event plain ");
	esl_peer_reply(&fsb.peer, "+OK event listener enabled plain");
	esl_peer_expect(&fsb.peer, "api version");
	esl_peer_answer(&fsb.peer, "FreeSWITCH Version 1.10.12 (git abc)\n");
	esl_peer_expect(&fsb.peer, "api global_getvar core_uuid");
	esl_peer_answer(&fsb.peer, life);
	esl_peer_expect(&fsb.peer, "api show channels as json");
}

void
fsb_no_phones(void)
{
	esl_peer_expect(&fsb.peer, "api show registrations as json");
	esl_peer_answer(&fsb.peer, "{\"row_count\": 0}");
}

/* All is listed a second time. */
static void
second_list(void)
{
	esl_peer_expect(&fsb.peer, "api show channels as json");
	esl_peer_answer(&fsb.peer, FSB_NO_CALLS);
}

static void
open_driver(bool listen_only)
{
	const struct driver_setup setup = { xb_x.base, xb_x.x, &fsb.options,
		listen_only };
	void *self;

	ck_ok(driver_freeswitch.open(&setup, &self));
	fsb.driver = self;
	exchange_attach(xb_x.x, self);
}

void
fsb_set_up(bool drip, bool listen_only)
{
	struct exchange_options o = { .switch_name = "pbx1",
		.epoch = 1,
		.driver = &driver_freeswitch,
		.ring_us = 20 * CLOCK_S,
		.fallback = "" };

	fsb.options = (struct fs_options){ .tls_ca = "",
		.tls_name = "",
		.tls_certificate = "",
		.tls_key = "",
		.password_file = "",
		.device = "user/%s",
		.context = "default",
		.auto_answer = "sip_auto_answer=true" };
	o.can = fs_can(&fsb.options, listen_only);
	exchange_bed_setup_with(&o);
	xb_also = &also;
	log_levels[LOG_MAIN] = LOG_ERROR;
	fsb.told[0] = '\0';
	fsb.n_legs = 0;
	esl_peer_up(&fsb.peer, xb_x.base);
	fsb.peer.drip = drip;
	fsb.options.address = fsb.peer.address;
	open_driver(listen_only);
}

void
fsb_up(void)
{
	fsb_set_up(false, false);
	fsb_log_in("life-1");
	esl_peer_answer(&fsb.peer, FSB_NO_CALLS);
	fsb_no_phones();
	second_list();
}

void
fsb_down(void)
{
	void *self = fsb.driver;

	exchange_attach(xb_x.x, NULL);
	driver_freeswitch.close(&self);
	esl_peer_down(&fsb.peer);
	exchange_bed_teardown();
}

/* ------------------------------------------------------------ the switch's words */

void
fsb_event(const char *name, const char *uuid, const char *more)
{
	char headers[4096];

	snprintf(headers, sizeof(headers), "Unique-ID: %s\n%s", uuid, more);
	esl_peer_event(&fsb.peer, name, headers);
}

void
fsb_a_caller_waits(void)
{
	fsb_event("mashang::queued", "c1",
	    "Caller-Caller-ID-Number: 13800000001\n"
	    "Caller-Channel-Created-Time: 1699999999000000\n"
	    "variable_mashang_called: 4001\n");
	fsb_expect_told("OFFERED c1; QUEUED c1");
}

/* The variable's value in the last command. */
static void
take_leg(void)
{
	const char *at = strstr(fsb.peer.command, "origination_uuid=");
	size_t n;

	ck_assert_ptr_nonnull(at);
	at += strlen("origination_uuid=");
	n = strcspn(at, ",}");
	ck_assert_uint_lt(n, sizeof(fsb.leg[0]));
	ck_assert_uint_lt(fsb.n_legs, NELEM(fsb.leg));
	memcpy(fsb.leg[fsb.n_legs], at, n);
	fsb.leg[fsb.n_legs++][n] = '\0';
}

void
fsb_rung(uint64_t order)
{
	esl_peer_expect(&fsb.peer, "bgapi originate {origination_uuid=");
	take_leg();
	ck_assert_ptr_nonnull(
	    strstr(fsb.peer.command, fsb.leg[fsb.n_legs - 1]));
	esl_peer_reply(&fsb.peer, "+OK Job-UUID: x");
	ck_assert_int_eq(xb_result(order) != NULL ? 1 : 0, 0);
}

void
fsb_connect_801(uint64_t order)
{
	ck_assert_int_eq(
	    xb_order(order, FSB_ORDER(CONNECT), "c1", "801", NULL), -1);
	fsb_rung(order);
}

void
fsb_bridged(const char *a, const char *b)
{
	char headers[256];

	snprintf(headers, sizeof(headers),
	    "Unique-ID: %s\nBridge-A-Unique-ID: %s\nBridge-B-Unique-ID: %s\n",
	    a, a, b);
	esl_peer_event(&fsb.peer, "CHANNEL_BRIDGE", headers);
}

void
fsb_expect_bridge(const char *a, const char *b)
{
	char want[256];

	snprintf(want, sizeof(want), "api uuid_bridge %s %s", a, b);
	esl_peer_expect(&fsb.peer, want);
	esl_peer_answer(&fsb.peer, "+OK");
}

void
fsb_talking(void)
{
	fsb_a_caller_waits();
	fsb_connect_801(1);
	fsb_event("CHANNEL_PROGRESS", fsb.leg[0], "");
	fsb_event("CHANNEL_ANSWER", fsb.leg[0], FSB_ANSWERED);
	fsb_event("CHANNEL_PARK", fsb.leg[0], FSB_ANSWERED);
	fsb_expect_bridge("c1", fsb.leg[0]);
	fsb_bridged("c1", fsb.leg[0]);
	fsb_expect_told("DELIVERED c1@801; ESTABLISHED c1@801");
}

void
fsb_dump(const char *more)
{
	char body[2048];

	snprintf(body, sizeof(body),
	    "Event-Name: CHANNEL_DATA\nEvent-Date-Timestamp: %llu\n"
	    "Event-Sequence: %llu\n%s\n",
	    fsb.peer.now, fsb.peer.seq++, more);
	esl_peer_answer(&fsb.peer, body);
}
