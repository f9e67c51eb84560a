/*
 * work_text.h - work without a call, as line mode tells it to people.
 */
#ifndef CLIENT_WORK_TEXT_H
#define CLIENT_WORK_TEXT_H

#include <stdio.h>

#include "client/seat.h"

void work_text_offer(FILE *, const Mashang__Offer *);
void work_text_state(FILE *, const Mashang__WorkState *);
/* What is in hand; nothing, if nothing is. */
void work_text_hand(FILE *, const struct hand *);

#endif
