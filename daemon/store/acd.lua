--
-- acd.lua - the commands of the ACD in Redis, and the two functions; behind
-- acd_floor.lua, which says what all is about, in one library.
--

-- ------------------------------------------------------------------ commands
-- Each gets the list and where its fields start, and returns where they end
-- and what became of it.  The numbers are those of enum acd_op.

local commands = {}

local function set_place(c, score, ring, line)
    c.line, c.media = line_of(line), byte(line, 9)
    c.score, c.ring = score, ring
    place_call(c)
    staffed = staff_of(c.line)
end

commands[1] = function(list, at) -- ENQUEUE
    local id, arrival, score, ring, line, out
    id, arrival, score, ring, line, out, at =
        unpack('>c16c8i8BBc0Bc0', list, at)
    local c = get_call(id)
    if not c then
        c = { id = id, arrival = arrival, flag = '', offers = '' }
        if out ~= '' then
            rcall('HSET', k.excluded, id, out)
            c.flag = 'x'
        end
        set_place(c, score, ring, line)
    else
        staffed = staff_of(c.line)
    end
    return at, OK
end

commands[2] = function(list, at) -- DEQUEUE
    local c = get_call(sub(list, at, at + 15))
    at = at + 16
    if not c then return at, OK end
    if is_open(c) then stop_waiting(c) end
    remove_call(c)
    return at, OK
end

commands[12] = function(list, at) -- MOVE
    local id, forgive, score, ring, line
    id, forgive, score, ring, line, at = unpack('>c16Bi8BBc0', list, at)
    local c = get_call(id)
    if not c then return at, NOT_FOUND end
    if is_open(c) then stop_waiting(c) end
    if forgive == 1 and c.flag == 'x' then
        rcall('HDEL', k.excluded, id)
        c.flag = ''
    end
    set_place(c, score, ring, line)
    return at, OK
end

local function logout(id)
    local a = get_agent(id)
    if not a then return NOT_FOUND end
    stop_agent(a, IDLE)
    leave_seats(a)
    rcall('HDEL', k.agents, id)
    rcall('HDEL', k.profiles, id)
    return OK
end

commands[3] = function(list, at) -- LOGIN
    local id, start = unpack('>c4', list, at)
    local p
    p, at = read_profile(list, start)
    logout(id)
    rcall('HSET', k.profiles, id, sub(list, start, at - 1))
    take_seats(id, p)
    put_agent({ id = id, in_hand = p.in_hand, items = p.items, scores = '' },
        IDLE, NONE)
    return at, OK
end

commands[4] = function(list, at) -- LOGOUT
    return at + 4, logout(sub(list, at, at + 3))
end

commands[5] = function(list, at) -- READY
    local a = get_agent(sub(list, at, at + 3))
    local start = at + 4
    at = start + 9 + 8 * byte(list, start + 8)
    if not a then return at, NOT_FOUND end
    if a.state == RESERVED then return at, REFUSED end
    if a.state ~= READY then
        a.scores = sub(list, start, at - 1)
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
    local work = c.media == WORK
    if not work then put_agent(a, BUSY, NONE) end
    remove_call(c)
    if work then
        a.in_hand = a.in_hand + 1
        place_agent(a)
    end
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
        put_agent(a, IDLE, NONE)
        place_call(c)
        return at, OK
    end
    sit(a)
    put_agent(a, READY, NONE)
    place_call(c)
    a = get_agent(a.id) -- the call may have come back to the same agent
    if a.state == READY and find_call(a) then stand_up(a) end
    return at, OK
end

commands[13] = function(list, at) -- ITEM_DONE
    local a = get_agent(sub(list, at, at + 3))
    if not a then return at + 4, NOT_FOUND end
    if a.in_hand > 0 then
        if a.state == READY then stand_up(a) end
        a.in_hand = a.in_hand - 1
        if a.state == READY then
            place_agent(a)
        else
            put_agent(a, a.state, a.offer)
        end
    end
    return at + 4, OK
end

commands[14] = function(list, at) -- LOOK
    local call, agent = unpack('>c16c4', list, at)
    local of = call == NONE .. NONE .. NONE .. NONE and get_agent(agent) or
        get_call(call)
    if of then
        seen = SEEN[of.state] or of.offers ~= '' and SEEN_OFFERED or
            SEEN_WAITING
    end
    return at + 20, OK
end

-- ----------------------------------------------------------------- functions

-- KEYS: stem.  ARGV: generation, commands.  Each command is its operation, the
-- time, its fields.  Returns, for each, what became of it, what was seen, the
-- line's staff, how many effects, the effects; then by how much the counts of
-- waiting and ready have changed.
local function run(keys, args)
    local list, at, replies, n = args[2], 1, {}, 0
    if not rcall then bind() end
    if rcall('GET', keys[1]) ~= args[1] then
        return redis.error_reply('STALEGEN another generation is in force')
    end
    k = stems[keys[1]]
    if not k or k.generation ~= args[1] or not k.whole then
        remember(keys[1], args[1])
    end
    k.whole, n_waiting, n_ready = false, 0, 0
    while at <= #list do
        local op, err = byte(list, at), nil
        now = sub(list, at + 1, at + 8)
        effects, n_effects, seen, staffed = '', 0, SEEN_NONE, 0
        at, err = commands[op](list, at + 9)
        n = n + 1
        replies[n] = pack('>BBI4B', err, seen, staffed, n_effects) .. effects
    end
    k.whole = true
    return concat(replies) .. pack('>i4i4', n_waiting, n_ready)
end

-- KEYS: stem.  ARGV: the new generation.  The old one goes, whole.
local function reset(keys, args)
    if not rcall then bind() end
    local old = rcall('GET', keys[1])
    if old then
        remember(keys[1], old)
        for _, line in ipairs(rcall('HVALS', k.lines)) do
            rcall('UNLINK', k.waiting .. line, k.ready .. line)
        end
        for _, queue in ipairs(rcall('SMEMBERS', k.queues)) do
            rcall('UNLINK', k.members .. queue)
        end
        rcall('UNLINK', k.queues, k.count, k.calls, k.excluded, k.agents, k.seats,
            k.profiles, k.offers, k.lines, k.doors, k.staffed)
    end
    rcall('SET', keys[1], args[1])
    remember(keys[1], args[1])
    return redis.status_reply('OK')
end

redis.register_function('mashang_v1_run', run)
redis.register_function('mashang_v1_reset', reset)
