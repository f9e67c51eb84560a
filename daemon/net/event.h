/*
 * event.h - call events and live calls from the wire, checked field by field.
 */
#ifndef NET_EVENT_H
#define NET_EVENT_H

#include "desk/desk.h"
#include "mashang.pb-c.h"
#include "net/fields.h"

/* Into a zeroed event; everything but the digest. */
enum err event_check(const struct fields *, const Mashang__CallEvent *,
    struct call_event *) MUST_USE;
enum err event_live_call(const struct fields *, const Mashang__LiveCall *,
    struct live_call *) MUST_USE;

/* The event's pairs, also as one JSON object; nothing for none. */
enum err event_data(const struct fields *, Mashang__KeyValue *const *, size_t n,
    struct call_event *) MUST_USE;

#endif
