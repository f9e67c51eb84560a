#!lua name=mashang_nodes_v1
--
-- nodes.lua - which nodes are alive, and on which of them each switch lives.
--
-- The rules are those of nodes.h.  Each function is one step that nobody sees
-- half of; the clock is Redis' own, so that nodes' clocks do not matter.
--
--   STEM:node:NAME  the token of the process that is this node; it expires
--   STEM:nodes      hash: node -> its addresses, with commas between
--   STEM:gone       hash: node -> ms at which it was first found dead
--   STEM:switches   hash: switch -> counter, blank, node
--
-- STEM is {prefix}: all in one slot, should it be a cluster one day.

-- Not there yet while the library is loaded.
local function call(...)
    return redis.call(...)
end

local function holder(entry)
    if not entry then return 0, nil end
    local counter, node = string.match(entry, '^(%d+) (.*)$')
    return tonumber(counter), node
end

local function put(stem, switch, counter, node)
    call('HSET', stem .. ':switches', switch,
        string.format('%.0f %s', counter, node))
end

local function milliseconds()
    local t = call('TIME')
    return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- Each with what is left of its lease, 0: it is dead.  One that has been so for
-- the time of grace is forgotten, and whoever asks is told: to be swept.
local function roll(stem, grace)
    local all, living, swept = call('HGETALL', stem .. ':nodes'), {}, {}
    local now = milliseconds()
    for i = 1, #all, 2 do
        local left = call('PTTL', stem .. ':node:' .. all[i])
        local since = call('HGET', stem .. ':gone', all[i])
        if left > 0 then
            if since then call('HDEL', stem .. ':gone', all[i]) end
        elseif not since then
            call('HSET', stem .. ':gone', all[i], string.format('%.0f', now))
        elseif now - tonumber(since) > grace then
            call('HDEL', stem .. ':nodes', all[i])
            call('HDEL', stem .. ':gone', all[i])
            swept[#swept + 1] = all[i]
        end
        living[#living + 1] = all[i]
        living[#living + 1] = left > 0 and left or 0
        living[#living + 1] = all[i + 1]
    end
    return living, swept
end

local function places(stem)
    local all, out = call('HGETALL', stem .. ':switches'), {}
    for i = 1, #all, 2 do
        local counter, node = holder(all[i + 1])
        out[#out + 1] = all[i]
        out[#out + 1] = node
        out[#out + 1] = counter
    end
    return out
end

-- KEYS: stem.  ARGV: node, token, lease in ms, grace in ms, addresses, then
-- switch and counter of each that lives here.  {'taken', token, addresses}, or
-- {'ok', {node, ms left, addresses ...}, {switch, node, counter ...}, {dead}}.
local function renew(keys, args)
    local stem, node, token = keys[1], args[1], args[2]
    local key = stem .. ':node:' .. node
    local old = call('GET', key)
    if old and old ~= token then
        return { 'taken', old, call('HGET', stem .. ':nodes', node) or '' }
    end
    call('SET', key, token, 'PX', args[3])
    if call('HGET', stem .. ':nodes', node) ~= args[5] then
        call('HSET', stem .. ':nodes', node, args[5])
    end
    for i = 6, #args, 2 do -- should Redis have forgotten them
        local counter = holder(call('HGET', stem .. ':switches', args[i]))
        if counter < tonumber(args[i + 1]) then
            put(stem, args[i], tonumber(args[i + 1]), node)
        end
    end
    local living, swept = roll(stem, tonumber(args[4]))
    return { 'ok', living, places(stem), swept }
end

-- KEYS: stem.  ARGV: node, switch, the highest counter known.  Its counter now:
-- whoever took it last has the highest.
local function take(keys, args)
    local stem = keys[1]
    local counter = holder(call('HGET', stem .. ':switches', args[2]))
    counter = math.max(counter, tonumber(args[3])) + 1
    put(stem, args[2], counter, args[1])
    return counter
end

-- KEYS: stem.  ARGV: node, token.  The process of this token is dead, or ends.
local function release(keys, args)
    local key = keys[1] .. ':node:' .. args[1]
    if call('GET', key) == args[2] then call('DEL', key) end
    return redis.status_reply('OK')
end

redis.register_function('mashang_nodes_v1_renew', renew)
redis.register_function('mashang_nodes_v1_take', take)
redis.register_function('mashang_nodes_v1_release', release)
