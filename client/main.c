/*
 * main.c - `mashang', the hotline's terminal; the commands are in cmd_*.c.
 */
#include <signal.h>

#include "client/cmd.h"
#include "client/i18n.h"

int
main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	i18n_start();
	return cmd_main(argc, argv);
}
