/*
 * hotline_dial.c - whom agents may call, of a hotline's file: read, checked,
 * sent.
 */
#include <string.h>

#include "client/hotline_check.h"
#include "client/hotline_send.h"
#include "client/i18n.h"

#define PREFIXES_MAX 500
#define DIGITS_MAX 15

/* clang-format off */
#define D(m) offsetof(struct hotline_dialling, m)
const struct conf_field hotline_dialling_fields[] = {
	{ .name = "allow", .type = CONF_TEXTS, .offset = D(allow),
	  .preset = "[]", .help = "numbers that begin so may be called",
	  .min = 0, .max = PREFIXES_MAX },
	{ .name = "refuse", .type = CONF_TEXTS, .offset = D(refuse),
	  .preset = "[]", .help = "but not these; the longest that fits counts",
	  .min = 0, .max = PREFIXES_MAX },
	{ .name = "per_day", .type = CONF_NUMBER, .offset = D(per_day),
	  .preset = "3", .help = "calls to one number within 24 hours; 0: any",
	  .min = 0, .max = 1000 },
	{ .name = "show", .type = CONF_STRING, .offset = D(show),
	  .preset = "''", .help = "the number that those called see",
	  .min = 0, .max = 32, .mark_offset = D(show_at) },
	{ .name = NULL }
};
/* clang-format on */

static bool
is_prefix(const char *s)
{
	size_t n = *s == '+' ? strspn(s + 1, "0123456789") : 0;

	return n > 0 && n <= DIGITS_MAX && s[1] != '0' && s[1 + n] == '\0';
}

static void
name_prefixes(struct check *c, const struct conf_list *list, struct named *to,
    size_t order)
{
	const struct conf_text *t = list->items;

	for (size_t i = 0; i < list->n; i++) {
		if (!is_prefix(t[i].text)) {
			fault_at(c, &t[i].at);
			fprintf(c->errors,
			    _("'%s' is no prefix; write a plus and digits, "
			      "the country's code first: +86138\n"),
			    t[i].text);
		}
		to[i] =
		    (struct named){ t[i].text, "", &t[i].at, order + i, NULL };
	}
}

void
check_dialling(struct check *c, const struct hotline_dialling *d)
{
	size_t n = d->allow.n + d->refuse.n;
	struct named *all = check_alloc(c, n, sizeof(*all));

	if (all == NULL)
		return;
	name_prefixes(c, &d->allow, all, 0);
	name_prefixes(c, &d->refuse, all + d->allow.n, d->allow.n);
	check_twice(c, "prefix", all, n);
	if (d->show[strspn(d->show, "0123456789+*#")] != '\0') {
		fault_at(c, &d->show_at);
		fprintf(c->errors,
		    _("'%s' is not a number to be shown: digits, + * #\n"),
		    d->show);
	}
}

static ProtobufCBinaryData *
prefixes(struct sender *s, const struct conf_list *list)
{
	const struct conf_text *t = list->items;
	ProtobufCBinaryData *out = send_take(s, (list->n + 1) * sizeof(*out));

	for (size_t i = 0; i < list->n && out != NULL; i++)
		out[i] = fmt_data(t[i].text);
	return out;
}

void
send_dialling(struct sender *s, const struct hotline_dialling *d)
{
	Mashang__DiallingSpec *m;

	if (!send_room(s, (d->allow.n + d->refuse.n) * (DIGITS_MAX + HEAD) +
			      strlen(d->show) + 4 * HEAD) ||
	    (m = send_take(s, sizeof(*m))) == NULL)
		return;
	mashang__dialling_spec__init(m);
	m->n_allow = d->allow.n;
	m->allow = prefixes(s, &d->allow);
	m->n_refuse = d->refuse.n;
	m->refuse = prefixes(s, &d->refuse);
	m->per_day = (uint32_t)d->per_day;
	m->show = fmt_data(d->show);
	s->apply->dialling = m;
}
