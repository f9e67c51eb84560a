/*
 * config_sla.h - calendars and policies of a configuration: from the wire, as
 * texts, and as the revision that would come of it.
 *
 * What comes is checked word by word here and as a whole by
 * sla_revision_check(), together with what stays.
 */
#ifndef NET_CONFIG_SLA_H
#define NET_CONFIG_SLA_H

#include "net/config.h"
#include "sla/policy.h"

/* Taken from the messages so far. */
struct config_sla {
	unsigned n_calendars, n_policies;
	struct cal_spec *calendars;
	struct sla_policy *policies;
	bool goes_on; /* the last calendar has more to come */
};

enum err config_sla_take(struct arena *, const struct fields *,
    const Mashang__Apply *, struct config_sla *) MUST_USE;
/* All has come: into the configuration, as lines of text. */
enum err config_sla_texts(struct arena *, const struct fields *,
    const struct config_sla *, struct config *) MUST_USE;

/*
 * The revision that would follow, with what stays of the last.  ERR_CONFIG: it
 * does not stand by itself, or not all policies are named where others are to
 * be kept, so that their order would be anybody's guess.
 */
enum err config_sla_revision(struct arena *, const struct config *,
    const struct config_sla *, const struct config_ids *present, struct fault *,
    struct sla_revision *out) MUST_USE;

/* Do queues keep the calendars that they have? */
bool config_sla_same_queues(
    const struct sla_revision *, const struct config_ids *present);

#endif
