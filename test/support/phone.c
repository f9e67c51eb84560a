/*
 * phone.c - see phone.h.
 */
#include "test/support/phone.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/util.h>
#include <netinet/in.h>

#include "base/err.h"
#include "test/support/support.h"

#define MESSAGE 8192
#define FIELD 512

enum state { IDLE, CALLING, INVITED, TALKING, ENDING };

struct phone {
	struct event *readable;
	int fd, port;
	char name[32];
	struct sockaddr_in peer;
	enum state state;
	bool ours; /* we have called */
	bool registered, unsettled;
	char call_id[FIELD], local[FIELD], remote[FIELD], target[FIELD];
	char invite[MESSAGE], via[1024], last_cseq[64], branch[64];
	unsigned cseq, n, media;
	int result;
};

/* A header's value, of the first of that name. */
static bool
header(const char *m, const char *name, char *out, size_t room)
{
	size_t n = strlen(name);

	for (const char *p = m; p != NULL && *p != '\0';) {
		const char *end = strstr(p, "\r\n");

		if (end == NULL || end == p)
			break;
		if (strncasecmp(p, name, n) == 0 && p[n] == ':') {
			p += n + 1;
			while (*p == ' ')
				p++;
			snprintf(out, room, "%.*s", (int)(end - p), p);
			return true;
		}
		p = end + 2;
	}
	out[0] = '\0';
	return false;
}

static void put(struct phone *, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void
put(struct phone *p, const char *fmt, ...)
{
	char m[MESSAGE];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(m, sizeof(m), fmt, ap);
	va_end(ap);
	ck_assert(n > 0 && (size_t)n < sizeof(m));
	ck_assert_int_eq(sendto(p->fd, m, (size_t)n, 0,
			     (struct sockaddr *)&p->peer, sizeof(p->peer)),
	    n);
}

static const char *
sdp(struct phone *p, const char *direction)
{
	static char text[512], with[600];
	int n = snprintf(text, sizeof(text),
	    "v=0\r\no=- 1 %u IN IP4 127.0.0.1\r\ns=-\r\n"
	    "c=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"
	    "a=rtpmap:0 PCMU/8000\r\na=%s\r\n",
	    ++p->media, direction);

	snprintf(with, sizeof(with),
	    "Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s", n,
	    text);
	return with;
}

/* ---------------------------------------------------------------- answering */

/* To any request, which is `m'. */
static void
reply(struct phone *p, const char *m, const char *status, const char *body)
{
	char via[1024], from[FIELD], to[FIELD], id[FIELD], cseq[64];
	bool tagged;

	header(m, "Via", via, sizeof(via));
	header(m, "From", from, sizeof(from));
	header(m, "To", to, sizeof(to));
	header(m, "Call-ID", id, sizeof(id));
	header(m, "CSeq", cseq, sizeof(cseq));
	tagged = strstr(to, ";tag=") != NULL;
	put(p,
	    "SIP/2.0 %s\r\nVia: %s\r\nFrom: %s\r\nTo: %s%s%s\r\n"
	    "Call-ID: %s\r\nCSeq: %s\r\nContact: <sip:%s@127.0.0.1:%d>\r\n%s",
	    status, via, from, to, tagged ? "" : ";tag=", tagged ? "" : p->name,
	    id, cseq, p->name, p->port,
	    body != NULL ? body : "Content-Length: 0\r\n\r\n");
}

static void
take_target(struct phone *p, const char *m)
{
	char contact[FIELD], *from, *to;

	if (!header(m, "Contact", contact, sizeof(contact)))
		return;
	from = strchr(contact, '<');
	to = from != NULL ? strchr(from, '>') : NULL;
	if (to == NULL)
		return;
	*to = '\0';
	snprintf(p->target, sizeof(p->target), "%.500s", from + 1);
}

static void
request(struct phone *p, const char *method, unsigned cseq, const char *more)
{
	const char *target = p->target;

	put(p,
	    "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%d;rport;"
	    "branch=z9hG4bK%s%d\r\nMax-Forwards: 70\r\nFrom: %s\r\nTo: %s\r\n"
	    "Call-ID: %s\r\nCSeq: %u %s\r\n"
	    "Contact: <sip:%s@127.0.0.1:%d>\r\n%s",
	    method, target, p->port, p->branch, (int)p->n, p->local, p->remote,
	    p->call_id, cseq, method, p->name, p->port,
	    more != NULL ? more : "Content-Length: 0\r\n\r\n");
}

static void
new_branch(struct phone *p)
{
	snprintf(
	    p->branch, sizeof(p->branch), "%s%d%u", p->name, getpid(), ++p->n);
}

static void
on_invite(struct phone *p, const char *m)
{
	char to[FIELD];

	header(m, "To", to, sizeof(to));
	if (strstr(to, ";tag=") != NULL) { /* within the call */
		take_target(p, m);
		reply(p, m, "200 OK", sdp(p, "sendrecv"));
		return;
	}
	if (p->state != IDLE) {
		char id[FIELD];

		header(m, "Call-ID", id, sizeof(id));
		if (strcmp(id, p->call_id) != 0)
			reply(p, m, "486 Busy Here", NULL);
		return;
	}
	reply(p, m, "100 Trying", NULL);
	p->state = INVITED;
	p->ours = false;
	p->cseq = 1;
	snprintf(p->invite, sizeof(p->invite), "%s", m);
	header(m, "Call-ID", p->call_id, sizeof(p->call_id));
	header(m, "From", p->remote, sizeof(p->remote));
	snprintf(p->local, sizeof(p->local), "%.400s;tag=%s", to, p->name);
	take_target(p, m);
}

static void
on_request(struct phone *p, const char *m)
{
	char id[FIELD];
	bool ours;

	header(m, "Call-ID", id, sizeof(id));
	ours = strcmp(id, p->call_id) == 0;
	if (strncmp(m, "INVITE ", 7) == 0) {
		on_invite(p, m);
	} else if (strncmp(m, "CANCEL ", 7) == 0) {
		reply(p, m, "200 OK", NULL);
		if (ours && p->state == INVITED) {
			reply(p, p->invite, "487 Request Terminated", NULL);
			p->state = IDLE;
		}
	} else if (strncmp(m, "BYE ", 4) == 0) {
		reply(p, m, "200 OK", NULL);
		if (ours)
			p->state = IDLE;
	} else if (strncmp(m, "ACK ", 4) != 0) {
		reply(p, m, "200 OK", NULL);
	}
}

/* ----------------------------------------------------------------- calling */

static void
ack(struct phone *p, const char *m)
{
	char cseq[64];

	header(m, "CSeq", cseq, sizeof(cseq));
	request(p, "ACK", (unsigned)strtoul(cseq, NULL, 10), NULL);
}

static void
on_answer(struct phone *p, const char *m)
{
	int code = atoi(m + 8);
	char cseq[64], id[FIELD];

	header(m, "Call-ID", id, sizeof(id));
	header(m, "CSeq", cseq, sizeof(cseq));
	if (strcmp(id, p->call_id) != 0)
		return;
	if (strstr(cseq, "INVITE") == NULL) {
		if (strstr(cseq, "BYE") != NULL)
			p->state = IDLE;
		if (strstr(cseq, "REGISTER") != NULL)
			p->registered = code == 200;
		return;
	}
	if (code < 200)
		return;
	p->unsettled = false;
	header(m, "To", p->remote, sizeof(p->remote));
	if (!p->ours)
		header(m, "From", p->local, sizeof(p->local));
	if (code < 300) {
		take_target(p, m);
		new_branch(p);
		ack(p, m);
		if (p->state == CALLING) {
			p->result = code;
			p->state = TALKING;
		}
		return;
	}
	ack(p, m);
	if (p->state == CALLING) {
		p->result = code;
		p->state = IDLE;
	}
}

static void
read_cb(evutil_socket_t fd, short what, void *arg)
{
	struct phone *p = arg;
	char m[MESSAGE];
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	ssize_t n =
	    recvfrom(fd, m, sizeof(m) - 1, 0, (struct sockaddr *)&from, &len);

	(void)what;
	if (n <= 4)
		return;
	m[n] = '\0';
	p->peer = from;
	if (strncmp(m, "SIP/2.0 ", 8) == 0)
		on_answer(p, m);
	else
		on_request(p, m);
}

/* -------------------------------------------------------------- by the test */

static void
aim(struct phone *p, int switch_port)
{
	p->peer = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons((uint16_t)switch_port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

void
phone_register(struct phone *p, int switch_port, int seconds)
{
	char expires[64];

	aim(p, switch_port);
	new_branch(p);
	snprintf(p->call_id, sizeof(p->call_id), "r-%s-%d", p->name, getpid());
	snprintf(p->local, sizeof(p->local), "<sip:%s@127.0.0.1>;tag=%u",
	    p->name, p->n);
	snprintf(p->remote, sizeof(p->remote), "<sip:%s@127.0.0.1>", p->name);
	snprintf(p->target, sizeof(p->target), "sip:127.0.0.1:%d", switch_port);
	snprintf(expires, sizeof(expires),
	    "Expires: %d\r\nContent-Length: 0\r\n\r\n", seconds);
	request(p, "REGISTER", ++p->cseq, expires);
}

void
phone_call(struct phone *p, const char *number, int switch_port)
{
	ck_assert_int_eq(p->state, IDLE);
	aim(p, switch_port);
	new_branch(p);
	p->ours = true;
	p->result = 0;
	p->cseq = 1;
	snprintf(p->call_id, sizeof(p->call_id), "%s-%d-%u", p->name, getpid(),
	    p->n);
	snprintf(p->local, sizeof(p->local), "\"%s\" <sip:%s@127.0.0.1>;tag=%u",
	    p->name, p->name, p->n);
	snprintf(p->remote, sizeof(p->remote), "<sip:%s@127.0.0.1>", number);
	snprintf(p->target, sizeof(p->target), "sip:%s@127.0.0.1:%d", number,
	    switch_port);
	p->state = CALLING;
	request(p, "INVITE", p->cseq, sdp(p, "sendrecv"));
}

void
phone_ring(struct phone *p)
{
	ck_assert_int_eq(p->state, INVITED);
	reply(p, p->invite, "180 Ringing", NULL);
}

void
phone_answer(struct phone *p)
{
	ck_assert_int_eq(p->state, INVITED);
	reply(p, p->invite, "200 OK", sdp(p, "sendrecv"));
	p->state = TALKING;
}

void
phone_refuse(struct phone *p, int code)
{
	char status[32];

	ck_assert_int_eq(p->state, INVITED);
	snprintf(status, sizeof(status), "%d No", code);
	reply(p, p->invite, status, NULL);
	p->state = IDLE;
}

void
phone_hang_up(struct phone *p)
{
	if (p->state == INVITED) {
		phone_refuse(p, 480);
	} else if (p->state == CALLING) {
		request(p, "CANCEL", p->cseq, NULL);
	} else if (p->state == TALKING) {
		new_branch(p);
		request(p, "BYE", ++p->cseq, NULL);
		p->state = ENDING;
	}
}

void
phone_hold(struct phone *p, bool hold)
{
	ck_assert_int_eq(p->state, TALKING);
	new_branch(p);
	p->unsettled = true;
	request(p, "INVITE", ++p->cseq, sdp(p, hold ? "sendonly" : "sendrecv"));
}

void
phone_transfer(struct phone *p, const char *number)
{
	char refer[256];

	ck_assert_int_eq(p->state, TALKING);
	new_branch(p);
	snprintf(refer, sizeof(refer),
	    "Refer-To: <sip:%s@127.0.0.1>\r\nContent-Length: 0\r\n\r\n",
	    number);
	request(p, "REFER", ++p->cseq, refer);
}

bool
phone_is_settled(const struct phone *p)
{
	return !p->unsettled;
}

bool
phone_is_registered(const struct phone *p)
{
	return p->registered;
}

bool
phone_is_invited(const struct phone *p)
{
	return p->state == INVITED;
}

bool
phone_talks(const struct phone *p)
{
	return p->state == TALKING;
}

bool
phone_is_idle(const struct phone *p)
{
	return p->state == IDLE;
}

int
phone_result(const struct phone *p)
{
	return p->result;
}

const char *
phone_invite(const struct phone *p)
{
	return p->invite;
}

int
phone_port(const struct phone *p)
{
	return p->port;
}

struct phone *
phone_new(struct event_base *base, const char *name)
{
	struct phone *p = calloc(1, sizeof(*p));
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sa);

	ck_assert_ptr_nonnull(p);
	snprintf(p->name, sizeof(p->name), "%s", name);
	p->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(p->fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	ck_assert_int_eq(getsockname(p->fd, (struct sockaddr *)&sa, &len), 0);
	p->port = ntohs(sa.sin_port);
	p->readable = event_new(base, p->fd, EV_READ | EV_PERSIST, read_cb, p);
	event_add(p->readable, NULL);
	return p;
}

void
phone_free(struct phone **phone)
{
	struct phone *p = *phone;

	if (p == NULL)
		return;
	event_free(p->readable);
	close(p->fd);
	free(p);
	*phone = NULL;
}
