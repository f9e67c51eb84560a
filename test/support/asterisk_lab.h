/*
 * asterisk_lab.h - the driver's bed (asterisk_bed.h) on a real Asterisk, with a
 * caller, two phones and the way outside, all the test's own.  Where no
 * Asterisk is installed a test is passed over, aloud.
 */
#ifndef ASTERISK_LAB_H
#define ASTERISK_LAB_H

#include "test/support/asterisk_server.h"
#include "test/support/phone.h"

struct asterisk_lab {
	struct asterisk_server server;
	bool there;
	struct phone *caller, *p801, *p802, *outside;
};
extern struct asterisk_lab ast_lab;

/* Fixtures: the switch, for many tests or one; then bed and phones. */
void ast_lab_server_start(void);
void ast_lab_server_stop(void);
void ast_lab_up(void);
void ast_lab_up_listening(void);
void ast_lab_down(void);

/* Waited for: the phone is called, and rings; talks; has no call; agrees with
 * the switch on what was last asked. */
void ast_lab_invited(struct phone *);
void ast_lab_rings(struct phone *);
void ast_lab_talks(struct phone *);
void ast_lab_idle(struct phone *);
void ast_lab_settled(struct phone *);

/* Call A, and all that the dialplan says of it; then, at 801, by order 1. */
void ast_lab_a_caller_waits(void);
void ast_lab_they_talk(void);

#endif
