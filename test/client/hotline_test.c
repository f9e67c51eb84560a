/*
 * hotline_test.c - the hotline's file: what is refused, and how it is sent.
 */
#include "test/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "client/hotline.h"

/* clang-format off */
static const struct {
	const char *name, *text, *want;
} bad[] = {
	{ "a queue names an unknown skill",
	  "skills: [english]\n"
	  "queues:\n"
	  "  - name: repair\n"
	  "    skills: {englsh: 3}\n",
	  "h.yaml:4:14: there is no skill 'englsh'; did you mean 'english'?\n" },
	{ "an agent is in an unknown queue",
	  "queues:\n"
	  "  - name: repair\n"
	  "agents:\n"
	  "  - name: wang\n"
	  "    queues: [repairs]\n",
	  "h.yaml:5:13: there is no queue 'repairs'; did you mean 'repair'?\n" },
	{ "an agent has an unknown skill",
	  "agents:\n"
	  "  - name: wang\n"
	  "    skills: {juggling: 3}\n",
	  "h.yaml:3:14: there is no skill 'juggling'; name it under skills\n" },
	{ "a number goes to an unknown queue",
	  "numbers:\n"
	  "  - {called: '4008', queue: sales}\n",
	  "h.yaml:2:29: there is no queue 'sales'; name it under queues\n" },
	{ "level 0",
	  "skills: [a]\n"
	  "agents:\n"
	  "  - name: wang\n"
	  "    skills: {a: 0}\n",
	  "h.yaml:4:17: " },
	{ "level 11",
	  "skills: [a]\n"
	  "agents:\n"
	  "  - name: wang\n"
	  "    skills: {a: 11}\n",
	  "h.yaml:4:17: " },
	{ "a queue twice",
	  "queues:\n"
	  "  - name: repair\n"
	  "  - name: sales\n"
	  "  - name: repair\n",
	  "h.yaml:4:11: queue 'repair' was already given in line 2; "
	  "take one away\n" },
	{ "an agent twice",
	  "agents:\n"
	  "  - name: wang\n"
	  "  - name: wang\n",
	  "h.yaml:3:11: agent 'wang' was already given in line 2; "
	  "take one away\n" },
	{ "a skill twice",
	  "skills: [a, b, a]\n",
	  "h.yaml:1:9: skill 'a' was already given in line 1; "
	  "take one away\n" },
	{ "a number twice with one menu",
	  "queues:\n"
	  "  - name: q\n"
	  "numbers:\n"
	  "  - {called: '1', menu: '2', queue: q}\n"
	  "  - {called: '1', menu: '2', queue: q}\n",
	  "h.yaml:5:14: number '1' was already given in line 4; "
	  "take one away\n" },
	{ "an unknown key",
	  "queus:\n",
	  "h.yaml:1:1: 'queus' is not known; did you mean 'queues'?\n" },
	{ "more skills than a queue can ask for",
	  "skills: [a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q]\n"
	  "queues:\n"
	  "  - name: q\n"
	  "    skills: {a: 1,b: 1,c: 1,d: 1,e: 1,f: 1,g: 1,h: 1,i: 1,j: 1,\n"
	  "      k: 1,l: 1,m: 1,n: 1,o: 1,p: 1,q: 1}\n",
	  "h.yaml:5:37: more than 16 skills; take the rest away\n" },
	{ "a prefix without its plus",
	  "dialling:\n"
	  "  allow: ['+86', 86138]\n",
	  "h.yaml:2:18: '86138' is no prefix; write a plus and digits" },
	{ "a prefix that is allowed and refused",
	  "dialling:\n"
	  "  allow: ['+86', '+8610']\n"
	  "  refuse: ['+8610']\n",
	  "h.yaml:3:12: prefix '+8610' was already given in line 2; "
	  "take one away\n" },
	{ "letters as the number shown",
	  "dialling:\n"
	  "  show: hotline\n",
	  "h.yaml:2:9: 'hotline' is not a number to be shown" },
	{ "a device without a switch",
	  "devices:\n"
	  "  - name: '101'\n",
	  "h.yaml:2:5: switch is missing" },
};

static const char good[] =
    "skills: [english]\n"
    "queues:\n"
    "  - name: repair\n"
    "    skills: {english: 3}\n"
    "    ring: 15s\n"
    "    stay_ready: yes\n"
    "agents:\n"
    "  - name: wang\n"
    "    display_name: 王芳\n"
    "    queues: [repair]\n"
    "    skills: {english: 10}\n"
    "    answer: screen\n"
    "devices:\n"
    "  - {name: '101', switch: main}\n"
    "  - {name: '101', switch: other}\n"
    "numbers:\n"
    "  - {called: '4008', menu: '1', queue: repair}\n"
    "  - {called: '4008', queue: repair}\n";
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

START_TEST(a_fault_has_its_place)
{
	struct hotline h;
	char *errors = NULL;

	ck_err(parse(bad[_i].text, &h, &errors), ERR_CONFIG);
	ck_assert_msg(strncmp(errors, bad[_i].want, strlen(bad[_i].want)) == 0,
	    "%s: %s", bad[_i].name, errors);
	free(errors);
}
END_TEST

START_TEST(all_faults_are_told)
{
	struct hotline h;
	char *errors = NULL;
	int lines = 0;

	ck_err(parse("agents:\n"
		     "  - {name: a, queues: [x, y]}\n"
		     "  - {name: a, skills: {z: 1}}\n",
		   &h, &errors),
	    ERR_CONFIG);
	for (const char *p = errors; *p != '\0'; p++)
		lines += *p == '\n';
	ck_assert_int_eq(lines, 4);
	free(errors);
}
END_TEST

struct seen {
	unsigned parts, skills, queues, agents, devices, numbers;
	size_t largest;
	bool ended;
	int64_t ring_us;
	bool stay_ready, screen_first;
	uint32_t level;
};

static int
see(void *arg, Mashang__Apply *a)
{
	struct seen *s = arg;
	size_t size = mashang__apply__get_packed_size(a);

	ck_assert(!s->ended);
	s->ended = !a->more;
	s->parts++;
	s->skills += (unsigned)a->n_skills;
	s->queues += (unsigned)a->n_queues;
	s->agents += (unsigned)a->n_agents;
	s->devices += (unsigned)a->n_devices;
	s->numbers += (unsigned)a->n_numbers;
	if (size > s->largest)
		s->largest = size;
	if (a->n_queues > 0) {
		s->ring_us = a->queues[0]->ring_us;
		s->stay_ready = a->queues[0]->stay_ready;
	}
	if (a->n_agents > 0) {
		s->screen_first = a->agents[0]->screen_first;
		if (a->agents[0]->n_skills > 0)
			s->level = a->agents[0]->skills[0]->level;
	}
	return 0;
}

START_TEST(a_small_one_is_one_message)
{
	struct hotline h;
	struct seen s = { .parts = 0 };
	char *errors = NULL;

	ck_ok(parse(good, &h, &errors));
	ck_assert_str_eq(errors, "");
	ck_assert_int_eq(hotline_send(&h, see, &s), 0);
	ck_assert(s.ended);
	ck_assert_uint_eq(s.parts, 1);
	ck_assert_uint_eq(s.skills, 1);
	ck_assert_uint_eq(s.queues, 1);
	ck_assert_uint_eq(s.agents, 1);
	ck_assert_uint_eq(s.devices, 2);
	ck_assert_uint_eq(s.numbers, 2);
	ck_assert_int_eq(s.ring_us, 15000000);
	ck_assert(s.stay_ready && s.screen_first);
	ck_assert_uint_eq(s.level, 10);
	hotline_free(&h);
	free(errors);
}
END_TEST

START_TEST(an_empty_one_is_sent_too)
{
	struct hotline h;
	struct seen s = { .parts = 0 };
	char *errors = NULL;

	ck_ok(parse("", &h, &errors));
	ck_assert_int_eq(hotline_send(&h, see, &s), 0);
	ck_assert_uint_eq(s.parts, 1);
	ck_assert(s.ended);
	hotline_free(&h);
	free(errors);
}
END_TEST

START_TEST(a_large_one_fits_its_frames)
{
	struct hotline h;
	struct seen s = { .parts = 0 };
	char *text = NULL, *errors = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	fputs("queues:\n  - name: repair\nagents:\n", f);
	for (int i = 0; i < 3000; i++) /* few fill a message, not the count */
		fprintf(f,
		    "  - {name: agent-%050d, display_name: '%0120d', "
		    "queues: [repair]}\n",
		    i, i);
	fclose(f);
	ck_ok(parse(text, &h, &errors));
	ck_assert_int_eq(hotline_send(&h, see, &s), 0);
	ck_assert(s.ended);
	ck_assert_uint_eq(s.agents, 3000);
	ck_assert_uint_gt(s.parts, 5);
	ck_assert_uint_lt(s.largest, 60 * 1024);
	hotline_free(&h);
	free(errors);
	free(text);
}
END_TEST

static int
refuse(void *arg, Mashang__Apply *a)
{
	(void)a;
	++*(int *)arg;
	return 1;
}

START_TEST(a_refusal_ends_the_sending)
{
	struct hotline h;
	char *errors = NULL;
	int n = 0;

	ck_ok(parse(good, &h, &errors));
	ck_assert_int_eq(hotline_send(&h, refuse, &n), 1);
	ck_assert_int_eq(n, 1);
	hotline_free(&h);
	free(errors);
}
END_TEST

START_TEST(the_example_is_right)
{
	struct hotline h;
	struct seen s = { .parts = 0 };

	ck_ok(hotline_load("config/hotline.yaml", &h, stderr));
	ck_assert_int_eq(hotline_send(&h, see, &s), 0);
	ck_assert_uint_eq(s.agents, 8);
	ck_assert_uint_eq(s.devices, 8);
	hotline_free(&h);
}
END_TEST

Suite *
hotline_suite(void)
{
	TCase *tc = tcase_create("hotline");

	tcase_add_loop_test(tc, a_fault_has_its_place, 0, NELEM(bad));
	tcase_add_test(tc, all_faults_are_told);
	tcase_add_test(tc, a_small_one_is_one_message);
	tcase_add_test(tc, an_empty_one_is_sent_too);
	tcase_add_test(tc, a_large_one_fits_its_frames);
	tcase_add_test(tc, a_refusal_ends_the_sending);
	tcase_add_test(tc, the_example_is_right);
	return suite_of(tc, "hotline");
}
