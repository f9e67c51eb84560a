/*
 * revision.c - what is applied at another node is taken here, too.
 *
 * Each configuration that is applied raises a number in the ledger.  Who looks
 * at it is thereby seen alive (sweep.c).
 */
#include "base/log.h"
#include "desk/state.h"

enum err
config_ask_revision(struct desk *d, ledger_rows_fn *done, void *arg)
{
	struct str node = str_of(d->options.node);

	return d->ledger->ops->query(
	    d->ledger, LQ_NODE_ALIVE, 1, &node, done, arg);
}

static void
configured_again(void *arg, enum err e)
{
	struct desk *d = arg;

	if (e != ERR_OK)
		return; /* the next look finds it again */
	log_info(LOG_DESK, "configuration: revision %lld, applied elsewhere",
	    (long long)d->config_revision);
	clockwork_up(d->clockwork, d->now);
}

static void
looked(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct desk *d = arg;

	d->looking = false;
	if (e == ERR_OK && rows->n > 0 && d->configured && !d->configuring &&
	    ledger_number(rows->cells[0]) != d->config_revision)
		desk_configure(d, configured_again, d);
}

void
config_look(struct desk *d)
{
	if (d->configured && !d->configuring && !d->looking)
		d->looking = config_ask_revision(d, looked, d) == ERR_OK;
}
