-- The same rules as gateway.toml for creates, as somebody would write them for nginx.
local json = require "cjson.safe"

local managing = { role1 = true, role2 = true }
local required = "11111111-1111-4111-8111-111111111111"
local banned = {
    ["22222222-2222-4222-8222-222222222222"] = true,
    ["33333333-3333-4333-8333-333333333333"] = true,
}

local function is_managed()
    for role in string.gmatch(ngx.var.http_x_roles or "", "[^,%s]+") do
        if managing[role] then return true end
    end
    return false
end

local function refuse(status, message)
    ngx.status = status
    ngx.header["Content-Type"] = "application/json"
    ngx.say(json.encode({ forbidden = { code = status, message = message } }))
    return ngx.exit(ngx.HTTP_OK)
end

local function check()
    if ngx.req.get_method() ~= "POST" or not is_managed() then return end
    ngx.req.read_body()
    local read = json.decode(ngx.req.get_body_data() or "")
    local server = type(read) == "table" and read.server
    if type(server) ~= "table" then return refuse(400, "malformed request body") end
    local networks = type(server.networks) == "table" and server.networks or {}
    local distinct, count = {}, 0
    for _, entry in ipairs(networks) do
        local id = type(entry) == "table" and entry.uuid
        if type(id) ~= "string" then return refuse(400, "malformed request body") end
        if banned[id] then return refuse(403, "a banned network") end
        if not distinct[id] then
            distinct[id] = true
            count = count + 1
        end
    end
    if not distinct[required] then return refuse(403, "a required network is missing") end
    if count > 5 then return refuse(403, "too many networks") end
end

return { check = check }
