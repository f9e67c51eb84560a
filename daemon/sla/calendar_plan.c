/*
 * calendar_plan.c - layers made one.
 */
#include "sla/calendar_plan.h"

#include <stdlib.h>

static int32_t
yearly_key(struct cal_date d)
{
	return d.month * 32 + d.day;
}

/* In a key's rows the highest layer's comes first. */
static int
compare_rows(const void *a, const void *b)
{
	const struct cal_row *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->layer < y->layer ? -1 : x->layer > y->layer;
}

/* The highest layer's. */
static const struct cal_row *
find_row(const struct cal_rows *r, int32_t key)
{
	size_t low = 0, high = r->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (r->rows[mid].key < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low < r->n && r->rows[low].key == key ? &r->rows[low] : NULL;
}

static void
add_override(struct cal_plan *p, const struct cal_override *o, unsigned layer)
{
	bool is_yearly = o->date.year == 0;
	struct cal_rows *r = is_yearly ? &p->yearly : &p->dates;
	struct cal_row *row = &r->rows[r->n++];

	row->key = is_yearly ? yearly_key(o->date) : cal_days(o->date);
	row->layer = layer;
	if (o->kind == CAL_OPEN)
		row->open = o->open;
	else if (o->kind == CAL_LIKE)
		row->open = p->week[o->like];
}

static enum err
add_overrides(
    struct cal_plan *p, const struct cal_spec *const *layers, unsigned n)
{
	size_t n_all = 1; /* calloc(0) may give NULL */

	for (unsigned i = 0; i < n; i++)
		n_all += layers[i]->n_overrides;
	p->dates.rows = calloc(n_all, sizeof(*p->dates.rows));
	p->yearly.rows = calloc(n_all, sizeof(*p->yearly.rows));
	if (p->dates.rows == NULL || p->yearly.rows == NULL)
		return ERR_NOMEM;
	for (unsigned i = 0; i < n; i++)
		for (unsigned j = 0; j < layers[i]->n_overrides; j++)
			add_override(p, &layers[i]->overrides[j], i);
	qsort(p->dates.rows, p->dates.n, sizeof(*p->dates.rows), compare_rows);
	qsort(
	    p->yearly.rows, p->yearly.n, sizeof(*p->yearly.rows), compare_rows);
	return ERR_OK;
}

enum err
cal_plan_init(struct cal_plan *p, const struct cal_spec *const *layers,
    unsigned n, const char *zone_directory)
{
	struct str zone = { NULL, 0 };
	bool has_week = false;
	enum err e;

	*p = (struct cal_plan){ 0 };
	for (unsigned i = n; i-- > 0;) { /* the highest last: it holds */
		if (layers[i]->zone.len > 0)
			zone = layers[i]->zone;
		for (int d = 0; layers[i]->has_week && d < 7; d++)
			p->week[d] = layers[i]->week[d];
		has_week |= layers[i]->has_week;
	}
	if (zone.len == 0 || !has_week)
		return ERR_BAD_FIELD;
	if ((e = zone_load(zone_directory, zone, &p->zone)) != ERR_OK)
		return e;
	return add_overrides(p, layers, n);
}

void
cal_plan_fini(struct cal_plan *p)
{
	zone_free(&p->zone);
	free(p->dates.rows);
	free(p->yearly.rows);
	*p = (struct cal_plan){ 0 };
}

const struct cal_day *
cal_plan_of(const struct cal_plan *p, int32_t date)
{
	const struct cal_row *day = find_row(&p->dates, date), *yearly = NULL;

	if (p->yearly.n > 0)
		yearly = find_row(&p->yearly, yearly_key(cal_date_of(date)));
	if (day != NULL && (yearly == NULL || day->layer <= yearly->layer))
		return &day->open;
	if (yearly != NULL)
		return &yearly->open;
	return &p->week[cal_weekday_of(date)];
}
