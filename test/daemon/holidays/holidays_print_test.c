/*
 * holidays_print_test.c - overrides as YAML that our own reader takes, and
 * China's arrangements as they stand in config/.
 */
#include "holidays/print.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/conf.h"
#include "test/support/support.h"

#define CHINA "config/calendars/china.yaml"

static struct holidays days;

static void
setup(void)
{
	days = (struct holidays){ .arena = arena_new(1024, 1 << 20) };
}

static void
teardown(void)
{
	holidays_fini(&days);
}

static void
add(const char *date, enum cal_override_kind kind, const char *label)
{
	static const struct source nowhere = { "test", { "", 0 } };
	struct cal_override o = { .kind = kind, .label = str_of(label) };

	ck_ok(cal_date_parse(str_of(date), &o.date));
	o.like = CAL_SAT;
	o.open = (struct cal_day){ 2, { { 540, 720 }, { 1320, 1800 } } };
	ck_ok(holidays_add(&days, o, (struct place){ &nowhere, 0 }));
}

static const char *
yaml_of(const char *name, const char *zone)
{
	static char *text;
	size_t len;
	FILE *to;

	free(text);
	to = open_memstream(&text, &len);
	print_yaml(&days, str_of(name), str_of(zone), to);
	fclose(to);
	return text;
}

START_TEST(each_kind)
{
	add("2026-02-15", CAL_CLOSED, "春节");
	add("2026-02-14", CAL_LIKE, "");
	add("12-24", CAL_OPEN, "eve");
	ck_assert_str_eq(yaml_of("cn", "Asia/Shanghai"),
	    "# 1 closed, 1 open, 1 like a weekday; 0 left out\n"
	    "calendars:\n"
	    "  - name: cn\n"
	    "    zone: Asia/Shanghai\n"
	    "    overrides:\n"
	    "      - {date: 2026-02-15, closed: yes, label: \"春节\"}\n"
	    "      - {date: 2026-02-14, like: sat}\n"
	    "      - {date: 12-24, open: [\"09:00-12:00\", \"22:00-30:00\"], "
	    "label: \"eve\"}\n");
}
END_TEST

/* ---------------------------------------------------------- read by our own */

struct row {
	const char *date, *like, *label;
	bool closed;
	struct conf_list open;
};
struct calendar_row {
	const char *name, *zone;
	struct conf_list overrides;
};
struct file {
	struct conf_list calendars;
};

/* clang-format off */
static const struct conf_field row_fields[] = {
	{ "date", CONF_STRING, offsetof(struct row, date), NULL, "",
	  .mark_offset = SIZE_MAX },
	{ "closed", CONF_BOOL, offsetof(struct row, closed), "no", "",
	  .mark_offset = SIZE_MAX },
	{ "open", CONF_STRINGS, offsetof(struct row, open), "[]", "",
	  .mark_offset = SIZE_MAX },
	{ "like", CONF_STRING, offsetof(struct row, like), "", "",
	  .mark_offset = SIZE_MAX },
	{ "label", CONF_STRING, offsetof(struct row, label), "", "",
	  .mark_offset = SIZE_MAX },
	{ NULL }
};
static const struct conf_field calendar_fields[] = {
	{ "name", CONF_STRING, offsetof(struct calendar_row, name), NULL, "",
	  .mark_offset = SIZE_MAX },
	{ "zone", CONF_STRING, offsetof(struct calendar_row, zone), "", "",
	  .mark_offset = SIZE_MAX },
	{ "overrides", CONF_LIST, offsetof(struct calendar_row, overrides), "[]",
	  "", .fields = row_fields, .size = sizeof(struct row),
	  .mark_offset = SIZE_MAX },
	{ NULL }
};
static const struct conf_field file_fields[] = {
	{ "calendars", CONF_LIST, offsetof(struct file, calendars), "[]", "",
	  .fields = calendar_fields, .size = sizeof(struct calendar_row),
	  .mark_offset = SIZE_MAX },
	{ NULL }
};
/* clang-format on */

START_TEST(what_is_printed_is_read_as_it_was)
{
	static const char *const labels[] = { "\"", "\\", "\\\"", "a: b, {c}",
		"# no comment", "&x *y !z", "%", "'", "\\n", "[1]", "- x",
		"\U0001F9E7 红包", "\xff\xfe", "\x1b]0;x\a", "\xC2\x85",
		"\xE2\x80\xA8", "yes", "~", "\t" };
	char date[16];
	struct file f = { 0 };
	struct conf *conf;
	const struct calendar_row *c;
	const char *text;

	for (unsigned i = 0; i < NELEM(labels); i++) {
		snprintf(date, sizeof(date), "2026-01-%02u", i + 1);
		add(date, CAL_CLOSED, labels[i]);
	}
	text = yaml_of("a \"b\" \\: 1", "Etc/GMT+8");
	ck_ok(conf_parse(
	    "printed", text, strlen(text), file_fields, &f, stderr, &conf));
	ck_assert_uint_eq(f.calendars.n, 1);
	c = f.calendars.items;
	ck_assert_str_eq(c->name, "a \"b\" \\: 1");
	ck_assert_str_eq(c->zone, "Etc/GMT+8");
	ck_assert_uint_eq(c->overrides.n, NELEM(labels));
	for (unsigned i = 0; i < c->overrides.n; i++) {
		const struct row *r =
		    (const struct row *)c->overrides.items + i;

		ck_assert(str_eq(days.rows[i].day.label, str_of(r->label)));
		ck_assert(r->closed);
	}
	conf_free(&conf);
}
END_TEST

/* ------------------------------------------------------------------- China */

/* Days off from a date on, as the notices have them; 2027 by the law alone. */
static const struct {
	const char *first;
	int n;
} off[] = { { "2024-01-01", 1 }, { "2024-02-10", 8 }, { "2024-04-04", 3 },
	{ "2024-05-01", 5 }, { "2024-06-10", 1 }, { "2024-09-15", 3 },
	{ "2024-10-01", 7 }, { "2025-01-01", 1 }, { "2025-01-28", 8 },
	{ "2025-04-04", 3 }, { "2025-05-01", 5 }, { "2025-05-31", 3 },
	{ "2025-10-01", 8 }, { "2026-01-01", 3 }, { "2026-02-15", 9 },
	{ "2026-04-04", 3 }, { "2026-05-01", 5 }, { "2026-06-19", 3 },
	{ "2026-09-25", 3 }, { "2026-10-01", 7 }, { "2027-01-01", 1 },
	{ "2027-02-05", 4 }, { "2027-04-05", 1 }, { "2027-05-01", 2 },
	{ "2027-06-09", 1 }, { "2027-09-15", 1 }, { "2027-10-01", 3 } };

static const char *const made_up[] = { "2024-02-04", "2024-02-18", "2024-04-07",
	"2024-04-28", "2024-05-11", "2024-09-14", "2024-09-29", "2024-10-12",
	"2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
	"2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20",
	"2026-10-10" };

static int32_t
day_of(const char *date)
{
	struct cal_date d;

	ck_ok(cal_date_parse(str_of(date), &d));
	return cal_days(d);
}

static bool
is_off(int32_t day)
{
	for (unsigned i = 0; i < NELEM(off); i++)
		if (day >= day_of(off[i].first) &&
		    day < day_of(off[i].first) + off[i].n)
			return true;
	return false;
}

static bool
is_made_up(const char *date)
{
	for (unsigned i = 0; i < NELEM(made_up); i++)
		if (strcmp(made_up[i], date) == 0)
			return true;
	return false;
}

static void
check_china(const struct calendar_row *c)
{
	unsigned n_off = 0, n_made_up = 0, want = 0;
	int32_t last = 0;

	for (unsigned i = 0; i < NELEM(off); i++)
		want += (unsigned)off[i].n;
	for (unsigned i = 0; i < c->overrides.n; i++) {
		const struct row *r =
		    (const struct row *)c->overrides.items + i;
		int32_t day = day_of(r->date);

		ck_assert_msg(day > last, "%s is out of order", r->date);
		last = day;
		ck_assert_msg(r->label[0] != '\0', "%s", r->date);
		ck_assert_msg(r->closed == is_off(day), "%s", r->date);
		ck_assert_msg(
		    (strcmp(r->like, "mon") == 0) == is_made_up(r->date), "%s",
		    r->date);
		ck_assert_msg(r->closed || cal_weekday_of(day) >= CAL_SAT,
		    "%s is no weekend", r->date);
		n_off += r->closed;
		n_made_up += !r->closed;
	}
	ck_assert_uint_eq(n_off, want);
	ck_assert_uint_eq(n_made_up, NELEM(made_up));
}

START_TEST(china_as_the_notices_say)
{
	struct file f = { 0 };
	struct conf *conf;
	const struct calendar_row *c;

	ck_ok(conf_load(CHINA, file_fields, &f, stderr, &conf));
	ck_assert_uint_eq(f.calendars.n, 1);
	c = f.calendars.items;
	ck_assert_str_eq(c->name, "cn");
	ck_assert_str_eq(c->zone, "Asia/Shanghai");
	check_china(c);
	conf_free(&conf);
}
END_TEST

Suite *
holidays_print_suite(void)
{
	TCase *tc = tcase_create("holidays_print");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, each_kind);
	tcase_add_test(tc, what_is_printed_is_read_as_it_was);
	tcase_add_test(tc, china_as_the_notices_say);
	return suite_of(tc, "holidays_print");
}
