-- Cycles over prepared requests and checks every answer's status and length. Arguments after `--`:
--   METHOD TARGETS HOST THREADS LENGTH ONCE [BODY]
-- TARGETS has one request target a line. BODY is the file of the constant part of a body: the object's key, padded to
-- 32 bytes, goes before it. LENGTH is what an answer's body must have. With ONCE 1 each target is asked for once and
-- the thread stops; with 0 they are cycled over until wrk's own time is up. METHOD `-` says that TARGETS has whole
-- requests, each behind a line with its length; then ONCE 1 sends each exactly once.

local ffi = require("ffi")
ffi.cdef [[
    typedef struct { long seconds; long nanoseconds; } bench_time;
    int clock_gettime(int clock, bench_time *time);
]]
local REALTIME, PROCESS_CPU = 1, 2 -- CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID
local instant = ffi.new("bench_time")

local function clock(which)
    ffi.C.clock_gettime(which, instant)
    return tonumber(instant.seconds) + tonumber(instant.nanoseconds) / 1e9
end

local threads = {}

function setup(thread)
    thread:set("thread_number", #threads)
    table.insert(threads, thread)
end

local heads, keys, tail = {}, {}, nil
local position, asked = 0, 0
local length_wanted, quota = 0, 0

answers, wrong, first_wrong = 0, 0, ""
first_at, last_at, first_cpu = 0, 0, 0

local function read_whole(file, thread_count)
    local requests = assert(io.open(file, "rb"))
    local number = 0
    for length in requests:lines() do
        if number % thread_count == thread_number then
            heads[#heads + 1] = requests:read(tonumber(length))
        else
            requests:seek("cur", tonumber(length))
        end
        number = number + 1
    end
    requests:close()
end

local function read_targets(method, targets, host, thread_count, body)
    local length = ""
    if body then
        local file = assert(io.open(body, "rb"))
        tail = file:read("*a")
        file:close()
        length = "Content-Length: " .. (32 + #tail) .. "\r\n"
    end
    local line_number = 0
    for target in io.lines(targets) do
        if line_number % thread_count == thread_number then
            heads[#heads + 1] = method .. " " .. target .. " HTTP/1.1\r\nHost: " .. host .. "\r\n" .. length .. "\r\n"
            if tail then
                local key = target:match("^/[^/]+/([^?]+)")
                keys[#keys + 1] = (key .. string.rep(".", 32)):sub(1, 32)
            end
        end
        line_number = line_number + 1
    end
end

function init(args)
    local method, targets, host, thread_count = args[1], args[2], args[3], tonumber(args[4])
    length_wanted, quota = tonumber(args[5]), tonumber(args[6])
    if method == "-" then
        read_whole(targets, thread_count)
    else
        read_targets(method, targets, host, thread_count, args[7])
    end
    if quota > 0 then
        quota = #heads
        -- wrk asks this before each request; a connection for which none is left waits for the end.
        local let_in = 0
        if method == "-" then
            function delay()
                let_in = let_in + 1
                return let_in <= quota and 0 or 3600 * 1000
            end
        end
    end
    -- wrk asks the first thread for one request before the run, to look at it.
    if thread_number == 0 then asked = -1 end
end

function request()
    asked = asked + 1
    if asked == 0 then return tail and heads[1] .. keys[1] .. tail or heads[1] end
    if asked == 1 then
        first_at, first_cpu = clock(REALTIME), clock(PROCESS_CPU)
    end
    position = position % #heads + 1
    if tail then return heads[position] .. keys[position] .. tail end
    return heads[position]
end

function response(status, headers, body)
    answers = answers + 1
    if status ~= 200 or #body ~= length_wanted then
        wrong = wrong + 1
        if wrong == 1 then first_wrong = status .. ", " .. #body .. " bytes: " .. body:sub(1, 300) end
    end
    last_at = clock(REALTIME)
    if answers == quota then
        wrk.thread:stop()
        io.stderr:write("finished\n")
    end
end

function done(summary, latency, requests)
    local total, bad, example, first, last, cpu = 0, 0, "", math.huge, 0, math.huge
    for _, thread in ipairs(threads) do
        total = total + thread:get("answers")
        bad = bad + thread:get("wrong")
        if thread:get("first_wrong") ~= "" then example = thread:get("first_wrong") end
        first = math.min(first, thread:get("first_at"))
        last = math.max(last, thread:get("last_at"))
        cpu = math.min(cpu, thread:get("first_cpu"))
    end
    local errors = summary.errors
    io.write(string.format(
        "answers=%d\nwrong=%d\nsocket_errors=%d\nseconds=%.6f\nclient_cpu=%.6f\np50=%d\np99=%d\nmax=%d\nexample=%s\n",
        total, bad, errors.connect + errors.read + errors.write + errors.timeout, last - first,
        clock(PROCESS_CPU) - cpu, latency:percentile(50), latency:percentile(99), latency.max,
        (example:gsub("%s+", " "))))
end
