/*
 * code.h - our errors as the protocol's codes, one to one, and what a request
 * did wrong in words that a client can show.
 */
#ifndef NET_CODE_H
#define NET_CODE_H

#include "base/err.h"
#include "mashang.pb-c.h"

/* Never CODE_OK but for ERR_OK; ERR_AGAIN is none of a peer's business. */
Mashang__Code code_of(enum err);
/* ERR_REFUSED for codes that only sessions know. */
enum err code_err(Mashang__Code);

#define FAULT_PARAMS 5
#define FAULT_PARAM_LEN 192

/* Why the request at hand fails; cleared before each. */
struct fault {
	Mashang__Code code; /* 0: as the error says */
	unsigned n;
	char params[FAULT_PARAMS][FAULT_PARAM_LEN];
};

void fault_clear(struct fault *);

/* Note the parameters (NULL-ended) and return the error. */
enum err fault(struct fault *, enum err, ...)
    __attribute__((sentinel)) MUST_USE;
/* The same under a code that is no error of ours; returns ERR_REFUSED. */
enum err fault_code(struct fault *, Mashang__Code, ...)
    __attribute__((sentinel)) MUST_USE;

/* As a message; its parts live in `f' and in `parts'. */
struct fault_parts {
	Mashang__Error error;
	ProtobufCBinaryData params[FAULT_PARAMS];
};
Mashang__Error *fault_message(
    struct fault *f, enum err, struct fault_parts *parts);

#endif
