-- Corrects the steady clock after a jump of the server's clock, unless another client has done so already.
-- KEYS  1 identity
-- ARGV  1 correction ms that the caller knows  2 new correction ms
-- Reply 1 corrected, 0 another was first
if tonumber(redis.call('HGET', KEYS[1], 'correctionMs') or 0) ~= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'correctionMs', ARGV[2])
return 1
