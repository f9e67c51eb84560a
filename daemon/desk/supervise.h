/*
 * supervise.h - a supervisor's commands on agents, waiting calls and queues.
 *
 * A command is a transaction: it names the version of the object that it was
 * decided upon (`expect', 0: any), is carried out whole or not at all, and is
 * recorded with how it was before and is after.  A dry run changes nothing and
 * tells what it would do to the others who wait.  The same operation again has
 * no second effect.
 *
 * Versions rise with each change of the object and are shown in the lists.
 *
 * Ownership: texts in an answer live during the callback.
 */
#ifndef DESK_SUPERVISE_H
#define DESK_SUPERVISE_H

#include <stdbool.h>
#include <stdint.h>

#include "desk/desk.h"

enum supervise_kind {
	SUPERVISE_NONE,
	SUPERVISE_AGENT_STATE, /* agent, state, reason */
	SUPERVISE_MOVE,        /* call, queue */
	SUPERVISE_PRIORITY,    /* call, credit or class */
	SUPERVISE_ASSIGN,      /* call, agent; no agent: to all again */
	SUPERVISE_WITHDRAW,    /* call */
	SUPERVISE_DOOR,        /* queue, door */
	SUPERVISE_NKINDS
};
/* "move"; NULL for none. */
const char *supervise_word(enum supervise_kind);

struct supervise {
	enum supervise_kind kind;
	struct id call;       /* or, where none, the switch's name for it: */
	struct str call_name; /* of those that live, the one of that name */
	struct str agent, queue, reason;
	enum agent_state state;
	enum queue_door door;
	int64_t credit_us; /* beside what the rules give; 0: none any more */
	bool by_class;     /* instead: as if the switch had given this class */
	uint32_t class;
	uint64_t expect;
	bool dry_run;
};

/* What it does to those who wait in one queue. */
struct supervise_effect {
	struct str queue;
	uint32_t waiting;         /* others, who are offered to nobody */
	uint32_t longer, shorter; /* of these, behind one more, one less */
	int agents;               /* free for them: so many more */
};
#define SUPERVISE_EFFECTS_MAX 64

struct supervised {
	const char *what;  /* "agent", "call" or "queue" */
	struct str object; /* its name, or id */
	struct str before, after;
	uint32_t place_before, place_after; /* of a call that waits, from 1 */
	uint64_t version;                   /* now */
	unsigned n_effects;
	const struct supervise_effect *effects;
	/* REFUSED: not_waiting (`detail': its state), not_logged_in, listens
	 * (the switch does not end calls), same (it is so already);
	 * NOT_FOUND: of `which' there is no `what'. */
	const char *why;
	struct str detail;
};
/*
 * `done' runs exactly once, perhaps at once: ERR_OK; ERR_STALE (`version' and
 * `before' as it is), ERR_REFUSED, ERR_NOT_FOUND, ERR_BAD_FIELD (`why': the
 * field), ERR_IO (a door stands in the ledger).  When it is committed the peer
 * is told by news.saved, but for a dry run, and for a door: that is committed
 * when `done' runs.
 */
typedef void desk_supervise_fn(void *arg, enum err, const struct supervised *);
void desk_supervise(struct desk *, const struct desk_action *,
    const struct supervise *, desk_supervise_fn *, void *arg);

#endif
