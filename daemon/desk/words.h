/*
 * words.h - the one spelling of each enum's values, in SQL, logs and lists.
 */
#ifndef DESK_WORDS_H
#define DESK_WORDS_H

#include "desk/desk.h"

/* Lower case, NULL for the zero value and for what is out of range. */
const char *word_call_event(enum call_event_kind);
const char *word_cause(enum cause);
const char *word_party(enum party);
const char *word_relation(enum relation);
const char *word_order(enum order_kind);
const char *word_agent_state(enum agent_state);
const char *word_offer_end(enum offer_end);
const char *word_ticket_kind(enum ticket_kind);
const char *word_work_kind(enum work_kind);
const char *word_work_state(enum work_state);

/* The value of a word; the zero value if there is none. */
/* Of every door, also the first. */
const char *word_queue_door(enum queue_door);
enum ticket_kind ticket_kind_of(struct str word);
enum work_kind work_kind_of(struct str word);
enum work_state work_state_of(struct str word);

#endif
