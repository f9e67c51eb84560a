/*
 * hotline.h - the file that `mashang admin apply' reads: skills, queues,
 * agents, devices and numbers of a service hotline.
 *
 * The file is checked whole, meaning included, before anything is sent; every
 * fault is told with file, line and column.  config/hotline.yaml shows it.
 *
 * Ownership: texts belong to the struct hotline; hotline_free() ends them.
 */
#ifndef CLIENT_HOTLINE_H
#define CLIENT_HOTLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/conf.h"
#include "base/err.h"
#include "mashang.pb-c.h"

struct hotline_queue {
	const char *name;
	struct conf_mark at;
	struct conf_list skills; /* struct conf_level: minimums */
	int64_t ring_us, wrap_up_us, priority_credit_us, short_us;
	bool stay_ready;
};

struct hotline_agent {
	const char *name, *display_name; /* display_name may be "" */
	struct conf_mark at, queues_at;
	struct conf_list queues; /* const char * */
	struct conf_list skills; /* struct conf_level */
	int answer;              /* 0 phone, 1 screen */
};

struct hotline_device {
	const char *name, *switch_name;
	struct conf_mark at;
};

struct hotline_number {
	const char *called, *menu, *queue;
	struct conf_mark at, queue_at;
};

struct hotline {
	struct conf *conf;
	struct conf_mark skills_at;
	struct conf_list skills; /* const char * */
	struct conf_list queues, agents, devices, numbers;
};

/* ERR_CONFIG, ERR_IO: the faults stand in `errors'. */
enum err hotline_load(
    const char *file, struct hotline *, FILE *errors) MUST_USE;
enum err hotline_parse(const char *name, const char *text, size_t len,
    struct hotline *, FILE *errors) MUST_USE;
void hotline_free(struct hotline *);

/*
 * Give it away in Apply messages that each fit a frame; `more' is set in all
 * but the last.  Stops at the first exit code that is not 0 and returns it.
 */
typedef int hotline_send_fn(void *arg, Mashang__Apply *);
int hotline_send(const struct hotline *, hotline_send_fn *, void *arg);

#endif
