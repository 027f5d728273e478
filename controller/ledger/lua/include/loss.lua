-- An error when the tag's content was wiped, else nil. found: the ledger's id that `holder`, the hash for the tag, carries.
-- ids: the ledger's id as this client knows it, and after commas those of lost ledgers that a person let it replace: what carries one of
-- these survived the loss. seen: '1' once the client has found the tag in use.
local function loss(found, holder, ids, seen)
  if found and found ~= ids and not (',' .. ids .. ','):find(',' .. found .. ',', 1, true) then
    return redis.error_reply('LEDGERLOST ' .. holder .. ' belongs to the ledger ' .. found)
  end
  if not found and seen == '1' then
    return redis.error_reply('LEDGERLOST ' .. holder .. ' is gone')
  end
  return nil
end
