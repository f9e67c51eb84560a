/*
 * exchange_model_test.c - random switches, daemons, restarts: whatever comes,
 * the rules hold.
 *
 * The truth is a switch of plain arrays: what each call and device really is.
 * It reports what changes, sometimes twice, sometimes not at all until the next
 * listing.  The bed judges each event as it is told; here it is judged where
 * everybody has to end up: the daemon knows what the switch knows, each order
 * given while the daemon was there has one result, and nobody was connected to
 * a device that was taken.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "test/support/exchange_bed.h"
#include "test/support/support.h"

#define CALLS 12
#define DEVICES 5
#define STEPS 4000
#define SEEDS 12
#define ORDER(k) MASHANG__ORDER_KIND__ORDER_##k

enum truth { GONE, OFFERED, QUEUED, DELIVERED, ESTABLISHED, HELD };
static const char *const words[] = { "", "offered", "queued", "delivered",
	"established", "held" };

static struct {
	enum truth is;
	unsigned life; /* names are never used again */
	int device;    /* -1: none */
	bool untold;   /* the bridge has missed something of it */
} calls[CALLS];
static unsigned n_lives, n_carried;
static bool daemon_up, heard;
static uint64_t next_order;
static uint64_t given[BED_ORDERS];
static unsigned n_given, from_order;

static unsigned
draw(unsigned n)
{
	return (unsigned)random() % n;
}

static const char *
name_of(unsigned c)
{
	static char name[4][16];
	static unsigned at;

	at = (at + 1) % 4;
	snprintf(name[at], sizeof(name[at]), "c%u", calls[c].life);
	return name[at];
}

static bool
device_is_free(int d)
{
	for (unsigned i = 0; i < CALLS; i++)
		if (calls[i].is > QUEUED && calls[i].device == d)
			return false;
	return true;
}

/* Told once, twice, or not at all. */
static void
report(unsigned c, const char *kind, int device)
{
	char text[80];
	unsigned times = draw(8) == 0 ? 2 : draw(12) == 0 ? 0 : 1;

	if (!heard || times == 0) {
		calls[c].untold = true;
		return;
	}
	if (calls[c].untold)
		return; /* the listing will say it */
	if (device >= 0)
		snprintf(text, sizeof(text), "%s %s %d", kind, name_of(c),
		    800 + device);
	else
		snprintf(text, sizeof(text), "%s %s", kind, name_of(c));
	while (times-- > 0)
		xb_say(text);
}

static void
go(unsigned c, enum truth to, const char *kind, int device)
{
	calls[c].is = to;
	if (to <= QUEUED)
		calls[c].device = -1;
	else if (device >= 0)
		calls[c].device = device;
	report(c, kind, device);
}

/* What happens by itself in a switch. */
static void
live_on(void)
{
	unsigned c = draw(CALLS);
	int d = calls[c].device;

	switch (calls[c].is) {
	case GONE:
		calls[c].life = ++n_lives;
		calls[c].untold = false;
		calls[c].device = -1;
		if (draw(3) == 0)
			go(c, QUEUED, "queued", -1);
		else
			go(c, OFFERED, "offered", -1);
		break;
	case OFFERED:
		go(c, QUEUED, "queued", -1);
		break;
	case DELIVERED:
		if (draw(3) == 0)
			go(c, QUEUED, "failed", d);
		else
			go(c, ESTABLISHED, "established", d);
		break;
	case ESTABLISHED:
		if (draw(2) == 0)
			go(c, HELD, "held", d);
		else if (draw(3) == 0)
			go(c, OFFERED, "left", d);
		break;
	case HELD:
		go(c, ESTABLISHED, "retrieved", d);
		break;
	default:
		break;
	}
	if (draw(12) == 0 && calls[c].is != GONE)
		go(c, GONE, "cleared", -1);
}

static void
list_all(void)
{
	char all[CALLS * 40] = "";
	size_t n = 0;

	if (!heard)
		return;
	for (unsigned i = 0; i < CALLS; i++) {
		calls[i].untold = false;
		if (calls[i].is == GONE)
			continue;
		n += (size_t)snprintf(all + n, sizeof(all) - n, "%s %s",
		    words[calls[i].is], name_of(i));
		if (calls[i].is > QUEUED)
			n += (size_t)snprintf(all + n, sizeof(all) - n, " %d",
			    800 + calls[i].device);
		n += (size_t)snprintf(all + n, sizeof(all) - n, ";");
	}
	xb_resync(all);
}

/* The daemon orders what may, or may not, make sense. */
static void
order_something(void)
{
	static const Mashang__OrderKind kinds[] = { ORDER(CONNECT),
		ORDER(CONNECT), ORDER(CONNECT), ORDER(CLEAR), ORDER(HOLD),
		ORDER(DISCONNECT), ORDER(ANSWER), ORDER(REQUEUE) };
	Mashang__OrderKind kind = kinds[draw(NELEM(kinds))];
	unsigned c = draw(CALLS);
	const char *name = name_of(c);
	char device[8];
	uint64_t version = xb_version(name);

	if (!daemon_up || n_given == BED_ORDERS)
		return;
	if (draw(5) == 0)
		version -= draw(3);
	snprintf(device, sizeof(device), "%u", 800 + draw(DEVICES));
	given[n_given++] = ++next_order;
	xb_order_on(next_order, kind, name, device, NULL, version);
}

static int
call_of(const char *name)
{
	for (unsigned i = 0; i < CALLS; i++)
		if (calls[i].is != GONE && strcmp(name_of(i), name) == 0)
			return (int)i;
	return -1;
}

/* The switch takes an order up: the last fence is that nobody is rung twice. */
static void
carry_out(void)
{
	struct xb_order *o;
	int c, d;

	if (from_order == xb_x.n_orders)
		return;
	o = &xb_x.orders[from_order++];
	c = call_of(o->call);
	d = atoi(o->device) - 800;
	if (c < 0 || !heard || draw(6) == 0 ||
	    (o->kind == ORDER(DISCONNECT) && calls[c].is != DELIVERED)) {
		xb_answer(from_order, MASHANG__CODE__CODE_REFUSED);
		return;
	}
	n_carried++;
	if (draw(2) == 0)
		xb_answer(from_order, MASHANG__CODE__CODE_OK);
	if (o->kind == ORDER(CONNECT) && calls[c].is == QUEUED) {
		bool known = true;

		for (unsigned i = 0; i < CALLS; i++)
			known = known && !calls[i].untold;
		/* It can only guard what it has been told. */
		ck_assert_msg(
		    !known || device_is_free(d), "device %d is rung twice", d);
		if (device_is_free(d))
			go((unsigned)c, DELIVERED, "delivered", d);
		else
			go((unsigned)c, QUEUED, "failed", d);
	} else if (o->kind == ORDER(CLEAR)) {
		go((unsigned)c, GONE, "cleared", -1);
	} else if (o->kind == ORDER(DISCONNECT) && calls[c].is == DELIVERED) {
		go((unsigned)c, QUEUED, "left", calls[c].device);
	} else if (o->kind == ORDER(REQUEUE) && calls[c].is > DELIVERED) {
		go((unsigned)c, QUEUED, "queued", -1);
	}
	if (!o->answered)
		xb_answer(from_order, MASHANG__CODE__CODE_OK);
}

/* Each order that a daemon has waited for has its result. */
static void
count_results(void)
{
	while (from_order < xb_x.n_orders)
		carry_out();
	for (unsigned i = 0; i < n_given; i++)
		ck_assert_msg(xb_result(given[i]) != NULL,
		    "order %u has no result", (unsigned)given[i]);
	n_given = 0;
}

static void
disturb(void)
{
	switch (draw(5)) {
	case 0:
		exchange_daemon_down(xb_x.x);
		daemon_up = false;
		n_given = 0; /* void */
		break;
	case 1:
		heard = false;
		exchange_down(xb_x.x, "lost");
		break;
	case 2:
		from_order = xb_x.n_orders; /* they died with it */
		n_given = 0;
		if (draw(2) == 0)
			exchange_bed_restart(false);
		else
			exchange_bed_restart_behind(draw(50));
		heard = daemon_up = false;
		break;
	default:
		break;
	}
	if (!daemon_up && draw(2) == 0) {
		exchange_daemon_up(xb_x.x);
		daemon_up = true;
	}
	if (!heard && draw(2) == 0) {
		heard = true;
		exchange_up(xb_x.x, "words 1");
	}
	list_all();
}

static void
compare(void)
{
	char want[40];
	unsigned live = 0;

	heard = daemon_up = true;
	exchange_up(xb_x.x, "words 1");
	exchange_daemon_up(xb_x.x);
	list_all();
	for (unsigned i = 0; i < CALLS; i++) {
		const char *sees = xb_daemon_sees(name_of(i));

		if (calls[i].is == GONE)
			continue;
		live++;
		snprintf(want, sizeof(want),
		    calls[i].device >= 0 ? "%s@%d" : "%s", words[calls[i].is],
		    800 + calls[i].device);
		ck_assert_msg(sees != NULL, "%s is not known", name_of(i));
		ck_assert_msg(strcmp(sees, want) == 0,
		    "%s is %s, the daemon knows %s", name_of(i), want, sees);
	}
	ck_assert_uint_eq(xb_live(), live);
}

START_TEST(whatever_comes)
{
	const char *more = getenv("MASHANG_SEED");

	srandom((unsigned)_i + 1 + (more != NULL ? (unsigned)atoi(more) : 0));
	heard = daemon_up = true;
	for (unsigned i = 0; i < CALLS; i++)
		calls[i].device = -1;
	for (unsigned i = 0; i < STEPS; i++) {
		xb_x.told[0] = '\0';
		switch (draw(10)) {
		case 0:
		case 1:
			order_something();
			break;
		case 2:
		case 3:
			carry_out();
			break;
		case 4:
			if (draw(40) == 0)
				disturb();
			if (draw(30) == 0)
				list_all();
			break;
		default:
			live_on();
		}
		if (i % 500 == 499) {
			xb_x.told[0] = '\0';
			count_results();
			compare();
		}
	}
	ck_assert_uint_gt(n_lives, 100);
	ck_assert_uint_gt(n_carried, 50);
}
END_TEST

static void
setup(void)
{
	exchange_bed_setup(0x1fffe);
}

Suite *
exchange_model_suite(void)
{
	TCase *tc = tcase_create("model");

	tcase_add_checked_fixture(tc, setup, exchange_bed_teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, whatever_comes, 0, SEEDS);
	return suite_of(tc, "exchange_model");
}
