-- Reads assistants at random: TOKEN is the bearer, IDS a file with one id a line.
local ids = {}
for id in io.lines(os.getenv("IDS")) do ids[#ids + 1] = id end
wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN")
math.randomseed(os.time())

request = function()
  return wrk.format("GET", "/api/v1/assistants/" .. ids[math.random(#ids)])
end
