/*
 * rules_parse.c - rules from lines of text.
 *
 * What is read was mostly written by rules_text.c; but it lay in a ledger or
 * came from a client that may be anybody's, so every line is read strictly.
 */
#include "routing/rules.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/conf.h"
#include "base/text.h"

#define WORD_ROOM 80

struct reader {
	struct arena *arena;
	struct route_rules *r;
	struct str rest; /* of the line */
	unsigned line;
	unsigned seen; /* bits: rule_kind */
	bool ring_said;
	char *fault;
	size_t room;
};

/* ---- faults */

static enum err wrong(struct reader *, const char *fmt, ...) PRINTF_LIKE(2, 3);

static enum err
wrong(struct reader *x, const char *fmt, ...)
{
	int n = snprintf(x->fault, x->room, "line %u: ", x->line);
	va_list ap;

	va_start(ap, fmt);
	if (n > 0 && (size_t)n < x->room)
		vsnprintf(x->fault + n, x->room - (size_t)n, fmt, ap);
	va_end(ap);
	return ERR_CONFIG;
}

static const char *
quoted(struct str word, char out[WORD_ROOM])
{
	text_clean(word, false, out, WORD_ROOM);
	return out;
}

static enum err
wrong_word(struct reader *x, struct str word, const char *const *words)
{
	char got[WORD_ROOM];
	const char *near = conf_nearest(quoted(word, got), words);

	if (near != NULL)
		return wrong(
		    x, "'%s' is unknown; did you mean '%s'?", got, near);
	return wrong(
	    x, "'%s' is unknown; write '%s' or the like", got, words[0]);
}

/* ---- words */

/* What stands before the next blank; empty at the end. */
static struct str
next(struct reader *x)
{
	const char *end =
	    x->rest.len > 0 ? memchr(x->rest.p, ' ', x->rest.len) : NULL;
	struct str word = x->rest;

	if (end == NULL) {
		x->rest = (struct str){ NULL, 0 };
		return word;
	}
	word.len = (uint32_t)(end - x->rest.p);
	x->rest.p = end + 1;
	x->rest.len -= word.len + 1;
	return word;
}

static enum err
take_word(struct reader *x, const char *word)
{
	const char *const words[] = { word, NULL };
	struct str got = next(x);

	return str_eq(got, str_of(word)) ? ERR_OK : wrong_word(x, got, words);
}

/* Which of them; -1: none, and the fault is told. */
static int
take_one(struct reader *x, const char *const *words)
{
	struct str got = next(x);

	for (int i = 0; words[i] != NULL; i++)
		if (str_eq(got, str_of(words[i])))
			return i;
	(void)wrong_word(x, got, words);
	return -1;
}

static enum err
take_number(struct reader *x, uint32_t min, uint32_t max, uint32_t *out)
{
	struct str s = next(x);
	char got[WORD_ROOM];
	uint64_t n = 0;
	bool ok = s.len > 0 && s.len < 10 && (s.len == 1 || s.p[0] != '0');

	for (uint32_t i = 0; ok && i < s.len; i++) {
		ok = s.p[i] >= '0' && s.p[i] <= '9';
		n = n * 10 + (uint64_t)(s.p[i] - '0');
	}
	if (!ok || n < min || n > max)
		return wrong(x,
		    "'%s' is no number from %" PRIu32 " to %" PRIu32,
		    quoted(s, got), min, max);
	*out = (uint32_t)n;
	return ERR_OK;
}

static enum err
take_span(struct reader *x, int64_t min, int64_t max, int64_t *out)
{
	char from[CONF_VALUE_LEN], to[CONF_VALUE_LEN], got[WORD_ROOM] = "";
	struct str s = next(x);
	int64_t us;

	if (s.len > 0 && s.len < sizeof(got))
		memcpy(got, s.p, s.len);
	if (!conf_scan_duration(got, &us) || us < min || us > max)
		return wrong(x, "'%s' is no time from %s to %s", quoted(s, got),
		    conf_show_duration(min, from), conf_show_duration(max, to));
	*out = us;
	return ERR_OK;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* As rules_text.c writes it, into out[RULES_NAME_MAX]; false: it is not. */
static bool
unescape(struct str s, char *out, uint32_t *len)
{
	char clean[RULES_NAME_MAX + 1];
	uint32_t n = 0;

	for (uint32_t i = 0; i < s.len && n < RULES_NAME_MAX; i++) {
		int c = (unsigned char)s.p[i];

		if (c == '%') {
			if (s.len - i < 3 || hex(s.p[i + 1]) < 0 ||
			    hex(s.p[i + 2]) < 0)
				return false;
			c = hex(s.p[i + 1]) * 16 + hex(s.p[i + 2]);
			if (c > ' ' && c != '%' && c != 0x7F)
				return false;
			i += 2;
		} else if (c <= ' ' || c == 0x7F)
			return false;
		out[n++] = (char)c;
		if (n == RULES_NAME_MAX && i + 1 < s.len)
			return false;
	}
	*len = n;
	/* One that is shown as another would be one more name. */
	return n > 0 &&
	       text_check((struct str){ out, n }, RULES_NAME_MAX) == ERR_OK &&
	       text_clean(
		   (struct str){ out, n }, false, clean, sizeof(clean)) == n &&
	       memcmp(clean, out, n) == 0;
}

static enum err
take_name(struct reader *x, const char *what, struct str *out)
{
	char got[WORD_ROOM], name[RULES_NAME_MAX];
	struct str s = next(x);
	uint32_t n;

	if (!unescape(s, name, &n))
		return wrong(x, "'%s' is no %s's name", quoted(s, got), what);
	*out = arena_copy(x->arena, (struct str){ name, n });
	return out->p != NULL ? ERR_OK : ERR_NOMEM;
}

static enum err
take_then(struct reader *x, struct rule_then *t)
{
	int i = take_one(x, action_words);

	if (i < 0)
		return ERR_CONFIG;
	t->action = (enum rule_action)(i + 1);
	return t->action == ACTION_QUEUE ? take_name(x, "queue", &t->queue)
	                                 : ERR_OK;
}

/* ---- lines */

static enum err
read_strategy(struct reader *x)
{
	int i = take_one(x, strategy_words);

	if (i < 0)
		return ERR_CONFIG;
	x->r->strategy = (enum strategy)i;
	return ERR_OK;
}

static enum err
read_ring(struct reader *x)
{
	x->ring_said = true;
	return take_number(x, 1, RULES_RING_MAX, &x->r->ring_at_once);
}

static enum err
read_relax(struct reader *x)
{
	struct relax *to = &x->r->relax[x->r->n_relax];
	enum err e;
	int i;

	if (x->r->n_relax == RULES_RELAX_MAX)
		return wrong(x, "more than %d steps", RULES_RELAX_MAX);
	if ((e = take_span(x, 1, RULES_SPAN_MAX, &to->after_us)) != ERR_OK)
		return e;
	i = take_one(x, relax_words);
	if (i < 0)
		return ERR_CONFIG;
	to->kind = (enum relax_kind)i;
	x->r->n_relax++;
	if (i == RELAX_TIER)
		return take_number(x, 2, RULES_TIERS, &to->n);
	if ((e = take_name(x, relax_word(to->kind), &to->name)) != ERR_OK ||
	    i == RELAX_QUEUE)
		return e;
	return take_number(x, 0, 9, &to->n);
}

static enum err
read_first(struct reader *x)
{
	enum err e;
	int i = take_one(x, first_words);

	if (i < 0)
		return ERR_CONFIG;
	if (x->r->first_us[i] != 0)
		return wrong(x, "'first %s' was said before",
		    first_word((enum first_kind)i));
	e = take_span(x, 1, RULES_SPAN_MAX, &x->r->first_us[i]);
	if (e != ERR_OK || i != FIRST_LAST_AGENT || x->rest.len == 0)
		return e;
	if ((e = take_word(x, "within")) != ERR_OK)
		return e;
	return take_span(x, 1, RULES_LONG_MAX, &x->r->last_agent_within_us);
}

static enum err
read_grade(struct reader *x)
{
	struct str s = next(x);
	char got[WORD_ROOM];
	int64_t *to;

	if (s.len != 1 || s.p[0] < 'A' || s.p[0] >= 'A' + RULES_GRADES)
		return wrong(x, "'%s' is no grade from A to E", quoted(s, got));
	to = &x->r->grade_us[s.p[0] - 'A'];
	if (*to != 0)
		return wrong(x, "grade %c was said before", s.p[0]);
	return take_span(x, 1, RULES_SPAN_MAX, to);
}

static enum err
read_credit_word(struct reader *x)
{
	unsigned n = x->r->n_words;
	enum err e;

	if (n == RULES_WORDS_MAX)
		return wrong(x, "more than %d words", RULES_WORDS_MAX);
	if ((e = take_name(x, "word", &x->r->words[n].word)) != ERR_OK)
		return e;
	x->r->n_words++;
	return take_span(x, 1, RULES_SPAN_MAX, &x->r->words[n].us);
}

static enum err
read_credit(struct reader *x)
{
	static const char *const words[] = { "grade", "breached", "repeat",
		"word", NULL };
	int i = take_one(x, words);
	int64_t *to = i == 1 ? &x->r->breached_us : &x->r->repeat_us;

	if (i < 0)
		return ERR_CONFIG;
	if (i == 0)
		return read_grade(x);
	if (i == 3)
		return read_credit_word(x);
	if (*to != 0)
		return wrong(x, "'credit %s' was said before", words[i]);
	return take_span(x, 1, RULES_SPAN_MAX, to);
}

static enum err
read_hours(struct reader *x)
{
	enum err e;

	if ((e = take_name(x, "calendar", &x->r->hours)) != ERR_OK ||
	    (e = take_word(x, "closed")) != ERR_OK)
		return e;
	return take_then(x, &x->r->closed);
}

static enum err
read_full(struct reader *x)
{
	enum err e = take_number(x, 1, RULES_COUNT_MAX, &x->r->full);

	return e == ERR_OK ? take_then(x, &x->r->when_full) : e;
}

static enum err
read_max_wait(struct reader *x)
{
	enum err e = take_span(x, 1, RULES_SPAN_MAX, &x->r->max_wait_us);

	return e == ERR_OK ? take_then(x, &x->r->after_max_wait) : e;
}

static enum err
read_overflow(struct reader *x)
{
	struct overflow *o = &x->r->overflows[x->r->n_overflows];
	uint32_t calls = 0;
	enum err e;
	int i;

	if (x->r->n_overflows == RULES_OVERFLOWS_MAX)
		return wrong(x, "more than %d overflows", RULES_OVERFLOWS_MAX);
	i = take_one(x, overflow_words);
	if (i < 0)
		return ERR_CONFIG;
	o->kind = (enum overflow_kind)i;
	if (i == OVERFLOW_LENGTH) {
		e = take_number(x, 1, RULES_COUNT_MAX, &calls);
		o->over = calls;
	} else
		e = take_span(x, 1, RULES_SPAN_MAX, &o->over);
	x->r->n_overflows++;
	return e == ERR_OK ? take_then(x, &o->then) : e;
}

static enum err
read_callback(struct reader *x)
{
	static const char *const words[] = { "agent_first", "customer_first",
		NULL };
	struct route_rules *r = x->r;
	int i = take_one(x, words);
	enum err e;

	if (i < 0)
		return ERR_CONFIG;
	r->callback.offered = true;
	r->callback.customer_first = i == 1;
	if ((e = take_word(x, "retries")) != ERR_OK ||
	    (e = take_number(x, 0, RULES_TIMES_MAX, &r->callback.retries)) !=
		ERR_OK ||
	    (e = take_word(x, "every")) != ERR_OK ||
	    (e = take_span(x, RULES_EVERY_MIN, RULES_SPAN_MAX,
		 &r->callback.every_us)) != ERR_OK ||
	    (e = take_word(x, "expires")) != ERR_OK)
		return e;
	return take_span(
	    x, RULES_EVERY_MIN, RULES_LONG_MAX, &r->callback.expires_us);
}

static enum err
read_delay(struct reader *x)
{
	int i = take_one(x, delay_words);

	if (i < 0)
		return ERR_CONFIG;
	if (x->r->delay_us[i] != 0)
		return wrong(x, "'delay %s' was said before",
		    delay_word((enum delay_kind)i));
	return take_span(x, 1, RULES_SPAN_MAX, &x->r->delay_us[i]);
}

static enum err
read_unanswered(struct reader *x)
{
	return take_number(x, 1, RULES_TIMES_MAX, &x->r->unanswered);
}

static enum err
read_extend(struct reader *x)
{
	enum err e = take_span(x, 1, RULES_SPAN_MAX, &x->r->extend_us);

	return e == ERR_OK
	           ? take_number(x, 1, RULES_TIMES_MAX, &x->r->extensions)
	           : e;
}

static enum err
read_follow_up(struct reader *x)
{
	return take_span(x, 1, RULES_SPAN_MAX, &x->r->follow_up_abandoned_us);
}

static enum err
read_return(struct reader *x)
{
	return take_span(x, 1, RULES_SPAN_MAX, &x->r->return_us);
}

static enum err
read_announce(struct reader *x)
{
	return take_span(
	    x, RULES_EVERY_MIN, RULES_SPAN_MAX, &x->r->announce_us);
}

static enum err
read_again(struct reader *x)
{
	return take_span(x, 0, RULES_SPAN_MAX, &x->r->again_us);
}

static enum err
read_direct(struct reader *x)
{
	return take_span(x, 1, RULES_SPAN_MAX, &x->r->direct_us);
}

static enum err
read_work_credit(struct reader *x)
{
	return take_span(
	    x, -RULES_SPAN_MAX, RULES_SPAN_MAX, &x->r->work_credit_us);
}

/* clang-format off */
static const struct {
	enum err (*read)(struct reader *);
	bool many;
} lines[NRULES] = {
	[RULE_STRATEGY]            = { read_strategy, false },
	[RULE_RING_AT_ONCE]        = { read_ring, false },
	[RULE_RELAX]               = { read_relax, true },
	[RULE_FIRST]               = { read_first, true },
	[RULE_CREDIT]              = { read_credit, true },
	[RULE_HOURS]               = { read_hours, false },
	[RULE_FULL]                = { read_full, false },
	[RULE_MAX_WAIT]            = { read_max_wait, false },
	[RULE_OVERFLOW]            = { read_overflow, true },
	[RULE_CALLBACK]            = { read_callback, false },
	[RULE_FOLLOW_UP_ABANDONED] = { read_follow_up, false },
	[RULE_RETURN]              = { read_return, false },
	[RULE_ANNOUNCE]            = { read_announce, false },
	[RULE_DELAY]               = { read_delay, true },
	[RULE_UNANSWERED]          = { read_unanswered, false },
	[RULE_AGAIN]               = { read_again, false },
	[RULE_EXTEND]              = { read_extend, false },
	[RULE_DIRECT]              = { read_direct, false },
	[RULE_WORK_CREDIT]         = { read_work_credit, false },
};
/* clang-format on */

static enum err
read_line(struct reader *x)
{
	char got[WORD_ROOM];
	enum err e;
	int i = take_one(x, rule_words);

	if (i < 0)
		return ERR_CONFIG;
	if (!lines[i].many && (x->seen & 1u << i) != 0)
		return wrong(
		    x, "'%s' was said before", rule_word((enum rule_kind)i));
	x->seen |= 1u << i;
	if ((e = lines[i].read(x)) == ERR_OK && x->rest.p != NULL)
		return wrong(x, "'%s' is too much", quoted(x->rest, got));
	return e;
}

enum err
rules_parse(struct str text, struct arena *a, struct route_rules *r,
    char *fault, size_t room)
{
	struct reader x = { .arena = a, .r = r, .fault = fault, .room = room };
	enum err e = ERR_OK;

	rules_preset(r);
	if (text.len > RULES_TEXT_MAX) {
		snprintf(
		    fault, room, "rules of more than %d bytes", RULES_TEXT_MAX);
		return ERR_CONFIG;
	}
	while (e == ERR_OK && text.len > 0) {
		const char *end = memchr(text.p, '\n', text.len);
		uint32_t len =
		    end != NULL ? (uint32_t)(end - text.p) : text.len;

		x.line++;
		x.rest = (struct str){ text.p, len };
		e = read_line(&x);
		len += end != NULL;
		text.p += len;
		text.len -= len;
	}
	if (e == ERR_OK && !x.ring_said)
		r->ring_at_once = rules_ring_preset(r->strategy);
	return e;
}
