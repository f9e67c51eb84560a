/*
 * generate.h - a hotline's day made from a small spec.
 *
 * A spec is `key=value,key=value...' or the name of a YAML file with the same
 * keys; every key has a preset, and generate_help() lists them all.  The
 * presets are calibrated to what is published of a real bank's centre (28 % of
 * those who queued hung up; the served waited 74 s on average and were served
 * 184 s; two in five calls of a day come before noon), at a volume that one
 * can watch.
 *
 * The same spec gives the same plan, to the last microsecond, on any day.
 */
#ifndef REPLAY_GENERATE_H
#define REPLAY_GENERATE_H

#include <stdio.h>

#include "replay/plan.h"

/* ERR_CONFIG, ERR_IO: what is wrong with the spec has been told `errors'. */
enum err generate_plan(
    const char *spec, FILE *errors, struct plan **out) MUST_USE;

/* Each key, its preset, and what it means. */
void generate_help(FILE *);

#endif
