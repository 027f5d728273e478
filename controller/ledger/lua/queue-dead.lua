-- Senders of a pool whose heartbeat ended. Changes nothing.
-- KEYS  1 senders
-- Reply their ids
-- @include clock
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now_ms())
