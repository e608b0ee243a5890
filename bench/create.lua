-- Creates assistants under names that no other run takes: TOKEN is the bearer, RUN the name of the run.
wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN")
wrk.headers["Content-Type"] = "application/json"
local run, count = os.getenv("RUN"), 0

request = function()
  count = count + 1
  local body = '{"name":"%s %d","description":"d","model":"gpt-4o-mini","instructions":"Answer briefly."}'
  return wrk.format("POST", "/api/v1/assistants", nil, body:format(run, count))
end
