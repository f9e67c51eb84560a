/*
 * why_text_test.c - rows of the daemon's lists as sentences.
 */
#include "test/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/why_text.h"

Suite *why_text_suite(void);

#define S INT64_C(1000000)
#define FIVE_PM (INT64_C(1796029200) * S) /* 2026-11-30 in Shanghai */
#define CELLS_MAX 16

/* A page of one row, from "column=text column=:seconds after five" and so on;
 * "#n" is a plain number, __ a blank. */
static struct {
	Mashang__Column columns[CELLS_MAX], *column_list[CELLS_MAX];
	Mashang__Cell cells[CELLS_MAX], *cell_list[CELLS_MAX];
	Mashang__Row row, *rows[1];
	Mashang__Page page;
	char words[1024];
} made;

static ProtobufCBinaryData
data(char *s)
{
	for (char *p = s; *p != '\0'; p++)
		if (*p == '_' && p[1] == '_')
			*p = ' ', memmove(p + 1, p + 2, strlen(p + 1));
	return (ProtobufCBinaryData){ strlen(s), (uint8_t *)s };
}

static const Mashang__Page *
page_of(const char *words)
{
	char *rest = made.words, *one;
	unsigned n = 0;

	snprintf(made.words, sizeof(made.words), "%s", words);
	mashang__page__init(&made.page);
	mashang__row__init(&made.row);
	while ((one = strsep(&rest, " ")) != NULL && n < CELLS_MAX) {
		char *value = strchr(one, '=');

		*value++ = '\0';
		mashang__column__init(&made.columns[n]);
		mashang__cell__init(&made.cells[n]);
		made.columns[n].name = data(one);
		if (*value == ':')
			made.cells[n].number = FIVE_PM + atoll(value + 1) * S;
		else if (*value == '#')
			made.cells[n].number = atoll(value + 1);
		else
			made.cells[n].text = data(value);
		made.column_list[n] = &made.columns[n];
		made.cell_list[n] = &made.cells[n];
		n++;
	}
	made.row.cells = made.cell_list;
	made.row.n_cells = made.page.n_columns = n;
	made.page.columns = made.column_list;
	made.rows[0] = &made.row;
	made.page.rows = made.rows;
	made.page.n_rows = 1;
	return &made.page;
}

static void
setup(void)
{
	setenv("TZ", "Asia/Shanghai", 1);
	tzset();
}

/* clang-format off */
static const struct {
	const char *cells, *want;
} told[] = {
	{ "at=:1 kind=enqueued queue=repair",
	  "  17:00:01.000  Waits in repair.\n" },
	{ "at=:1 kind=enqueued queue=repair skills=english__5 tier=#2 "
	  "neighbours=sales terms=priority__2=20000000;grade__A=60000000",
	  "  17:00:01.000  Waits in repair. Asked for: english 5. Only agents of "
	  "tiers up to 2. Also the agents of sales. Put ahead by class of the "
	  "switch 2 (0:20), customer's grade A (1:00).\n" },
	{ "at=:1 kind=enqueued queue=repair agent=li rule=first__owner__20s",
	  "  17:00:01.000  Waits in repair. For li alone. By `first owner 20s'.\n" },
	{ "at=:1 kind=relaxed rule=relax__30s__skill__english__3 "
	  "skills=english__3",
	  "  17:00:01.000  More agents may take it, by `relax 30s skill english "
	  "3'. Asked for: english 3.\n" },
	{ "at=:1 kind=moved from_queue=repair queue=sales actor=boss",
	  "  17:00:01.000  Moved from repair to sales by boss.\n" },
	{ "at=:5 kind=offered agent=li strategy=longest_idle score=:0 ready=#3 "
	  "staff=#12 ended_at=:25 reason=no_answer",
	  "  17:00:05.000  Offered to li: idle the longest, since 17:00:00.000; "
	  "of 12 at work, 3 ready.\n"
	  "  17:00:25.000  li did not answer, and is not asked again.\n" },
	{ "at=:5 kind=offered agent=li via=sales strategy=fewest_calls score=#4",
	  "  17:00:05.000  Offered to li (of sales): with the fewest calls, "
	  "4.\n" },
	{ "at=:5 kind=offered agent=li strategy=least_talk score=#61000000",
	  "  17:00:05.000  Offered to li: with the least talk, 1:01.\n" },
	{ "at=:5 kind=offered agent=li\x1b[2J",
	  "  17:00:05.000  Offered to li\xef\xbf\xbd[2J:.\n" },
	{ "at=:5 kind=something_new", "  17:00:05.000  something_new\n" },
};
static const struct {
	const char *cells, *want;
} kept[] = {
	{ "rule=not_logged_in", "was not logged in" },
	{ "rule=not_ready what=lunch", "was not ready: lunch" },
	{ "rule=skill what=english has=#3 needs=#5",
	  "has english 3, asked for was 5" },
	{ "rule=tier what=repair has=#2 needs=#1",
	  "is of tier 2 in repair: tiers up to 1 had joined" },
	{ "rule=other_switch what=201 who=other",
	  "sat at phone 201, which is on switch other: it cannot be rung for "
	  "this call" },
	{ "rule=others_first what=longest_idle who=li has=:30 needs=:0",
	  "was ready, but li was first: idle the longest (17:00:00.000, here "
	  "17:00:30.000)" },
	{ "rule=others_first what=random who=li",
	  "was ready, but li was first: drawn by lot" },
	{ "rule=free", "was kept from it by nothing: it was being matched" },
};
/* clang-format on */

static char *text;

START_TEST(a_decision_is_a_sentence)
{
	struct why_story *s = calloc(1, sizeof(*s));
	size_t len;
	FILE *f = open_memstream(&text, &len);

	why_story_decisions(s, page_of(told[_i].cells));
	why_story_print(f, s);
	fclose(f);
	/* Behind the day. */
	ck_assert_str_eq(strchr(text, '\n') + 1, told[_i].want);
	why_story_free(s);
	free(s);
	free(text);
}
END_TEST

START_TEST(a_stretch_is_a_line)
{
	char cells[512], want[512];
	size_t len;
	FILE *f = open_memstream(&text, &len);

	snprintf(
	    cells, sizeof(cells), "from_at=:0 to_at=:10 %s", kept[_i].cells);
	snprintf(want, sizeof(want), "  17:00:00.000 - 17:00:10.000  %s\n",
	    kept[_i].want);
	why_not_print(f, page_of(cells));
	fclose(f);
	ck_assert_str_eq(text, want);
	free(text);
}
END_TEST

START_TEST(what_took_no_time_is_no_line)
{
	const Mashang__Page *one = page_of("from_at=:0 to_at=:0 rule=free");
	Mashang__Row *rows[] = { one->rows[0], one->rows[0] };
	Mashang__Page two = *one;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	two.rows = rows;
	two.n_rows = NELEM(rows);
	why_not_print(f, &two);
	fclose(f);
	ck_assert_str_eq(text, "");
	free(text);
}
END_TEST

START_TEST(a_story_is_in_order_and_has_an_end)
{
	struct why_story *s = calloc(1, sizeof(*s));
	size_t len;
	FILE *f = open_memstream(&text, &len);

	why_story_call(s,
	    page_of("call=00000000000000000000000000000001 name=c1 switch=main "
		    "caller=138 agent=li offered_at=:0 established_at=:30 "
		    "ended_at=:90 cause=normal"));
	ck_assert_str_eq(s->call, "00000000000000000000000000000001");
	why_story_decisions(s, page_of("at=:2 kind=enqueued queue=repair"));
	why_story_decisions(s,
	    page_of("at=:25 kind=offered agent=li strategy=random ended_at=:29 "
		    "reason=accepted"));
	why_story_print(f, s);
	fclose(f);
	ck_assert_str_eq(text, "Call c1 of switch main, from 138\n"
			       "2026-11-30 17:00:00 CST\n"
			       "  17:00:00.000  Came in.\n"
			       "  17:00:02.000  Waits in repair.\n"
			       "  17:00:25.000  Offered to li: drawn by lot.\n"
			       "  17:00:29.000  li took it.\n"
			       "  17:00:30.000  Connected to li.\n"
			       "  17:01:30.000  Over: as usual.\n");
	why_story_free(s);
	free(s);
	free(text);
}
END_TEST

Suite *
why_text_suite(void)
{
	TCase *tc = tcase_create("why_text");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, a_decision_is_a_sentence, 0, NELEM(told));
	tcase_add_loop_test(tc, a_stretch_is_a_line, 0, NELEM(kept));
	tcase_add_test(tc, what_took_no_time_is_no_line);
	tcase_add_test(tc, a_story_is_in_order_and_has_an_end);
	return suite_of(tc, "why_text");
}
