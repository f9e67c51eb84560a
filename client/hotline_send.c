/*
 * hotline_send.c - a hotline's configuration in messages that fit a frame.
 *
 * Items are gathered, skills first, until a message is full.  Everything of
 * one message lives in an arena that is reset for the next.  An item's size is
 * estimated from above before it is built; the largest that hotline.c lets
 * through fits a message of its own.  Only a calendar may be longer: its dates
 * go on in the next.
 */
#include <string.h>

#include "client/hotline_send.h"

#define MESSAGE_FULL (48 * 1024) /* a frame holds 64 KiB */
#define ITEMS_MAX 512            /* of each kind, in one message */

/* The arena's cap is far above what a full message takes. */
void *
send_take(struct sender *s, size_t size)
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
	if ((s->apply = a = send_take(s, sizeof(*a))) == NULL)
		return;
	mashang__apply__init(a);
	a->skills = send_take(s, ITEMS_MAX * sizeof(*a->skills));
	a->queues = send_take(s, ITEMS_MAX * sizeof(void *));
	a->agents = send_take(s, ITEMS_MAX * sizeof(void *));
	a->devices = send_take(s, ITEMS_MAX * sizeof(void *));
	a->numbers = send_take(s, ITEMS_MAX * sizeof(void *));
	a->calendars = send_take(s, ITEMS_MAX * sizeof(void *));
	a->policies = send_take(s, ITEMS_MAX * sizeof(void *));
	a->reasons = send_take(s, ITEMS_MAX * sizeof(void *));
}

static void
flush(struct sender *s, bool more)
{
	if (s->code != EXIT_OK)
		return;
	s->apply->more = more;
	s->code = s->send(s->arg, s->apply);
}

bool
send_is_full(const struct sender *s, size_t size)
{
	return s->n > 0 && s->size + size > MESSAGE_FULL;
}

bool
send_next(struct sender *s)
{
	flush(s, true);
	if (s->code == EXIT_OK)
		begin(s);
	return s->code == EXIT_OK;
}

bool
send_room(struct sender *s, size_t size)
{
	if (s->code == EXIT_OK && (s->n == ITEMS_MAX || send_is_full(s, size)))
		send_next(s);
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
	Mashang__SkillLevel **out = send_take(s, (list->n + 1) * sizeof(*out));

	for (size_t i = 0; i < list->n && out != NULL; i++) {
		if ((out[i] = send_take(s, sizeof(**out))) == NULL)
			break;
		mashang__skill_level__init(out[i]);
		out[i]->skill = fmt_data(l[i].name);
		out[i]->level = (uint32_t)l[i].level;
	}
	return out;
}

static Mashang__QueueNumber **
places(struct sender *s, const struct conf_list *list)
{
	const struct conf_level *l = list->items;
	Mashang__QueueNumber **out = send_take(s, (list->n + 1) * sizeof(*out));

	for (size_t i = 0; i < list->n && out != NULL; i++) {
		if ((out[i] = send_take(s, sizeof(**out))) == NULL)
			break;
		mashang__queue_number__init(out[i]);
		out[i]->queue = fmt_data(l[i].name);
		out[i]->n = (uint32_t)l[i].level;
	}
	return out;
}

static void
add_skill(struct sender *s, const char *name)
{
	if (send_room(s, strlen(name) + HEAD))
		s->apply->skills[s->apply->n_skills++] = fmt_data(name);
}

static void
add_queue(struct sender *s, const struct hotline_queue *q)
{
	Mashang__QueueSpec *m;

	if (!send_room(s, strlen(q->name) + strlen(q->calendar) +
			      levels_size(&q->skills) + q->routing.text.len +
			      10 * HEAD) ||
	    (m = send_take(s, sizeof(*m))) == NULL)
		return;
	mashang__queue_spec__init(m);
	m->calendar = fmt_data(q->calendar);
	m->name = fmt_data(q->name);
	m->skills = levels(s, &q->skills);
	m->n_skills = q->skills.n;
	m->ring_us = q->ring_us;
	m->wrap_up_us = q->wrap_up_us;
	m->priority_credit_us = q->priority_credit_us;
	m->stay_ready = q->stay_ready;
	m->short_us = q->short_us;
	m->rules.data = (uint8_t *)(uintptr_t)q->routing.text.p;
	m->rules.len = q->routing.text.len;
	s->apply->queues[s->apply->n_queues++] = m;
}

static void
add_agent(struct sender *s, const struct hotline_agent *a)
{
	const char *const *names = a->queues.items;
	Mashang__AgentSpec *m;

	if (!send_room(s, strlen(a->name) + strlen(a->display_name) +
			      names_size(&a->queues) + levels_size(&a->skills) +
			      levels_size(&a->tiers) +
			      levels_size(&a->weights) + 6 * HEAD) ||
	    (m = send_take(s, sizeof(*m))) == NULL)
		return;
	mashang__agent_spec__init(m);
	m->name = fmt_data(a->name);
	m->display_name = fmt_data(a->display_name);
	m->queues = send_take(s, (a->queues.n + 1) * sizeof(*m->queues));
	for (size_t i = 0; i < a->queues.n && m->queues != NULL; i++)
		m->queues[m->n_queues++] = fmt_data(names[i]);
	m->skills = levels(s, &a->skills);
	m->n_skills = a->skills.n;
	m->screen_first = a->answer == 1;
	m->tiers = places(s, &a->tiers);
	m->n_tiers = a->tiers.n;
	m->weights = places(s, &a->weights);
	m->n_weights = a->weights.n;
	m->work_items = (uint32_t)a->work_items;
	s->apply->agents[s->apply->n_agents++] = m;
}

static void
add_device(struct sender *s, const struct hotline_device *d)
{
	Mashang__DeviceSpec *m;

	if (!send_room(
		s, strlen(d->name) + strlen(d->switch_name) + 3 * HEAD) ||
	    (m = send_take(s, sizeof(*m))) == NULL)
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

	if (!send_room(s, strlen(n->called) + strlen(n->menu) +
			      strlen(n->queue) + 4 * HEAD) ||
	    (m = send_take(s, sizeof(*m))) == NULL)
		return;
	mashang__number_spec__init(m);
	m->called = fmt_data(n->called);
	m->menu = fmt_data(n->menu);
	m->queue = fmt_data(n->queue);
	s->apply->numbers[s->apply->n_numbers++] = m;
}

static void
add_reason(struct sender *s, const struct hotline_reason *r)
{
	Mashang__ReasonSpec *m;

	if (!send_room(s, strlen(r->name) + 4 * HEAD) ||
	    (m = send_take(s, sizeof(*m))) == NULL)
		return;
	mashang__reason_spec__init(m);
	m->name = fmt_data(r->name);
	m->paid = r->paid;
	m->limit_us = r->limit_us;
	s->apply->reasons[s->apply->n_reasons++] = m;
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
	const struct hotline_reason *reasons = h->reasons.items;

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
	for (size_t i = 0; i < h->reasons.n; i++)
		add_reason(&s, &reasons[i]);
	if (h->dialling.at.line != 0)
		send_dialling(&s, &h->dialling);
	for (unsigned i = 0; i < h->revision.n_calendars; i++)
		send_calendar(&s, &h->revision.calendars[i]);
	for (unsigned i = 0; i < h->revision.n_policies; i++)
		send_policy(&s, &h->revision.policies[i]);
	flush(&s, false);
	arena_free(&s.arena);
	return s.code;
}
