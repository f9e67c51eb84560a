/*
 * work_text.c - see work_text.h.
 */
#include "client/work_text.h"

#include "client/fmt.h"
#include "client/i18n.h"
#include "client/words_work.h"

#define KIND(x) MASHANG__WORK_KIND__WORK_##x
#define STATE(x) MASHANG__WORK_STATE_KIND__WORK_##x

static void
row(FILE *f, const char *name, ProtobufCBinaryData value)
{
	if (value.len == 0)
		return;
	fputs("  ", f);
	fmt_field(f, name, 10, false);
	fmt_bytes(f, value);
	fputc('\n', f);
}

void
work_text_offer(FILE *f, const Mashang__Offer *o)
{
	char wait[FMT_ROOM], left[FMT_ROOM], number[FMT_ROOM];

	fprintf(f, _("*** Work for you: %s, "),
	    word_text(words_work_kind, (int)o->work_kind));
	fmt_bytes(f, o->queue);
	if (o->ticket != 0)
		fprintf(f, _(", ticket %s"), fmt_ticket(o->ticket, number));
	fprintf(f, _(", waited %s, answer within %s\n"),
	    fmt_duration(o->offered_at - o->enqueued_at, wait),
	    fmt_duration(o->deadline_at - o->offered_at, left));
	row(f, _("To call"), o->number);
	row(f, _("About"), o->subject);
	if (o->work_kind == KIND(TICKET))
		fputs(_("  To take it type `accept', and `done' when you are "
			"done with it; else `refuse REASON'\n"),
		    f);
	else
		fputs(_("  To take it type `accept': your phone rings, then "
			"the customer is called; else `refuse REASON'\n"),
		    f);
}

void
work_text_state(FILE *f, const Mashang__WorkState *m)
{
	char number[FMT_ROOM];

	fputs(word_text(words_work_kind, (int)m->kind), f);
	if (m->kind != KIND(TICKET) && m->number.len > 0) {
		fputc(' ', f);
		fmt_bytes(f, m->number);
	}
	if (m->ticket != 0)
		fprintf(f, _(", ticket %s"), fmt_ticket(m->ticket, number));
	fprintf(f, ": %s\n", word_text(words_work_state, (int)m->state));
}

void
work_text_hand(FILE *f, const struct hand *h)
{
	char number[FMT_ROOM];

	if (h->n == 0)
		return;
	fputs(_("In hand:"), f);
	for (unsigned i = 0; i < h->n; i++)
		fprintf(f, _(" ticket %s"),
		    fmt_ticket(h->items[i].ticket, number));
	fputc('\n', f);
}
