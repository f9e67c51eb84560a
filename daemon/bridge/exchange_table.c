/*
 * exchange_table.c - reports by state, ways between states, orders.
 */
#include "bridge/exchange_table.h"

#include <stddef.h>

#include "base/err.h"

#define N_STATES (MASHANG__CALL_EVENT_KIND__HELD + 1)
#define N_KINDS (MASHANG__CALL_EVENT_KIND__CALL_CLEARED + 1)

#define BOTH(what)                           \
	{                                    \
		REPORT_##what, REPORT_##what \
	}
#define SAME_OTHER(same, other)               \
	{                                     \
		REPORT_##same, REPORT_##other \
	}

/* Rows are states, cells what a report of that kind is at the same device and
 * at another; a cell left out is no news. */
/* clang-format off */
static const enum report_is reports[N_STATES][N_KINDS][2] = {
	[KIND_NONE] = {
		[KIND(OFFERED)]            = BOTH(TOLD),
		[KIND(QUEUED)]             = BOTH(TOLD),
		[KIND(DELIVERED)]          = BOTH(TOLD),
	},
	[KIND(OFFERED)] = {
		[KIND(QUEUED)]             = BOTH(TOLD),
		[KIND(DELIVERED)]          = BOTH(TOLD),
		[KIND(ESTABLISHED)]        = BOTH(TOLD),
		[KIND(HELD)]               = BOTH(WALK),
		[KIND(TRANSFERRED)]        = BOTH(WALK),
		[KIND(DIVERTED)]           = BOTH(TOLD),
		[KIND(FAILED)]             = BOTH(RUNG),
		[KIND(CONNECTION_CLEARED)] = BOTH(RUNG),
		[KIND(CALL_CLEARED)]       = BOTH(TOLD),
	},
	[KIND(QUEUED)] = {
		[KIND(DELIVERED)]          = BOTH(TOLD),
		[KIND(ESTABLISHED)]        = BOTH(TOLD),
		[KIND(HELD)]               = BOTH(WALK),
		[KIND(TRANSFERRED)]        = BOTH(WALK),
		[KIND(DIVERTED)]           = BOTH(TOLD),
		[KIND(FAILED)]             = BOTH(RUNG),
		[KIND(CONNECTION_CLEARED)] = BOTH(RUNG),
		[KIND(CALL_CLEARED)]       = BOTH(TOLD),
	},
	[KIND(DELIVERED)] = {
		[KIND(QUEUED)]             = BOTH(TOLD),
		[KIND(DELIVERED)]          = SAME_OTHER(NO_NEWS, WALK),
		[KIND(ESTABLISHED)]        = SAME_OTHER(TOLD, WALK),
		[KIND(HELD)]               = BOTH(WALK),
		[KIND(TRANSFERRED)]        = BOTH(WALK),
		[KIND(DIVERTED)]           = BOTH(TOLD),
		[KIND(FAILED)]             = SAME_OTHER(TOLD, NO_NEWS),
		[KIND(CONNECTION_CLEARED)] = SAME_OTHER(TOLD, NO_NEWS),
		[KIND(CALL_CLEARED)]       = BOTH(TOLD),
	},
	[KIND(ESTABLISHED)] = {
		[KIND(QUEUED)]             = BOTH(TOLD),
		[KIND(DELIVERED)]          = SAME_OTHER(NO_NEWS, WALK),
		[KIND(ESTABLISHED)]        = SAME_OTHER(NO_NEWS, WALK),
		[KIND(HELD)]               = BOTH(TOLD),
		[KIND(TRANSFERRED)]        = SAME_OTHER(NO_NEWS, TOLD),
		[KIND(CONFERENCED)]        = SAME_OTHER(NO_NEWS, JOIN),
		[KIND(DIVERTED)]           = BOTH(TOLD),
		[KIND(FAILED)]             = SAME_OTHER(NO_NEWS, RUNG),
		[KIND(CONNECTION_CLEARED)] = BOTH(LEAVE),
		[KIND(CALL_CLEARED)]       = BOTH(TOLD),
	},
	[KIND(HELD)] = {
		[KIND(QUEUED)]             = BOTH(TOLD),
		[KIND(DELIVERED)]          = SAME_OTHER(NO_NEWS, WALK),
		[KIND(ESTABLISHED)]        = SAME_OTHER(NO_NEWS, WALK),
		[KIND(RETRIEVED)]          = BOTH(TOLD),
		[KIND(TRANSFERRED)]        = BOTH(TOLD),
		[KIND(CONFERENCED)]        = SAME_OTHER(NO_NEWS, JOIN),
		[KIND(DIVERTED)]           = BOTH(CLEAR),
		[KIND(FAILED)]             = SAME_OTHER(NO_NEWS, RUNG),
		[KIND(CONNECTION_CLEARED)] = BOTH(LEAVE),
		[KIND(CALL_CLEARED)]       = BOTH(TOLD),
	},
};

/* Rows are where a call is, columns where it is to be; then whether it is at
 * the same device. */
static const Mashang__CallEventKind ways[2][N_STATES][N_STATES] = {
	[false] = {
		[KIND_NONE] = {
			[KIND(OFFERED)]     = KIND(OFFERED),
			[KIND(QUEUED)]      = KIND(QUEUED),
			[KIND(DELIVERED)]   = KIND(DELIVERED),
			[KIND(ESTABLISHED)] = KIND(DELIVERED),
			[KIND(HELD)]        = KIND(DELIVERED),
		},
		[KIND(OFFERED)] = {
			[KIND(QUEUED)]      = KIND(QUEUED),
			[KIND(DELIVERED)]   = KIND(DELIVERED),
			[KIND(ESTABLISHED)] = KIND(DELIVERED),
			[KIND(HELD)]        = KIND(DELIVERED),
		},
		[KIND(QUEUED)] = {
			[KIND(OFFERED)]     = KIND(DIVERTED),
			[KIND(DELIVERED)]   = KIND(DELIVERED),
			[KIND(ESTABLISHED)] = KIND(DELIVERED),
			[KIND(HELD)]        = KIND(DELIVERED),
		},
		[KIND(DELIVERED)] = {
			[KIND(OFFERED)]     = KIND(CONNECTION_CLEARED),
			[KIND(QUEUED)]      = KIND(CONNECTION_CLEARED),
			[KIND(DELIVERED)]   = KIND(CONNECTION_CLEARED),
			[KIND(ESTABLISHED)] = KIND(CONNECTION_CLEARED),
			[KIND(HELD)]        = KIND(CONNECTION_CLEARED),
		},
		[KIND(ESTABLISHED)] = {
			[KIND(OFFERED)]     = KIND(CONNECTION_CLEARED),
			[KIND(QUEUED)]      = KIND(CONNECTION_CLEARED),
			[KIND(DELIVERED)]   = KIND(CONNECTION_CLEARED),
			[KIND(ESTABLISHED)] = KIND(TRANSFERRED),
			[KIND(HELD)]        = KIND(TRANSFERRED),
		},
		[KIND(HELD)] = {
			[KIND(OFFERED)]     = KIND(CONNECTION_CLEARED),
			[KIND(QUEUED)]      = KIND(CONNECTION_CLEARED),
			[KIND(DELIVERED)]   = KIND(CONNECTION_CLEARED),
			[KIND(ESTABLISHED)] = KIND(TRANSFERRED),
			[KIND(HELD)]        = KIND(TRANSFERRED),
		},
	},
	[true] = {
		[KIND(DELIVERED)] = {
			[KIND(ESTABLISHED)] = KIND(ESTABLISHED),
			[KIND(HELD)]        = KIND(ESTABLISHED),
		},
		[KIND(ESTABLISHED)] = {
			[KIND(DELIVERED)]   = KIND(CONNECTION_CLEARED),
			[KIND(HELD)]        = KIND(HELD),
		},
		[KIND(HELD)] = {
			[KIND(DELIVERED)]   = KIND(CONNECTION_CLEARED),
			[KIND(ESTABLISHED)] = KIND(RETRIEVED),
		},
	},
};

#define B(kind) KIND_BIT(KIND(kind))
#define TALK (B(ESTABLISHED) | B(HELD))
#define LIVE (B(OFFERED) | B(QUEUED) | B(DELIVERED) | TALK)
#define MADE (B(OFFERED) | B(QUEUED) | B(DELIVERED) | B(ESTABLISHED) | \
	B(FAILED) | B(CONNECTION_CLEARED) | B(CALL_CLEARED))
#define ROW(KIND) MASHANG__ORDER_KIND__ORDER_##KIND

static const struct order_row orders[] = {
	{ ROW(CONNECT), B(QUEUED), RINGS_DEVICE, false,
	  B(DELIVERED) | B(ESTABLISHED) | B(FAILED) | B(CONNECTION_CLEARED),
	  B(ESTABLISHED) | B(FAILED) | B(CONNECTION_CLEARED) | B(QUEUED) |
	  B(DIVERTED) },
	{ ROW(ANSWER), B(DELIVERED), RINGS_NOTHING, true,
	  B(ESTABLISHED), B(ESTABLISHED) | B(FAILED) | B(CONNECTION_CLEARED) },
	{ ROW(DISCONNECT), B(QUEUED) | B(DELIVERED), RINGS_NOTHING, true,
	  B(CONNECTION_CLEARED) | B(FAILED) | B(QUEUED),
	  B(CONNECTION_CLEARED) | B(FAILED) | B(QUEUED) | B(ESTABLISHED) },
	{ ROW(CLEAR), LIVE, RINGS_NOTHING, false,
	  B(CALL_CLEARED) | B(CONNECTION_CLEARED), B(CALL_CLEARED) },
	{ ROW(HOLD), B(ESTABLISHED), RINGS_NOTHING, true, B(HELD), B(HELD) },
	{ ROW(RETRIEVE), B(HELD), RINGS_NOTHING, true,
	  B(RETRIEVED), B(RETRIEVED) },
	{ ROW(TRANSFER), B(QUEUED) | TALK, RINGS_TARGET, false,
	  B(TRANSFERRED) | B(DIVERTED) | B(DELIVERED) | B(ESTABLISHED) |
	  B(FAILED) | B(CONNECTION_CLEARED) | B(CALL_CLEARED),
	  B(TRANSFERRED) | B(DIVERTED) | B(ESTABLISHED) | B(FAILED) },
	{ ROW(CONFERENCE), TALK, RINGS_NOTHING, false,
	  B(CONFERENCED) | B(RETRIEVED), B(CONFERENCED) },
	{ ROW(MONITOR), TALK, RINGS_DEVICE, false, 0, 0 },
	{ ROW(WHISPER), TALK, RINGS_DEVICE, false, 0, 0 },
	{ ROW(BARGE), TALK, RINGS_DEVICE, false,
	  B(CONFERENCED) | B(FAILED), B(CONFERENCED) | B(FAILED) },
	{ ROW(MAKE_CALL), 0, RINGS_DEVICE, false, MADE, 0 },
	{ ROW(ANNOUNCE), B(QUEUED), RINGS_NOTHING, false, 0, 0 },
	{ ROW(CONSULT), TALK, RINGS_OWN, true, B(HELD) | MADE, 0 },
	{ ROW(REQUEUE), B(DELIVERED) | TALK, RINGS_NOTHING, false,
	  B(QUEUED) | B(CONNECTION_CLEARED), B(QUEUED) },
	{ ROW(CALL_BACK), 0, RINGS_NOTHING, false,
	  B(OFFERED) | B(QUEUED) | B(FAILED) | B(CALL_CLEARED),
	  B(QUEUED) },
};
/* clang-format on */

bool
xkind_is_state(Mashang__CallEventKind k)
{
	return k > KIND_NONE && k < N_STATES;
}

bool
xkind_has_device(Mashang__CallEventKind k)
{
	return k == KIND(DELIVERED) || k == KIND(ESTABLISHED) ||
	       k == KIND(HELD);
}

enum report_is
xreport_is(
    Mashang__CallEventKind state, Mashang__CallEventKind report, bool same)
{
	if ((unsigned)report >= N_KINDS)
		return REPORT_NO_NEWS;
	return reports[state][report][same ? 0 : 1];
}

Mashang__CallEventKind
xwalk_next(Mashang__CallEventKind from, Mashang__CallEventKind to, bool same)
{
	/* Without a device there is no other. */
	bool at = same && xkind_has_device(from) && xkind_has_device(to);

	return ways[at][from][to];
}

bool
xorder_is_advice(Mashang__OrderKind kind)
{
	return kind == ROW(ANNOUNCE);
}

bool
xorder_makes(Mashang__OrderKind kind)
{
	return kind == ROW(MAKE_CALL) || kind == ROW(CALL_BACK);
}

const struct order_row *
xorder_row(Mashang__OrderKind kind)
{
	for (size_t i = 0; i < NELEM(orders); i++)
		if (orders[i].kind == kind)
			return &orders[i];
	return NULL;
}
