/*
 * sla_bed.c - the small languages of sla_bed.h.
 */
#include "test/support/sla_bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "test/support/support.h"

#define HOURS "09:00-12:00,13:00-18:00"
#define PLAIN                                                       \
	"zone=Asia/Shanghai mon=" HOURS " tue=" HOURS " wed=" HOURS \
	" thu=" HOURS " fri=" HOURS " sat= sun="
#define ALL "00:00-24:00"

struct sla_bed bed;
static struct cal_spec calendars[3];
static int year, month, day; /* of the time before */

/* The State Council's dates for 2026, as words of a calendar. */
static const char qd8[] =
    PLAIN " 2026-01-01=closed 2026-01-02=closed 2026-01-03=closed"
	  " 2026-01-04=like:mon 2026-02-14=like:mon 2026-02-15=closed"
	  " 2026-02-16=closed 2026-02-17=closed 2026-02-18=closed"
	  " 2026-02-19=closed 2026-02-20=closed 2026-02-21=closed"
	  " 2026-02-22=closed 2026-02-23=closed 2026-02-28=like:mon"
	  " 2026-04-04=closed 2026-04-05=closed 2026-04-06=closed";

static void
calendar(unsigned i, const char *name, const char *text)
{
	ck_ok(cal_parse(str_of(name), str_of(text), bed.arena, &calendars[i]));
}

void
bed_setup(void)
{
	bed.arena = arena_new((size_t)1 << 16, (size_t)64 << 20);
	ck_assert_ptr_nonnull(bed.arena);
	ck_ok(sla_book_new(NULL, &bed.book));
	calendar(0, "qd8", qd8);
	calendar(1, "plain", PLAIN);
	calendar(2, "cn24",
	    "zone=Asia/Shanghai mon=" ALL " tue=" ALL " wed=" ALL " thu=" ALL
	    " fri=" ALL " sat=" ALL " sun=" ALL);
}

void
bed_teardown(void)
{
	sla_book_free(&bed.book);
	arena_free(&bed.arena);
}

unsigned
bed_calendars(const struct cal_spec **out)
{
	*out = calendars;
	return NELEM(calendars);
}

/* ---- times */

static int64_t
read_time(const char *text, int *used)
{
	int hour = 0, minute = 0, second = 0, n = 0, y, mo, d;
	char fraction[8] = "";
	struct tm tm = { 0 };
	int64_t us = 0;

	if (sscanf(text, " %4d-%2d-%2d%n", &y, &mo, &d, &n) == 3 && n > 0) {
		year = y;
		month = mo;
		day = d;
	} else if (sscanf(text, " %2d-%2d%n", &mo, &d, &n) == 2 && n > 0) {
		month = mo;
		day = d;
	}
	text += n;
	*used = n;
	ck_assert_int_eq(sscanf(text, " %2d:%2d%n", &hour, &minute, &n), 2);
	text += n;
	*used += n;
	n = 0;
	if (sscanf(text, ":%2d%n", &second, &n) == 1) {
		text += n;
		*used += n;
		n = 0;
	}
	if (sscanf(text, ".%6[0-9]%n", fraction, &n) == 1) {
		*used += n;
		for (int i = 0; i < 6; i++)
			us =
			    us * 10 +
			    (i < (int)strlen(fraction) ? fraction[i] - '0' : 0);
	}
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	return ((int64_t)timegm(&tm) + hour * 3600 + minute * 60 + second) *
	           SECOND -
	       8 * HOUR + us;
}

static void
first_day(void)
{
	year = 2026;
	month = 3;
	day = 10;
}

int64_t
bed_time(const char *text)
{
	int used;

	first_day();
	return read_time(text, &used);
}

const char *
bed_time_text(int64_t us)
{
	static char ring[4][48];
	static unsigned next;
	time_t s = (time_t)(us / SECOND) + 8 * 3600;
	char *out = ring[next++ % 4], date[32];
	struct tm tm;

	if (us == 0 || us == INT64_MAX)
		return us == 0 ? "none" : "never";
	strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", gmtime_r(&s, &tm));
	snprintf(out, sizeof(ring[0]), "%s.%06d", date, (int)(us % SECOND));
	return out;
}

/* ---- revisions */

/* "goal=4h" becomes "goal=14400000000". */
static void
expand(const char *from, size_t len, char *out, size_t room)
{
	static const struct {
		char unit;
		int64_t us;
	} units[] = { { 's', SECOND }, { 'm', MINUTE }, { 'h', HOUR },
		{ 'd', DAY } };
	size_t n = 0;

	for (size_t i = 0; i < len;) {
		size_t digits = strspn(from + i, "0123456789");
		char unit = from[i + digits];
		char after = i + digits + 1 < len ? from[i + digits + 1] : ' ';

		for (unsigned u = 0;
		     digits > 0 && i > 0 && from[i - 1] == '=' &&
		     after == ' ' && u < NELEM(units);
		     u++)
			if (units[u].unit == unit) {
				n += (size_t)snprintf(out + n, room - n, "%lld",
				    (long long)(units[u].us * atoll(from + i)));
				i += digits + 1;
				digits = 0;
			}
		if (i < len && digits == 0 && (from[i] < '0' || from[i] > '9'))
			digits = 1;
		while (digits-- > 0 && i < len)
			out[n++] = from[i++];
	}
	out[n] = '\0';
}

unsigned
bed_policies(const char *lines, struct sla_policy **out)
{
	struct sla_policy *p =
	    arena_alloc(bed.arena, 64 * sizeof(struct sla_policy));
	unsigned n = 0;

	while (*lines != '\0') {
		size_t len = strcspn(lines, "\n");
		size_t name = strcspn(lines, " ");
		char text[2048];
		struct str kept;

		expand(lines + name + 1, len - name - 1, text, sizeof(text));
		kept = arena_copy(bed.arena, str_of(text));
		ck_assert_msg(
		    sla_policy_parse((struct str){ lines, (uint32_t)name },
			kept, bed.arena, &p[n]) == ERR_OK,
		    "%s", text);
		n++;
		lines += len + (lines[len] == '\n');
	}
	*out = p;
	return n;
}

void
bed_revision(uint32_t id, const char *at, const char *lines)
{
	struct sla_policy *policies;
	struct sla_revision r = { .id = id,
		.at = at != NULL ? bed_time(at) : 0 };
	struct sla_fault fault;

	r.n_policies = bed_policies(lines, &policies);
	r.policies = policies;
	r.n_calendars = bed_calendars(&r.calendars);
	ck_assert_msg(
	    sla_revision_check(&r, NULL, &fault) == ERR_OK, "%s", fault.what);
	ck_ok(sla_book_add(bed.book, &r));
}

/* ---- histories */

static const char *const kinds[FACT_NKINDS] = { "none", "received",
	"acknowledged", "responded", "contacted", "assigned", "pended",
	"scheduled", "resumed", "arrived", "resolved", "reopened", "closed",
	"cancelled", "merged", "merged_in", "changed", "promised", "kept",
	"followed_up", "revised" };

static void
read_value(struct sla_fact *x, struct str word)
{
	const char *equals = memchr(word.p, '=', word.len);
	struct str key = { word.p, (uint32_t)(equals - word.p) };
	struct str value = { equals + 1, word.len - key.len - 1 };
	int used, keep[3] = { year, month, day };
	int attribute = sla_attribute_of(key);

	if (str_eq(key, STR_LIT("until"))) {
		char text[32];

		/* A blank would end the word: `03-11/09:00'. */
		snprintf(text, sizeof(text), "%.*s", STR_ARG(value));
		if (strchr(text, '/') != NULL)
			*strchr(text, '/') = ' ';
		x->until = read_time(text, &used);
		year = keep[0];
		month = keep[1];
		day = keep[2];
	} else if (str_eq(key, STR_LIT("owner"))) {
		x->sets_owner = true;
		x->owner = (uint32_t)atoi(value.p);
	} else {
		ck_assert_msg(attribute >= 0, "%.*s", STR_ARG(key));
		x->set.value[attribute] = value;
	}
}

static void
read_word(struct sla_fact *x, struct str word)
{
	if (memchr(word.p, '=', word.len) != NULL)
		read_value(x, word);
	else if (str_eq(word, STR_LIT("customer")))
		x->wait = WAIT_CUSTOMER;
	else if (str_eq(word, STR_LIT("third")))
		x->wait = WAIT_THIRD_PARTY;
	else if (str_eq(word, STR_LIT("both")))
		x->wait = WAIT_CUSTOMER | WAIT_THIRD_PARTY;
	else if (str_eq(word, STR_LIT("retro")))
		x->retroactive = true;
	else
		x->revision = (uint32_t)atoi(word.p);
}

void
bed_history(const char *text)
{
	bed.facts = arena_alloc(bed.arena, 64 * sizeof(*bed.facts));
	bed.n_facts = 0;
	first_day();
	while (*text != '\0') {
		struct sla_fact *x = &bed.facts[bed.n_facts];
		int used;

		x->at = read_time(text, &used);
		x->seq = ++bed.n_facts;
		text += used;
		for (bool first = true; *text != ';' && *text != '\0';) {
			struct str word;

			text += strspn(text, " ");
			word =
			    (struct str){ text, (uint32_t)strcspn(text, " ;") };
			text += word.len;
			for (unsigned k = 0; first && k < FACT_NKINDS; k++)
				if (str_eq(str_of(kinds[k]), word))
					x->kind = (enum sla_fact_kind)k;
			if (!first && word.len > 0)
				read_word(x, word);
			ck_assert_msg(
			    x->kind != FACT_NONE, "%.*s", STR_ARG(word));
			first = false;
		}
		text += strspn(text, "; ");
	}
}

/* ---- answers */

void
bed_eval_us(int64_t at)
{
	struct sla_history h = { 1, bed.n_facts, bed.facts };

	ck_ok(sla_evaluate(bed.book, &h, at, true, bed.arena, &bed.r));
}

void
bed_eval(const char *at)
{
	bed_eval_us(bed_time(at));
}

unsigned
bed_count(enum sla_metric m, enum sla_agreement a)
{
	unsigned n = 0;

	for (unsigned i = 0; i < bed.r.n_clocks; i++)
		n += bed.r.clocks[i].metric == m &&
		     bed.r.clocks[i].agreement == a;
	return n;
}

const struct sla_clock *
bed_clock(enum sla_metric m, enum sla_agreement a, unsigned n)
{
	for (unsigned i = 0; i < bed.r.n_clocks; i++)
		if (bed.r.clocks[i].metric == m &&
		    bed.r.clocks[i].agreement == a && n-- == 0)
			return &bed.r.clocks[i];
	ck_abort_msg(
	    "no clock of %s %s", sla_metric_word(m), sla_agreement_word(a));
	return NULL;
}
