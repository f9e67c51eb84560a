/*
 * hotline.c - the schema, and what must hold between its parts.
 */
#include "client/hotline_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/i18n.h"

#define QUEUE_SKILLS 16
#define ARENA_MAX (64u << 20)
#define PATH_LEN 4096
#define INCLUDES_MAX 64
#define AGENT_SKILLS 64
#define WORK_ITEMS_MAX 50
#define REASONS_MAX 100

/* clang-format off */
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
	{ .name = "tiers", .type = CONF_LEVELS, .offset = A(tiers),
	  .preset = "{}", .help = "in these queues, 1 to 10; left out: 1",
	  .min = 1, .max = RULES_TIERS },
	{ .name = "weights", .type = CONF_LEVELS, .offset = A(weights),
	  .preset = "{}", .help = "weighted_random: the share, 1 to 10",
	  .min = 1, .max = RULES_WEIGHT_MAX },
	{ .name = "work_items", .type = CONF_NUMBER, .offset = A(work_items),
	  .preset = "1", .help = "tickets in hand at a time, beside a call",
	  .min = 0, .max = WORK_ITEMS_MAX },
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

#define W(m) offsetof(struct hotline_reason, m)
static const struct conf_field reason_fields[] = {
	{ .name = "name", .type = CONF_STRING, .offset = W(name),
	  .help = "as agents say it", .min = 1, .max = NAME_MAX_LEN,
	  .mark_offset = W(at) },
	{ .name = "paid", .type = CONF_BOOL, .offset = W(paid),
	  .preset = "no", .help = "counts as work" },
	{ .name = "limit", .type = CONF_DURATION, .offset = W(limit_us),
	  .preset = "0s", .help = "so long at most; 0s: as long as it takes",
	  .min = 0, .max = 86400 * SECOND },
	{ .name = NULL }
};

#define LIST(m, f, s) .type = CONF_LIST, .preset = "[]", \
	  .offset = offsetof(struct hotline, m), .fields = f, \
	  .size = sizeof(struct s)
static const struct conf_field fields[] = {
	{ .name = "include", .type = CONF_TEXTS, .preset = "[]",
	  .offset = offsetof(struct hotline, include),
	  .help = "files with more calendars, in this folder or below",
	  .min = 0, .max = INCLUDES_MAX },
	{ .name = "skills", .type = CONF_STRINGS, .preset = "[]",
	  .offset = offsetof(struct hotline, skills),
	  .mark_offset = offsetof(struct hotline, skills_at),
	  .help = "every skill there is", .min = 0, .max = 500 },
	{ .name = "queues", LIST(queues, hotline_queue_fields, hotline_queue) },
	{ .name = "agents", LIST(agents, agent_fields, hotline_agent) },
	{ .name = "devices", LIST(devices, device_fields, hotline_device) },
	{ .name = "numbers", LIST(numbers, number_fields, hotline_number) },
	{ .name = "reasons", LIST(reasons, reason_fields, hotline_reason),
	  .help = "why agents are not ready; none: any word goes",
	  .min = 0, .max = REASONS_MAX },
	{ .name = "dialling", .type = CONF_MAP, .preset = "{}",
	  .offset = offsetof(struct hotline, dialling),
	  .fields = hotline_dialling_fields,
	  .mark_offset = offsetof(struct hotline, dialling.at) },
	{ .name = "calendars",
	  LIST(calendars, hotline_calendar_fields, hotline_calendar) },
	{ .name = "policies",
	  LIST(policies, hotline_policy_fields, hotline_policy),
	  .min = 0, .max = SLA_POLICIES_MAX },
	{ .name = NULL }
};

struct hotline_part {
	const char *path;
	struct conf *conf;
	struct conf_list calendars;
};
static const struct conf_field part_fields[] = {
	{ .name = "calendars", .type = CONF_LIST, .preset = "[]",
	  .offset = offsetof(struct hotline_part, calendars),
	  .fields = hotline_calendar_fields,
	  .size = sizeof(struct hotline_calendar) },
	{ .name = NULL }
};
/* clang-format on */

/* -------------------------------------------------------------- checking */

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
	              h->numbers.n + h->reasons.n;

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
		all[i] = (struct named){ s[i], "", &h->skills_at, i, NULL };
	}
	check_twice(c, "skill", all, h->skills.n);
}

static void
check_queues(struct check *c, const struct hotline *h, struct named *all)
{
	const struct hotline_queue *q = h->queues.items;

	for (size_t i = 0; i < h->queues.n; i++) {
		check_levels(c, &q[i].skills, QUEUE_SKILLS);
		all[i] = (struct named){ q[i].name, "", &q[i].at, i, NULL };
	}
	check_twice(c, "queue", all, h->queues.n);
}

/* Tiers and weights are of the agent's own queues. */
static void
check_places(struct check *c, const struct hotline_agent *a,
    const struct conf_list *places)
{
	const char **own = check_alloc(c, a->queues.n + 1, sizeof(*own));
	const struct conf_level *l = places->items;

	if (own == NULL)
		return;
	if (a->queues.n > 0)
		memcpy(own, a->queues.items, a->queues.n * sizeof(*own));
	for (size_t i = 0; i < places->n; i++) {
		size_t k = 0;

		while (k < a->queues.n && strcmp(own[k], l[i].name) != 0)
			k++;
		if (k == a->queues.n)
			fault_word(c, &l[i].at, _("the agent is not in queue"),
			    l[i].name, own);
	}
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
		check_places(c, &a[i], &a[i].tiers);
		check_places(c, &a[i], &a[i].weights);
		all[i] = (struct named){ a[i].name, "", &a[i].at, i, NULL };
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
		all[i] =
		    (struct named){ n[i].called, n[i].menu, &n[i].at, i, NULL };
	}
	check_twice(c, "number", all, h->numbers.n);
	for (size_t i = 0; i < h->devices.n; i++)
		all[i] = (struct named){ d[i].name, d[i].switch_name, &d[i].at,
			i, NULL };
	check_twice(c, "device", all, h->devices.n);
}

static void
check_reasons(struct check *c, const struct hotline *h, struct named *all)
{
	const struct hotline_reason *r = h->reasons.items;

	for (size_t i = 0; i < h->reasons.n; i++)
		all[i] = (struct named){ r[i].name, "", &r[i].at, i, NULL };
	check_twice(c, "reason", all, h->reasons.n);
}

/* --------------------------------------------------------- what is promised */

static void
check_queue_calendars(struct check *c, struct hotline *h)
{
	const struct hotline_queue *q = h->queues.items;
	struct sla_queue_calendar *to =
	    check_alloc(c, h->queues.n, sizeof(*to));

	for (size_t i = 0; to != NULL && i < h->queues.n; i++) {
		if (*q[i].calendar == '\0')
			continue;
		check_known(c, &c->calendars, "calendar", q[i].calendar,
		    &q[i].calendar_at);
		to[h->revision.n_queues++] =
		    (struct sla_queue_calendar){ str_of(q[i].name),
			    str_of(q[i].calendar) };
	}
	h->revision.queues = to;
}

/* Included ones first; each knows its file. */
static struct hotline_calendar *
gather_calendars(struct check *c, const struct hotline *h, size_t *n)
{
	struct hotline_calendar *all;

	*n = h->calendars.n;
	for (size_t i = 0; i < h->n_parts; i++)
		*n += h->parts[i].calendars.n;
	if ((all = check_alloc(c, *n, sizeof(*all))) == NULL)
		return NULL;
	*n = 0;
	for (size_t i = 0; i <= h->n_parts; i++) {
		const struct conf_list *from =
		    i < h->n_parts ? &h->parts[i].calendars : &h->calendars;

		for (size_t j = 0; j < from->n; j++) {
			all[*n] = ((struct hotline_calendar *)from->items)[j];
			all[(*n)++].file =
			    i < h->n_parts ? h->parts[i].path : c->file;
		}
	}
	return all;
}

/* What is left to be found only in the whole. */
static void
check_revision(struct check *c, const struct hotline *h,
    const struct hotline_calendar *calendars)
{
	const struct hotline_policy *p = h->policies.items;
	static const struct conf_mark top = { 1, 1 };
	const struct conf_mark *at = &top;
	const char *file = c->file;
	struct sla_fault f;

	if (c->faults > 0 || c->no_memory ||
	    sla_revision_check(&h->revision, NULL, &f) == ERR_OK)
		return;
	if (f.calendar >= 0) {
		c->file = calendars[f.calendar].file;
		at = &calendars[f.calendar].at;
	} else if (f.policy >= 0) {
		at = &p[f.policy].at;
		if (f.target >= 0)
			at = &p[f.policy]
			          .targets[h->revision.policies[f.policy]
					       .targets[f.target]
					       .metric]
			          .at;
	}
	fault_at(c, at);
	fprintf(c->errors, "%s\n", f.what);
	c->file = file;
}

static enum err
check_promises(struct check *c, struct hotline *h)
{
	size_t n;
	struct hotline_calendar *all = gather_calendars(c, h, &n);
	struct cal_spec *specs = check_alloc(c, n, sizeof(*specs));
	struct sla_policy *policies =
	    check_alloc(c, h->policies.n, sizeof(*policies));
	enum err e;

	if (all == NULL || specs == NULL || policies == NULL)
		return ERR_NOMEM;
	e = names_take(&c->calendars, &(const struct conf_list){ all, n },
	    sizeof(*all), offsetof(struct hotline_calendar, name));
	if (e != ERR_OK)
		return e;
	check_calendars(c, all, n, specs);
	check_queue_calendars(c, h);
	check_policies(c, h->policies.items, h->policies.n, policies);
	h->revision.n_calendars = (unsigned)n;
	h->revision.calendars = specs;
	h->revision.n_policies = (unsigned)h->policies.n;
	h->revision.policies = policies;
	check_revision(c, h, all);
	return c->no_memory ? ERR_NOMEM : ERR_OK;
}

static enum err
check_all(struct check *c, struct hotline *h)
{
	struct named *all = named_new(h);
	enum err e = ERR_NOMEM;

	if (all == NULL ||
	    (e = names_take(&c->skills, &h->skills, sizeof(char *), 0)) !=
		ERR_OK ||
	    (e = names_take(&c->queues, &h->queues,
		 sizeof(struct hotline_queue),
		 offsetof(struct hotline_queue, name))) != ERR_OK)
		goto out;
	check_skills(c, h, all);
	check_queues(c, h, all);
	check_agents(c, h, all);
	check_numbers(c, h, all);
	check_reasons(c, h, all);
	check_dialling(c, &h->dialling);
	if ((e = check_promises(c, h)) == ERR_OK)
		check_routing(c, h->queues.items, h->queues.n);
	if (c->no_memory)
		e = ERR_NOMEM;
out:
	free(all);
	return e;
}

/* ---------------------------------------------------------------- included */

/* In the folder of the file that names it, or below. */
static bool
is_below(const char *path)
{
	if (*path == '/' || *path == '\0')
		return false;
	for (const char *p = path; p != NULL; p = strchr(p, '/')) {
		p += *p == '/';
		if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || p[2] == '\0'))
			return false;
	}
	return true;
}

static enum err
include(struct check *c, const struct conf_text *t, struct hotline_part *part)
{
	const char *slash = strrchr(c->file, '/');
	size_t dir = slash != NULL ? (size_t)(slash - c->file) + 1 : 0;
	char path[PATH_LEN];
	struct str kept;
	enum err e;

	if (!is_below(t->text)) {
		fault_at(c, &t->at);
		fprintf(c->errors,
		    _("'%s' is not in this file's folder or below it; write "
		      "calendars/NAME.yaml\n"),
		    t->text);
		return ERR_OK;
	}
	snprintf(path, sizeof(path), "%.*s%s", (int)dir, c->file, t->text);
	if (access(path, R_OK) != 0) {
		fault_at(c, &t->at);
		fprintf(c->errors, _("cannot read '%s': %s\n"), path,
		    strerror(errno));
		return ERR_OK;
	}
	kept = arena_copy(
	    c->arena, (struct str){ path, (uint32_t)strlen(path) + 1 });
	if ((part->path = kept.p) == NULL)
		return ERR_NOMEM;
	e = conf_load(path, part_fields, part, c->errors, &part->conf);
	c->faults += e == ERR_CONFIG || e == ERR_IO;
	return e == ERR_NOMEM ? e : ERR_OK;
}

static enum err
include_all(struct check *c, struct hotline *h)
{
	const struct conf_text *t = h->include.items;
	enum err e = ERR_OK;

	h->parts = check_alloc(c, h->include.n, sizeof(*h->parts));
	if (h->parts == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; e == ERR_OK && i < h->include.n; i++)
		e = include(c, &t[i], &h->parts[h->n_parts++]);
	return e;
}

static enum err
check(struct hotline *h, const char *file, FILE *errors)
{
	struct check c = { .file = file, .errors = errors };
	enum err e = ERR_NOMEM;

	if ((c.arena = h->arena = arena_new(16 * 1024, ARENA_MAX)) != NULL)
		e = include_all(&c, h);
	if (e == ERR_OK && c.faults == 0) /* else much would seem not there */
		e = check_all(&c, h);
	names_fini(&c.skills);
	names_fini(&c.queues);
	names_fini(&c.calendars);
	if (e == ERR_OK && c.faults > 0)
		e = ERR_CONFIG;
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
	for (size_t i = 0; i < h->n_parts; i++)
		conf_free(&h->parts[i].conf);
	conf_free(&h->conf);
	arena_free(&h->arena);
	memset(h, 0, sizeof(*h));
}
