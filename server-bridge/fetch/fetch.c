/* SPDX-License-Identifier: Apache-2.0
 *
 * libcurl's many transfers on libevent: it says which sockets it waits for and until when, we
 * tell it when there is news. Each socket's event hangs on the socket (curl_multi_assign).
 */
#include "server-bridge/fetch/fetch.h"

#include "base/log.h"
#include "server-bridge/ipc/peer.h"

#include <event2/event.h>
#include <stdlib.h>
#include <utlist.h>

enum { CONNECTIONS_KEPT = 64 };

static void answer(const struct fetch *fetch, uint64_t request, enum fetch_outcome outcome)
{
    IPC_SEND(fetch->core, fetch_answer, .request = request, .outcome = outcome);
}

static void drop(struct transfer *transfer)
{
    struct fetch *fetch = transfer->fetch;

    DL_DELETE(fetch->transfers, transfer);
    fetch->transfer_count--;
    (void)curl_multi_remove_handle(fetch->multi, transfer->easy);
    transfer_free(transfer);
}

static void finish(struct transfer *transfer, CURLcode code)
{
    enum fetch_outcome outcome;
    curl_off_t took_us = 0;
    long status = 0;

    (void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    outcome = transfer_outcome(transfer, code, status);
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_TOTAL_TIME_T, &took_us);
    log_event(LOG_DEBUG, NULL, "fetch.done", "code=%d status=%ld", (int)code, status);
    if (outcome != FETCH_DONE)
        answer(transfer->fetch, transfer->request, outcome);
    else
        IPC_SEND(transfer->fetch->core, fetch_answer, .request = transfer->request,
                 .outcome = outcome, .status = (uint64_t)status,
                 .took_ms = (uint64_t)took_us / 1000, .whole = !transfer->was_cut,
                 .headers = buf_slice(&transfer->headers),
                 .body = transfer->is_mail ? SLICE_NONE : buf_slice(&transfer->body));
    drop(transfer);
}

static void collect(struct fetch *fetch)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(fetch->multi, &left)) != NULL) {
        CURLcode code = message->data.result;
        char *transfer = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        if (transfer != NULL)
            finish((struct transfer *)(void *)transfer, code);
    }
}

/* --- what libcurl waits for --- */

static void on_socket(evutil_socket_t fd, short what, void *context)
{
    struct fetch *fetch = context;
    int running, news = 0;

    if ((what & EV_READ) != 0)
        news |= CURL_CSELECT_IN;
    if ((what & EV_WRITE) != 0)
        news |= CURL_CSELECT_OUT;
    (void)curl_multi_socket_action(fetch->multi, fd, news, &running);
    collect(fetch);
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
    struct fetch *fetch = context;
    int running;

    (void)fd;
    (void)what;
    (void)curl_multi_socket_action(fetch->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect(fetch);
}

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *assigned)
{
    struct fetch *fetch = context;
    struct event *event = assigned;
    short wanted = EV_PERSIST;

    (void)easy;
    if (event != NULL)
        event_free(event);
    event = NULL;
    if ((what & CURL_POLL_IN) != 0 && what != CURL_POLL_REMOVE)
        wanted |= EV_READ;
    if ((what & CURL_POLL_OUT) != 0 && what != CURL_POLL_REMOVE)
        wanted |= EV_WRITE;
    if (what != CURL_POLL_REMOVE) {
        event = event_new(fetch->base, fd, wanted, on_socket, fetch);
        if (event == NULL || event_add(event, NULL) != 0)
            log_event(LOG_ERROR, NULL, "fetch.no_memory", ""); /* its time limit ends it */
    }
    (void)curl_multi_assign(fetch->multi, fd, event);
    return 0;
}

static int want_time(CURLM *multi, long ms, void *context)
{
    struct fetch *fetch = context;
    const struct timeval wait = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

    (void)multi;
    if (ms < 0)
        (void)event_del(fetch->timer);
    else
        (void)event_add(fetch->timer, &wait);
    return 0;
}

/* --- the port --- */

static void begin(struct transfer *transfer)
{
    struct fetch *fetch = transfer->fetch;

    DL_APPEND(fetch->transfers, transfer);
    fetch->transfer_count++;
    if (curl_multi_add_handle(fetch->multi, transfer->easy) == CURLM_OK)
        return;
    answer(fetch, transfer->request, FETCH_FAILED);
    drop(transfer);
}

void fetch_begin(struct fetch *fetch, const struct ipc_fetch_request *request)
{
    struct transfer *transfer = NULL;

    if (fetch->transfer_count == FETCH_AT_ONCE_MAX)
        answer(fetch, request->request, FETCH_BUSY);
    else if (transfer_new(&transfer, fetch, request) != OK)
        answer(fetch, request->request, FETCH_FAILED);
    else
        begin(transfer);
}

void fetch_begin_mail(struct fetch *fetch, const struct ipc_fetch_mail *mail)
{
    struct transfer *transfer = NULL;

    if (fetch->transfer_count == FETCH_AT_ONCE_MAX)
        answer(fetch, mail->request, FETCH_BUSY);
    else if (transfer_mail_new(&transfer, fetch, mail) != OK)
        answer(fetch, mail->request, FETCH_FAILED);
    else
        begin(transfer);
}

void fetch_abandon_all(struct fetch *fetch)
{
    struct transfer *transfer, *next;

    DL_FOREACH_SAFE(fetch->transfers, transfer, next)
    drop(transfer);
}

int fetch_start(struct fetch *fetch, const char *ca)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return RAISE(ERR_IO);
    fetch->ca = strdup(ca[0] != '\0' ? ca : curl_version_info(CURLVERSION_NOW)->cainfo);
    fetch->multi = curl_multi_init();
    fetch->timer = evtimer_new(fetch->base, on_timer, fetch);
    if (fetch->multi == NULL || fetch->timer == NULL || fetch->ca == NULL ||
        curl_multi_setopt(fetch->multi, CURLMOPT_SOCKETFUNCTION, want_socket) != CURLM_OK ||
        curl_multi_setopt(fetch->multi, CURLMOPT_SOCKETDATA, fetch) != CURLM_OK ||
        curl_multi_setopt(fetch->multi, CURLMOPT_TIMERFUNCTION, want_time) != CURLM_OK ||
        curl_multi_setopt(fetch->multi, CURLMOPT_TIMERDATA, fetch) != CURLM_OK ||
        curl_multi_setopt(fetch->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT) != CURLM_OK)
        return RAISE(ERR_NO_MEMORY);
    return OK;
}

void fetch_stop(struct fetch *fetch)
{
    fetch_abandon_all(fetch);
    if (fetch->multi != NULL)
        (void)curl_multi_cleanup(fetch->multi);
    if (fetch->timer != NULL)
        event_free(fetch->timer);
    free(fetch->ca);
    curl_global_cleanup();
}
