/*
 * clock_text_test.c - clocks in one line each, notices, and what stands behind.
 */
#include "test/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "client/clock_text.h"

Suite *clock_text_suite(void);

#define S INT64_C(1000000)
#define MINUTE (60 * S)
#define HOUR (60 * MINUTE)
#define FIVE_PM (INT64_C(1796029200) * S) /* 2026-11-30 in Shanghai */

static void
setup(void)
{
	setenv("TZ", "Asia/Shanghai", 1);
	tzset();
}

static ProtobufCBinaryData
data(const char *s)
{
	return (ProtobufCBinaryData){ strlen(s), (uint8_t *)(uintptr_t)s };
}

/* What is written into `f' between these. */
static char *text;
static size_t len;

static FILE *
open_text(void)
{
	free(text);
	text = NULL;
	return open_memstream(&text, &len);
}

static Mashang__Clock
clock_of(const char *metric, const char *stage, int64_t elapsed)
{
	Mashang__Clock c = MASHANG__CLOCK__INIT;

	c.metric = data(metric);
	c.agreement = data("sla");
	c.stage = data(stage);
	c.cycle = 1;
	c.goal_us = 4 * HOUR;
	c.elapsed_us = elapsed;
	c.risk_ppm = -1;
	return c;
}

static const char *
line(const Mashang__Clock *c)
{
	FILE *f = open_text();

	clock_text(f, c);
	fclose(f);
	return text;
}

START_TEST(a_clock_is_a_line)
{
	Mashang__Clock c = clock_of("resolution", "running", 168 * MINUTE);

	c.due_at = FIVE_PM;
	ck_assert_str_eq(line(&c),
	    "  Resolution                running         1h12m left of 4h, due "
	    "2026-11-30 17:00:00 CST\n");
	c.risk_ppm = 371000;
	c.cycle = 2;
	ck_assert_str_eq(line(&c),
	    "  Resolution #2             running         1h12m left of 4h, due "
	    "2026-11-30 17:00:00 CST, likely broken: 37.1 %\n");
	c = clock_of("resolution", "paused", 168 * MINUTE);
	c.waits = data("pending_customer,scheduled");
	ck_assert_str_eq(line(&c), "  Resolution                paused         "
				   " 1h12m left of 4h, paused by: "
				   "Waits for the customer, Scheduled\n");
	c = clock_of("first_response", "running", 4 * HOUR + 12 * MINUTE);
	c.due_at = c.breached_at = FIVE_PM;
	ck_assert_str_eq(line(&c), "  First response            running        "
				   " 12m over 4h, BROKEN since "
				   "2026-11-30 17:00:00 CST\n");
	c = clock_of("first_response", "completed", 40 * S);
	c.outcome = data("met");
	c.stopped_at = c.due_at = FIVE_PM;
	ck_assert_str_eq(line(&c),
	    "  First response            kept            took 40s of 4h\n");
}
END_TEST

/* Foreign text is clean, and wide characters count as two columns. */
START_TEST(a_holder_is_foreign)
{
	Mashang__Clock c = clock_of("ownership", "running", 0);
	const char *at;

	c.agreement = data("ola");
	c.holder = data("冰箱");
	ck_assert_ptr_nonnull(strstr(line(&c), "  Owner found (ola 冰箱)"));
	at = strstr(text, "running");
	ck_assert_int_eq(
	    text_columns((struct str){ text, (uint32_t)(at - text) }), 28);
	c.holder = data("a\x1b[2J and a name that is longer than its column");
	ck_assert_ptr_null(strchr(line(&c), '\x1b'));
	ck_assert_ptr_nonnull(strstr(text, "its column)running"));
}
END_TEST

START_TEST(a_notice_is_a_line)
{
	Mashang__ClockNotice n = MASHANG__CLOCK_NOTICE__INIT;
	static const struct {
		unsigned percent;
		bool retracted;
		const char *want;
	} rows[] = {
		{ 75, false,
		    "Ticket 100 08: Resolution, 75 % gone, due "
		    "2026-11-30 17:00:00 CST, wang\n" },
		{ 100, false,
		    "Ticket 100 08: Resolution, BROKEN, due "
		    "2026-11-30 17:00:00 CST, wang\n" },
		{ 100, true,
		    "Ticket 100 08: Resolution, 100 % is no longer "
		    "true, due 2026-11-30 17:00:00 CST, wang\n" },
	};

	n.number = 10008;
	n.metric = data("resolution");
	n.due_at = FIVE_PM;
	n.owner = data("wang");
	for (size_t i = 0; i < NELEM(rows); i++) {
		FILE *f = open_text();

		n.percent = rows[i].percent;
		n.retracted = rows[i].retracted;
		notice_text(f, &n);
		fclose(f);
		ck_assert_str_eq(text, rows[i].want);
	}
}
END_TEST

/* ---- why: a page by hand */

enum {
	METRIC,
	AGREEMENT,
	FROM,
	TO,
	WHAT,
	CAUSE,
	COUNTED,
	SUM,
	GOAL,
	POLICY,
	REVISION,
	DUE,
	RECORDED,
	N
};
static const char *const names[N] = { "metric", "agreement", "from", "to",
	"what", "cause", "counted", "sum", "goal", "policy", "revision", "due",
	"recorded" };

static Mashang__Column columns[N], *column_list[N];
static Mashang__Cell cells[4][N], *cell_list[4][N];
static Mashang__Row rows[4], *row_list[4];
static Mashang__Page page;

static void
build_page(int64_t recorded, bool null)
{
	static const char *const what[] = { "counted", "waiting", "due" };
	static const char *const cause[] = { "", "pending_customer", "met" };

	mashang__page__init(&page);
	for (size_t k = 0; k < N; k++) {
		mashang__column__init(&columns[k]);
		columns[k].name = data(names[k]);
		column_list[k] = &columns[k];
	}
	for (size_t i = 0; i < 3; i++) {
		mashang__row__init(&rows[i]);
		row_list[i] = &rows[i];
		for (size_t k = 0; k < N; k++) {
			mashang__cell__init(&cells[i][k]);
			cell_list[i][k] = &cells[i][k];
		}
		cells[i][METRIC].text = data("resolution");
		cells[i][AGREEMENT].text = data("sla");
		cells[i][WHAT].text = data(what[i]);
		cells[i][CAUSE].text = data(cause[i]);
		cells[i][FROM].number = FIVE_PM;
		cells[i][TO].number = FIVE_PM + HOUR;
		cells[i][COUNTED].number = i == 0 ? HOUR : 0;
		cells[i][SUM].number = HOUR;
		cells[i][GOAL].number = 4 * HOUR;
		cells[i][POLICY].text = data("all");
		cells[i][REVISION].number = 1;
		rows[i].n_cells = N;
		rows[i].cells = cell_list[i];
	}
	cells[2][DUE].number = FIVE_PM;
	cells[2][RECORDED].number = recorded;
	cells[2][RECORDED].null = null;
	page.n_columns = N;
	page.columns = column_list;
	page.n_rows = 3;
	page.rows = row_list;
}

#define STRETCHES                                                \
	"  Resolution\n"                                         \
	"    policy all, revision 1, goal 4h\n"                  \
	"    2026-11-30 17:00:00 CST  2026-11-30 18:00:00 CST  " \
	"counted       1h, in all 1h\n"                          \
	"    2026-11-30 17:00:00 CST  2026-11-30 18:00:00 CST  " \
	"paused        in all 1h, Waits for the customer\n"      \
	"    => kept; due 2026-11-30 17:00:00 CST"

START_TEST(why_ends_with_what_is_recorded)
{
	struct why_text w = { .out = open_text() };

	build_page(FIVE_PM, false);
	why_text_page(&w, &page);
	fclose(w.out);
	ck_assert_str_eq(text, STRETCHES ", and recorded alike\n");
	ck_assert_uint_eq(w.clocks, 1);
	ck_assert_uint_eq(w.differ, 0);
	/* The terms are told again where they change, and with each clock. */
	w = (struct why_text){ .out = open_text() };
	build_page(FIVE_PM + HOUR, false);
	cells[1][GOAL].number = 2 * HOUR;
	cells[2][GOAL].number = 2 * HOUR;
	why_text_page(&w, &page);
	why_text_page(&w, &page);
	fclose(w.out);
	ck_assert_uint_eq(w.clocks, 2);
	ck_assert_uint_eq(w.differ, 2);
	ck_assert_ptr_nonnull(strstr(text, "goal 2h\n"));
	ck_assert_ptr_nonnull(
	    strstr(text, "\n*** RECORDED OTHERWISE: 2026-11-30 18:00:00 CST."));
	w = (struct why_text){ .out = open_text() };
	build_page(0, true);
	why_text_page(&w, &page);
	fclose(w.out);
	ck_assert_str_eq(text, STRETCHES "; not recorded yet\n");
	ck_assert_uint_eq(w.differ, 0);
}
END_TEST

Suite *
clock_text_suite(void)
{
	TCase *tc = tcase_create("clock_text");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, a_clock_is_a_line);
	tcase_add_test(tc, a_holder_is_foreign);
	tcase_add_test(tc, a_notice_is_a_line);
	tcase_add_test(tc, why_ends_with_what_is_recorded);
	return suite_of(tc, "clock_text");
}
