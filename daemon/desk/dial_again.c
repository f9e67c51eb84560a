/*
 * dial_again.c - a request to call that perhaps came before: the same operation
 * is answered as it was, says the ledger, or it is refused.
 */
#include "desk/dial.h"

#include <stdlib.h>

enum err
dial_state_err(struct str state)
{
	static const struct {
		const char *state;
		enum err err;
	} states[] = {
		{ "device_busy", ERR_REFUSED }, { "no_device", ERR_NO_DEVICE },
		{ "refused", ERR_REFUSED }, { "not_connected", ERR_REFUSED },
		{ "agent_gone", ERR_REFUSED }, { "unknown", ERR_REFUSED },
		{ "dialling", ERR_REFUSED }, /* by a process that is gone */
	};

	for (unsigned i = 0; i < NELEM(states); i++)
		if (str_eq(state, str_of(states[i].state)))
			return states[i].err;
	return ERR_OK; /* there was a call */
}

struct str
dial_state_rule(struct str state)
{
	return str_eq(state, STR_LIT("dialling")) ? STR_LIT("unknown") : state;
}

struct asked_again {
	struct desk *desk;
	uint64_t ticket;
	const char *rule, *detail; /* words of ours */
	struct str device;         /* its name stays */
	desk_dial_fn *done;
	void *arg;
};

static void
again_answered(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct asked_again *g = arg;
	struct dial_answer answer = { .ticket = g->ticket,
		.rule = str_of(g->rule),
		.detail = str_of(g->detail),
		.device = g->device };

	if (e == ERR_OK && rows->n == 1 && rows->n_columns >= 3) {
		answer.number = rows->cells[2];
		answer.detail = (struct str){ NULL, 0 };
		answer.rule = dial_state_rule(rows->cells[1]);
		e = dial_state_err(rows->cells[1]);
	} else {
		e = e == ERR_OK ? ERR_REFUSED : ERR_IO;
	}
	g->done(g->arg, e, &answer);
	free(g);
}

enum err
dial_ask_again(struct desk *d, const struct desk_action *action,
    const struct dial_answer *why, desk_dial_fn *done, void *arg)
{
	struct asked_again *g = malloc(sizeof(*g));
	char hex[ID_TEXT_LEN + 1];
	struct str op;
	enum err e;

	if (g == NULL)
		return ERR_NOMEM;
	*g = (struct asked_again){ d, why->ticket, why->rule.p, why->detail.p,
		why->device, done, arg };
	op = str_of(id_text(&action->op, hex));
	e = d->ledger->ops->query(
	    d->ledger, LQ_DIAL_OF_OP, 1, &op, again_answered, g);
	if (e != ERR_OK)
		free(g);
	return e;
}
