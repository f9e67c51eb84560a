/*
 * bench.h - what the bench programs share: which figures are wanted, processor
 * times, a server that has run for a while.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <sys/types.h>

/* BENCH_ONLY names those to run, between spaces. */
bool bench_wanted(const char *name);

/* Processor time in microseconds: of this process, of another, and of every
 * process of the private PostgreSQL, those that have ended too. */
double bench_own_cpu(void);
double bench_cpu(pid_t);
double bench_pg_cpu(void);

/* A server that has run for a while has written its log files before and
 * writes them again; one that makes and zeroes each stalls ten times a second.
 * Here it has made 1 GB of them. */
void bench_settle_wal(void);

/* The servers' helpers speak in assertions, so all of a program is one test;
 * the program's exit status. */
int bench_main(const char *name, void (*figures)(void));
/* A figure did not come about as meant. */
void bench_failed(void);

#endif
