-- An error when the tag's content was wiped, else nil. `holder` is the hash that carries the ledger's id for the tag.
-- id: the ledger's id as this client knows it; seen: '1' once the client has found the tag in use.
local function loss(holder, id, seen)
  local found = redis.call('HGET', holder, 'ledger')
  if found and found ~= id then
    return redis.error_reply('LEDGERLOST ' .. holder .. ' belongs to the ledger ' .. found)
  end
  if not found and seen == '1' then
    return redis.error_reply('LEDGERLOST ' .. holder .. ' is gone')
  end
  return nil
end
