-- SPDX-License-Identifier: Apache-2.0
--
-- For the component "muc" that holds the team rooms: nobody makes a room there but tenants' desks, and
-- who may not come into one is not told that it is there.
local jid_bare, jid_split = require "util.jid".bare, require "util.jid".split;
local st = require "util.stanza";
local hosts = prosody.hosts;

-- desk@ a component of this server: only its own connection can speak so.
local function is_desk(jid)
	local node, host = jid_split(jid);
	return node == "desk" and hosts[host] and hosts[host].type == "component";
end

module:hook("muc-room-pre-create", function (event)
	if is_desk(event.stanza.attr.from) then return; end
	event.origin.send(st.error_reply(event.stanza, "cancel", "not-allowed", "Only desks make rooms here"));
	return true;
end, 10);

-- A room's name and form: for those who may come in. Others get the answer that there is none.
local muc = module:depends "muc";

local function for_members(event)
	local stanza = event.stanza;
	local room = muc.get_room_from_jid(jid_bare(stanza.attr.to));
	if not room then return; end
	local affiliation = room:get_affiliation(stanza.attr.from);
	if affiliation and affiliation ~= "outcast" then return; end
	event.origin.send(st.error_reply(stanza, "cancel", "item-not-found"));
	return true;
end

for _, about in ipairs { "info", "items" } do
	module:hook("iq-get/bare/http://jabber.org/protocol/disco#" .. about .. ":query", for_members, 10);
end
