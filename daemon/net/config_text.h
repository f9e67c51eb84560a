/*
 * config_text.h - one item of a configuration as one line.  For config.c and
 * config_read.c: what comes in and what is there must read alike.
 */
#ifndef NET_CONFIG_TEXT_H
#define NET_CONFIG_TEXT_H

#include "net/config.h"

int config_name_cmp(const void *, const void *); /* of struct str */
void config_names_sort(struct str *, unsigned n);
void config_levels_sort(struct config_level *, unsigned n); /* by name */

/* In the arena; {NULL, 0}: no memory. */
struct str config_queue_text(struct arena *, const struct config_queue *);
struct str config_agent_text(struct arena *, const struct config_agent *);
struct str config_device_text(struct arena *, struct str switch_name);
struct str config_number_text(struct arena *, struct str queue);
struct str config_number_name(struct arena *, const struct config_number *);

struct str config_dialling_text(struct arena *, const struct config_dialling *);
/* From the ledger's cells; false: no memory. */
bool config_dialling_read(
    struct arena *, const struct str *cells, struct config_dialling *);

/* A queue's rules, each an item; false: no memory. */
bool config_put_rules(
    struct arena *, struct config_items *, struct str queue, struct str rules);
struct str config_reason_text(struct arena *, const struct config_reason *);
/* The names with commas; { NULL, 0 }: no memory, or there are none. */
struct str config_order_text(
    struct arena *, const struct config_spec *, unsigned n);

/* Calendars, policies and their order; false: no memory. */
bool config_put_specs(struct arena *, struct config_items *,
    const struct config_spec *calendars, unsigned n_calendars,
    const struct config_spec *policies, unsigned n_policies);

/* Two long texts as what differs of them, for people; either may be empty. */
void config_shorten(struct arena *, struct str *before, struct str *after);

/* False: no memory, or the text had none. */
bool config_put(struct arena *, struct config_items *, enum config_kind,
    struct str name, struct str text);

#endif
