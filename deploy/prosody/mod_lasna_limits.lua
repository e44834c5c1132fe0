-- SPDX-License-Identifier: Apache-2.0
--
-- Refuses stanzas to a component that are built to be expensive to parse: more than 200
-- elements, or deeper than 16. The sender gets policy-violation; the component's stream lives.
local st = require "util.stanza";

local max_elements = module:get_option_number("lasna_max_elements", 200);
local max_depth = module:get_option_number("lasna_max_depth", 16);

-- How many elements there are, counting no further than the limit; nil when too deep.
local function count(stanza, depth, so_far)
	if depth > max_depth then return nil; end
	for child in stanza:childtags() do
		so_far = so_far + 1;
		if so_far > max_elements then return so_far; end
		so_far = count(child, depth + 1, so_far);
		if not so_far or so_far > max_elements then return so_far; end
	end
	return so_far;
end

local function check(event)
	local stanza = event.stanza;
	local elements = count(stanza, 1, 1);
	if elements and elements <= max_elements then return; end
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
