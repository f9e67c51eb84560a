/*
 * ticket_state_test.c - every cell of a ticket's life, as a picture, and what
 * each kind of history means to the clocks.
 */
#include <ctype.h>

#include "test/support/support.h"

#include "desk/desk.h"
#include "desk/ticket_state.h"
#include "mashang.pb-c.h"

Suite *ticket_state_suite(void);

/*
 * Columns: new acknowledged assigned in_progress pending_customer
 * pending_third_party scheduled resolved callback_pending closed cancelled
 * merged.  A letter is the status that it leads to: Acknowledged aSsigned
 * in_Progress Customer Third_party scheDuled Resolved cLosed; = stays;
 * lower case: by a supervisor only (x cancelled); . = refused.
 */
static const struct {
	enum ticket_change_kind change;
	const char *word, *kind, *to;
	bool text, until;
} rows[] = {
	{ TICKET_ACKNOWLEDGE, "acknowledge", "acknowledged", "A.=====.....", 0,
	    0 },
	{ TICKET_ASSIGN, "assign", "assigned", "SSSS=====...", 0, 0 },
	{ TICKET_PEND_CUSTOMER, "pend-customer", "pended", ".CCCC.......", 1,
	    1 },
	{ TICKET_PEND_THIRD_PARTY, "pend-third-party", "pended", ".TTT.T......",
	    1, 1 },
	{ TICKET_SCHEDULE, "schedule", "scheduled", ".DDD..D.....", 0, 1 },
	{ TICKET_RESUME, "resume", "resumed", "....PPP.....", 0, 0 },
	{ TICKET_ARRIVE, "arrive", "arrived", "...P..P.....", 0, 0 },
	{ TICKET_RESOLVE, "resolve", "resolved", ".RRRRRR.....", 1, 0 },
	{ TICKET_CLOSE, "close", "closed", "lllllllLL...", 0, 0 },
	{ TICKET_REOPEN, "reopen", "reopened", ".......PPP..", 1, 0 },
	{ TICKET_CANCEL, "cancel", "cancelled", "xxxxxxx.....", 1, 0 },
	{ TICKET_CHANGE, "change", "changed", "=========...", 0, 0 },
	{ TICKET_PROMISE, "promise", "promised", "=======.....", 1, 1 },
	{ TICKET_KEEP, "keep", "kept", "=======.....", 0, 0 },
	{ TICKET_FOLLOW_UP, "follow-up", "followed_up", ".......===..", 1, 0 },
	{ TICKET_CONTACT, "contact", "contacted", "====P====...", 1, 0 },
};

static char
cell_of(const struct ticket_rule *r, enum ticket_status s)
{
	static const char letter[] = "?NASPCTDRBLXM";
	unsigned bit = 1u << s;

	ck_assert_uint_eq(r->from & r->stays, 0);
	ck_assert_uint_eq(r->from & r->supervisor, 0);
	ck_assert_uint_eq(r->stays & r->supervisor, 0);
	if ((r->from & bit) != 0)
		return letter[r->to];
	if ((r->stays & bit) != 0)
		return '=';
	return (
	    char)((r->supervisor & bit) != 0 ? tolower(letter[r->to]) : '.');
}

START_TEST(every_cell)
{
	const struct ticket_rule *r = ticket_rule(rows[_i].change);

	ck_assert_str_eq(r->word, rows[_i].word);
	ck_assert_str_eq(r->kind, rows[_i].kind);
	ck_assert_int_eq(ticket_change_of(str_of(r->word)), rows[_i].change);
	ck_assert(r->needs_text == rows[_i].text);
	ck_assert(r->needs_until == rows[_i].until);
	for (unsigned s = TICKET_NEW; s < TICKET_NSTATUSES; s++) {
		char c = cell_of(r, (enum ticket_status)s);

		ck_assert_msg(c == rows[_i].to[s - 1], "%s in %s: %c", r->word,
		    ticket_status_word((enum ticket_status)s), c);
		ck_assert(ticket_may(rows[_i].change, (enum ticket_status)s,
			      false) == (c == '=' || (c >= 'A' && c <= 'Z')));
		ck_assert(ticket_may(rows[_i].change, (enum ticket_status)s,
			      true) == (c != '.'));
	}
}
END_TEST

/* Nothing but a rule of `to' leads somewhere; what can be entered by people
 * has a way out, but for what is over. */
START_TEST(the_picture_is_whole)
{
	ck_assert_uint_eq(NELEM(rows), TICKET_NCHANGES - 1);
	for (unsigned k = 1; k < TICKET_NCHANGES; k++) {
		const struct ticket_rule *r =
		    ticket_rule((enum ticket_change_kind)k);

		ck_assert_int_eq(rows[k - 1].change, (int)k);
		ck_assert((r->to == TICKET_STATUS_NONE) ==
			  ((r->from | r->supervisor) == 0));
	}
	for (unsigned s = TICKET_NEW; s < TICKET_CLOSED; s++) {
		bool out = false;

		for (unsigned k = 1; k < TICKET_NCHANGES; k++) {
			const struct ticket_rule *r =
			    ticket_rule((enum ticket_change_kind)k);

			out |= (r->from & 1u << s) != 0 && r->to != s;
		}
		ck_assert_msg(out, "no way out of %s",
		    ticket_status_word((enum ticket_status)s));
	}
}
END_TEST

START_TEST(every_status_has_a_word_of_its_own)
{
	ck_assert_ptr_null(ticket_status_word(TICKET_STATUS_NONE));
	ck_assert_int_eq(ticket_status_of(STR_LIT("open")), TICKET_STATUS_NONE);
	for (unsigned s = TICKET_NEW; s < TICKET_NSTATUSES; s++)
		ck_assert_int_eq(ticket_status_of(str_of(ticket_status_word(
				     (enum ticket_status)s))),
		    (int)s);
	ck_assert_int_eq(
	    ticket_change_of(STR_LIT("pend_customer")), TICKET_CHANGE_NONE);
	ck_assert_int_eq(ticket_change_of(STR_LIT("")), TICKET_CHANGE_NONE);
}
END_TEST

/* The protocol's enum has the same order. */
START_TEST(the_protocol_says_the_same)
{
	const ProtobufCEnumDescriptor *e =
	    &mashang__ticket_change_kind__descriptor;

	ck_assert_uint_eq(e->n_values, TICKET_NCHANGES);
	for (unsigned i = 1; i < e->n_values; i++) {
		const char *name = e->values[i].name + strlen("TICKET_");
		const char *word =
		    ticket_rule((enum ticket_change_kind)e->values[i].value)
			->word;

		ck_assert_uint_eq(strlen(name), strlen(word));
		for (unsigned k = 0; word[k] != '\0'; k++)
			ck_assert(word[k] == '-' ? name[k] == '_'
						 : (name[k] | 0x20) == word[k]);
	}
}
END_TEST

static const struct {
	const char *kind, *status;
	bool for_customer;
	enum sla_fact_kind fact;
	unsigned wait;
	bool retroactive;
} history[] = {
	{ "opened", "new", 0, FACT_RECEIVED, 0, 0 },
	{ "answered", "in_progress", 0, FACT_RESPONDED, 0, 0 },
	{ "acknowledged", "acknowledged", 0, FACT_ACKNOWLEDGED, 0, 0 },
	{ "assigned", "assigned", 0, FACT_ASSIGNED, 0, 0 },
	{ "escalated", "", 0, FACT_ASSIGNED, 0, 0 },
	{ "pended", "pending_customer", 0, FACT_PENDED, WAIT_CUSTOMER, 0 },
	{ "pended", "pending_third_party", 0, FACT_PENDED, WAIT_THIRD_PARTY,
	    0 },
	/* A wait never counts as an answer. */
	{ "pended", "pending_customer", 1, FACT_PENDED, WAIT_CUSTOMER, 0 },
	{ "scheduled", "scheduled", 1, FACT_SCHEDULED, WAIT_APPOINTMENT, 0 },
	{ "resumed", "in_progress", 0, FACT_RESUMED, 0, 0 },
	{ "arrived", "in_progress", 0, FACT_ARRIVED, 0, 0 },
	{ "resolved", "resolved", 1, FACT_RESOLVED, 0, 0 },
	{ "closed", "closed", 0, FACT_CLOSED, 0, 0 },
	{ "reopened", "in_progress", 0, FACT_REOPENED, 0, 0 },
	{ "cancelled", "cancelled", 0, FACT_CANCELLED, 0, 0 },
	{ "merged", "merged", 0, FACT_MERGED, 0, 0 },
	{ "merged_in", "", 0, FACT_MERGED_IN, 0, 0 },
	{ "changed", "", 0, FACT_CHANGED, 0, 0 },
	{ "wrapped_up", "in_progress", 0, FACT_CHANGED, 0, 0 },
	{ "promised", "", 1, FACT_PROMISED, 0, 0 },
	{ "kept", "", 0, FACT_KEPT, 0, 0 },
	{ "followed_up", "", 0, FACT_FOLLOWED_UP, 0, 0 },
	{ "contacted", "", 1, FACT_CONTACTED, 0, 0 },
	{ "note", "", 1, FACT_RESPONDED, 0, 0 },
	{ "note", "", 0, FACT_NONE, 0, 0 },
	{ "revised_forward", "", 0, FACT_REVISED, 0, 0 },
	{ "revised_retroactive", "", 0, FACT_REVISED, 0, 1 },
	/* Of a newer program, or none. */
	{ "sung_to", "in_progress", 1, FACT_NONE, 0, 0 },
	{ "", "", 0, FACT_NONE, 0, 0 },
};

START_TEST(what_happened)
{
	struct ticket_fact f = ticket_fact_of(str_of(history[_i].kind),
	    str_of(history[_i].status), history[_i].for_customer);

	ck_assert_msg(
	    f.fact == history[_i].fact, "%s: %u", history[_i].kind, f.fact);
	ck_assert_uint_eq(f.wait, history[_i].wait);
	ck_assert(f.retroactive == history[_i].retroactive);
}
END_TEST

/* What people do is known to the clocks. */
START_TEST(every_change_is_a_fact)
{
	for (unsigned k = 1; k < TICKET_NCHANGES; k++) {
		const struct ticket_rule *r =
		    ticket_rule((enum ticket_change_kind)k);
		const char *status = ticket_status_word(r->to);
		struct ticket_fact f =
		    ticket_fact_of(str_of(r->kind), str_of(status), false);

		ck_assert_msg(f.fact != FACT_NONE, "%s", r->word);
		ck_assert((f.wait != 0) ==
			  (f.fact == FACT_PENDED || f.fact == FACT_SCHEDULED));
	}
}
END_TEST

Suite *
ticket_state_suite(void)
{
	TCase *tc = tcase_create("table");

	tcase_add_loop_test(tc, every_cell, 0, NELEM(rows));
	tcase_add_test(tc, the_picture_is_whole);
	tcase_add_test(tc, every_status_has_a_word_of_its_own);
	tcase_add_test(tc, the_protocol_says_the_same);
	tcase_add_loop_test(tc, what_happened, 0, NELEM(history));
	tcase_add_test(tc, every_change_is_a_fact);
	return suite_of(tc, "ticket_state");
}
