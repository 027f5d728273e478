-- Values joined by tabs; at most `most` of them, the last then with the tabs that are left.
local function split(text, most)
  local parts, from = {}, 1
  for _ = 2, most or 16 do
    local tab = text:find('\t', from, true)
    if not tab then break end
    parts[#parts + 1] = text:sub(from, tab - 1)
    from = tab + 1
  end
  parts[#parts + 1] = text:sub(from)
  return parts
end
