/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/hook.h"

#include "base/format/mail.h"

#include <ctype.h>

static const char *const names[HOOK_EVENT_COUNT] = {
    [HOOK_STARTED] = "conversation.started",
    [HOOK_ENDED] = "conversation.ended",
    [HOOK_MESSAGE] = "message",
    [HOOK_SURVEY] = "survey",
    [HOOK_CALLBACK] = "callback",
    [HOOK_OFFLINE] = "offline_form",
};

const char *hook_event_name(enum hook_event event)
{
    return event < HOOK_EVENT_COUNT ? names[event] : "transcript";
}

int hook_event_parse(struct slice name, enum hook_event *ret_event)
{
    for (int i = 0; i < HOOK_EVENT_COUNT; i++) {
        if (!slice_is(name, names[i]))
            continue;
        *ret_event = (enum hook_event)i;
        return 0;
    }
    return 1;
}

static size_t span(struct slice text, const char *beyond_letters)
{
    size_t len = 0;

    while (len < text.len && (isalnum((unsigned char)text.data[len]) ||
                              (text.data[len] != '\0' && strchr(beyond_letters, text.data[len]))))
        len++;
    return len;
}

static struct slice rest(struct slice text, size_t from)
{
    return (struct slice){ text.data + from, text.len - from };
}

/* A name, an IPv4 address, or an IPv6 address in brackets. 0: neither. */
static size_t host_len(struct slice text)
{
    size_t len;

    if (text.len > 0 && text.data[0] == '[') {
        len = 1 + span(rest(text, 1), ":.");
        return len > 1 && len < text.len && text.data[len] == ']' ? len + 1 : 0;
    }
    len = span(text, ".-");
    return len > 0 && isalnum((unsigned char)text.data[0]) ? len : 0;
}

static bool port_is_fine(struct slice digits)
{
    unsigned port = 0;

    for (size_t i = 0; i < digits.len && i < 6; i++)
        port = port * 10 + (unsigned)(digits.data[i] - '0');
    return digits.len > 0 && digits.len < 6 && port > 0 && port < 65536;
}

bool hook_url_is_fine(struct slice url)
{
    size_t len;

    if (url.len > HOOK_URL_MAX || !slice_starts_with(url, "https://"))
        return false;
    url = rest(url, strlen("https://"));
    len = host_len(url);
    if (len == 0 || len > 255)
        return false;
    url = rest(url, len);
    if (url.len > 0 && url.data[0] == ':') {
        for (len = 1; len < url.len && isdigit((unsigned char)url.data[len]);)
            len++;
        if (!port_is_fine((struct slice){ url.data + 1, len - 1 }))
            return false;
        url = rest(url, len);
    }
    if (url.len == 0)
        return true;
    return url.data[0] == '/' && span(url, "/-._~%!$&'()*+,;=:@?") == url.len;
}

struct slice hook_address(struct slice url)
{
    return slice_starts_with(url, "mailto:") ? rest(url, strlen("mailto:")) : SLICE_NONE;
}

bool hook_target_is_fine(struct slice url)
{
    return hook_url_is_fine(url) || mail_address_is_fine(hook_address(url));
}
