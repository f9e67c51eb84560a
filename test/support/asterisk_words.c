/*
 * asterisk_words.c - see asterisk_words.h.
 */
#include "test/support/asterisk_words.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "test/support/ami_peer.h"
#include "test/support/asterisk_bed.h"
#include "test/support/support.h"

static char section[2 * PATH_MAX];
SSL_CTX *peer_tls;

/* ------------------------------------------------------------ the beginning */

static void
write_section(const char *more)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/secret", test_dir());
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fchmod(fileno(f), 0600);
	fputs(SECRET "\n", f);
	fclose(f);
	snprintf(section, sizeof(section),
	    "address: %s\nsecret_file: %s\nuser: bridge\n%s",
	    ami_peer_address(), path, more);
}

void
words_up(bool listen_only, const char *more)
{
	ami_peer_up(peer_tls);
	write_section(more);
	asterisk_bed_setup(section, listen_only);
	ami_peer_listen(xb_x.base);
}

void
words_live(bool listen_only, const char *more)
{
	words_up(listen_only, more);
	ami_log_in(SECRET, "10:00:00", "");
	bed_connected();
}

void
words_down(void)
{
	ami_peer_down();
	asterisk_bed_teardown();
	SSL_CTX_free(peer_tls);
	peer_tls = NULL;
}

/* -------------------------------------------------------- what it is told */

void
say(const char *fmt, ...)
{
	char text[8192];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ami_say(text);
}

void
chan(const char *event, const char *uid, int state, const char *more)
{
	say("Event: %s\nPrivilege: call,all\nChannel: PJSIP/%s-00000001\n"
	    "ChannelState: %d\nCallerIDNum: 13812348000\n"
	    "CallerIDName: <unknown>\nContext: x\nExten: 4001\n"
	    "Uniqueid: %s\nLinkedid: %s\n%s\n",
	    event, strcmp(uid, CALLER) == 0 ? "line" : "801", state, uid, uid,
	    more);
}

void
bridge(const char *event, const char *uid, const char *id)
{
	say("Event: Bridge%s\nBridgeUniqueid: %s\nBridgeNumChannels: 2\n"
	    "Channel: PJSIP/%s-00000001\nUniqueid: %s\n\n",
	    event, id, strcmp(uid, CALLER) == 0 ? "line" : "801", uid);
}

void
hang_up(const char *uid, int cause)
{
	char more[64];

	snprintf(more, sizeof(more), "Cause: %d\n", cause);
	chan("Hangup", uid, 6, more);
}

void
user(const char *uid, const char *what, const char *more)
{
	char text[2048];

	snprintf(text, sizeof(text), "UserEvent: %s\n%s", what, more);
	chan("UserEvent", uid, 6, text);
}

void
arrives(void)
{
	chan("Newchannel", CALLER, 4, "");
	user(CALLER, "MashangCall",
	    "Call: menu=a%26b&priority=3&called=4001&data.account=1%2C2&"
	    "data.=x&junk&data.bad=%zz&data.nul=a%00\n");
	told("OFFERED A from=13812348000 to=4001 menu=a&b priority=3 "
	     "account:1,2");
	told("QUEUED A");
	user(CALLER, "MashangWait", "");
}

const char *leg;
static char legs[8][64];
static unsigned n_legs;

void
originated(const char *channel, const char *context, const char *exten)
{
	ami_expect("Originate");
	ck_assert_str_eq(ami_asked("Channel"), channel);
	ck_assert_str_eq(ami_asked("Context"), context);
	ck_assert_str_eq(ami_asked("Exten"), exten);
	ck_assert_str_eq(ami_asked("Async"), "true");
	leg = legs[n_legs++ % 8];
	snprintf(legs[(n_legs - 1) % 8], sizeof(legs[0]), "%s",
	    ami_asked("ChannelId"));
	ck_assert_int_eq(strncmp(leg, "mashang-", 8), 0);
}

void
connect_801(unsigned order)
{
	char line[64];

	order_begin(ORDER(CONNECT), "A", "801", NULL, NULL);
	originated("PJSIP/801", "mashang-agent", "join");
	ck_assert_str_eq(ami_asked("Timeout"), "4000");
	ck_assert_str_eq(ami_asked("CallerID"), "<13812348000>");
	ck_assert_ptr_nonnull(
	    strstr(ami_asked("Variable"), "MASHANG_PEER=PJSIP/line-00000001"));
	chan("Newchannel", leg, 0, ""); /* before its response */
	ami_respond("Success", "Message: Originate successfully queued\n");
	ck_assert_int_eq(order_result(), MASHANG__CODE__CODE_OK);
	chan("Newstate", leg, 5, "");
	snprintf(line, sizeof(line), "DELIVERED A @801 #%u", order);
	told(line);
}

void
talk(void)
{
	arrives();
	connect_801(1);
	chan("Newstate", leg, 6, "");
	bridge("Enter", CALLER, "b1");
	bridge("Enter", leg, "b1");
	told("ESTABLISHED A @801 #1");
}

void
arrived_aside(const char *agent)
{
	user(CALLER, "MashangHold", "");
	user(agent, "MashangAside", "");
}

void
parked(const char *agent, const char *where)
{
	ami_expect("Setvar");
	ami_respond("Success", "");
	ami_expect("Setvar");
	ami_respond("Success", "");
	ami_expect("Redirect");
	ck_assert_str_eq(ami_asked("Channel"), CALLER);
	ck_assert_str_eq(ami_asked("Context"), "mashang-hold");
	ck_assert_str_eq(ami_asked("ExtraChannel"), agent);
	ck_assert_str_eq(ami_asked("ExtraExten"), where);
	ami_respond("Success", "");
	bridge("Leave", CALLER, "b1");
	bridge("Leave", agent, "b1");
}

void
joined_again(const char *agent, const char *id)
{
	ami_expect("Setvar");
	ami_respond("Success", "");
	ami_expect("Redirect");
	ck_assert_str_eq(ami_asked("Channel"), agent);
	ck_assert_str_eq(ami_asked("Exten"), "join");
	ami_respond("Success", "");
	bridge("Enter", CALLER, id);
	bridge("Enter", agent, id);
}
