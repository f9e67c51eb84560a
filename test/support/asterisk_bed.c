/*
 * asterisk_bed.c - see asterisk_bed.h.
 */
#include "test/support/asterisk_bed.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>

#include "base/clock.h"
#include "bridge/asterisk.h"
#include "test/support/support.h"

#define NAMES 26
#define TALE 65536

extern const struct driver driver_asterisk;

static void *driver;
static struct ast_options options;
static struct conf *conf;
static bool listening;
static char names[NAMES][65];
static unsigned n_names;
static char tale[TALE];
static size_t tale_len, tale_at;
static uint64_t last_order;

/* ------------------------------------------------------------------- tale */

static const char *
letter_of(ProtobufCBinaryData name)
{
	static const char letters[] = "A\0B\0C\0D\0E\0F\0G\0H\0I\0J\0K\0L\0M\0N"
				      "\0O\0P\0Q\0R\0S\0T\0U\0V\0W\0X\0Y\0Z";

	for (unsigned i = 0; i < n_names; i++)
		if (strlen(names[i]) == name.len &&
		    memcmp(names[i], name.data, name.len) == 0)
			return letters + (size_t)2 * i;
	ck_assert_uint_lt(n_names, NAMES);
	memcpy(names[n_names], name.data, name.len);
	names[n_names][name.len] = '\0';
	return letters + (size_t)2 * n_names++;
}

const char *
call_named(const char *letter)
{
	return names[letter[0] - 'A'];
}

static void add(const char *fmt, ...) PRINTF_LIKE(1, 2);

static void
add(const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(tale + tale_len, sizeof(tale) - tale_len, fmt, ap);
	va_end(ap);
	ck_assert(n >= 0 && (size_t)n < sizeof(tale) - tale_len);
	tale_len += (size_t)n;
}

static const char *
word(const ProtobufCEnumDescriptor *d, int value)
{
	const char *name = protobuf_c_enum_descriptor_get_value(d, value)->name;
	static const char *const prefixes[] = { "CAUSE_", "PARTY_",
		"RELATION_" };

	for (size_t i = 0; i < NELEM(prefixes); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return name + strlen(prefixes[i]);
	return name;
}

static void
add_bytes(const char *what, ProtobufCBinaryData b)
{
	if (b.len > 0)
		add(" %s%.*s", what, (int)b.len, (const char *)b.data);
}

static void
tell(const Mashang__CallEvent *e)
{
	add("%s %s", word(&mashang__call_event_kind__descriptor, (int)e->kind),
	    letter_of(e->call));
	add_bytes("@", e->device);
	if (e->order_id != 0)
		add(" #%" PRIu64, e->order_id);
	if (e->kind == MASHANG__CALL_EVENT_KIND__OFFERED) {
		add_bytes("from=", e->caller);
		add_bytes("name=", e->caller_name);
		add_bytes("to=", e->called);
		add_bytes("menu=", e->menu);
		if (e->priority > 0)
			add(" priority=%u", e->priority);
	}
	for (size_t i = 0; i < e->n_data; i++)
		add(" %.*s:%.*s", (int)e->data[i]->key.len,
		    (const char *)e->data[i]->key.data,
		    (int)e->data[i]->value.len,
		    (const char *)e->data[i]->value.data);
	if (e->kind == MASHANG__CALL_EVENT_KIND__OFFERED &&
	    e->related_call.len > 0)
		add(" of=%s", letter_of(e->related_call));
	if (e->kind == MASHANG__CALL_EVENT_KIND__OFFERED && e->relation != 0)
		add(" %s",
		    word(&mashang__relation__descriptor, (int)e->relation));
	if (e->cause != 0)
		add(" %s", word(&mashang__cause__descriptor, (int)e->cause));
	if (e->party != 0)
		add(" %s", word(&mashang__party__descriptor, (int)e->party));
	add("\n");
}

static void
on_event(void *arg, uint64_t seq)
{
	Mashang__CallEvent *e;
	const void *p;
	size_t len;

	(void)arg;
	ck_ok(spool_get(xb_x.spool, seq, &p, &len));
	e = mashang__call_event__unpack(NULL, len, p);
	ck_assert_ptr_nonnull(e);
	tell(e);
	mashang__call_event__free_unpacked(e, NULL);
}

static void
on_result(void *arg, const Mashang__OrderResult *r)
{
	(void)arg;
	(void)r;
}

static void
on_status(void *arg)
{
	(void)arg;
}

static void
on_devices(void *arg, const Mashang__DeviceStates *d)
{
	(void)arg;
	(void)d;
}

static bool
a_line(void)
{
	return memchr(tale + tale_at, '\n', tale_len - tale_at) != NULL;
}

static const char *
next_line(void)
{
	static char line[4096];
	const char *end;

	xb_until(a_line);
	end = memchr(tale + tale_at, '\n', tale_len - tale_at);
	snprintf(line, sizeof(line), "%.*s", (int)(end - (tale + tale_at)),
	    tale + tale_at);
	tale_at = (size_t)(end - tale) + 1;
	xb_x.told[0] = '\0';
	return line;
}

void
told(const char *want)
{
	const char *line = next_line();

	ck_assert_msg(strcmp(line, want) == 0,
	    "told '%s', not '%s'; all:\n%.*s", line, want, (int)tale_len, tale);
}

void
told_sometime(const char *want)
{
	while (strcmp(next_line(), want) != 0)
		;
}

void
told_nothing(void)
{
	ck_assert_msg(!a_line(), "told '%s'", next_line());
}

/* ----------------------------------------------------------------- orders */

static uint64_t awaited;

static bool
answered(void)
{
	return xb_result(awaited) != NULL;
}

static ProtobufCBinaryData
bytes(const char *s)
{
	return (ProtobufCBinaryData){ s != NULL ? strlen(s) : 0,
		(uint8_t *)(uintptr_t)s };
}

static void
give(Mashang__Order *o)
{
	o->order_id = awaited = ++last_order;
	o->ring_us = 4 * CLOCK_S;
	exchange_order(xb_x.x, o);
}

Mashang__Code
order_result(void)
{
	xb_until(answered);
	return xb_result(awaited)->code;
}

void
order_begin(Mashang__OrderKind kind, const char *call, const char *device,
    const char *number, const char *related)
{
	Mashang__Order o = MASHANG__ORDER__INIT;
	const char *name = call != NULL ? call_named(call) : NULL;

	o.kind = kind;
	o.call = bytes(name);
	o.device = bytes(device);
	o.number = bytes(number);
	o.related_call = bytes(related != NULL ? call_named(related) : NULL);
	o.version = name != NULL ? xb_version(name) : 0;
	give(&o);
}

Mashang__Code
ordered(Mashang__OrderKind kind, const char *call, const char *device,
    const char *number, const char *related)
{
	order_begin(kind, call, device, number, related);
	return order_result();
}

void
bed_announce(const char *call, uint32_t position, int64_t low, int64_t high)
{
	Mashang__Order o = MASHANG__ORDER__INIT;

	o.kind = ORDER(ANNOUNCE);
	o.call = bytes(call_named(call));
	o.position = position;
	o.wait_low_us = low;
	o.wait_high_us = high;
	give(&o);
}

void
bed_clear(const char *call, Mashang__Cause cause)
{
	Mashang__Order o = MASHANG__ORDER__INIT;

	o.kind = ORDER(CLEAR);
	o.call = bytes(call_named(call));
	o.version = xb_version(call_named(call));
	o.cause = cause;
	give(&o);
}

Mashang__Code
ordered_auto(Mashang__OrderKind kind, const char *call, const char *device)
{
	Mashang__Order o = MASHANG__ORDER__INIT;

	o.kind = kind;
	o.call = bytes(call_named(call));
	o.device = bytes(device);
	o.version = xb_version(call_named(call));
	o.auto_answer = true;
	give(&o);
	return order_result();
}

/* ----------------------------------------------------------------- status */

static const char *trouble_words;

static bool
is_live(void)
{
	return ((struct ast *)driver)->stage == AST_LIVE;
}

void
bed_connected(void)
{
	xb_until(is_live);
}

static bool
is_empty(void)
{
	return exchange_next(xb_x.x, NULL) == NULL;
}

void
bed_forget(void)
{
	xb_until(is_empty);
	memset(names, 0, sizeof(names));
	n_names = 0;
	tale_len = tale_at = 0;
	last_order = 0;
	xb_x.n_results = 0;
	xb_x.told[0] = '\0';
}

void
bed_clean(void)
{
	struct xcall *c;
	unsigned i;

	for (c = exchange_next(xb_x.x, NULL); c != NULL;
	     c = exchange_next(xb_x.x, c)) {
		letter_of((ProtobufCBinaryData){
		    xcall_name(c).len, (uint8_t *)(uintptr_t)xcall_name(c).p });
	}
	for (i = 0; i < n_names; i++)
		if (exchange_find(xb_x.x, str_of(names[i])) != NULL)
			ordered(ORDER(CLEAR), (char[]){ (char)('A' + i), 0 },
			    NULL, NULL, NULL);
	bed_forget();
}

/* Loopback delivers at once: what was written is read within these turns. */
void
xb_turn(void)
{
	for (unsigned i = 0; i < 10; i++)
		event_base_loop(xb_x.base, EVLOOP_NONBLOCK);
}

static bool
is_troubled(void)
{
	Mashang__SwitchStatus s = MASHANG__SWITCH_STATUS__INIT;

	exchange_status(xb_x.x, &s);
	return s.trouble.len > 0 &&
	       memmem(s.trouble.data, s.trouble.len, trouble_words,
		   strlen(trouble_words)) != NULL;
}

void
bed_trouble(const char *words)
{
	trouble_words = words;
	xb_until(is_troubled);
}

/* ------------------------------------------------------------ up and down */

static void
open_driver(void)
{
	const struct driver_setup setup = { .base = xb_x.base,
		.exchange = xb_x.x,
		.options = &options,
		.listen_only = listening };
	static const struct exchange_news also = { on_event, on_result,
		on_status, on_devices, NULL };

	ck_ok(driver_asterisk.open(&setup, &driver));
	exchange_attach(xb_x.x, driver);
	xb_also = &also;
}

void
asterisk_bed_setup(const char *section, bool listen_only)
{
	struct exchange_options o = { .switch_name = "pbx1",
		.epoch = 1,
		.ring_us = 20 * CLOCK_S,
		.driver = &driver_asterisk,
		.fallback = "" };

	memset(names, 0, sizeof(names));
	n_names = 0;
	tale_len = tale_at = 0;
	last_order = 0;
	listening = listen_only;
	memset(&options, 0, sizeof(options));
	ck_ok(conf_parse("section", section, strlen(section),
	    driver_asterisk.fields, &options, stderr, &conf));
	ck_assert_ptr_null(driver_asterisk.fault(&options, listen_only));
	o.can = driver_asterisk.can(&options, listen_only);
	exchange_bed_setup_with(&o);
	exchange_attach(xb_x.x, NULL);
	exchange_down(xb_x.x, "not yet");
	open_driver();
}

void
asterisk_bed_restart(void)
{
	exchange_attach(xb_x.x, NULL);
	driver_asterisk.close(&driver);
	exchange_bed_restart(false);
	exchange_attach(xb_x.x, NULL);
	open_driver();
	exchange_daemon_up(xb_x.x);
}

void
asterisk_bed_teardown(void)
{
	exchange_attach(xb_x.x, NULL);
	driver_asterisk.close(&driver);
	exchange_bed_teardown();
	conf_free(&conf);
}

void *
asterisk_bed_driver(void)
{
	return driver;
}
