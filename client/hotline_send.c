/*
 * hotline_send.c - a hotline's configuration in messages that fit a frame.
 *
 * Items are gathered, skills first, until a message is full.  Everything of
 * one message lives in an arena that is reset for the next.  An item's size is
 * estimated from above before it is built; the largest that hotline.c lets
 * through fits a message of its own.
 */
#include <string.h>

#include "base/arena.h"
#include "client/cmd.h"
#include "client/fmt.h"
#include "client/hotline.h"

#define MESSAGE_FULL (48 * 1024) /* a frame holds 64 KiB */
#define ITEMS_MAX 512            /* of each kind, in one message */
#define HEAD 12                  /* tag and length of a field, from above */

struct sender {
	hotline_send_fn *send;
	void *arg;
	struct arena *arena;
	Mashang__Apply *apply;
	size_t size, n;
	int code; /* not EXIT_OK: nothing more is sent */
};

/* The arena's cap is far above what a full message takes. */
static void *
take(struct sender *s, size_t size)
{
	void *p = arena_alloc(s->arena, size);

	if (p == NULL)
		s->code = EXIT_LOCAL;
	return p;
}

static void
begin(struct sender *s)
{
	Mashang__Apply *a;

	arena_reset(s->arena);
	s->size = s->n = 0;
	if ((s->apply = a = take(s, sizeof(*a))) == NULL)
		return;
	mashang__apply__init(a);
	a->skills = take(s, ITEMS_MAX * sizeof(*a->skills));
	a->queues = take(s, ITEMS_MAX * sizeof(void *));
	a->agents = take(s, ITEMS_MAX * sizeof(void *));
	a->devices = take(s, ITEMS_MAX * sizeof(void *));
	a->numbers = take(s, ITEMS_MAX * sizeof(void *));
}

static void
flush(struct sender *s, bool more)
{
	if (s->code != EXIT_OK)
		return;
	s->apply->more = more;
	s->code = s->send(s->arg, s->apply);
}

/* Room for an item of `size' bytes; false: something has failed. */
static bool
make_room(struct sender *s, size_t size)
{
	if (s->code == EXIT_OK && s->n > 0 &&
	    (s->n == ITEMS_MAX || s->size + size > MESSAGE_FULL)) {
		flush(s, true);
		if (s->code == EXIT_OK)
			begin(s);
	}
	s->size += size;
	s->n++;
	return s->code == EXIT_OK;
}

static size_t
levels_size(const struct conf_list *list)
{
	const struct conf_level *l = list->items;
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		n += strlen(l[i].name) + 2 * HEAD;
	return n;
}

static size_t
names_size(const struct conf_list *list)
{
	const char *const *names = list->items;
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		n += strlen(names[i]) + HEAD;
	return n;
}

static Mashang__SkillLevel **
levels(struct sender *s, const struct conf_list *list)
{
	const struct conf_level *l = list->items;
	Mashang__SkillLevel **out = take(s, (list->n + 1) * sizeof(*out));

	for (size_t i = 0; i < list->n && out != NULL; i++) {
		if ((out[i] = take(s, sizeof(**out))) == NULL)
			break;
		mashang__skill_level__init(out[i]);
		out[i]->skill = fmt_data(l[i].name);
		out[i]->level = (uint32_t)l[i].level;
	}
	return out;
}

static void
add_skill(struct sender *s, const char *name)
{
	if (make_room(s, strlen(name) + HEAD))
		s->apply->skills[s->apply->n_skills++] = fmt_data(name);
}

static void
add_queue(struct sender *s, const struct hotline_queue *q)
{
	Mashang__QueueSpec *m;

	if (!make_room(
		s, strlen(q->name) + levels_size(&q->skills) + 8 * HEAD) ||
	    (m = take(s, sizeof(*m))) == NULL)
		return;
	mashang__queue_spec__init(m);
	m->name = fmt_data(q->name);
	m->skills = levels(s, &q->skills);
	m->n_skills = q->skills.n;
	m->ring_us = q->ring_us;
	m->wrap_up_us = q->wrap_up_us;
	m->priority_credit_us = q->priority_credit_us;
	m->stay_ready = q->stay_ready;
	m->short_us = q->short_us;
	s->apply->queues[s->apply->n_queues++] = m;
}

static void
add_agent(struct sender *s, const struct hotline_agent *a)
{
	const char *const *names = a->queues.items;
	Mashang__AgentSpec *m;

	if (!make_room(s, strlen(a->name) + strlen(a->display_name) +
			      names_size(&a->queues) + levels_size(&a->skills) +
			      5 * HEAD) ||
	    (m = take(s, sizeof(*m))) == NULL)
		return;
	mashang__agent_spec__init(m);
	m->name = fmt_data(a->name);
	m->display_name = fmt_data(a->display_name);
	m->queues = take(s, (a->queues.n + 1) * sizeof(*m->queues));
	for (size_t i = 0; i < a->queues.n && m->queues != NULL; i++)
		m->queues[m->n_queues++] = fmt_data(names[i]);
	m->skills = levels(s, &a->skills);
	m->n_skills = a->skills.n;
	m->screen_first = a->answer == 1;
	s->apply->agents[s->apply->n_agents++] = m;
}

static void
add_device(struct sender *s, const struct hotline_device *d)
{
	Mashang__DeviceSpec *m;

	if (!make_room(
		s, strlen(d->name) + strlen(d->switch_name) + 3 * HEAD) ||
	    (m = take(s, sizeof(*m))) == NULL)
		return;
	mashang__device_spec__init(m);
	m->name = fmt_data(d->name);
	m->switch_ = fmt_data(d->switch_name);
	s->apply->devices[s->apply->n_devices++] = m;
}

static void
add_number(struct sender *s, const struct hotline_number *n)
{
	Mashang__NumberSpec *m;

	if (!make_room(s, strlen(n->called) + strlen(n->menu) +
			      strlen(n->queue) + 4 * HEAD) ||
	    (m = take(s, sizeof(*m))) == NULL)
		return;
	mashang__number_spec__init(m);
	m->called = fmt_data(n->called);
	m->menu = fmt_data(n->menu);
	m->queue = fmt_data(n->queue);
	s->apply->numbers[s->apply->n_numbers++] = m;
}

int
hotline_send(const struct hotline *h, hotline_send_fn *send, void *arg)
{
	struct sender s = { .send = send, .arg = arg };
	const char *const *skills = h->skills.items;
	const struct hotline_queue *queues = h->queues.items;
	const struct hotline_agent *agents = h->agents.items;
	const struct hotline_device *devices = h->devices.items;
	const struct hotline_number *numbers = h->numbers.items;

	if ((s.arena = arena_new(64 * 1024, 4 * 1024 * 1024)) == NULL)
		return EXIT_LOCAL;
	begin(&s);
	for (size_t i = 0; i < h->skills.n; i++)
		add_skill(&s, skills[i]);
	for (size_t i = 0; i < h->queues.n; i++)
		add_queue(&s, &queues[i]);
	for (size_t i = 0; i < h->agents.n; i++)
		add_agent(&s, &agents[i]);
	for (size_t i = 0; i < h->devices.n; i++)
		add_device(&s, &devices[i]);
	for (size_t i = 0; i < h->numbers.n; i++)
		add_number(&s, &numbers[i]);
	flush(&s, false);
	arena_free(&s.arena);
	return s.code;
}
