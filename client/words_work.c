/*
 * words_work.c - work without a call, in words.
 */
#include <stddef.h>

#include "client/i18n.h"
#include "client/words_work.h"

#define KIND(x) MASHANG__WORK_KIND__WORK_##x
#define STATE(x) MASHANG__WORK_STATE_KIND__WORK_##x

/* clang-format off */
const struct word words_work_kind[] = {
	{ KIND(CALLBACK), "callback", N_("Call back"), NULL },
	{ KIND(FOLLOW_UP), "follow_up", N_("Call who gave up"), NULL },
	{ KIND(TICKET), "ticket", N_("Ticket"), NULL },
	{ 0, NULL, NULL, NULL }
};

const struct word words_work_state[] = {
	{ STATE(WAITING), "waiting", N_("not reached, it waits again"), NULL },
	{ STATE(TAKEN), "taken", N_("yours"), NULL },
	{ STATE(DONE), "done", N_("done"), NULL },
	{ STATE(FAILED), "failed", N_("not possible, it goes back to the "
	                              "queue as a ticket"), NULL },
	{ STATE(EXPIRED), "expired", N_("tried often enough, it goes back to "
	                                "the queue as a ticket"), NULL },
	{ STATE(CANCELLED), "cancelled", N_("withdrawn"), NULL },
	{ 0, NULL, NULL, NULL }
};
/* clang-format on */
