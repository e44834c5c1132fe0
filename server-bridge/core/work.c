/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/work.h"

#include "server-bridge/core/core.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

enum { NICE = 10 };

struct line {
    struct works *works;
    pthread_t thread;
    bool started;
    pthread_cond_t more;
    struct work *waiting; /* guarded by works->lock */
};

struct works {
    pthread_mutex_t lock;
    struct line lines[WORK_LINES];
    struct work *ran; /* guarded by the lock: run, not yet handed back */
    bool stopping;
    int fd; /* eventfd: something ran */
    struct event *event;
};

static struct work *take(struct line *line)
{
    struct works *works = line->works;
    struct work *work;

    (void)pthread_mutex_lock(&works->lock);
    while (line->waiting == NULL && !works->stopping)
        (void)pthread_cond_wait(&line->more, &works->lock);
    work = works->stopping ? NULL : line->waiting;
    if (work != NULL)
        LL_DELETE(line->waiting, work);
    (void)pthread_mutex_unlock(&works->lock);
    return work;
}

/* What nobody waits for at a desk leaves the processor to what somebody does. */
static void give_way(const struct line *line)
{
    const struct line *lines = line->works->lines;

    if ((line == &lines[WORK_LONG] || line == &lines[WORK_TENANTS]) &&
        setpriority(PRIO_PROCESS, (id_t)gettid(), NICE) != 0)
        log_event(LOG_WARNING, NULL, "work.not_nice", "error=\"%s\"", strerror(errno));
}

static void *line_main(void *context)
{
    struct line *line = context;
    struct works *works = line->works;
    const uint64_t one = 1;
    struct work *work;

    give_way(line);
    while ((work = take(line)) != NULL) {
        work->run(work);
        (void)pthread_mutex_lock(&works->lock);
        LL_APPEND(works->ran, work);
        (void)pthread_mutex_unlock(&works->lock);
        if (write(works->fd, &one, sizeof(one)) < 0)
            log_event(LOG_ERROR, NULL, "work.untold", "");
    }
    return NULL;
}

static void hand_back(struct works *works)
{
    for (;;) {
        struct work *work;

        (void)pthread_mutex_lock(&works->lock);
        work = works->ran;
        if (work != NULL)
            LL_DELETE(works->ran, work);
        (void)pthread_mutex_unlock(&works->lock);
        if (work == NULL)
            return;
        work->done(work, true);
    }
}

static void on_ran(evutil_socket_t fd, short what, void *context)
{
    uint64_t told;

    (void)what;
    if (read(fd, &told, sizeof(told)) == (ssize_t)sizeof(told))
        hand_back(context);
}

int work_start(struct core *core)
{
    struct works *works = calloc(1, sizeof(*works));

    if (works == NULL)
        return RAISE(ERR_NO_MEMORY);
    core->works = works;
    (void)pthread_mutex_init(&works->lock, NULL);
    works->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    for (int i = 0; i < WORK_LINES; i++) {
        struct line *line = &works->lines[i];

        line->works = works;
        (void)pthread_cond_init(&line->more, NULL);
        line->started = pthread_create(&line->thread, NULL, line_main, line) == 0;
        if (!line->started)
            return RAISE(ERR_IO);
    }
    works->event = event_new(core->role->base, works->fd, EV_READ | EV_PERSIST, on_ran, works);
    if (works->fd < 0 || works->event == NULL || event_add(works->event, NULL) != 0)
        return RAISE(ERR_NO_MEMORY);
    return OK;
}

void work_stop(struct core *core)
{
    struct works *works = core->works;

    if (works == NULL)
        return;
    (void)pthread_mutex_lock(&works->lock);
    works->stopping = true;
    for (int i = 0; i < WORK_LINES; i++)
        (void)pthread_cond_signal(&works->lines[i].more);
    (void)pthread_mutex_unlock(&works->lock);
    for (int i = 0; i < WORK_LINES; i++)
        if (works->lines[i].started)
            (void)pthread_join(works->lines[i].thread, NULL);
    core->works = NULL;
    hand_back(works);
    for (int i = 0; i < WORK_LINES; i++) {
        while (works->lines[i].waiting != NULL) {
            struct work *work = works->lines[i].waiting;

            LL_DELETE(works->lines[i].waiting, work);
            work->done(work, false);
        }
        (void)pthread_cond_destroy(&works->lines[i].more);
    }
    if (works->event != NULL)
        event_free(works->event);
    if (works->fd >= 0)
        (void)close(works->fd);
    (void)pthread_mutex_destroy(&works->lock);
    free(works);
}

void work_submit(struct core *core, enum work_line line, struct work *work)
{
    struct works *works = core->works;

    (void)pthread_mutex_lock(&works->lock);
    LL_APPEND(works->lines[line].waiting, work);
    (void)pthread_cond_signal(&works->lines[line].more);
    (void)pthread_mutex_unlock(&works->lock);
}
