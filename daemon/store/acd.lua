#!lua name=mashang_v1
--
-- acd.lua - the ACD in Redis: who waits, who is ready, who is offered what.
--
-- The rules are those of acd.h, the twin is mem_acd.c.  One FCALL carries out
-- a list of commands in their order and returns the list of their replies, so
-- that a loop pass of the daemon costs one round trip.  Redis runs it as one
-- piece: nobody sees half a match.
--
-- Everything hangs on the generation: KEYS[1] holds the one that is in force,
-- its name is the stem of all other keys, and the generation is part of them.
-- A caller of another generation gets STALEGEN, and nothing has changed.
--
--   STEM          the generation          STEM is {prefix}:acd
--   STEM:G:n      how many offers there were
--   STEM:G:c      hash: call  -> line 4, arrival 8, 'x' or '-', offer 4, score
--   STEM:G:x      hash: call  -> agents excluded from it, 4 each
--   STEM:G:a      hash: agent -> state, offer 4, length, score, lines, 4 each
--   STEM:G:p      hash: agent -> profile as it came with LOGIN
--   STEM:G:o      hash: offer -> agent 4, call 16, offered at 8
--   STEM:G:l      hash: line (queue 4, then skill 4 and level 1) -> its number
--   STEM:G:q      hash: queue -> its lines: number 4, length, line
--   STEM:G:w:LINE sorted set, waiting: arrival 8, call 16, 'x' if it excludes
--   STEM:G:r:LINE sorted set, ready: agent 4
--
-- Ids, arrivals and times are big-endian bytes, so that Redis orders members of
-- equal score as numbers are ordered; nothing here looks inside them.  A line's
-- number is four hex digits.  Scores pass through as decimal text: whole
-- microseconds within 2^53, which the doubles of a sorted set hold exactly.
--
-- Cost: O(log n) for each line of the agent concerned, and as many members
-- passed over as that agent or call has exclusions.  Only the first use of a
-- line looks at all agents, once.  No KEYS, no SCAN, no clock.
--

-- While a library loads, Redis shows it nothing but redis.register_function.
local rcall, sub, byte, char, format, concat, pack, unpack

local function bind()
    rcall, concat = redis.call, table.concat
    sub, byte, char = string.sub, string.byte, string.char
    format, pack, unpack = string.format, struct.pack, struct.unpack
end

local NO_OFFER = '\0\0\0\0'
local OK, NOT_FOUND, REFUSED, OFFER_GONE = 0, 1, 2, 3
local OFFERED, RESCINDED = '\1', '\2'
local IDLE, READY, RESERVED, BUSY = 'i', 'r', 'o', 'b'
local MAX_OFFERS, MAX_LINES = 4294967295, 65535

-- Of the FCALL that runs: names of keys, numbers of lines seen, lines where
-- nobody was ready and nobody has become so since (thus a rebuild need not ask
-- for each call), changes of the two counts, time; and of its present command:
-- effects.
local k = {}
local known, deserted, n_waiting, n_ready, now
local effects, n_effects

local function name_keys(stem, generation)
    local s = stem .. ':' .. generation .. ':'
    k = { stem = stem, generation = generation, count = s .. 'n',
          calls = s .. 'c', excluded = s .. 'x', agents = s .. 'a',
          profiles = s .. 'p', offers = s .. 'o', lines = s .. 'l',
          queues = s .. 'q', waiting = s .. 'w:', ready = s .. 'r:' }
end

-- Is `item', of 4 bytes, in the list?
local function has(list, item)
    for i = 1, #list, 4 do
        if sub(list, i, i + 3) == item then return true end
    end
    return false
end

-- By bytes: Lua's own `<' goes by the server's locale.
local function is_before(a, b)
    for i = 1, 24 do
        local x, y = byte(a, i), byte(b, i)
        if x ~= y then return x < y end
    end
    return false
end

local function tell(kind, offer, call, agent)
    effects = effects .. kind .. offer .. call .. agent
    n_effects = n_effects + 1
end

-- ------------------------------------------------------------------- records

local function get_call(id)
    local r = rcall('HGET', k.calls, id)
    if not r then return nil end
    return { id = id, line = sub(r, 1, 4), arrival = sub(r, 5, 12),
             flag = sub(r, 13, 13) == 'x' and 'x' or '',
             offer = sub(r, 14, 17), score = sub(r, 18) }
end

local function call_record(c, offer)
    return c.line .. c.arrival .. (c.flag == 'x' and 'x' or '-') .. offer ..
        c.score
end

local function put_call(c, offer)
    rcall('HSET', k.calls, c.id, call_record(c, offer))
end

local function remove_call(c)
    rcall('HDEL', k.calls, c.id)
    if c.flag == 'x' then rcall('HDEL', k.excluded, c.id) end
end

local function get_agent(id)
    local r = rcall('HGET', k.agents, id)
    if not r then return nil end
    local n = byte(r, 6)
    return { id = id, state = sub(r, 1, 1), offer = sub(r, 2, 5),
             score = sub(r, 7, 6 + n), lines = sub(r, 7 + n) }
end

local function put_agent(a, state, offer)
    a.state, a.offer = state, offer
    rcall('HSET', k.agents, a.id,
        state .. offer .. char(#a.score) .. a.score .. a.lines)
end

-- ---------------------------------------------------------------------- sets

local function wait(c)
    rcall('ZADD', k.waiting .. c.line, c.score, c.arrival .. c.id .. c.flag)
    n_waiting = n_waiting + 1
end

local function stop_waiting(c)
    rcall('ZREM', k.waiting .. c.line, c.arrival .. c.id .. c.flag)
    n_waiting = n_waiting - 1
end

local function sit(a)
    for i = 1, #a.lines, 4 do
        rcall('ZADD', k.ready .. sub(a.lines, i, i + 3), a.score, a.id)
    end
    n_ready = n_ready + 1
    deserted = {}
end

local function stand_up(a)
    for i = 1, #a.lines, 4 do
        rcall('ZREM', k.ready .. sub(a.lines, i, i + 3), a.id)
    end
    n_ready = n_ready - 1
end

-- ------------------------------------------------------------------ matching

local function excluded_from(c)
    return c.flag == 'x' and rcall('HGET', k.excluded, c.id) or ''
end

local function best_agent(c)
    if deserted[c.line] then return nil end
    local set, excluded, i = k.ready .. c.line, excluded_from(c), 0
    while true do
        local agent = rcall('ZRANGE', set, i, i)[1]
        if not agent then
            deserted[c.line] = i == 0
            return nil
        end
        if not has(excluded, agent) then return agent end
        i = i + 1
    end
end

-- The first of a line that this agent may have: its member and score.
local function head_for(agent, line)
    local set, i = k.waiting .. line, 0
    while true do
        local h = rcall('ZRANGE', set, i, i, 'WITHSCORES')
        local m = h[1]
        if not m then return nil end
        if #m == 24 or
           not has(rcall('HGET', k.excluded, sub(m, 9, 24)), agent) then
            return m, tonumber(h[2])
        end
        i = i + 1
    end
end

local function best_call(a)
    local best, best_score
    for i = 1, #a.lines, 4 do
        local m, score = head_for(a.id, sub(a.lines, i, i + 3))
        if m and (not best or score < best_score or
                  score == best_score and is_before(m, best)) then
            best, best_score = m, score
        end
    end
    return best and get_call(sub(best, 9, 24))
end

-- Both have left their sets.
local function reserve(c, a)
    local n = rcall('INCR', k.count)
    if n > MAX_OFFERS then error('offers of this generation are used up') end
    local offer = pack('>I4', n)
    put_agent(a, RESERVED, offer)
    put_call(c, offer)
    rcall('HSET', k.offers, offer, a.id .. c.id .. now)
    tell(OFFERED, offer, c.id, a.id)
end

-- A call that is in no set, recorded as waiting: offered, or it does wait.
local function place_call(c)
    local id = best_agent(c)
    if id then
        local a = get_agent(id)
        stand_up(a)
        reserve(c, a)
    else
        wait(c)
    end
end

-- A call that was offered takes its old place.
local function put_back(c)
    put_call(c, NO_OFFER)
    place_call(c)
end

-- An agent who is in no set: offered a call, or ready.
local function place_agent(a)
    local c = best_call(a)
    if c then
        stop_waiting(c)
        reserve(c, a)
    else
        sit(a)
        put_agent(a, READY, NO_OFFER)
    end
end

-- The two are free again, in no set, and still recorded as offered.
local function end_offer(offer)
    local r = rcall('HGET', k.offers, offer)
    if not r then return nil end
    rcall('HDEL', k.offers, offer)
    return get_agent(sub(r, 1, 4)), get_call(sub(r, 5, 20))
end

-- Takes no work any more: what was offered goes back and on.
local function stop_agent(a, state)
    local offer, was = a.offer, a.state
    if was == READY then stand_up(a) end
    put_agent(a, state, NO_OFFER)
    if was == RESERVED then
        local _, c = end_offer(offer)
        tell(RESCINDED, offer, c.id, a.id)
        put_back(c)
    end
end

-- --------------------------------------------------------------------- lines

-- Line: queue 4, then 5 bytes a minimum.  Profile: queues 4 each, skills 5.
local function has_skill(skills, skill, level)
    for i = 1, #skills, 5 do
        if sub(skills, i, i + 3) == skill and byte(skills, i + 4) >= level then
            return true
        end
    end
    return false
end

local function qualifies(line, queues, skills)
    if not has(queues, sub(line, 1, 4)) then return false end
    for i = 5, #line, 5 do
        if not has_skill(skills, sub(line, i, i + 3), byte(line, i + 4)) then
            return false
        end
    end
    return true
end

-- Everybody who is logged in and qualifies joins a new line.
local function fill_line(line, number)
    local all = rcall('HGETALL', k.profiles)
    for i = 1, #all, 2 do
        local queues, skills = unpack('>Hc0Hc0', all[i + 1])
        if qualifies(line, queues, skills) then
            local a = get_agent(all[i])
            a.lines = a.lines .. number
            put_agent(a, a.state, a.offer)
            if a.state == READY then
                rcall('ZADD', k.ready .. number, a.score, a.id)
            end
        end
    end
end

local function line_of(line)
    local number = known[line] or rcall('HGET', k.lines, line)
    if number then
        known[line] = number
        return number
    end
    local n = rcall('HLEN', k.lines) + 1
    if n > MAX_LINES then error('too many lines') end
    number = format('%04x', n)
    local queue = sub(line, 1, 4)
    rcall('HSET', k.lines, line, number)
    rcall('HSET', k.queues, queue, (rcall('HGET', k.queues, queue) or '') ..
        number .. char(#line) .. line)
    fill_line(line, number)
    return number
end

local function lines_for(queues, skills)
    local found, seen = {}, {}
    for i = 1, #queues, 4 do
        local queue = sub(queues, i, i + 3)
        local all = not seen[queue] and rcall('HGET', k.queues, queue) or ''
        local at = 1
        seen[queue] = true
        while at <= #all do
            local number, line
            number, line, at = unpack('>c4Bc0', all, at)
            if qualifies(line, queues, skills) then
                found[#found + 1] = number
            end
        end
    end
    return concat(found)
end

-- ------------------------------------------------------------------ commands
-- Each gets the list and where its fields start, and returns where they end
-- and what became of it.  The numbers are those of enum acd_op.

local commands = {}

commands[1] = function(list, at) -- ENQUEUE
    local id, arrival, score, line
    id, arrival, score, line, at = unpack('>c16c8Bc0Bc0', list, at)
    local c = { id = id, arrival = arrival, score = score, flag = '',
                line = line_of(line) }
    if rcall('HSETNX', k.calls, id, call_record(c, NO_OFFER)) == 1 then
        place_call(c)
    end
    return at, OK
end

commands[2] = function(list, at) -- DEQUEUE
    local c = get_call(sub(list, at, at + 15))
    at = at + 16
    if not c then return at, OK end
    remove_call(c)
    if c.offer == NO_OFFER then
        stop_waiting(c)
    else
        local a = end_offer(c.offer)
        tell(RESCINDED, c.offer, c.id, a.id)
        place_agent(a)
    end
    return at, OK
end

local function logout(id)
    local a = get_agent(id)
    if not a then return NOT_FOUND end
    stop_agent(a, IDLE)
    rcall('HDEL', k.agents, id)
    rcall('HDEL', k.profiles, id)
    return OK
end

commands[3] = function(list, at) -- LOGIN
    local id, queues, skills, start, profile
    id, start = unpack('>c4', list, at)
    queues, skills, at = unpack('>Hc0Hc0', list, start)
    profile = sub(list, start, at - 1)
    logout(id)
    rcall('HSET', k.profiles, id, profile)
    put_agent({ id = id, score = '', lines = lines_for(queues, skills) },
        IDLE, NO_OFFER)
    return at, OK
end

commands[4] = function(list, at) -- LOGOUT
    return at + 4, logout(sub(list, at, at + 3))
end

commands[5] = function(list, at) -- READY
    local id, score
    id, score, at = unpack('>c4Bc0', list, at)
    local a = get_agent(id)
    if not a then return at, NOT_FOUND end
    if a.state == RESERVED then return at, REFUSED end
    if a.state ~= READY then
        a.score = score
        place_agent(a)
    end
    return at, OK
end

local function stopping(state)
    return function(list, at)
        local a = get_agent(sub(list, at, at + 3))
        if not a then return at + 4, NOT_FOUND end
        stop_agent(a, state)
        return at + 4, OK
    end
end

commands[6] = stopping(IDLE) -- NOT_READY
commands[7] = stopping(IDLE) -- WRAP_UP
commands[11] = stopping(BUSY) -- BUSY

commands[8] = function(list, at) -- SHOWN: the desk keeps the time
    local live = rcall('HEXISTS', k.offers, sub(list, at, at + 3)) == 1
    return at + 4, live and OK or OFFER_GONE
end

commands[9] = function(list, at) -- ACCEPT
    local a, c = end_offer(sub(list, at, at + 3))
    if not a then return at + 4, OFFER_GONE end
    remove_call(c)
    put_agent(a, BUSY, NO_OFFER)
    return at + 4, OK
end

local function exclude(c, agent)
    local list = excluded_from(c)
    if not has(list, agent) then
        rcall('HSET', k.excluded, c.id, list .. agent)
        c.flag = 'x'
    end
end

commands[10] = function(list, at) -- END_OFFER
    local offer, stay, out
    offer, stay, out, at = unpack('>c4BB', list, at)
    local a, c = end_offer(offer)
    if not a then return at, OFFER_GONE end
    if out == 1 then exclude(c, a.id) end
    if stay == 0 then
        put_agent(a, IDLE, NO_OFFER)
        put_back(c)
        return at, OK
    end
    sit(a)
    put_agent(a, READY, NO_OFFER)
    put_back(c)
    a = get_agent(a.id) -- the call may have come back to the same agent
    if a.state == READY then
        stand_up(a)
        place_agent(a)
    end
    return at, OK
end

-- ----------------------------------------------------------------- functions

-- KEYS: stem.  ARGV: generation, commands.  Each command is its operation, the
-- time, its fields.  Returns, for each, what became of it, how many effects,
-- the effects; then by how much the counts of waiting and ready have changed.
local function run(keys, args)
    local list, at, replies, n = args[2], 1, {}, 0
    if not rcall then bind() end
    if rcall('GET', keys[1]) ~= args[1] then
        return redis.error_reply('STALEGEN another generation is in force')
    end
    if k.generation ~= args[1] or k.stem ~= keys[1] then
        name_keys(keys[1], args[1])
    end
    known, deserted, n_waiting, n_ready = {}, {}, 0, 0
    while at <= #list do
        local op, err = byte(list, at), nil
        now = sub(list, at + 1, at + 8)
        effects, n_effects = '', 0
        at, err = commands[op](list, at + 9)
        n = n + 1
        replies[n] = char(err, n_effects) .. effects
    end
    return concat(replies) .. pack('>i4i4', n_waiting, n_ready)
end

-- KEYS: stem.  ARGV: the new generation.  The old one goes, whole.
local function reset(keys, args)
    if not rcall then bind() end
    local old = rcall('GET', keys[1])
    if old then
        name_keys(keys[1], old)
        for _, line in ipairs(rcall('HVALS', k.lines)) do
            rcall('UNLINK', k.waiting .. line, k.ready .. line)
        end
        rcall('UNLINK', k.count, k.calls, k.excluded, k.agents, k.profiles,
            k.offers, k.lines, k.queues)
    end
    rcall('SET', keys[1], args[1])
    return redis.status_reply('OK')
end

redis.register_function('mashang_v1_run', run)
redis.register_function('mashang_v1_reset', reset)
