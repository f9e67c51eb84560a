/*
 * row_test.c - folding rows of one key, and rows as binary arrays.
 */
#include <endian.h>
#include <stdlib.h>

#include "store/pg_array.h"
#include "store/row.h"
#include "store/unit.h"
#include "test/support/support.h"

static struct call_row
call(uint32_t seq, const char *state, uint32_t queue, int64_t queued_at)
{
	return (struct call_row){ .id = { { 1 } },
		.switch_id = 1,
		.switch_call = STR_LIT("c"),
		.seq = seq,
		.state = state,
		.queue_id = queue,
		.queued_at = queued_at };
}

/* clang-format off */
static const struct {
	const char *name;
	struct { uint32_t seq; const char *state; uint32_t queue;
		 int64_t queued_at; } a, b, want;
} folds[] = {
	{ "the later state counts",
	  { 1, "offered", 0, 0 }, { 2, "queued", 7, 50 },
	  { 2, "queued", 7, 50 } },
	{ "a late one undoes nothing and fills what is missing",
	  { 5, "established", 0, 0 }, { 2, "queued", 7, 50 },
	  { 5, "established", 7, 50 } },
	{ "what is not said is not taken away",
	  { 2, "queued", 7, 50 }, { 3, "delivered", 0, 0 },
	  { 3, "delivered", 7, 50 } },
	{ "the first time stays",
	  { 2, "queued", 7, 50 }, { 3, "queued", 8, 90 },
	  { 3, "queued", 8, 50 } },
	{ "of equals the last one said",
	  { 2, "queued", 7, 50 }, { 2, "ended", 9, 50 },
	  { 2, "ended", 9, 50 } },
};
/* clang-format on */

START_TEST(calls_fold)
{
	const struct row_table *t = &row_tables[ROW_CALL];
	struct call_full a = { .row = call(folds[_i].a.seq, folds[_i].a.state,
				   folds[_i].a.queue, folds[_i].a.queued_at) };
	struct call_full b = { .row = call(folds[_i].b.seq, folds[_i].b.state,
				   folds[_i].b.queue, folds[_i].b.queued_at) };

	row_fold(t, &a, &b);
	ck_assert_msg(a.row.seq == folds[_i].want.seq, "%s", folds[_i].name);
	ck_assert_msg(strcmp(a.row.state, folds[_i].want.state) == 0, "%s",
	    folds[_i].name);
	ck_assert_msg(
	    a.row.queue_id == folds[_i].want.queue, "%s", folds[_i].name);
	ck_assert_msg(
	    a.row.queued_at == folds[_i].want.queued_at, "%s", folds[_i].name);
}
END_TEST

START_TEST(a_grumble_stays)
{
	const struct row_table *t = &row_tables[ROW_TICKET];
	struct ticket_full a = {
		.row = { .id = 5, .rev = 2, .dissatisfied = true }
	};
	struct ticket_full b = { .row = {
				     .id = 5, .rev = 3, .status = "closed" } };

	row_fold(t, &a, &b);
	ck_assert(a.row.dissatisfied);
	ck_assert_str_eq(a.row.status, "closed");
}
END_TEST

START_TEST(every_statement_fits)
{
	char sql[8192];

	for (unsigned k = ROW_NONE + 1; k < ROW_NKINDS; k++) {
		ck_ok(row_sql(&row_tables[k], sql, sizeof(sql)));
		ck_err(row_sql(&row_tables[k], sql, 100), ERR_TOO_LARGE);
		ck_assert_uint_le(row_tables[k].n_cols, ROW_MAX_COLS);
	}
}
END_TEST

/* clang-format off */
static const struct {
	const char *e164, *caller, *want;
} numbers[] = {
	{ "+8613812348000", "13812348000", "+8613812348000" },
	{ "", "8001", "8001" },
	{ "", "anonymous", "" },
	{ "", "0", "" },
	{ "", "000000", "" },
	{ "", "alice@example.org", "" },
	{ "", "", "" },
};
/* clang-format on */

START_TEST(customers_have_numbers)
{
	struct str got = row_customer_number(
	    str_of(numbers[_i].e164), str_of(numbers[_i].caller));

	ck_assert(str_eq(got, str_of(numbers[_i].want)));
}
END_TEST

static uint32_t
u32(const struct pg_buf *b, size_t at)
{
	uint32_t v;

	memcpy(&v, b->p + at, sizeof(v));
	return be32toh(v);
}

static uint64_t
u64(const struct pg_buf *b, size_t at)
{
	uint64_t v;

	memcpy(&v, b->p + at, sizeof(v));
	return be64toh(v);
}

START_TEST(an_array_has_its_header)
{
	static const struct col c = { "n", COL_INT4, 0, FOLD_KEY, NULL };
	const uint32_t n[] = { 7, 0, 9 };
	const void *rows[] = { &n[0], &n[1], &n[2] };
	struct pg_buf b = { NULL, 0, 0 };

	ck_ok(pg_array_put(&b, &c, rows, 3));
	ck_assert_uint_eq(b.len, 20 + 8 + 4 + 8);
	ck_assert_uint_eq(u32(&b, 0), 1);  /* dimension */
	ck_assert_uint_eq(u32(&b, 4), 1);  /* has a NULL */
	ck_assert_uint_eq(u32(&b, 8), 23); /* int4 */
	ck_assert_uint_eq(u32(&b, 12), 3); /* elements */
	ck_assert_uint_eq(u32(&b, 16), 1); /* from 1 */
	ck_assert_uint_eq(u32(&b, 20), 4);
	ck_assert_uint_eq(u32(&b, 24), 7);
	ck_assert_uint_eq(u32(&b, 28), UINT32_MAX);
	ck_assert_uint_eq(u32(&b, 36), 9);
	pg_buf_free(&b);
}
END_TEST

START_TEST(times_count_from_2000)
{
	static const struct col c = { "t", COL_TIME, 0, FOLD_KEY, NULL };
	const int64_t t[] = { INT64_C(946684800000001), 1 };
	const void *rows[] = { &t[0], &t[1] };
	struct pg_buf b = { NULL, 0, 0 };

	ck_ok(pg_array_put(&b, &c, rows, 2));
	ck_assert_uint_eq(u32(&b, 4), 0);
	ck_assert_uint_eq(u64(&b, 24), 1);
	ck_assert_int_eq((int64_t)u64(&b, 36), 1 - INT64_C(946684800000000));
	pg_buf_free(&b);
}
END_TEST

/* The second array must begin where the first ends, through any regrowth. */
START_TEST(texts_of_any_length_follow_each_other)
{
	static const struct col text = { "t", COL_TEXT, 0, FOLD_KEY, NULL };
	static const struct col note = { "t", COL_NOTE, 0, FOLD_KEY, NULL };
	char *big = malloc(100000);
	struct str s[] = { { big, 100000 }, { NULL, 0 },
		STR_LIT("\xe9\xa9\xac") };
	const void *rows[] = { &s[0], &s[1], &s[2] };
	struct pg_buf b = { NULL, 0, 0 };
	size_t second;

	memset(big, 'x', 100000);
	ck_ok(pg_array_put(&b, &text, rows, 3));
	second = b.len;
	ck_assert_uint_eq(second, 20 + 4 + 100000 + 4 + 4 + 3);
	ck_assert_uint_eq(u32(&b, 20 + 4 + 100000), UINT32_MAX);
	ck_ok(pg_array_put(&b, &note, &rows[1], 2));
	ck_assert_uint_eq(u32(&b, second + 4), 0);
	ck_assert_uint_eq(u32(&b, second + 20), 0);
	ck_assert_uint_eq(b.len, second + 20 + 4 + 4 + 3);
	ck_assert_mem_eq(b.p + b.len - 3, s[2].p, 3);
	pg_buf_free(&b);
	free(big);
}
END_TEST

START_TEST(a_unit_keeps_its_own_text)
{
	struct ledger_unit *u = ledger_unit_new(NULL);
	char caller[] = "13812348000";
	struct call_row r = call(1, "offered", 0, 0);
	const struct unit_row *kept;

	r.caller = str_of(caller);
	r.ended_at = 99;
	ck_ok(ledger_put_call(u, &r));
	memset(caller, 'x', sizeof(caller));
	kept = unit_rows(u);
	ck_assert(kept->kind == ROW_CALL && kept->next == NULL);
	ck_assert(str_eq(((const struct call_row *)kept->row)->caller,
	    STR_LIT("13812348000")));
	ck_assert_int_eq(((const struct call_full *)kept->row)->began_at, 99);
	ledger_unit_free(&u);
	ck_assert_ptr_null(u);
	ledger_unit_free(&u);
}
END_TEST

START_TEST(rows_without_a_key_are_refused)
{
	struct ledger_unit *u = ledger_unit_new(NULL);
	struct call_row c = call(1, "offered", 0, 0);

	c.switch_id = 0;
	ck_err(ledger_put_call(u, &c), ERR_BAD_FIELD);
	c = call(1, NULL, 0, 0);
	ck_err(ledger_put_call(u, &c), ERR_BAD_FIELD);
	ck_err(ledger_put_call_event(u, &(struct call_event_row){ .seq = 1 }),
	    ERR_BAD_FIELD);
	ck_err(
	    ledger_put_offer(u, &(struct offer_row){ .id = 0 }), ERR_BAD_FIELD);
	ck_err(ledger_put_ticket(u, &(struct ticket_row){ .rev = 1 }),
	    ERR_BAD_FIELD);
	ck_err(ledger_put_ticket_event(
		   u, &(struct ticket_event_row){ .kind = "note", .at = 1 }),
	    ERR_BAD_FIELD);
	ck_err(ledger_put_agent_state(
		   u, &(struct agent_state_row){ .agent_id = 1 }),
	    ERR_BAD_FIELD);
	ck_err(
	    ledger_put_audit(u, &(struct audit_row){ .at = 1 }), ERR_BAD_FIELD);
	ck_assert_ptr_null(unit_rows(u));
	ledger_unit_free(&u);
}
END_TEST

START_TEST(a_unit_has_an_end)
{
	struct ledger_unit *u = ledger_unit_new(NULL);
	struct audit_row r = { .key = { { 1 } }, .at = 1 };
	char *big = calloc(1, 300000);
	enum err e = ERR_OK;
	int n = 0;

	r.detail = (struct str){ big, 300000 };
	for (; e == ERR_OK; n++)
		e = ledger_put_audit(u, &r);
	ck_err(e, ERR_NOMEM);
	ck_assert_int_gt(n, 1);
	ck_assert_uint_le(unit_bytes(u), 1024 * 1024);
	ledger_unit_free(&u);
	free(big);
}
END_TEST

Suite *
row_suite(void)
{
	TCase *tc = tcase_create("row");

	tcase_add_loop_test(tc, calls_fold, 0, NELEM(folds));
	tcase_add_test(tc, a_grumble_stays);
	tcase_add_test(tc, every_statement_fits);
	tcase_add_loop_test(tc, customers_have_numbers, 0, NELEM(numbers));
	tcase_add_test(tc, an_array_has_its_header);
	tcase_add_test(tc, times_count_from_2000);
	tcase_add_test(tc, texts_of_any_length_follow_each_other);
	tcase_add_test(tc, a_unit_keeps_its_own_text);
	tcase_add_test(tc, rows_without_a_key_are_refused);
	tcase_add_test(tc, a_unit_has_an_end);
	return suite_of(tc, "row");
}
