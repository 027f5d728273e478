-- Names the life of the server that answers: another one after a restart, and on the server that a fail-over made the primary. What
-- happened within one life is never lost. '' where the user may not ask.
local function history()
  local server, replication = redis.pcall('INFO', 'server'), redis.pcall('INFO', 'replication')
  if type(server) ~= 'string' or type(replication) ~= 'string' then return '' end
  return (server:match('run_id:(%w+)') or '') .. '/' .. (replication:match('master_replid:(%w+)') or '')
end
