-- wrk script: sends the requests of a file in turn. The file (env REQUESTS) has blocks of
-- "METHOD PATH", then the body on one line (empty line: none).
local requests = {}

function init(args)
  local auth = os.getenv("AUTHORIZATION")
  local headers = {["Authorization"] = auth, ["Content-Type"] = "application/json",
                   ["Accept"] = "application/json"}
  local file = assert(io.open(os.getenv("REQUESTS")))
  while true do
    local line = file:read("*l")
    if not line then break end
    local body = file:read("*l")
    local method, path = line:match("^(%S+) (%S+)$")
    if body == "" then body = nil end
    requests[#requests + 1] = wrk.format(method, path, headers, body)
  end
  file:close()
end

local thread_count = 0
function setup(thread)
  thread:set("first", thread_count)
  thread_count = thread_count + 1
end

local at = nil
function request()
  if at == nil then at = first * math.floor(#requests / 2) end
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency, requests_)
  io.write(string.format(
    "RESULT requests=%d duration_us=%d errors=%d non2xx=%d p50_us=%d p99_us=%d\n",
    summary.requests, summary.duration,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    summary.errors.status, latency:percentile(50), latency:percentile(99)))
end
