-- SPDX-License-Identifier: Apache-2.0
--
-- Refuses stanzas to a component that are built to be expensive to parse: more than 200
-- elements, or deeper than 16. The sender gets policy-violation; the component's stream lives.
-- The list of a room's members, which the room itself answers with, may be as long as the link
-- takes it.
local st = require "util.stanza";
local jid_split = require "util.jid".split;

local max_elements = module:get_option_number("lasna_max_elements", 200);
local max_list = module:get_option_number("lasna_max_list", 10000);
local max_depth = module:get_option_number("lasna_max_depth", 16);

-- How many elements there are, counting no further than the limit; nil when too deep.
local function count(stanza, most, depth, so_far)
	if depth > max_depth then return nil; end
	for child in stanza:childtags() do
		so_far = so_far + 1;
		if so_far > most then return so_far; end
		so_far = count(child, most, depth + 1, so_far);
		if not so_far or so_far > most then return so_far; end
	end
	return so_far;
end

-- Said by a room of ours, and by nobody in it: they have a nick.
local function is_rooms_answer(stanza)
	local _, host, nick = jid_split(stanza.attr.from);
	local here = prosody.hosts[host];
	return stanza.name == "iq" and stanza.attr.type == "result" and not nick and here and here.modules and here.modules.muc;
end

local function check(event)
	local stanza = event.stanza;
	local most = is_rooms_answer(stanza) and max_list or max_elements;
	local elements = count(stanza, most, 1, 1);
	if elements and elements <= most then return; end
	module:log("info", "refused a %s of too many or too deep elements", stanza.name);
	if stanza.attr.type ~= "error" and stanza.attr.type ~= "result" then
		event.origin.send(st.error_reply(stanza, "modify", "policy-violation",
			"The stanza has too many elements"));
	end
	return true;
end

for _, name in ipairs { "message", "presence", "iq" } do
	for _, to in ipairs { "bare", "full", "host" } do
		module:hook(name .. "/" .. to, check, 1000);
	end
end
