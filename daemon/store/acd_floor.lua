#!lua name=mashang_v1
--
-- acd_floor.lua - the ACD in Redis: who waits, who is ready, who is offered
-- what.  acd.lua behind it has the commands; the two are one library.
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
--   STEM:G:c      hash: call  -> line 4, media 1, arrival 8, score 8, ring
--                 1, behind its length 'x' if it excludes, offers 4 each
--   STEM:G:x      hash: call  -> agents excluded from it, 4 each
--   STEM:G:a      hash: agent -> state, offer 4, in hand 4, limit 4, scores:
--                 of any other queue 8, how many 1, one a queue 8 each
--   STEM:G:s      hash: agent -> seats, 6 each: line 4, door 1 (0: the line's
--                 own queue, then its neighbours'; 128 more: of work items),
--                 slot 1 (of that queue in the profile; 255: in none)
--   STEM:G:p      hash: agent -> profile as it came with LOGIN
--   STEM:G:o      hash: offer -> agent 4, call 16, offered at 8
--   STEM:G:l      hash: line (see `seat_in') -> its number
--   STEM:G:d      hash: queue or '@' and agent -> the lines that it leads to:
--                 number 4, length, line
--   STEM:G:t      hash: number of a line -> how many have a seat in it
--   STEM:G:q      set: the queues that somebody has
--   STEM:G:m:Q    set: the agents who have that queue
--   STEM:G:w:LINE sorted set, waiting: arrival 8, call 16, 'x' if it excludes
--   STEM:G:r:LINE sorted set, ready: agent 4
--
-- Ids, arrivals and times are big-endian bytes, so that Redis orders members of
-- equal score as numbers are ordered; nothing here looks inside them.  Scores
-- are whole numbers within 2^53, which Lua and sorted sets hold exactly.
--
-- Cost: O(log n) for each line of the agent concerned, and as many members
-- passed over as that agent or call has exclusions.  The first use of a line
-- looks at all agents of its queues, once.  No KEYS, no SCAN, no clock.
--

-- While a library loads, Redis shows it nothing but redis.register_function.
local rcall, sub, byte, char, concat, pack, unpack

local function bind()
    rcall, concat = redis.call, table.concat
    sub, byte, char = string.sub, string.byte, string.char
    pack, unpack = struct.pack, struct.unpack
end

local NONE = '\0\0\0\0'
local OK, NOT_FOUND, REFUSED, OFFER_GONE = 0, 1, 2, 3
local OFFERED, RESCINDED = '\1', '\2'
local IDLE, READY, RESERVED, BUSY = 'i', 'r', 'o', 'b'
local SEEN_NONE, SEEN_WAITING, SEEN_OFFERED = 0, 1, 2
local SEEN = { i = 3, r = 4, o = SEEN_OFFERED, b = 5 }
local MAX_COUNT = 4294967295
local WORK, NO_SLOT = 1, 255
local SPAN, FIRST = 2 ^ 51, -2 ^ 53 -- of agents' scores, see acd.h
local NOBODY = 2 ^ 54 -- behind all scores

-- Of the stem and generation at work: names of keys, and what is remembered
-- from one FCALL to the next so as not to ask Redis again.  Nobody else writes
-- these keys, a new generation forgets all, and so does whatever fails:
--   whole     false: a command failed half-way
--   numbers   of lines
--   heads     line -> member of the first that waits; nil: nobody or unknown
--   scores    line -> its score, NOBODY; nil: unknown
--   deserted  lines where nobody is ready
--   seats_of  agent -> list of seats, in it the lines of calls and of items
--   parsed    seats as bytes -> as such a list, n_parsed of them
--   seat_at   seat as bytes -> as a table
local k = {}
local stems, n_stems = {}, 0

-- Of the FCALL that runs: changes of the two counts, time; and of its present
-- command: effects, what is seen, the line's staff.
local n_waiting, n_ready, now
local effects, n_effects, seen, staffed

local function remember(stem, generation)
    local s = stem .. ':' .. generation .. ':'
    if not stems[stem] then
        if n_stems == 16 then stems, n_stems = {}, 0 end
        n_stems = n_stems + 1
    end
    k = { stem = stem, generation = generation, count = s .. 'n',
          calls = s .. 'c', excluded = s .. 'x', agents = s .. 'a',
          seats = s .. 's', profiles = s .. 'p', offers = s .. 'o',
          lines = s .. 'l', doors = s .. 'd', staffed = s .. 't',
          queues = s .. 'q', members = s .. 'm:',
          waiting = s .. 'w:', ready = s .. 'r:',
          whole = true, numbers = {}, heads = {}, scores = {},
          deserted = {}, seats_of = {}, parsed = {}, n_parsed = 0,
          seat_at = {} }
    stems[stem] = k
end

-- Is `item', of 4 bytes, in the list?
local function has(list, item)
    for i = 1, #list, 4 do
        if sub(list, i, i + 3) == item then return true end
    end
    return false
end

-- The list, of 4 bytes each, without it.
local function without(list, item)
    for i = 1, #list, 4 do
        if sub(list, i, i + 3) == item then
            return sub(list, 1, i - 1) .. sub(list, i + 4)
        end
    end
    return list
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
    local c, at = { id = id }, nil
    c.line, c.media, c.arrival, c.score, c.ring, c.flag, at =
        unpack('>c4Bc8i8BBc0', r)
    c.offers = sub(r, at)
    return c
end

local function put_call(c)
    rcall('HSET', k.calls, c.id, pack('>c4Bc8i8BB', c.line, c.media,
        c.arrival, c.score, c.ring, #c.flag) .. c.flag .. c.offers)
end

local function get_agent(id)
    local r = rcall('HGET', k.agents, id)
    if not r then return nil end
    local state, offer, in_hand, items, at = unpack('>c1c4I4I4', r)
    return { id = id, state = state, offer = offer, in_hand = in_hand,
             items = items, scores = sub(r, at) }
end

local function put_agent(a, state, offer)
    a.state, a.offer = state, offer
    rcall('HSET', k.agents, a.id,
        pack('>c1c4I4I4', state, offer, a.in_hand, a.items) .. a.scores)
end

local function seat_at(bytes)
    local seat = k.seat_at[bytes]
    if not seat then
        local line, door, slot = unpack('>c4BB', bytes)
        seat = { line = line, set = k.ready .. line, slot = slot,
                 work = door >= 128, base = FIRST + door % 128 * SPAN }
        k.seat_at[bytes] = seat
    end
    return seat
end

-- Colleagues have the same seats: these are taken apart once.
local function read_seats(bytes)
    local seats = k.parsed[bytes]
    if seats then return seats end
    seats = { calls = {}, items = {} }
    for i = 1, #bytes, 6 do
        local seat = seat_at(sub(bytes, i, i + 5))
        local lines = seat.work and seats.items or seats.calls
        seats[#seats + 1], lines[#lines + 1] = seat, seat.line
    end
    if k.n_parsed == 10000 then k.parsed, k.n_parsed = {}, 0 end
    k.parsed[bytes], k.n_parsed = seats, k.n_parsed + 1
    return seats
end

local function seats_of(a)
    local seats = k.seats_of[a.id]
    if not seats then
        seats = read_seats(rcall('HGET', k.seats, a.id))
        k.seats_of[a.id] = seats
    end
    return seats
end

-- In that seat: behind those whom the queues before this one let in.  Who sits
-- alone in a line has no slot there, and as good as any the general score.
local function score_in(a, seat)
    local n = byte(a.scores, 9)
    return seat.base + unpack('>I8', a.scores,
        seat.slot < n and 10 + 8 * seat.slot or 1)
end

-- ---------------------------------------------------------------------- sets

local function wait(c)
    local line, member = c.line, c.arrival .. c.id .. c.flag
    local score = k.scores[line]
    rcall('ZADD', k.waiting .. line, c.score, member)
    n_waiting = n_waiting + 1
    if score and (c.score < score or
                  c.score == score and is_before(member, k.heads[line])) then
        k.heads[line], k.scores[line] = member, c.score
    end
end

local function stop_waiting(c)
    local line, member = c.line, c.arrival .. c.id .. c.flag
    rcall('ZREM', k.waiting .. line, member)
    n_waiting = n_waiting - 1
    if k.heads[line] == member then
        k.heads[line], k.scores[line] = nil, nil
    end
end

-- Does it wait, or might it be in one offer more?
local function is_open(c)
    return #c.offers < 4 * c.ring
end

local function has_room(a)
    return a.in_hand < a.items
end

local function sit_on(a, seat, room)
    if room or not seat.work then
        rcall('ZADD', seat.set, score_in(a, seat), a.id)
        k.deserted[seat.line] = nil
    end
end

local function sit(a)
    local seats, room = seats_of(a), has_room(a)
    for i = 1, #seats do sit_on(a, seats[i], room) end
    n_ready = n_ready + 1
end

local function stand_up(a)
    local seats, room = seats_of(a), has_room(a)
    for i = 1, #seats do
        local seat = seats[i]
        if room or not seat.work then rcall('ZREM', seat.set, a.id) end
    end
    n_ready = n_ready - 1
end

-- ------------------------------------------------------------------ matching

local function excluded_from(c)
    return c.flag == 'x' and rcall('HGET', k.excluded, c.id) or ''
end

local function best_agent(c)
    if k.deserted[c.line] then return nil end
    local set, excluded, i = k.ready .. c.line, excluded_from(c), 0
    while true do
        local agent = rcall('ZRANGE', set, i, i)[1]
        if not agent then
            k.deserted[c.line] = i == 0 or nil
            return nil
        end
        if not has(excluded, agent) then return agent end
        i = i + 1
    end
end

-- Member and score of one that waits.
local function waiting_at(line, i)
    local h = rcall('ZRANGE', k.waiting .. line, i, i, 'WITHSCORES')
    return h[1], h[1] and tonumber(h[2]) or NOBODY
end

local function look_at(line)
    local member, score = waiting_at(line, 0)
    k.heads[line], k.scores[line] = member, score
    return score
end

local function is_open_to(member, agent)
    return #member == 24 or
        not has(rcall('HGET', k.excluded, sub(member, 9, 24)), agent)
end

-- The first of a line that this agent may have.
local function first_for(agent, line)
    local member, score, i = k.heads[line], k.scores[line], 0
    while member and not is_open_to(member, agent) do
        i = i + 1
        member, score = waiting_at(line, i)
    end
    return member, score
end

-- The best over these lines, if it comes before the one that is given.  Most
-- are passed over by the score of their head.
local function better(agent, lines, best, best_score)
    local scores = k.scores
    for i = 1, #lines do
        local line = lines[i]
        if (scores[line] or look_at(line)) <= best_score then
            local member, score = first_for(agent, line)
            if score < best_score or score == best_score and member and
               (not best or is_before(member, best)) then
                best, best_score = member, score
            end
        end
    end
    return best, best_score
end

local function best_call(a)
    local seats = seats_of(a)
    local best, score = better(a.id, seats.calls, nil, NOBODY)
    if has_room(a) then best = better(a.id, seats.items, best, score) end
    return best and get_call(sub(best, 9, 24))
end

-- The agent has left the sets; the call's record is still to be put.
local function reserve(c, a)
    local n = rcall('INCR', k.count)
    if n > MAX_COUNT then error('offers of this generation are used up') end
    local offer = pack('>I4', n)
    put_agent(a, RESERVED, offer)
    c.offers = c.offers .. offer
    rcall('HSET', k.offers, offer, a.id .. c.id .. now)
    tell(OFFERED, offer, c.id, a.id)
end

-- A call that is in no set: offered to as many as it may ring, and waiting if
-- these are fewer.
local function place_call(c)
    while is_open(c) do
        local id = best_agent(c)
        if not id then
            wait(c)
            break
        end
        local a = get_agent(id)
        stand_up(a)
        reserve(c, a)
    end
    put_call(c)
end

-- An agent who is in no set: offered a call?
local function find_call(a)
    local c = best_call(a)
    if not c then return false end
    reserve(c, a)
    if not is_open(c) then stop_waiting(c) end
    put_call(c)
    return true
end

-- Likewise: offered a call, or ready.
local function place_agent(a)
    if not find_call(a) then
        sit(a)
        put_agent(a, READY, NONE)
    end
end

-- The agent is in no set and still recorded as offered; the call, in no set
-- either, is in this offer no more.
local function end_offer(offer)
    local r = rcall('HGET', k.offers, offer)
    if not r then return nil end
    rcall('HDEL', k.offers, offer)
    local c = get_call(sub(r, 5, 20))
    if is_open(c) then stop_waiting(c) end
    c.offers = without(c.offers, offer)
    return get_agent(sub(r, 1, 4)), c
end

-- A call in no set is gone; whom it still rings is free, and matched on.
local function remove_call(c)
    local freed = {}
    rcall('HDEL', k.calls, c.id)
    if c.flag == 'x' then rcall('HDEL', k.excluded, c.id) end
    for i = 1, #c.offers, 4 do
        local offer = sub(c.offers, i, i + 3)
        local r = rcall('HGET', k.offers, offer)
        rcall('HDEL', k.offers, offer)
        freed[#freed + 1] = get_agent(sub(r, 1, 4))
        tell(RESCINDED, offer, c.id, sub(r, 1, 4))
    end
    for i = 1, #freed do place_agent(freed[i]) end
end

-- Takes no work any more: what was offered goes back and on.
local function stop_agent(a, state)
    local offer, was = a.offer, a.state
    if was == READY then stand_up(a) end
    put_agent(a, state, NONE)
    if was == RESERVED then
        local _, c = end_offer(offer)
        tell(RESCINDED, offer, c.id, a.id)
        place_call(c)
    end
end

-- --------------------------------------------------------------------- lines

-- Profile: site 4, limit 4, in hand 4, then behind their lengths of 2 the
-- queues, 4 and tier 1 each, and the skills, 4 and level 1 each.
local function read_profile(bytes, at)
    local p = {}
    p.site, p.items, p.in_hand, p.queues, p.skills, at =
        unpack('>c4I4I4Hc0Hc0', bytes, at)
    return p, at
end

local function has_skill(skills, skill, level)
    for i = 1, #skills, 5 do
        if sub(skills, i, i + 3) == skill and byte(skills, i + 4) >= level then
            return true
        end
    end
    return false
end

local function slot_of(queues, queue, tier)
    for i = 1, #queues, 5 do
        if sub(queues, i, i + 3) == queue and
           (tier == 0 or byte(queues, i + 4) <= tier) then
            return (i - 1) / 5
        end
    end
    return nil
end

-- The door by which the line lets an agent in, the slot of its queue, and that
-- queue; nil: it does not.  Line: agent 4, site 4, media, tier, how many
-- queues, these 4 each, its own first; the minimums, skill 4 and level 1 each.
local function seat_in(line, agent, p)
    local only, site, media, tier, n = unpack('>c4c4BBB', line)
    local work = media == WORK and 128 or 0
    if site ~= NONE and site ~= p.site or work > 0 and p.items == 0 then
        return nil
    end
    if only ~= NONE then return only == agent and work or nil, NO_SLOT end
    local door, slot, queue = -1, nil, nil
    while not slot do
        door = door + 1
        if door == n then return nil end
        queue = sub(line, 12 + 4 * door, 15 + 4 * door)
        slot = slot_of(p.queues, queue, tier)
    end
    for i = 12 + 4 * n, #line, 5 do
        if not has_skill(p.skills, sub(line, i, i + 3), byte(line, i + 4)) then
            return nil
        end
    end
    return work + door, slot, queue
end

local function fill_seat(line, number, agent)
    local profile = rcall('HGET', k.profiles, agent)
    if not profile then return end
    local door, slot = seat_in(line, agent, read_profile(profile, 1))
    if not door then return end
    local seat = number .. char(door, slot)
    rcall('HSET', k.seats, agent, rcall('HGET', k.seats, agent) .. seat)
    k.seats_of[agent] = nil
    rcall('HINCRBY', k.staffed, number, 1)
    local a = get_agent(agent)
    if a.state == READY then sit_on(a, seat_at(seat), has_room(a)) end
end

-- The queues of a line: its own, its neighbours'; of an agent's alone none.
local function queues_of(line)
    local queues = {}
    for i = 12, 8 + 4 * byte(line, 11), 4 do
        queues[#queues + 1] = sub(line, i, i + 3)
    end
    return queues
end

-- Everybody who is logged in and qualifies has a seat in a new line.
local function fill_line(line, number)
    local only, asked = sub(line, 1, 4), {}
    if only ~= NONE then fill_seat(line, number, only) end
    for _, queue in ipairs(queues_of(line)) do
        for _, agent in ipairs(rcall('SMEMBERS', k.members .. queue)) do
            if not asked[agent] then fill_seat(line, number, agent) end
            asked[agent] = true
        end
    end
end

local function add_door(door, entry)
    rcall('HSET', k.doors, door, (rcall('HGET', k.doors, door) or '') .. entry)
end

local function line_of(line)
    local number = k.numbers[line] or rcall('HGET', k.lines, line)
    if not number then
        number = pack('>I4', rcall('HLEN', k.lines) + 1)
        local entry = number .. char(#line) .. line
        rcall('HSET', k.lines, line, number)
        if sub(line, 1, 4) ~= NONE then
            add_door('@' .. sub(line, 1, 4), entry)
        end
        for _, queue in ipairs(queues_of(line)) do add_door(queue, entry) end
        fill_line(line, number)
    end
    k.numbers[line] = number
    return number
end

local function staff_of(line)
    return tonumber(rcall('HGET', k.staffed, line) or 0)
end

-- Seats in the lines behind a door; one behind several doors is entered by the
-- one that counts.
local function enter(door, queue, agent, p, seats)
    local all, at = rcall('HGET', k.doors, door) or '', 1
    while at <= #all do
        local number, line
        number, line, at = unpack('>c4Bc0', all, at)
        local way, slot, of = seat_in(line, agent, p)
        if way and of == queue then
            seats[#seats + 1] = number .. char(way, slot)
            rcall('HINCRBY', k.staffed, number, 1)
        end
    end
end

local function take_seats(agent, p)
    local seats, entered = {}, {}
    for i = 1, #p.queues, 5 do
        local queue = sub(p.queues, i, i + 3)
        if not entered[queue] then
            enter(queue, queue, agent, p, seats)
            rcall('SADD', k.queues, queue)
            rcall('SADD', k.members .. queue, agent)
        end
        entered[queue] = true
    end
    enter('@' .. agent, nil, agent, p, seats)
    local bytes = concat(seats)
    rcall('HSET', k.seats, agent, bytes)
    k.seats_of[agent] = read_seats(bytes)
end

local function leave_seats(a)
    local seats = seats_of(a)
    local p = read_profile(rcall('HGET', k.profiles, a.id), 1)
    for i = 1, #seats do rcall('HINCRBY', k.staffed, seats[i].line, -1) end
    for i = 1, #p.queues, 5 do
        rcall('SREM', k.members .. sub(p.queues, i, i + 3), a.id)
    end
    rcall('HDEL', k.seats, a.id)
    k.seats_of[a.id] = nil
end

