-- wrk: whole lives of cases, one case at a time on each connection: receive, accept, decide, deliver.
-- Run with as many threads as connections: a thread's state is its connection's.
-- Arguments: a word that no other run has used.

local threads = {}
local steps = {
  { "/accept", "{}" },
  { "/decide", '{"outcome": "granted", "delivers_document": true}' },
  { "/deliver", "{}" },
}
local base = "/api/approval/v1/cases"
local headers = { ["Content-Type"] = "application/json" }

function setup(thread)
  thread:set("place", #threads)
  table.insert(threads, thread)
end

function init(args)
  word, step, path, tag, number = args[1], 0, base, nil, 0
  lives, refused = 0, 0
end

function request()
  number = number + 1
  headers["Idempotency-Key"] = word .. "-" .. place .. "-" .. number
  headers["If-Match"] = tag
  if step == 0 then
    return wrk.format("POST", base, headers, '{"item_code": "BENCH-001", "item_type": "行政许可"}')
  end
  return wrk.format("POST", path .. steps[step][1], headers, steps[step][2])
end

function response(status, answered)
  if status >= 300 then
    refused = refused + 1
    step, tag = 0, nil
    return
  end
  local said = {}
  for name, value in pairs(answered) do said[name:lower()] = value end
  if step == 0 then path = said["location"] end
  tag = said["etag"]
  step = step + 1
  if step > #steps then
    lives = lives + 1
    step, tag = 0, nil
  end
end

function done(summary, latency)
  local whole, failed = 0, summary.errors
  for _, thread in ipairs(threads) do whole = whole + thread:get("lives") end
  print(string.format(
    '{"requests": %d, "lives": %d, "seconds": %.6f, "failed": %d, "p50": %.3f, "p99": %.3f}',
    summary.requests, whole, summary.duration / 1e6,
    failed.connect + failed.read + failed.write + failed.status + failed.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
