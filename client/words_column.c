/*
 * words_column.c - the headings of lists.
 */
#include <string.h>

#include "base/err.h"
#include "client/i18n.h"
#include "client/words.h"

/* clang-format off */
/* Headings that the daemon's lists are known to use. */
static const char *const columns[] = {
	N_("after"), N_("agent"), N_("agents"), N_("answered"), N_("at"),
	N_("before"), N_("busy"), N_("call"), N_("caller"), N_("calls"),
	N_("change"), N_("customer"), N_("device"), N_("devices"),
	N_("disabled"), N_("kind"), N_("login"), N_("longest_wait"),
	N_("name"), N_("not_ready"), N_("number"), N_("grade"), N_("account_manager"), N_("offered"),
	N_("opened_at"), N_("owner"), N_("queue"), N_("queues"), N_("ready"),
	N_("reason"), N_("reserved"), N_("role"), N_("service_level"),
	N_("since"), N_("skills"), N_("state"), N_("status"), N_("subject"),
	N_("switch"), N_("ticket"), N_("tickets"), N_("value"), N_("waiting"),
	N_("work"), N_("waits"), N_("tries"), N_("of"), N_("not_before"),
	N_("expires_at"), N_("working_after_call"), N_("wrap_up"), N_("abandoned"),
	N_("display_name"), N_("category"), N_("closed_at"), N_("session"), N_("talking"), N_("for"),
	N_("queued"), N_("attempts"), N_("attached"), N_("epoch"), N_("absent"),
	N_("stream_seq"), N_("uncommitted"), N_("to_resend"), N_("figure"),
	N_("pending"), N_("peer"), N_("tokens_from"),
	N_("connected"), N_("version"), N_("priority"), N_("wait"),
	N_("metric"), N_("agreement"), N_("stage"), N_("due_at"),
	N_("breached_at"), N_("policy"), N_("holder"), N_("held"),
	N_("position"), N_("metrics"), N_("holds"), N_("attribute"),
	N_("wanted"), N_("revision"), N_("apply_to"), N_("actor"), N_("done"),
	N_("total"), N_("ended_at"), N_("tenth"), N_("clocks"), N_("told"),
	N_("seen"), N_("driver"), N_("listen_only"), N_("can"), N_("spool"),
	N_("spool_bytes"), N_("last_event_at"), N_("gaps"), N_("torn"),
	N_("unsaved"), N_("trouble"), N_("reach"), N_("relation"),
	N_("attempt"), N_("outcome"), N_("reached_at"), N_("until_at"),
	N_("added_at"), N_("pending_reason"), N_("left"), N_("over"),
	N_("overs"), N_("estimate_low"), N_("estimate_high"),
	N_("calibration"), N_("door"), N_("object"), N_("place_before"),
	N_("place_after"), N_("longer"), N_("shorter"), N_("from_at"),
	N_("to_at"), N_("rule"), N_("what"), N_("who"), N_("has"), N_("needs"),
	N_("from_queue"), N_("tier"), N_("neighbours"), N_("terms"),
	N_("strategy"), N_("score"), N_("via"), N_("staff"),
	N_("cause"), N_("party"), N_("delivered_at"), N_("established_at"),
	N_("offered_at"), N_("queued_at"),
};
/* clang-format on */

const char *
words_column(const char *name)
{
	for (size_t i = 0; i < NELEM(columns); i++)
		if (strcmp(columns[i], name) == 0)
			return _(columns[i]);
	return name;
}
