-- Values joined by tabs.
local function split(text)
  local parts, from = {}, 1
  for _ = 1, 16 do
    local tab = text:find('\t', from, true)
    if not tab then break end
    parts[#parts + 1] = text:sub(from, tab - 1)
    from = tab + 1
  end
  parts[#parts + 1] = text:sub(from)
  return parts
end
