/*
 * acd_model.h - the rules of acd.h once more, as plainly as they can be said:
 * arrays and full searches, no sets, no lines, no order kept.  What the model
 * predicts, an implementation must do.
 */
#ifndef ACD_MODEL_H
#define ACD_MODEL_H

#include "store/acd.h"

#define MODEL_CALLS 40
#define MODEL_AGENTS 12 /* ids from 1 */

struct model_call {
	bool there;
	struct acd_line line;
	int64_t score;
	uint64_t arrival;
	unsigned ring;
	bool excluded[MODEL_AGENTS + 1];
};

struct model_agent {
	enum {
		AGENT_GONE,
		AGENT_IDLE,
		AGENT_READY,
		AGENT_OFFERED,
		AGENT_BUSY
	} state;
	struct acd_profile profile;
	int64_t scores[ACD_MAX_AGENT_QUEUES];
	uint32_t in_hand;
	struct model_call *call; /* while OFFERED */
	uint64_t offer;          /* the latest */
};

struct acd_model {
	uint32_t generation, n_offers;
	struct model_call calls[MODEL_CALLS];
	struct model_agent agents[MODEL_AGENTS + 1];
};

struct model_reply {
	enum err err;
	enum acd_seen seen;
	uint32_t staffed;
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
