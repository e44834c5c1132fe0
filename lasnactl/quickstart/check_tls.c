/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates: ours for HTTPS, the XMPP server's for agents' clients.
 */
#include "lasnactl/quickstart/plan.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WARN_DAYS = 21 };

static X509 *read_certificate(const char *path)
{
    FILE *file = fopen(path, "re");
    X509 *certificate;

    if (file == NULL)
        return NULL;
    certificate = PEM_read_X509(file, NULL, NULL, NULL);
    (void)fclose(file);
    return certificate;
}

/* Whole days until it expires; negative: it has. */
static int days_left(const X509 *certificate)
{
    int days = 0, seconds = 0;

    if (ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(certificate)) != 1)
        return -1;
    return days < 0 || seconds < 0 ? -1 : days;
}

static void missing(struct plan *plan)
{
    AUTO_MEM char *live = NULL;
    char remedy[1024];

    if (asprintf(&live, "%s/etc/letsencrypt/live/%s/privkey.pem", plan->root, plan->host) < 0) {
        live = NULL;
        return;
    }
    if (access(live, F_OK) == 0)
        (void)snprintf(remedy, sizeof(remedy),
                       "RENEWED_LINEAGE=/etc/letsencrypt/live/%s "
                       "/usr/share/lasna/certbot-deploy-hook",
                       plan->host);
    else
        (void)snprintf(remedy, sizeof(remedy),
                       "certbot certonly --standalone -d %s -d %s --deploy-hook "
                       "/usr/share/lasna/certbot-deploy-hook; or put fullchain.pem and "
                       "privkey.pem into /etc/lasna/tls/ yourself",
                       plan->host, plan->agents);
    plan_problem(plan, "TLS", remedy, "there is no certificate in /etc/lasna/tls/");
}

static void check_ours(struct plan *plan)
{
    AUTO_MEM char *path = plan_path(plan, "/etc/lasna/tls/fullchain.pem");
    X509 *certificate = read_certificate(path);
    int days;

    if (certificate == NULL) {
        missing(plan);
        return;
    }
    days = days_left(certificate);
    if (X509_check_host(certificate, plan->host, 0, 0, NULL) != 1)
        plan_problem(plan, "TLS", "get one that names it", "the certificate is not for %s",
                     plan->host);
    else if (days < 0)
        plan_problem(plan, "TLS", "certbot renew", "the certificate has expired");
    else if (days < WARN_DAYS)
        plan_warning(plan, "TLS", "certbot renew", "the certificate expires in %d days", days);
    else
        plan_fine(plan, "TLS", "a certificate for %s, good for %d days", plan->host, days);
    X509_free(certificate);
}

static void check_agents(struct plan *plan)
{
    AUTO_MEM char *path = NULL;
    char remedy[1024];

    if (asprintf(&path, "%s/etc/prosody/certs/%s.crt", plan->root, plan->agents) < 0) {
        path = NULL;
        return;
    }
    (void)snprintf(remedy, sizeof(remedy), "prosodyctl --root cert import %s /etc/letsencrypt/live",
                   plan->agents);
    if (access(path, F_OK) == 0)
        plan_fine(plan, "agents' TLS", "Prosody has a certificate for %s", plan->agents);
    else
        plan_problem(plan, "agents' TLS", remedy, "Prosody has no certificate for %s",
                     plan->agents);
}

void check_tls(struct plan *plan)
{
    if (plan->proxy)
        plan_fine(plan, "TLS", "is the proxy's: it sends https://%s to 127.0.0.1:8080", plan->host);
    else
        check_ours(plan);
    check_agents(plan);
}
