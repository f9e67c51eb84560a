# Mashang.  `make help' lists what there is to make.

B       ?= build
PREFIX  ?= /usr/local
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo 0.1.0)

CC       ?= gcc
PKGS     := libevent libpq hiredis libprotobuf-c yaml-0.1 libsodium libsystemd jansson
# What speaks TLS: the bridge, towards its switch.
TLS      := -levent_openssl -lssl -lcrypto
STD      := -std=c11
WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wpointer-arith -Wwrite-strings -Wformat=2 -Wvla -Wundef -Wcast-qual
OPT      ?= -O2
CFLAGS   ?= -g $(OPT) -fstack-protector-strong -fno-omit-frame-pointer
CPPFLAGS += -D_GNU_SOURCE -I. -Idaemon -Iproto -I$B/gen -MMD -MP \
            -DVERSION='"$(VERSION)"' -DDATADIR='"$(PREFIX)/share/mashang"' \
            -DLOCALEDIR='"$(PREFIX)/share/locale"'
LDFLAGS  += -Wl,--as-needed

# A build variant lives in its own directory: WERROR=1, SAN=address,undefined.
ifdef WERROR
WARN     += -Werror
endif
ifdef SAN
CFLAGS   += -fsanitize=$(SAN) -fno-sanitize-recover=all
LDFLAGS  += -fsanitize=$(SAN)
endif

# Only these goals can do without the packages.
FREE := help clean format packages
ifneq ($(filter-out $(FREE),$(or $(MAKECMDGOALS),all)),)
ifeq ($(filter demo check check-% bench lint,$(MAKECMDGOALS)),)
MISSING := $(strip $(shell scripts/packages missing build))
ifneq ($(MISSING),)
$(error These Debian packages are missing; as root run: apt-get install $(MISSING))
endif
endif
endif

CPPFLAGS += $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
LIBS     := $(shell pkg-config --libs $(PKGS) 2>/dev/null)

src  = $(foreach d,$(1),$(wildcard $(d)/*.c))
obj  = $(patsubst %.c,$B/%.o,$(1))
PB      := $B/gen/mashang.pb-c.o
PROTO_SRC := $(filter-out proto/bridge_example.c,$(wildcard proto/*.c))
PROTO   := $(PB) $(call obj,$(PROTO_SRC))
BASE    := $(call obj,$(call src,daemon/base))
SLA     := $(call obj,$(call src,daemon/sla daemon/routing))
DAEMON  := $(call obj,$(call src,daemon/net daemon/desk daemon/store)) $(SLA)
CLIENT  := $(call obj,$(filter-out client/main.c,$(call src,client)))
REPLAY  := $(call obj,$(filter-out daemon/replay/main.c,$(call src,daemon/replay)))
# Rehearsals: the desk and its ACD in memory, no server's client.
WHATIF  := $(call obj,$(call src,daemon/whatif daemon/desk) \
           $(addprefix daemon/store/,acd.c mem_acd.c mem_floor.c mem_line.c zset.c unit.c row.c row_tables.c names.c)) \
           $(call obj,$(wildcard client/hotline*.c client/words*.c) client/i18n.c client/fmt.c) $(SLA)
BRIDGE  := $(call obj,$(filter-out daemon/bridge/main.c,$(call src,daemon/bridge)))
CONFORM := $(call obj,$(filter-out daemon/conform/main.c,$(call src,daemon/conform)))
# What of the importer needs no libical, for the tests.
HOLIDAYS := $(call obj,$(addprefix daemon/holidays/,choice.c csv.c holiday.c place.c print.c))

UNIT    := $(sort $(wildcard test/proto/*_test.c test/client/*_test.c test/daemon/*/*_test.c))
INTEG   := $(sort $(wildcard test/integration/*_test.c))
# On real switches, where they are installed; make check-live.
LIVE    := $(sort $(wildcard test/live/*_test.c))
TESTS   := $(UNIT) $(INTEG) $(LIVE)
SUPPORT := $(call src,test/support)
SUITES  := $(patsubst %_test.c,%,$(notdir $(TESTS)))
names    = $(patsubst %_test.c,%,$(notdir $(1)))
BENCHES := $(patsubst test/bench/%_bench.c,%,$(wildcard test/bench/*_bench.c))
LOCALES := $(patsubst client/po/%.po,%,$(wildcard client/po/*.po))

PROGRAMS := $B/mashangd $B/mashang $B/mashang-bridge $B/mashang-replay $B/mashang-holidays $B/sla-conform

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

all: $(PROGRAMS) $(LOCALES:%=$B/locale/%/LC_MESSAGES/mashang.mo) ## build everything into build/

$B/mashangd: $(call obj,$(call src,daemon)) $(DAEMON) $(BASE) $(PROTO)
$B/mashang: $B/client/main.o $(CLIENT) $(SLA) $(BASE) $(PROTO)
$B/mashang-replay: $B/daemon/replay/main.o $(REPLAY) $(WHATIF) $(BASE) $(PROTO)
$B/mashang-bridge: $B/daemon/bridge/main.o $(BRIDGE) $(BASE) $(PROTO)
$B/mashang-bridge: LIBS += $(TLS)
$B/sla-conform: $B/daemon/conform/main.o $(CONFORM) $(SLA) $(BASE)
$B/mashang-holidays: $(call obj,$(call src,daemon/holidays)) $(SLA) $(BASE)
$B/mashang-holidays: LIBS += -lical
$(PROGRAMS):
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) -lm -lpthread

$B/gen/mashang.pb-c.c $B/gen/mashang.pb-c.h &: proto/mashang.proto
	@mkdir -p $(@D)
	protoc-c --c_out=$B/gen -Iproto $<

# The Redis functions travel inside the daemon.
$B/gen/acd_lua.h: daemon/store/acd_floor.lua daemon/store/acd.lua
	@mkdir -p $(@D)
	{ echo 'static const unsigned char acd_lua[] = {'; \
	  cat $^ | od -An -v -tx1 | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'; \
	  echo '};'; } >$@

$B/%.o: %.c | $B/gen/mashang.pb-c.h $B/gen/acd_lua.h
	@mkdir -p $(@D)
	$(CC) $(STD) $(CPPFLAGS) $(WARN) $(CFLAGS) -c -o $@ $<
$B/gen/%.o: $B/gen/%.c
	$(CC) $(STD) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$B/locale/%/LC_MESSAGES/mashang.mo: client/po/%.po
	@mkdir -p $(@D)
	msgfmt -c -o $@ $<

# ---- tests: a suite is a file, the registry comes from the files' names
$B/gen/suites.h: $(TESTS) Makefile
	@mkdir -p $(@D)
	{ for s in $(SUITES); do echo "Suite *$${s}_suite(void);"; done; \
	  echo "#define UNIT_SUITES(X) $(patsubst %,X(%),$(call names,$(UNIT)))"; \
	  echo "#define INTEGRATION_SUITES(X) $(patsubst %,X(%),$(call names,$(INTEG)))"; \
	  echo "#define LIVE_SUITES(X) $(patsubst %,X(%),$(call names,$(LIVE)))"; \
	} >$@
$B/test/support/main.o: $B/gen/suites.h
# The registry declares the suites; their own files need not.
$(call obj,$(TESTS)): WARN += -Wno-missing-prototypes
$B/test/check: $(call obj,$(SUPPORT) $(TESTS)) $(CONFORM) $(HOLIDAYS) $(sort $(REPLAY) $(WHATIF) $(CLIENT) $(DAEMON)) $(BRIDGE) $(BASE) $(PROTO)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) $(TLS) -lcheck -lsubunit -lrt -lm -lpthread

check: check-packages ## install what is missing, build, run every test (T=name: one suite)
	+@$(MAKE) --no-print-directory all $B/test/check
	BUILD=$B $B/test/check $(T)
check-unit: check-packages ## only the tests that need no server
	+@$(MAKE) --no-print-directory $B/test/check
	BUILD=$B $B/test/check unit
check-integration: check-packages ## only the tests on real servers
	+@$(MAKE) --no-print-directory all $B/test/check
	BUILD=$B $B/test/check integration
check-live: check-packages ## the drivers on real switches: of PATH, or MASHANG_ASTERISK=, MASHANG_FREESWITCH=path
	+@$(MAKE) --no-print-directory all $B/test/check
	BUILD=$B $B/test/check live
check-san: check-packages ## every test under the address and undefined-behaviour sanitizers
	+@$(MAKE) --no-print-directory B=build/san SAN=address,undefined OPT=-O1 check
check-valgrind: check-packages ## the unit tests under valgrind
	+@$(MAKE) --no-print-directory $B/test/check
	CK_TIMEOUT_MULTIPLIER=20 BUILD=$B valgrind -q --error-exitcode=9 --leak-check=full \
	    --errors-for-leak-kinds=definite,possible $B/test/check unit
check-mutants: check-packages ## apply each test/mutants/*.patch and expect the tests to notice
	scripts/check-mutants
check-packages:
	@scripts/packages install build run test

demo: ## install what is missing, build, play a day of a hotline, show it
	@scripts/packages install build run
	+@$(MAKE) --no-print-directory all
	@B=$B scripts/demo

bench: ## measure; a table, and build/bench.json
	@scripts/packages install build run test
	+@$(MAKE) --no-print-directory all $(BENCHES:%=$B/bench/%)
	B=$B scripts/bench
$B/bench/%: $B/test/bench/%_bench.o $(call obj,$(filter-out %_bench.c,$(call src,test/bench))) $(filter-out $B/test/support/main.o,$(call obj,$(SUPPORT))) $(REPLAY) $(BRIDGE) $(DAEMON) $(BASE) $(PROTO)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) $(TLS) -lcheck -lsubunit -lrt -lm -lpthread

# ---- fuzzing: each test/fuzz/NAME_fuzz.c, from its corpus test/fuzz/NAME/
FUZZ_RUNS ?= 1000000
FUZZERS := $(patsubst test/fuzz/%_fuzz.c,%,$(wildcard test/fuzz/*_fuzz.c))
# An archive: what a fuzzer does not call is not linked.
$B/ours.a: $(BRIDGE) $(HOLIDAYS) $(DAEMON) $(BASE) $(PROTO)
	rm -f $@
	ar rcs $@ $^
$B/fuzz-%: $B/test/fuzz/%_fuzz.o $B/ours.a
	$(CC) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS) $(TLS) -lm -lpthread
fuzz-all: $(FUZZERS:%=$B/fuzz-%)
fuzz: ## feed the parsers FUZZ_RUNS hostile inputs each (1,000,000); T=name: one
	@scripts/packages install build lint
	+@$(MAKE) --no-print-directory B=build/fuzz CC=clang-14 OPT=-O1 \
	    SAN=fuzzer-no-link,address,undefined fuzz-all
	set -e; for f in $(or $(T),$(FUZZERS)); do mkdir -p build/fuzz/corpus/$$f; \
	    seeds=test/fuzz/$$f; [ -d $$seeds ] || seeds=; \
	    build/fuzz/fuzz-$$f -runs=$(FUZZ_RUNS) -max_len=8192 -verbosity=0 \
	        -print_final_stats=1 build/fuzz/corpus/$$f $$seeds; done

# ---- keeping it clean
OURS := $(shell git ls-files '*.c' '*.h' 2>/dev/null)
lint: ## formatting, headers alone, layers, options, scripts, units, clang-tidy
	@scripts/packages install build run test lint
	+@$(MAKE) --no-print-directory all $B/gen/suites.h
	B=$B scripts/lint
format: ## clang-format in place
	@clang-format-14 -i $(OURS)

# ---- installing
install: all ## DESTDIR=, PREFIX=: programs, SQL, configuration, units
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin \
	    $(DESTDIR)$(PREFIX)/share/mashang/sql $(DESTDIR)$(PREFIX)/share/mashang/proto \
	    $(DESTDIR)$(PREFIX)/share/mashang/config/calendars \
	    $(DESTDIR)/etc/mashang $(DESTDIR)$(PREFIX)/lib/systemd/system
	install -m 755 $B/mashang $B/mashang-replay $B/mashang-holidays $B/sla-conform $(DESTDIR)$(PREFIX)/bin
	install -m 755 $B/mashangd $B/mashang-bridge $(DESTDIR)$(PREFIX)/sbin
	install -m 644 sql/*.sql $(DESTDIR)$(PREFIX)/share/mashang/sql
	install -m 644 proto/* $(DESTDIR)$(PREFIX)/share/mashang/proto
	install -m 644 config/hotline.yaml config/kamailio.cfg config/kamailio-devices.cfg $(DESTDIR)$(PREFIX)/share/mashang/config
	install -d $(DESTDIR)$(PREFIX)/share/mashang/config/asterisk
	install -m 644 config/asterisk/* $(DESTDIR)$(PREFIX)/share/mashang/config/asterisk
	install -d $(DESTDIR)$(PREFIX)/share/mashang/config/freeswitch
	install -m 644 config/freeswitch/* $(DESTDIR)$(PREFIX)/share/mashang/config/freeswitch
	install -m 644 config/calendars/*.yaml \
	    $(DESTDIR)$(PREFIX)/share/mashang/config/calendars
	install -m 644 config/mashangd.yaml $(DESTDIR)/etc/mashang/mashangd.yaml.sample
	install -m 644 config/bridge.yaml $(DESTDIR)/etc/mashang/bridge.yaml.sample
	for u in packaging/systemd/*; do sed 's|@PREFIX@|$(PREFIX)|g' $$u \
	    >$(DESTDIR)$(PREFIX)/lib/systemd/system/$${u##*/}; done
	for l in $(LOCALES); do \
	    install -D -m 644 $B/locale/$$l/LC_MESSAGES/mashang.mo \
	        $(DESTDIR)$(PREFIX)/share/locale/$$l/LC_MESSAGES/mashang.mo; done
uninstall: ## takes away what install put there; leaves /etc/mashang
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,bin/mashang bin/mashang-replay bin/mashang-holidays bin/sla-conform sbin/mashangd sbin/mashang-bridge) \
	    $(DESTDIR)$(PREFIX)/share/locale/*/LC_MESSAGES/mashang.mo \
	    $(patsubst packaging/systemd/%,$(DESTDIR)$(PREFIX)/lib/systemd/system/%,$(wildcard packaging/systemd/*))
	rm -rf $(DESTDIR)$(PREFIX)/share/mashang

clean: ## remove build/
	rm -rf build
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 28

.PHONY: all check check-unit check-integration check-live check-san check-valgrind check-mutants \
        check-packages demo bench fuzz fuzz-all lint format install uninstall clean help

-include $(shell find $B -name '*.d' 2>/dev/null)
