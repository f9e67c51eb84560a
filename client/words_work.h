/*
 * words_work.h - work without a call, in words.
 */
#ifndef CLIENT_WORDS_WORK_H
#define CLIENT_WORDS_WORK_H

#include "client/words.h"

extern const struct word words_work_kind[], words_work_state[];

#endif
