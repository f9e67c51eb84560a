/*
 * clock_alone.h - what the clocks' arithmetic costs by itself, without any
 * server: calendars, and the evaluation of a ticket.
 */
#ifndef BENCH_CLOCK_ALONE_H
#define BENCH_CLOCK_ALONE_H

void clock_alone(void);

#endif
