/* SPDX-License-Identifier: Apache-2.0
 *
 * DNS: the name visitors' browsers use, and the one agents' clients log in to. Tenants' own
 * hosts below the chat domain are known to the XMPP server alone and need no DNS.
 */
#include "lasnactl/quickstart/plan.h"

#include <arpa/nameser.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdio.h>
#include <string.h>

static bool same_address(const struct sockaddr *a, const struct sockaddr *b)
{
    if (a == NULL || b == NULL || a->sa_family != b->sa_family)
        return false;
    if (a->sa_family == AF_INET)
        return ((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr ==
               ((const struct sockaddr_in *)(const void *)b)->sin_addr.s_addr;
    return a->sa_family == AF_INET6 &&
           memcmp(&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr,
                  &((const struct sockaddr_in6 *)(const void *)b)->sin6_addr,
                  sizeof(struct in6_addr)) == 0;
}

static bool is_ours(const struct sockaddr *address, const struct ifaddrs *interfaces)
{
    for (; interfaces != NULL; interfaces = interfaces->ifa_next)
        if (same_address(address, interfaces->ifa_addr))
            return true;
    return false;
}

/* Whether the name leads anywhere, and whether here. `text`: the first address. */
static bool resolve(const char *name, char *text, size_t size, bool *ret_here)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    struct ifaddrs *interfaces = NULL;

    *ret_here = false;
    if (getaddrinfo(name, NULL, &hints, &found) != 0)
        return false;
    (void)getifaddrs(&interfaces);
    (void)getnameinfo(found->ai_addr, found->ai_addrlen, text, (socklen_t)size, NULL, 0,
                      NI_NUMERICHOST);
    for (const struct addrinfo *at = found; at != NULL; at = at->ai_next)
        *ret_here = *ret_here || is_ours(at->ai_addr, interfaces);
    freeaddrinfo(found);
    freeifaddrs(interfaces);
    return true;
}

static bool has_srv(const char *domain)
{
    unsigned char answer[NS_PACKETSZ * 4];
    char name[PLAN_HOST_MAX + 64];

    (void)snprintf(name, sizeof(name), "_xmpp-client._tcp.%s", domain);
    return res_query(name, ns_c_in, ns_t_srv, answer, (int)sizeof(answer)) > 0;
}

void check_names(struct plan *plan)
{
    char address[NI_MAXHOST] = "", remedy[1024];
    bool here;

    if (!resolve(plan->host, address, sizeof(address), &here)) {
        (void)snprintf(remedy, sizeof(remedy),
                       "add an A (and AAAA) record for %s with this server's public address",
                       plan->host);
        plan_problem(plan, "DNS", remedy, "%s leads nowhere", plan->host);
    } else if (!here) {
        plan_warning(plan, "DNS",
                     "nothing, where this server stands behind NAT or a load balancer; else "
                     "correct the record",
                     "%s leads to %s, which is no address of this machine", plan->host, address);
    } else {
        plan_fine(plan, "DNS", "%s leads here (%s)", plan->host, address);
    }
    if (has_srv(plan->agents)) {
        plan_fine(plan, "agents' DNS", "%s has an SRV record for XMPP clients", plan->agents);
    } else if (resolve(plan->agents, address, sizeof(address), &here)) {
        plan_fine(plan, "agents' DNS", "%s leads to %s", plan->agents, address);
    } else {
        (void)snprintf(remedy, sizeof(remedy),
                       "add an A record for %s, or: _xmpp-client._tcp.%s. SRV 0 5 5222 %s.",
                       plan->agents, plan->agents, plan->host);
        plan_problem(plan, "agents' DNS", remedy, "agents' clients will not find %s", plan->agents);
    }
}
