/*
 * asterisk_server.h - a real Asterisk of the test's own.
 *
 * The program that MASHANG_ASTERISK names, or `asterisk' of the PATH, with a
 * private configuration that includes config/asterisk/extensions.conf as an
 * owner would; on free ports of 127.0.0.1, ended with the test.
 */
#ifndef ASTERISK_SERVER_H
#define ASTERISK_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

struct asterisk_server {
	pid_t pid;
	int sip_port, ami_port;
	char dir[128];
};

/* False: there is none on this machine. */
bool asterisk_server_start(struct asterisk_server *);
/* The same configuration once more, after it was ended. */
void asterisk_server_again(struct asterisk_server *);
void asterisk_server_stop(struct asterisk_server *); /* at once */
/* A line of its log has these words.  Of what callers are told of the place and
 * the wait there is one each time: `place=3 wait=90-151 end'. */
bool asterisk_server_said(const struct asterisk_server *, const char *words);
/* The driver's section of the configuration for it; a static buffer. */
const char *asterisk_server_section(const struct asterisk_server *);

#endif
