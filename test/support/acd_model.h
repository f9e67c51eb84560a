/*
 * acd_model.h - the rules of acd.h once more, as plainly as they can be said:
 * arrays and full searches, no sets, no order kept.  What the model predicts,
 * an implementation must do.
 */
#ifndef ACD_MODEL_H
#define ACD_MODEL_H

#include "store/acd.h"

#define MODEL_CALLS 40
#define MODEL_AGENTS 12 /* ids from 1 */

struct model_call {
	enum { CALL_GONE, CALL_WAITS, CALL_OFFERED } state;
	struct acd_line line;
	int64_t score;
	uint64_t arrival, offer;
	bool excluded[MODEL_AGENTS + 1];
};

struct model_agent {
	enum { AGENT_GONE, AGENT_IDLE, AGENT_READY, AGENT_OFFERED } state;
	struct acd_profile profile;
	int64_t score;
	uint64_t offer;
};

struct acd_model {
	uint32_t generation, n_offers;
	struct model_call calls[MODEL_CALLS];
	struct model_agent agents[MODEL_AGENTS + 1];
};

struct model_reply {
	enum err err;
	unsigned n;
	struct acd_effect effects[ACD_MAX_EFFECTS];
};

struct id model_call_id(unsigned call);

/* Carries the command out, and says what must come of it. */
void model_step(
    struct acd_model *, const struct acd_cmd *, struct model_reply *);

unsigned model_waiting(const struct acd_model *);
unsigned model_ready(const struct acd_model *);

/* What must always hold; the sentence that does not, else NULL. */
const char *model_broken(const struct acd_model *);

#endif
