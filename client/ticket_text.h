/*
 * ticket_text.h - a ticket, for people and for scripts.
 */
#ifndef CLIENT_TICKET_TEXT_H
#define CLIENT_TICKET_TEXT_H

#include <jansson.h>
#include <stdio.h>

#include "mashang.pb-c.h"

void ticket_text(FILE *, const Mashang__Ticket *);
json_t *ticket_json(const Mashang__Ticket *);

#endif
