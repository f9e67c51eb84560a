/*
 * hotline_sla_test.c - calendars and policies of a hotline's file: what is
 * refused and where, what comes out, and how it travels.
 */
#include "test/support/support.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "client/hotline.h"

#define CN                                                     \
	"calendars:\n"                                         \
	"  - {name: cn, zone: Asia/Shanghai, week: {mon-fri: " \
	"[09:00-18:00]}}\n"
#define WEEK(w)           \
	"calendars:\n"    \
	"  - name: a\n"   \
	"    zone: UTC\n" \
	"    week: " w "\n"
#define DATES(d)            \
	CN "  - name: a\n"  \
	   "    base: cn\n" \
	   "    overrides:\n" d
#define POLICY(p)                  \
	CN "queues: [{name: q}]\n" \
	   "policies:\n"           \
	   "  - name: p\n"         \
	   "    " p "\n"
#define TARGET(t) POLICY("targets: {" t "}")

/* clang-format off */
static const struct {
	const char *text, *want; /* a whole line, or what it begins with */
} bad[] = {
	/* hours */
	{ WEEK("{mon: [09:00-12:00, 11:00-18:00]}"),
	  "h.yaml:4:31: 09:00-12:00 and 11:00-18:00 overlap; write them as one\n" },
	{ WEEK("{mon: [13:00-18:00, 09:00-12:00]}"),
	  "h.yaml:4:31: 09:00-12:00 stands after 13:00-18:00; put the earlier first\n" },
	{ WEEK("{mon: [18:00-09:00]}"),
	  "h.yaml:4:18: 18:00-09:00 ends before it begins; a night is written 22:00-30:00\n" },
	{ WEEK("{mon: [25:00-26:00]}"),
	  "h.yaml:4:18: 25:00-26:00 begins on the next day; write it there\n" },
	{ WEEK("{mon: [20:00-49:00]}"), "h.yaml:4:18: 20:00-49:00 ends after" },
	{ WEEK("{mon: [9-12]}"),
	  "h.yaml:4:18: `9-12' are no hours; write them as 09:00-12:00\n" },
	{ WEEK("{mon: [22:00-30:00], tue: [05:00-08:00]}"),
	  "h.yaml:4:17: 22:00-30:00 runs into the 05:00-08:00 of tue; end it earlier\n" },
	{ WEEK("{mon-fri: [20:00-32:00, 33:00-34:00]}"), "h.yaml:4:35: 33:00" },
	{ WEEK("{mon-fri: [07:00-24:00], fri: [07:00-12:00]}"),
	  "h.yaml:4:21: mon-fri: the hours of fri were already given in line 4; take one away\n" },
	{ WEEK("{mno: [07:00-24:00]}"),
	  "h.yaml:4:12: 'mno' is not known; did you mean 'mon'?\n" },
	/* zones and layers */
	{ "calendars: [{name: a, zone: Asia/Shangai, week: {}}]\n",
	  "h.yaml:1:29: this system knows no time zone 'Asia/Shangai'; did you mean 'Asia/Shanghai'?\n" },
	{ "calendars: [{name: a, week: {}}]\n",
	  "h.yaml:1:20: no time zone, here or in a base; write zone: Asia/Shanghai\n" },
	{ CN "  - {name: a, base: nc}\n",
	  "h.yaml:3:21: there is no calendar 'nc'; did you mean 'cn'?\n" },
	{ "calendars: [{name: a, base: b}, {name: b, base: c}, {name: c, base: a}]\n",
	  "h.yaml:1:29: calendar 'a' stands on itself; take a base away\n" },
	{ "calendars: [{name: a, zone: UTC}]\npolicies: [{name: p, calendar: a}]\n",
	  "h.yaml:2:19: a: has no week, nor has any base one\n" },
	{ CN CN, "h.yaml:3:1: 'calendars' is given twice" },
	{ CN "  - {name: cn, base: cn}\n",
	  "h.yaml:3:12: calendar 'cn' was already given in line 2; take one away\n" },
	/* dates */
	{ DATES("      - {date: 2026-05-09, like: mon}\n"
		"      - {date: 2026-05-09, closed: yes}\n"),
	  "h.yaml:7:16: date '2026-05-09' was already given in line 6; take one away\n" },
	{ DATES("      - {date: 2026-02-30, closed: yes}\n"),
	  "h.yaml:6:16: '2026-02-30' is no date; write 2026-05-09, or 05-09 for every year\n" },
	{ DATES("      - {date: 01-01}\n"), "h.yaml:6:16: one of `like: mon'" },
	{ DATES("      - {date: 01-01, closed: yes, like: mon}\n"),
	  "h.yaml:6:16: one of `like: mon'" },
	{ DATES("      - {date: 01-01, like: mnday}\n"),
	  "h.yaml:6:29: no such weekday 'mnday'; write one of mon, tue, wed, thu, fri, sat, sun\n" },
	{ DATES("      - {date: 01-01, open: []}\n"),
	  "h.yaml:6:29: open without hours; write closed: yes\n" },
	{ DATES("      - {date: 01-01, open: [12:00-09:00]}\n"),
	  "h.yaml:6:30: 12:00-09:00 ends before it begins" },
	/* names in use */
	{ CN "queues: [{name: q, calendar: nc}]\n",
	  "h.yaml:3:30: there is no calendar 'nc'; did you mean 'cn'?\n" },
	{ POLICY("calendar: nc"), "h.yaml:6:15: there is no calendar 'nc'" },
	{ TARGET("resolution: {business: 1h, calendar: nc}"),
	  "h.yaml:6:52: there is no calendar 'nc'; did you mean 'cn'?\n" },
	{ TARGET("resolution: {business: 1h, ladder: [{at: 50, queue: qq}]}"),
	  "h.yaml:6:67: there is no queue 'qq'; did you mean 'q'?\n" },
	{ POLICY("when: {queue: [qq]}"),
	  "h.yaml:6:20: there is no queue 'qq'; did you mean 'q'?\n" },
	{ POLICY("targets: {}") "  - name: p\n",
	  "h.yaml:7:11: policy 'p' was already given in line 5; take one away\n" },
	/* conditions */
	{ POLICY("when: {kind: [complant]}") "  - name: rest\n",
	  "h.yaml:6:19: no kind of ticket is called 'complant'; did you mean 'complaint'?\n" },
	{ POLICY("when: {priority: [6]}") "  - name: rest\n",
	  "h.yaml:6:23: there is no priority '6'; write one of 1, 2, 3, 4, 5\n" },
	{ POLICY("when: {complaint: [maybe]}") "  - name: rest\n",
	  "h.yaml:6:24: complaint is not 'maybe'; write one of yes, no\n" },
	{ POLICY("when: {kind: []}") "  - name: rest\n",
	  "h.yaml:6:18: kind: no value is one of none; take it away\n" },
	{ POLICY("when: {knd: [complaint]}"),
	  "h.yaml:6:12: 'knd' is not known; did you mean 'kind'?\n" },
	{ POLICY("when: {kind: [complaint]}"),
	  "h.yaml:5:11: 'p' is the last policy (sla), so it must hold for all that is left; add one without `when' behind it\n" },
	{ POLICY("when: {kind: [complaint]}") "  - {name: x, agreement: ola}\n",
	  "h.yaml:5:11: 'p' is the last policy (sla)" },
	{ POLICY("agreement: slo"), "h.yaml:6:16: agreement is 'slo'" },
	{ POLICY("on_rematch: carri"), "h.yaml:6:17: on_rematch is 'carri'" },
	/* targets */
	{ TARGET("first_respose: {business: 1h}"),
	  "h.yaml:6:15: 'first_respose' is not known; did you mean 'first_response'?\n" },
	{ TARGET("resolution: {business: 0s}"), "h.yaml:6:38: business is '0s'" },
	{ TARGET("resolution: {business_days: 0}"),
	  "h.yaml:6:43: business_days is '0'" },
	{ TARGET("resolution: {}"), "h.yaml:6:27: resolution: no goal" },
	{ TARGET("resolution: {business: 1h, wall_clock: 2h}"),
	  "h.yaml:6:54: resolution: a second goal; take one away\n" },
	{ TARGET("resolution: {business_days: 1}"),
	  "h.yaml:6:43: resolution: dates need a calendar" },
	{ TARGET("periodic_update: {business_days: 1, calendar: cn}"),
	  "h.yaml:6:48: periodic_update: it comes again and again" },
	{ TARGET("promise: {business: 1h}"), "h.yaml:6:35: promise: its time" },
	{ TARGET("resolution: {business: 1h, day_offset: 1}"),
	  "h.yaml:6:54: resolution: only a cutoff has that\n" },
	{ TARGET("resolution: {business: 1h, count_start: yes}"),
	  "h.yaml:6:55: resolution: only business_days has that\n" },
	{ TARGET("daily_clear: {calendar: cn, cutoff: 24:30}"),
	  "h.yaml:6:51: '24:30' is no time of the day; write 18:00\n" },
	{ TARGET("daily_clear: {calendar: cn, cutoff: 15:00, latest_intake: 18:00}"),
	  "h.yaml:6:73: daily_clear: latest_intake is after the cut-off" },
	{ TARGET("resolution: {business: 1h, pauses: [pending_custmer]}"),
	  "h.yaml:6:51: no wait is called 'pending_custmer'; did you mean 'pending_customer'?\n" },
	/* ladders */
	{ TARGET("resolution: {business: 1h, ladder: [{at: 90}, {at: 50}]}"),
	  "h.yaml:6:66: 50 % after 90 %; rungs must rise\n" },
	{ TARGET("resolution: {business: 1h, ladder: [{at: 0}]}"),
	  "h.yaml:6:56: at is '0'" },
	{ TARGET("resolution: {business: 1h, ladder: [{at: 50, notify: [ownr]}]}"),
	  "h.yaml:6:69: nobody is called 'ownr'; did you mean 'owner'?\n" },
	/* included files */
	{ "include: [../up.yaml]\n",
	  "h.yaml:1:11: '../up.yaml' is not in this file's folder or below it" },
	{ "include: [/etc/passwd]\n", "h.yaml:1:11: '/etc/passwd' is not" },
	{ "include: [calendars/none.yaml]\n",
	  "h.yaml:1:11: cannot read 'calendars/none.yaml': " },
};
/* clang-format on */

static enum err
parse(const char *text, struct hotline *h, char **errors)
{
	size_t len;
	FILE *f = open_memstream(errors, &len);
	enum err e = hotline_parse("h.yaml", text, strlen(text), h, f);

	fclose(f);
	return e;
}

static bool
says(const char *errors, const char *want)
{
	const char *at = strstr(errors, want);

	return at != NULL && (at == errors || at[-1] == '\n');
}

START_TEST(a_mistake_has_its_place)
{
	struct hotline h;
	char *errors = NULL;

	ck_err(parse(bad[_i].text, &h, &errors), ERR_CONFIG);
	ck_assert_msg(says(errors, bad[_i].want), "%s\nwanted: %s\ntold: %s",
	    bad[_i].text, bad[_i].want, errors);
	free(errors);
}
END_TEST

START_TEST(every_mistake_is_told)
{
	struct hotline h;
	char *errors = NULL;
	int lines = 0;

	ck_err(parse(POLICY("calendar: x\n"
			    "    when: {kind: [x], priority: [7]}\n"
			    "    targets:\n"
			    "      resolution: {pauses: [x]}\n"
			    "      callback: {business: 1h, months: 2}"),
		   &h, &errors),
	    ERR_CONFIG);
	for (const char *p = errors; *p != '\0'; p++)
		lines += *p == '\n';
	ck_assert_msg(lines == 7, "%s", errors);
	free(errors);
}
END_TEST

/* -------------------------------------------------------------- what it says */

/* clang-format off */
static const char good[] =
    "calendars:\n"
    "  - name: cn\n"
    "    zone: Asia/Shanghai\n"
    "    overrides: [{date: 2026-02-17, closed: yes, label: 春节}]\n"
    "  - name: office\n"
    "    base: cn\n"
    "    week: {mon-fri: [09:00-12:00, '13:00-18:00'], sat: [22:00-30:00]}\n"
    "    overrides:\n"
    "      - {date: 12-24, open: [09:00-12:00]}\n"
    "      - {date: 2026-05-09, like: mon}\n"
    "queues: [{name: repair, calendar: office}, {name: other}]\n"
    "policies:\n"
    "  - name: complaints\n"
    "    when: {kind: [complaint], priority: [1, 2]}\n"
    "    calendar: office\n"
    "    on_rematch: restart\n"
    "    change_grace: 10m\n"
    "    max_pause: 24h\n"
    "    reopen_window: 48h\n"
    "    reopen: new_cycle\n"
    "    targets:\n"
    "      first_response: {business: 30m, pauses: [scheduled], ladder: []}\n"
    "      resolution:\n"
    "        business_days: 3\n"
    "        count_start: yes\n"
    "        pauses: []\n"
    "        ladder:\n"
    "          - {at: 90, notify: [supervisor, owner], raise: 1}\n"
    "          - {at: 125, queue: other}\n"
    "      daily_clear: {cutoff: 18:00, latest_intake: 15:00, ladder: []}\n"
    "      callback: {wall_clock: 48h, ladder: []}\n"
    "  - name: rest\n"
    "    targets: {resolution: {business: 8h}}\n";
/* clang-format on */

static void
check_text(char *got, const char *want)
{
	ck_assert_str_eq(got, want);
	free(got);
}

START_TEST(it_says_what_was_meant)
{
	const struct sla_revision *r;
	const struct sla_target *t;
	struct hotline h;
	char *errors = NULL;

	ck_assert_msg(parse(good, &h, &errors) == ERR_OK, "%s", errors);
	r = &h.revision;
	ck_assert_uint_eq(r->n_calendars, 2);
	check_text(cal_print(&r->calendars[0]),
	    "zone=Asia/Shanghai 2026-02-17=closed:春节");
	check_text(cal_print(&r->calendars[1]),
	    "base=cn mon=09:00-12:00,13:00-18:00 tue=09:00-12:00,13:00-18:00"
	    " wed=09:00-12:00,13:00-18:00 thu=09:00-12:00,13:00-18:00"
	    " fri=09:00-12:00,13:00-18:00 sat=22:00-30:00 sun="
	    " 2026-05-09=like:mon 12-24=open:09:00-12:00");
	ck_assert_uint_eq(r->n_queues, 1);
	ck_assert_uint_eq(r->n_policies, 2);
	check_text(sla_policy_print(&r->policies[0]),
	    "sla rematch=restart grace=600000000 max_pause=86400000000"
	    " reopen=172800000000 new_cycle=1 calendar=office"
	    " if=kind:complaint if=priority:1,2"
	    " target=first_response:business goal=1800000000 pauses=scheduled"
	    " target=resolution:business_days n=3 count_start=1"
	    " rung=90 notify=owner,supervisor raise=1 rung=125 queue=other"
	    " target=callback:calendar goal=172800000000"
	    " target=daily_clear:cutoff minute=1080 latest_intake=900");
	/* what is left out is as it usually is */
	t = &r->policies[1].targets[0];
	ck_assert_uint_eq(t->pauses, sla_default_pauses(SLA_RESOLUTION));
	ck_assert_uint_eq(t->n_rungs, 7);
	hotline_free(&h);
	free(errors);
}
END_TEST

/* ------------------------------------------------------------ included files */

static void
write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

START_TEST(calendars_come_from_their_own_file)
{
	char dir[] = "/tmp/hotline-XXXXXX", file[64], sub[64], part[96];
	char *errors = NULL, want[256];
	struct hotline h;
	size_t len;
	FILE *f;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(sub, sizeof(sub), "%s/sub", dir);
	snprintf(file, sizeof(file), "%s/h.yaml", dir);
	snprintf(part, sizeof(part), "%s/cn.yaml", sub);
	ck_assert_int_eq(mkdir(sub, 0700), 0);
	write_text(part, CN);
	write_text(file, "include: [sub/cn.yaml]\n"
			 "calendars: [{name: office, base: cn}]\n");
	ck_ok(hotline_load(file, &h, stderr));
	ck_assert_uint_eq(h.revision.n_calendars, 2);
	hotline_free(&h);

	write_text(part, CN "queues: []\n");
	f = open_memstream(&errors, &len);
	ck_err(hotline_load(file, &h, f), ERR_CONFIG);
	fclose(f);
	snprintf(want, sizeof(want), "%s:3:1: 'queues' is not known", part);
	ck_assert_msg(says(errors, want), "%s", errors);
	free(errors);

	/* the same name in both */
	write_text(part, "calendars:\n  - {name: office, zone: UTC}\n");
	f = open_memstream(&errors, &len);
	write_text(file, "include: [sub/cn.yaml]\n"
			 "calendars: [{name: office, zone: UTC}]\n");
	ck_err(hotline_load(file, &h, f), ERR_CONFIG);
	fclose(f);
	snprintf(want, sizeof(want),
	    "%s:2:20: calendar 'office' was already given in %s, line 2; "
	    "take one away\n",
	    file, part);
	ck_assert_msg(says(errors, want), "%s", errors);
	free(errors);
	unlink(part);
	unlink(file);
	rmdir(sub);
	rmdir(dir);
}
END_TEST

/* ------------------------------------------------------------------ sending */

struct seen {
	unsigned parts, calendars, overrides, policies;
	size_t largest;
	bool goes_on, ended;
	int rungs, pauses;
	char last[65];
};

static int
see(void *arg, Mashang__Apply *a)
{
	struct seen *s = arg;
	size_t size = mashang__apply__get_packed_size(a);

	s->parts++;
	s->ended = !a->more;
	s->largest = size > s->largest ? size : s->largest;
	for (size_t i = 0; i < a->n_calendars; i++) {
		const Mashang__CalendarSpec *c = a->calendars[i];

		/* what goes on has dates only, and its name */
		ck_assert(!s->goes_on || (c->n_week == 0 && c->zone.len == 0));
		s->calendars += !s->goes_on;
		s->overrides += (unsigned)c->n_overrides;
		s->goes_on = c->goes_on;
	}
	ck_assert(!s->goes_on || a->more);
	s->policies += (unsigned)a->n_policies;
	if (a->n_policies > 0) {
		s->pauses = (int)a->policies[0]->targets[1]->n_pauses;
		s->rungs = (int)a->policies[0]->targets[1]->n_rungs;
		snprintf(s->last, sizeof(s->last), "%.*s",
		    (int)a->policies[0]->targets[1]->pauses[0].len,
		    (char *)a->policies[0]->targets[1]->pauses[0].data);
	}
	return 0;
}

START_TEST(it_is_sent)
{
	struct seen s = { .parts = 0 };
	struct hotline h;
	char *errors = NULL;

	ck_ok(parse(good, &h, &errors));
	ck_assert_int_eq(hotline_send(&h, see, &s), 0);
	ck_assert_uint_eq(s.parts, 1);
	ck_assert_uint_eq(s.calendars, 2);
	ck_assert_uint_eq(s.overrides, 3);
	ck_assert_uint_eq(s.policies, 2);
	ck_assert_int_eq(s.rungs, 2);
	ck_assert_int_eq(s.pauses, 1);
	ck_assert_str_eq(s.last, "none"); /* `pauses: []' is not "as usual" */
	hotline_free(&h);
	free(errors);
}
END_TEST

/* 3,000 dates with long labels do not fit a frame. */
START_TEST(a_long_calendar_goes_on_in_the_next_message)
{
	struct seen s = { .parts = 0 };
	struct hotline h;
	char *text = NULL, *errors = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	fputs("calendars:\n  - name: cn\n    zone: UTC\n    overrides:\n", f);
	for (int i = 0; i < 3000; i++)
		fprintf(f,
		    "      - {date: %04d-%02d-%02d, closed: yes, "
		    "label: '%0100d'}\n",
		    2000 + i / 336, i / 28 % 12 + 1, i % 28 + 1, i);
	fputs("  - {name: office, base: cn}\n", f);
	fclose(f);
	ck_assert_msg(parse(text, &h, &errors) == ERR_OK, "%s", errors);
	ck_assert_int_eq(hotline_send(&h, see, &s), 0);
	ck_assert(s.ended);
	ck_assert_uint_gt(s.parts, 6);
	ck_assert_uint_lt(s.largest, 60 * 1024);
	ck_assert_uint_eq(s.calendars, 2);
	ck_assert_uint_eq(s.overrides, 3000);
	hotline_free(&h);
	free(errors);
	free(text);
}
END_TEST

Suite *
hotline_sla_suite(void)
{
	TCase *tc = tcase_create("hotline_sla");

	tcase_add_loop_test(tc, a_mistake_has_its_place, 0, NELEM(bad));
	tcase_add_test(tc, every_mistake_is_told);
	tcase_add_test(tc, it_says_what_was_meant);
	tcase_add_test(tc, calendars_come_from_their_own_file);
	tcase_add_test(tc, it_is_sent);
	tcase_add_test(tc, a_long_calendar_goes_on_in_the_next_message);
	return suite_of(tc, "hotline_sla");
}
