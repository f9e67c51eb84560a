/*
 * note.c - a table of phrases, some likelier than others.
 */
#include "replay/note.h"

#include "base/err.h"
#include "replay/draw.h"

#define KIND(k) MASHANG__TICKET_KIND__##k

/* clang-format off */
static const struct phrase {
	Mashang__TicketKind kind;
	unsigned weight, solved_percent;
	const char *category, *text;
} phrases[] = {
	{ KIND(CONSULTATION), 20, 98, "hours", "营业时间咨询,已告知。" },
	{ KIND(CONSULTATION), 20, 95, "price", "Asked for the price of a repair out of warranty; told." },
	{ KIND(CONSULTATION), 10, 95, "use", "空调模式怎么设置,已在电话中指导完成。" },
	{ KIND(SERVICE_REQUEST), 16, 60, "repair", "Washing machine does not drain; visit to be arranged." },
	{ KIND(SERVICE_REQUEST), 10, 70, "address", "更改送货地址,已登记。" },
	{ KIND(INCIDENT), 8, 40, "outage", "Cannot log in since this morning; passed to second line." },
	{ KIND(COMPLAINT), 5, 25, "late", "送货晚了两天,客户很不满意,已致歉。" },
	{ KIND(COMPLAINT), 3, 30, "noise", "Noise again after the repair; wants it looked at soon." },
	{ KIND(APPOINTMENT), 4, 80, "visit", "预约周五上午上门安装。" },
	{ KIND(PRAISE), 2, 100, "staff", "表扬安装师傅,态度好。" },
	{ KIND(SUGGESTION), 2, 90, "app", "Would like the app in larger letters." },
};
/* clang-format on */

struct note
note_for(uint64_t seed, const char *call)
{
	struct draw d = draw_for(seed, call, "note");
	const struct phrase *p = phrases;
	uint64_t total = 0, at;

	for (size_t i = 0; i < NELEM(phrases); i++)
		total += phrases[i].weight;
	at = draw_below(&d, total);
	while (at >= p->weight)
		at -= p++->weight;
	return (struct note){ .kind = p->kind,
		.text = p->text,
		.category = p->category,
		.solved = draw_below(&d, 100) < p->solved_percent,
		.dissatisfied = p->kind == KIND(COMPLAINT) };
}
