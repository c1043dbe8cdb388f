-- wrk script: sends the requests of a file (env REQUESTS) in turn. Each is a line
-- "METHOD PATH HEADERS BODY_LENGTH", so many lines "NAME: VALUE", the body, a line's end. Marks
-- "@0000042@" in path and body become ten digits: FIRST + 42, and ADVANCE more in each round.
local first = tonumber(os.getenv("FIRST"))
local advance = tonumber(os.getenv("ADVANCE"))
local requests = {}

-- The text between marks, and the marks' offsets.
local function split(text)
  local pieces, offsets, at = {}, {}, 1
  for from, offset, to in text:gmatch("()@(%d%d%d%d%d%d%d)@()") do
    pieces[#pieces + 1] = text:sub(at, from - 1)
    offsets[#offsets + 1] = tonumber(offset)
    at = to
  end
  pieces[#pieces + 1] = text:sub(at)
  return pieces, offsets
end

-- Even places of `text` are for times, which are written once for all marks of an offset.
local function template(whole)
  local pieces, offsets = split(whole)
  if #offsets == 0 then return whole end
  local made = {text = {}, slots = {}}
  for i, piece in ipairs(pieces) do
    made.text[2 * i - 1] = piece
    if offsets[i] then
      made.slots[offsets[i]] = made.slots[offsets[i]] or {}
      table.insert(made.slots[offsets[i]], 2 * i)
    end
  end
  return made
end

local function render(made, round)
  if type(made) == "string" then return made end
  local text = made.text
  for offset, slots in pairs(made.slots) do
    local now = string.format("%d", first + offset + round * advance)
    for i = 1, #slots do text[slots[i]] = now end
  end
  return table.concat(text)
end

function init(args)
  local file = assert(io.open(os.getenv("REQUESTS"), "rb"))
  while true do
    local line = file:read("*l")
    if not line then break end
    local method, path, lines, length = line:match("^(%S+) (%S+) (%d+) (%d+)$")
    local text = {method .. " " .. path .. " HTTP/1.1", "Host: " .. wrk.headers["Host"]}
    for _ = 1, tonumber(lines) do text[#text + 1] = file:read("*l") end
    local body = ""
    if tonumber(length) > 0 then
      body = file:read(tonumber(length))
      -- A mark has 9 characters, a time has 10.
      local _, offsets = split(body)
      text[#text + 1] = "Content-Length: " .. (#body + #offsets)
    end
    file:read("*l")
    requests[#requests + 1] = template(table.concat(text, "\r\n") .. "\r\n\r\n" .. body)
  end
  file:close()
  io.write(string.format("READY init_ms=%d\n", os.clock() * 1000))  -- processor time until here
end

local at, round = 0, 0
function request()
  at = at + 1
  if at > #requests then at, round = 1, round + 1 end
  return render(requests[at], round)
end

function done(summary, latency, requests_)
  io.write(string.format(
    "RESULT requests=%d duration_us=%d errors=%d non2xx=%d p50_us=%d p99_us=%d\n",
    summary.requests, summary.duration,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    summary.errors.status, latency:percentile(50), latency:percentile(99)))
end
