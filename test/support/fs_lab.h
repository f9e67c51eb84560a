/*
 * fs_lab.h - a FreeSWITCH of a test's own, where one is installed, with
 * config/freeswitch/mashang.xml: `freeswitch' in PATH, or the program that
 * MASHANG_FREESWITCH names.  Else the test is passed over, aloud.
 *
 * It is the bed of sip_bed.h with another switch in it: stack, agents, callers
 * and phones are used as there.  Everything is on the loopback, ports are found
 * free, and what was started ends with the test.
 */
#ifndef FS_LAB_H
#define FS_LAB_H

#include "test/support/sip_bed.h"

struct fs_lab {
	struct sip_bed bed; /* lab.dir and lab.sip are those of this switch */
	unsigned esl, out;  /* ports: its event socket, the way outside */
	pid_t freeswitch;
	const char *more; /* lines of the bridge's `freeswitch:' section */
	bool listen_only;
};

/* Stack, switch, bridge. */
void fs_lab_up(struct fs_lab *, bool listen_only);
void fs_lab_down(struct fs_lab *);
void fs_lab_start(struct fs_lab *); /* ready when this returns */
void fs_lab_kill(struct fs_lab *);  /* -9 */
/* A command by the event socket; its answer lives until the next. */
const char *fs_lab_api(struct fs_lab *, const char *command);

/* Its log has these words.  Of what callers are told of the place and the wait
 * there is a line each time: `told place=2 wait=90-151 end'. */
bool fs_lab_said(const struct fs_lab *, const char *words);

#endif
