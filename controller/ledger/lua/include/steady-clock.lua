-- The steady time: the server's time and the correction that clients made when it jumped; and an error when it is far from what the
-- caller expects: then the clock jumped and nobody has corrected it yet, or the call came late. expected: '' = do not compare.
local TOLERANCE_MS = 2000
local function steady_ms(correction, expected)
  local now = now_ms() + tonumber(correction)
  if expected ~= '' and math.abs(now - tonumber(expected)) > TOLERANCE_MS then
    return nil, redis.error_reply('CLOCKMOVED by ' .. string.format('%d', now - tonumber(expected)) .. ' ms')
  end
  return now
end
