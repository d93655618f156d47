-- wrk: case receipts by POST, each with an Idempotency-Key of its own; the result as JSON.
-- Arguments: a word that no other run has used.

local word, number = "", 0

function init(args)
  word = args[1]
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.body = '{"item_code": "BENCH-001", "item_type": "行政许可"}'
end

function request()
  number = number + 1
  wrk.headers["Idempotency-Key"] = word .. "-" .. number
  return wrk.format()
end

function done(summary, latency)
  local failed = summary.errors
  print(string.format(
    '{"requests": %d, "seconds": %.6f, "failed": %d, "p50": %.3f, "p99": %.3f}',
    summary.requests, summary.duration / 1e6,
    failed.connect + failed.read + failed.write + failed.status + failed.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
