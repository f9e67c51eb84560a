/*
 * hand.c - see hand.h.
 */
#include "client/hand.h"

#include <string.h>

static unsigned
place_of(const struct hand *h, const uint8_t work[16])
{
	unsigned i = 0;

	while (i < h->n && memcmp(h->items[i].work, work, 16) != 0)
		i++;
	return i;
}

void
hand_told(struct hand *h, const Mashang__WorkState *m)
{
	bool is_taken = m->state == MASHANG__WORK_STATE_KIND__WORK_TAKEN &&
	                m->kind == MASHANG__WORK_KIND__WORK_TICKET;
	unsigned i;

	if (m->work_id.len != 16)
		return;
	i = place_of(h, m->work_id.data);
	if (is_taken && i == h->n && h->n < HAND_MAX) {
		memcpy(h->items[i].work, m->work_id.data, 16);
		h->items[i].ticket = m->ticket;
		h->n++;
	} else if (!is_taken && i < h->n) {
		memmove(&h->items[i], &h->items[i + 1],
		    (h->n - i - 1) * sizeof(h->items[0]));
		h->n--;
	}
}

int
hand_find(const struct hand *h, uint64_t ticket)
{
	for (unsigned i = 0; ticket != 0 && i < h->n; i++)
		if (h->items[i].ticket == ticket)
			return (int)i;
	return ticket == 0 && h->n == 1 ? 0 : -1;
}
