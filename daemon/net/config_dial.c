/*
 * config_dial.c - whom agents may call, of a configuration: from the wire, from
 * the ledger, and as text.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "net/cells.h"
#include "net/code.h"
#include "net/config_text.h"
#include "net/fields.h"

#define PREFIXES_MAX 500 /* of each kind */
#define PREFIX_LEN 16    /* its plus included */
#define SHOW_LEN 32
#define PER_DAY_MAX 1000

static bool
is_prefix(struct str s)
{
	if (s.len < 2 || s.len > PREFIX_LEN || s.p[0] != '+' || s.p[1] == '0')
		return false;
	for (uint32_t i = 1; i < s.len; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return true;
}

static bool
is_shown(struct str s)
{
	for (uint32_t i = 0; i < s.len; i++)
		if (s.p[i] == '\0' || strchr("0123456789+*#", s.p[i]) == NULL)
			return false;
	return s.len <= SHOW_LEN;
}

static enum err
wrong(
    const struct fields *f, const char *what, struct str of, const char *remedy)
{
	char text[FAULT_PARAM_LEN];

	snprintf(text, sizeof(text), "%s '%.*s'", what, STR_ARG(of));
	return fault(f->fault, ERR_CONFIG, "0", "0", text, remedy, NULL);
}

static enum err
take_prefixes(struct arena *a, const struct fields *f, const char *name,
    const ProtobufCBinaryData *from, size_t n, const struct str **out)
{
	struct str *to = arena_alloc(a, (n + 1) * sizeof(*to));
	enum err e;

	if (n > PREFIXES_MAX)
		return fault(f->fault, ERR_TOO_LARGE, name, "500", NULL);
	if (to == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		if ((e = field_name_required(f, name, from[i], &to[i])) !=
		    ERR_OK)
			return e;
		if (!is_prefix(to[i]))
			return wrong(f, "dialling names a prefix", to[i],
			    "write a plus and 1 to 15 digits: +86138");
	}
	config_names_sort(to, (unsigned)n);
	*out = to;
	return ERR_OK;
}

/* Both are sorted. */
static enum err
check_twice(const struct fields *f, const struct config_dialling *d)
{
	struct str last = { NULL, 0 };

	for (unsigned i = 0, j = 0; i < d->n_allow || j < d->n_refuse;) {
		bool allow = j == d->n_refuse ||
		             (i < d->n_allow && config_name_cmp(&d->allow[i],
						    &d->refuse[j]) <= 0);
		struct str now = allow ? d->allow[i++] : d->refuse[j++];

		if (last.len > 0 && str_eq(now, last))
			return wrong(f, "dialling names twice the prefix", now,
			    "allow it or refuse it, once");
		last = now;
	}
	return ERR_OK;
}

enum err
config_dialling_take(struct arena *a, const struct fields *f,
    const Mashang__DiallingSpec *m, struct config *c)
{
	struct config_dialling *d = arena_alloc(a, sizeof(*d));
	enum err e;

	if (c->dialling != NULL)
		return wrong(
		    f, "there is twice a", STR_LIT("dialling"), "name it once");
	if (d == NULL)
		return ERR_NOMEM;
	*d = (struct config_dialling){ .n_allow = (unsigned)m->n_allow,
		.n_refuse = (unsigned)m->n_refuse,
		.per_day = m->per_day };
	if ((e = take_prefixes(
		 a, f, "allow", m->allow, m->n_allow, &d->allow)) != ERR_OK ||
	    (e = take_prefixes(a, f, "refuse", m->refuse, m->n_refuse,
		 &d->refuse)) != ERR_OK ||
	    (e = field_range(f, "per_day", m->per_day, 0, PER_DAY_MAX)) !=
		ERR_OK ||
	    (e = field_name(f, "show", m->show, &d->show)) != ERR_OK ||
	    (e = check_twice(f, d)) != ERR_OK)
		return e;
	if (!is_shown(d->show))
		return wrong(f, "dialling shows", d->show,
		    "write a number: digits, + * #, at most 32");
	c->dialling = d;
	return ERR_OK;
}

/* ----------------------------------------------------------------- as text */

static size_t
put_names(char *to, size_t room, const char *what, const struct str *names,
    unsigned n)
{
	size_t len = (size_t)snprintf(to, room, "%s [", what);

	for (unsigned i = 0; i < n; i++)
		len += (size_t)snprintf(to + len, room - len, "%s%.*s",
		    i > 0 ? ", " : "", STR_ARG(names[i]));
	return len + (size_t)snprintf(to + len, room - len, "] ");
}

struct str
config_dialling_text(struct arena *a, const struct config_dialling *d)
{
	size_t room = 96 + SHOW_LEN +
	              (size_t)(d->n_allow + d->n_refuse) * (PREFIX_LEN + 2);
	char *text = arena_alloc(a, room);
	size_t n = 0;

	if (text == NULL)
		return (struct str){ NULL, 0 };
	n += put_names(text, room, "allow", d->allow, d->n_allow);
	n += put_names(text + n, room - n, "refuse", d->refuse, d->n_refuse);
	n += (size_t)snprintf(text + n, room - n,
	    "per_day %" PRIu32 " show %.*s", d->per_day, STR_ARG(d->show));
	return (struct str){ text, (uint32_t)n };
}

/* --------------------------------------------------------- from the ledger */

/* "+86 +861" */
static bool
read_prefixes(
    struct arena *a, struct str cell, const struct str **out, unsigned *n)
{
	struct str *to = arena_alloc(a, (cell.len / 2 + 1) * sizeof(*to));
	struct str kept = arena_copy(a, cell);

	*n = 0;
	if (to == NULL || (cell.len > 0 && kept.p == NULL))
		return false;
	for (uint32_t i = 0, begin = 0; i <= kept.len && kept.len > 0; i++) {
		if (i < kept.len && kept.p[i] != ' ')
			continue;
		to[(*n)++] = (struct str){ kept.p + begin, i - begin };
		begin = i + 1;
	}
	config_names_sort(to, *n);
	*out = to;
	return true;
}

bool
config_dialling_read(
    struct arena *a, const struct str *cells, struct config_dialling *d)
{
	*d = (struct config_dialling){ .per_day =
					   (uint32_t)cell_number(cells[2]),
		.show = arena_copy(a, cells[3]) };
	return read_prefixes(a, cells[0], &d->allow, &d->n_allow) &&
	       read_prefixes(a, cells[1], &d->refuse, &d->n_refuse);
}
