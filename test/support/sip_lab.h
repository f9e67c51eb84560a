/*
 * sip_lab.h - a phone switch of a test's own: Kamailio with config/kamailio.cfg.
 *
 * Everything is on loopback: the switch and the phones at 127.0.0.1, the lines
 * that it trusts at 127.0.0.2, strangers at 127.0.0.3, the way to the outside at
 * 127.0.0.2:gateway.  Ports are found free, so that labs run beside each other.
 * Programs end with the test, by their process ids.
 */
#ifndef SIP_LAB_H
#define SIP_LAB_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#define LAB_PHONES "127.0.0.1"
#define LAB_LINES "127.0.0.2"
#define LAB_STRANGERS "127.0.0.3"

/* Phones that may register: 801 to 880, and 13812340001, a customer whose
 * telephone does what a REFER says. */
#define LAB_CUSTOMER "13812340001"
#define LAB_PHONE_FIRST 801
#define LAB_PHONE_LAST 880

struct sip_lab {
	char dir[PATH_MAX - 256];
	unsigned sip, cti, gateway; /* ports */
	const char *const *defines;
	pid_t kamailio; /* 0: not running */
	unsigned starts;
	/* Of another switch that stands in its place; NULL: it is Kamailio. */
	void (*wait_phone)(
	    const struct sip_lab *, const char *name, bool there);
};

/* Its files go to `dir'/sip; `defines' are NAME=VALUE for kamailio.cfg, up to
 * NULL, or NULL; they must live as long as the lab. */
void sip_lab_up(struct sip_lab *, const char *dir, const char *const defines[]);
void sip_lab_down(struct sip_lab *);
/* The switch again, after sip_lab_kill: ready when this returns. */
void sip_lab_start(struct sip_lab *);
void sip_lab_kill(struct sip_lab *); /* -9 */

/* The password of every phone. */
#define LAB_PASSWORD "a-word-for-tests"

/* A port that is free for UDP and TCP at 127.0.0.1 and 127.0.0.2. */
unsigned lab_port(void);
/* argv[0] is found in PATH; output to dir/out. */
pid_t lab_spawn(const char *dir, const char *const argv[], const char *out);
/* Ask it to end, wait for that; *pid is 0 then. */
void lab_end(pid_t *);
/* Until the switch knows a phone of that name, or knows it no more. */
void sip_lab_wait_phone(const struct sip_lab *, const char *name, bool there);
/* A connection as a bridge has it, to be closed. */
int sip_lab_connect(const struct sip_lab *);
/* Until a process has this UDP port open; fails the test if it ends first. */
void lab_wait_udp(pid_t, const char *address, unsigned port);

#endif
