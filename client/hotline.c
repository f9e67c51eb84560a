/*
 * hotline.c - the schema, and what must hold between its parts.
 */
#include "client/hotline.h"

#include <stdlib.h>
#include <string.h>

#include "client/i18n.h"

#define SECOND INT64_C(1000000)
#define NAME_MAX_LEN 64
#define QUEUE_SKILLS 16
#define AGENT_SKILLS 64

/* clang-format off */
#define Q(m) offsetof(struct hotline_queue, m)
static const struct conf_field queue_fields[] = {
	{ .name = "name", .type = CONF_STRING, .offset = Q(name),
	  .help = "what agents and figures call it",
	  .min = 1, .max = NAME_MAX_LEN, .mark_offset = Q(at) },
	{ .name = "skills", .type = CONF_LEVELS, .offset = Q(skills),
	  .preset = "{}", .help = "what an agent must be able to do at least",
	  .min = 1, .max = 10 },
	{ .name = "ring", .type = CONF_DURATION, .offset = Q(ring_us),
	  .preset = "20s", .help = "how long an offer stands",
	  .min = 1 * SECOND, .max = 600 * SECOND },
	{ .name = "wrap_up", .type = CONF_DURATION, .offset = Q(wrap_up_us),
	  .preset = "0s", .help = "longest work after a call; 0s: open",
	  .min = 0, .max = 86400 * SECOND },
	{ .name = "priority_credit", .type = CONF_DURATION,
	  .offset = Q(priority_credit_us), .preset = "90s",
	  .help = "head start for each class of priority",
	  .min = 0, .max = 86400 * SECOND },
	{ .name = "stay_ready", .type = CONF_BOOL, .offset = Q(stay_ready),
	  .preset = "no", .help = "after a refusal or no answer" },
	{ .name = "short", .type = CONF_DURATION, .offset = Q(short_us),
	  .preset = "5s", .help = "who hangs up within this does not count",
	  .min = 0, .max = 600 * SECOND },
	{ .name = NULL }
};

#define A(m) offsetof(struct hotline_agent, m)
static const char *const answers[] = { "phone", "screen", NULL };
static const struct conf_field agent_fields[] = {
	{ .name = "name", .type = CONF_STRING, .offset = A(name),
	  .help = "the log-in", .min = 1, .max = NAME_MAX_LEN,
	  .mark_offset = A(at) },
	{ .name = "display_name", .type = CONF_STRING,
	  .offset = A(display_name), .preset = "''",
	  .help = "for people", .min = 0, .max = 128 },
	{ .name = "queues", .type = CONF_STRINGS, .offset = A(queues),
	  .preset = "[]", .help = "whose calls the agent takes",
	  .min = 0, .max = 64,
	  .mark_offset = A(queues_at) },
	{ .name = "skills", .type = CONF_LEVELS, .offset = A(skills),
	  .preset = "{}", .help = "what the agent can do, 1 to 10",
	  .min = 1, .max = 10 },
	{ .name = "answer", .type = CONF_WORD, .offset = A(answer),
	  .preset = "phone", .help = "by lifting the phone, or on the screen",
	  .words = answers },
	{ .name = NULL }
};

#define D(m) offsetof(struct hotline_device, m)
static const struct conf_field device_fields[] = {
	{ .name = "name", .type = CONF_STRING, .offset = D(name),
	  .help = "as the switch calls it", .min = 1, .max = NAME_MAX_LEN,
	  .mark_offset = D(at) },
	{ .name = "switch", .type = CONF_STRING, .offset = D(switch_name),
	  .help = "its switch", .min = 1, .max = NAME_MAX_LEN },
	{ .name = NULL }
};

#define N(m) offsetof(struct hotline_number, m)
static const struct conf_field number_fields[] = {
	{ .name = "called", .type = CONF_STRING, .offset = N(called),
	  .help = "the number dialled", .min = 1, .max = NAME_MAX_LEN,
	  .mark_offset = N(at) },
	{ .name = "menu", .type = CONF_STRING, .offset = N(menu),
	  .preset = "''", .help = "the caller's choice; '': any",
	  .min = 0, .max = NAME_MAX_LEN },
	{ .name = "queue", .type = CONF_STRING, .offset = N(queue),
	  .help = "where such a call waits", .min = 1, .max = NAME_MAX_LEN,
	  .mark_offset = N(queue_at) },
	{ .name = NULL }
};

#define LIST(m, f, s) .type = CONF_LIST, .preset = "[]", \
	  .offset = offsetof(struct hotline, m), .fields = f, \
	  .size = sizeof(struct s)
static const struct conf_field fields[] = {
	{ .name = "skills", .type = CONF_STRINGS, .preset = "[]",
	  .offset = offsetof(struct hotline, skills),
	  .mark_offset = offsetof(struct hotline, skills_at),
	  .help = "every skill there is", .min = 0, .max = 500 },
	{ .name = "queues", LIST(queues, queue_fields, hotline_queue) },
	{ .name = "agents", LIST(agents, agent_fields, hotline_agent) },
	{ .name = "devices", LIST(devices, device_fields, hotline_device) },
	{ .name = "numbers", LIST(numbers, number_fields, hotline_number) },
	{ .name = NULL }
};
/* clang-format on */

/* -------------------------------------------------------------- checking */

struct names {
	const char **list; /* NULL-ended, in the file's order */
	const char **sorted;
	size_t n;
};

struct check {
	const char *file;
	FILE *errors;
	unsigned faults;
	struct names skills, queues;
};

static void
fault_at(struct check *c, const struct conf_mark *at)
{
	c->faults++;
	fprintf(c->errors, "%s:%d:%d: ", c->file, at->line, at->column);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
has_name(const struct names *names, const char *name)
{
	return names->n > 0 && bsearch(&name, names->sorted, names->n,
				   sizeof(name), by_name) != NULL;
}

/* Items of `size' bytes whose name is a const char * at `offset'. */
static enum err
take_names(
    struct names *to, const struct conf_list *from, size_t size, size_t offset)
{
	to->list = calloc(from->n + 1, sizeof(char *));
	to->sorted = calloc(from->n + 1, sizeof(char *));
	if (to->list == NULL || to->sorted == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < from->n; i++)
		memcpy(&to->list[i],
		    (const char *)from->items + i * size + offset,
		    sizeof(char *));
	to->n = from->n;
	memcpy(to->sorted, to->list, to->n * sizeof(char *));
	qsort(to->sorted, to->n, sizeof(char *), by_name);
	return ERR_OK;
}

static void
names_fini(struct names *n)
{
	free(n->list);
	free(n->sorted);
}

static void
check_known(struct check *c, const struct names *names, const char *what,
    const char *name, const struct conf_mark *at)
{
	const char *near;

	if (has_name(names, name))
		return;
	fault_at(c, at);
	fprintf(c->errors, _("there is no %s '%s'"), what, name);
	near = conf_nearest(name, names->list);
	if (near != NULL)
		fprintf(c->errors, _("; did you mean '%s'?"), near);
	else
		fprintf(c->errors, _("; name it under %ss"), what);
	fputc('\n', c->errors);
}

struct named {
	const char *name, *second; /* a number's menu */
	const struct conf_mark *at;
	size_t order;
};

static int
by_both(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int d = strcmp(x->name, y->name);

	if (d == 0)
		d = strcmp(x->second, y->second);
	if (d == 0)
		d = (x->order > y->order) - (x->order < y->order);
	return d;
}

/* The second of two with one name is told, with the first one's line. */
static void
check_twice(struct check *c, const char *what, struct named *all, size_t n)
{
	qsort(all, n, sizeof(*all), by_both);
	for (size_t i = 1; i < n; i++) {
		if (strcmp(all[i].name, all[i - 1].name) != 0 ||
		    strcmp(all[i].second, all[i - 1].second) != 0)
			continue;
		fault_at(c, all[i].at);
		fprintf(c->errors,
		    _("%s '%s' was already given in line %d; take one away\n"),
		    what, all[i].name, all[i - 1].at->line);
	}
}

/* The daemon takes no more of one queue or agent. */
static void
check_levels(struct check *c, const struct conf_list *levels, size_t most)
{
	const struct conf_level *l = levels->items;

	if (levels->n > most) {
		fault_at(c, &l[most].at);
		fprintf(c->errors,
		    _("more than %zu skills; take the rest away\n"), most);
	}
	for (size_t i = 0; i < levels->n; i++)
		check_known(c, &c->skills, "skill", l[i].name, &l[i].at);
}

static struct named *
named_new(const struct hotline *h)
{
	size_t most = h->skills.n + h->queues.n + h->agents.n + h->devices.n +
	              h->numbers.n;

	return calloc(most + 1, sizeof(struct named));
}

static void
check_skills(struct check *c, const struct hotline *h, struct named *all)
{
	const char *const *s = h->skills.items;

	for (size_t i = 0; i < h->skills.n; i++) {
		if (*s[i] == '\0' || strlen(s[i]) > NAME_MAX_LEN) {
			fault_at(c, &h->skills_at);
			fprintf(c->errors,
			    _("a skill's name has 1 to %d bytes; shorten it\n"),
			    NAME_MAX_LEN);
		}
		all[i] = (struct named){ s[i], "", &h->skills_at, i };
	}
	check_twice(c, "skill", all, h->skills.n);
}

static void
check_queues(struct check *c, const struct hotline *h, struct named *all)
{
	const struct hotline_queue *q = h->queues.items;

	for (size_t i = 0; i < h->queues.n; i++) {
		check_levels(c, &q[i].skills, QUEUE_SKILLS);
		all[i] = (struct named){ q[i].name, "", &q[i].at, i };
	}
	check_twice(c, "queue", all, h->queues.n);
}

static void
check_agents(struct check *c, const struct hotline *h, struct named *all)
{
	const struct hotline_agent *a = h->agents.items;

	for (size_t i = 0; i < h->agents.n; i++) {
		const char *const *names = a[i].queues.items;

		for (size_t k = 0; k < a[i].queues.n; k++)
			check_known(
			    c, &c->queues, "queue", names[k], &a[i].queues_at);
		check_levels(c, &a[i].skills, AGENT_SKILLS);
		all[i] = (struct named){ a[i].name, "", &a[i].at, i };
	}
	check_twice(c, "agent", all, h->agents.n);
}

static void
check_numbers(struct check *c, const struct hotline *h, struct named *all)
{
	const struct hotline_number *n = h->numbers.items;
	const struct hotline_device *d = h->devices.items;

	for (size_t i = 0; i < h->numbers.n; i++) {
		check_known(c, &c->queues, "queue", n[i].queue, &n[i].queue_at);
		all[i] = (struct named){ n[i].called, n[i].menu, &n[i].at, i };
	}
	check_twice(c, "number", all, h->numbers.n);
	for (size_t i = 0; i < h->devices.n; i++)
		all[i] =
		    (struct named){ d[i].name, d[i].switch_name, &d[i].at, i };
	check_twice(c, "device", all, h->devices.n);
}

static enum err
check(struct hotline *h, const char *file, FILE *errors)
{
	struct check c = { .file = file, .errors = errors };
	struct named *all = named_new(h);
	enum err e = ERR_NOMEM;

	if (all == NULL)
		goto out;
	if ((e = take_names(&c.skills, &h->skills, sizeof(char *), 0)) !=
		ERR_OK ||
	    (e = take_names(&c.queues, &h->queues, sizeof(struct hotline_queue),
		 Q(name))) != ERR_OK)
		goto out;
	check_skills(&c, h, all);
	check_queues(&c, h, all);
	check_agents(&c, h, all);
	check_numbers(&c, h, all);
	e = c.faults == 0 ? ERR_OK : ERR_CONFIG;
out:
	names_fini(&c.skills);
	names_fini(&c.queues);
	free(all);
	if (e != ERR_OK)
		hotline_free(h);
	return e;
}

enum err
hotline_load(const char *file, struct hotline *h, FILE *errors)
{
	enum err e;

	memset(h, 0, sizeof(*h));
	e = conf_load(file, fields, h, errors, &h->conf);
	return e == ERR_OK ? check(h, file, errors) : e;
}

enum err
hotline_parse(const char *name, const char *text, size_t len, struct hotline *h,
    FILE *errors)
{
	enum err e;

	memset(h, 0, sizeof(*h));
	e = conf_parse(name, text, len, fields, h, errors, &h->conf);
	return e == ERR_OK ? check(h, name, errors) : e;
}

void
hotline_free(struct hotline *h)
{
	conf_free(&h->conf);
	memset(h, 0, sizeof(*h));
}
