/*
 * asterisk_lab.c - see asterisk_lab.h.
 */
#include "test/support/asterisk_lab.h"

#include "test/support/asterisk_bed.h"
#include "test/support/support.h"

struct asterisk_lab ast_lab;

/* ---------------------------------------------------------------- waiting */

static struct phone *awaited;

static bool
is_invited(void)
{
	return phone_is_invited(awaited);
}

static bool
does_talk(void)
{
	return phone_talks(awaited);
}

static bool
is_idle(void)
{
	return phone_is_idle(awaited);
}

static bool
is_settled(void)
{
	return phone_is_settled(awaited);
}

void
ast_lab_invited(struct phone *p)
{
	awaited = p;
	xb_until(is_invited);
}

void
ast_lab_rings(struct phone *p)
{
	ast_lab_invited(p);
	phone_ring(p);
}

void
ast_lab_settled(struct phone *p)
{
	awaited = p;
	xb_until(is_settled);
}

void
ast_lab_talks(struct phone *p)
{
	awaited = p;
	xb_until(does_talk);
}

void
ast_lab_idle(struct phone *p)
{
	awaited = p;
	xb_until(is_idle);
}

static bool
has_phones(void)
{
	return phone_is_registered(ast_lab.p801) &&
	       phone_is_registered(ast_lab.p802) &&
	       phone_is_registered(ast_lab.outside);
}

/* ------------------------------------------------------------------ a test */

void
ast_lab_server_start(void)
{
	ast_lab.there = asterisk_server_start(&ast_lab.server);
}

void
ast_lab_server_stop(void)
{
	asterisk_server_stop(&ast_lab.server);
}

static void
make_phones(void)
{
	ast_lab.caller = phone_new(xb_x.base, "13812348000");
	ast_lab.p801 = phone_new(xb_x.base, "801");
	ast_lab.p802 = phone_new(xb_x.base, "802");
	ast_lab.outside = phone_new(xb_x.base, "outside");
	phone_register(ast_lab.p801, ast_lab.server.sip_port, 600);
	phone_register(ast_lab.p802, ast_lab.server.sip_port, 600);
	phone_register(ast_lab.outside, ast_lab.server.sip_port, 600);
}

void
ast_lab_up(void)
{
	if (!ast_lab.there)
		test_skip("no asterisk in PATH nor in MASHANG_ASTERISK: the "
			  "driver is not tried on a real one");
	asterisk_bed_setup(asterisk_server_section(&ast_lab.server), false);
	make_phones();
	bed_connected();
	bed_clean();
	xb_until(has_phones);
}

void
ast_lab_up_listening(void)
{
	if (!ast_lab.there)
		test_skip("no asterisk in PATH nor in MASHANG_ASTERISK: "
			  "listening is not tried on a real one");
	asterisk_bed_setup(asterisk_server_section(&ast_lab.server), true);
	make_phones();
	bed_connected();
	xb_until(has_phones);
}

void
ast_lab_down(void)
{
	phone_hang_up(ast_lab.caller);
	phone_hang_up(ast_lab.p801);
	phone_hang_up(ast_lab.p802);
	phone_hang_up(ast_lab.outside);
	phone_free(&ast_lab.caller);
	phone_free(&ast_lab.p801);
	phone_free(&ast_lab.p802);
	phone_free(&ast_lab.outside);
	asterisk_bed_teardown();
}

#define CAME_IN                                                \
	"OFFERED A from=13812348000 name=13812348000 to=4001 " \
	"menu=a&b,\"c: d priority=2 account:12 34% language:zh"

void
ast_lab_a_caller_waits(void)
{
	phone_call(ast_lab.caller, "4001", ast_lab.server.sip_port);
	told(CAME_IN);
	told("QUEUED A");
	ast_lab_talks(ast_lab.caller);
}

void
ast_lab_they_talk(void)
{
	ast_lab_a_caller_waits();
	ck_assert_int_eq(ordered(ORDER(CONNECT), "A", "801", NULL, NULL), 0);
	ast_lab_rings(ast_lab.p801);
	told("DELIVERED A @801 #1");
	phone_answer(ast_lab.p801);
	told("ESTABLISHED A @801 #1");
	told_nothing();
}
