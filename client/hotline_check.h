/*
 * hotline_check.h - what must hold between the parts of a hotline's file; for
 * hotline*.c only.
 *
 * Everything here tells what it finds and goes on: the file is checked whole.
 */
#ifndef CLIENT_HOTLINE_CHECK_H
#define CLIENT_HOTLINE_CHECK_H

#include "base/arena.h"
#include "base/str.h"
#include "client/hotline.h"

#define SECOND INT64_C(1000000)
#define NAME_MAX_LEN 64

struct names {
	const char **list; /* NULL-ended, in the file's order */
	const char **sorted;
	size_t n;
};

/* Items of `size' bytes whose name is a const char * at `offset'. */
enum err names_take(struct names *, const struct conf_list *, size_t size,
    size_t offset) MUST_USE;
void names_fini(struct names *);

struct check {
	const char *file; /* of what is being checked */
	FILE *errors;
	struct arena *arena; /* the hotline's; its cap is the file's own */
	unsigned faults;
	bool no_memory;
	struct names skills, queues, calendars;
};

/* `FILE:LINE:COLUMN: ' is written, the rest is the caller's. */
void fault_at(struct check *, const struct conf_mark *);
/* The rest, "; did you mean …?" included where `near' is one; a whole line. */
void fault_word(struct check *, const struct conf_mark *, const char *what,
    const char *got, const char *const *words);

/* Zeroed; NULL, and it is noted: no memory. */
void *check_alloc(struct check *, size_t n, size_t size);

/* It is one of these; `what' is "queue", and "queues" is where it is named. */
void check_known(struct check *, const struct names *, const char *what,
    const char *name, const struct conf_mark *);

struct named {
	const char *name, *second; /* a number's menu */
	const struct conf_mark *at;
	size_t order;
	const char *file; /* NULL: the check's */
};
/* The second of two with one name is told, with the first one's line. */
void check_twice(struct check *, const char *what, struct named *, size_t n);

/* hotline_calendar.c */
extern const struct conf_field hotline_calendar_fields[];
/* "09:00-12:00", in order and apart; what is wrong is left out. */
void check_hours(
    struct check *, const struct conf_list *texts, struct cal_day *out);
/* All of them as specifications; `out' has room for as many. */
void check_calendars(struct check *, const struct hotline_calendar *, size_t n,
    struct cal_spec *out);

/* hotline_routing.c */
extern const struct conf_field hotline_queue_fields[];
void hotline_rules(const struct hotline_routing *, struct route_rules *);

/* hotline_rules.c: after all names are known; what it comes to is set. */
void check_routing(struct check *, struct hotline_queue *, size_t n);

/* hotline_dial.c */
extern const struct conf_field hotline_dialling_fields[];
void check_dialling(struct check *, const struct hotline_dialling *);

/* hotline_policy.c */
extern const struct conf_field hotline_policy_fields[];
void check_policies(struct check *, const struct hotline_policy *, size_t n,
    struct sla_policy *out);

#endif
