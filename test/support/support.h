/*
 * support.h - what every suite shares.
 *
 * A suite is a file NAME_test.c with `Suite *NAME_suite(void)'; the Makefile
 * finds it by its file name.  Servers that a test starts are its own (see
 * servers.h) and end with it.
 */
#ifndef SUPPORT_H
#define SUPPORT_H

#include <check.h>

#include "base/err.h"

/* A suite called `name' of one case; more may be added to it. */
Suite *suite_of(TCase *, const char *name);

/* Say aloud why, count it, and end this test as passed over. */
void test_skip(const char *why);

/* A fresh private directory under build/, or /tmp where that path is too long
 * for a unix socket; made for this test process, removed when it ends,
 * unless MASHANG_TEST_KEEP is set. */
const char *test_dir(void);

/* build/ of this run. */
const char *test_build(void);

/* A file of MASHANG_DATA (default ../shared/data) into a static buffer; NULL
 * if it is not there: the test then skips. */
const char *test_data(const char *file);

/* The runner's: start counting what is passed over; how many were. */
void test_count_skips(void);
int test_skipped(void);

#define ck_ok(call) ck_assert_str_eq(err_name(call), "ok")
#define ck_err(call, want) ck_assert_str_eq(err_name(call), err_name(want))

#endif
