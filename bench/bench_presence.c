/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_presence — messages a second of CPU time the machine coder reads, without Voikko and with:
 *
 *     bench_presence RULES [MESSAGES]
 *
 * and whether its memory stays flat over so many of them, a million when nothing is said.
 *
 * The conversations are our own sentences, each time with another number and name in them so that
 * no cache answers alone; short and long as chat is. Voikko is asked once a word and remembered, as
 * in real use.
 */
#include "presence/coder/coder.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const char *const sentences[] = {
    "Hi there, I have a question about order %u",
    "Hello! How can I help you today?",
    "can we change the delivery of parcel %u to Friday? we are only three people here",
    "Sure, let me look. Could you give me the postcode, please?",
    "thanks",
    "You're right, parcel %u is still in the depot. Sorry about that :)",
    "Is there anything else I can do for you?",
    "no, that was all. have a nice weekend!",
    "Moikka! Mistä löydän tilauksen %u laskun?",
    "Hei, lasku löytyy omilta sivuilta kohdasta Laskut. Onko sinulla tunnukset?",
    "joo on, mut en oo koskaan käyttäny niitä :D",
    "Ei hätää, lähetän sinulle linkin jolla pääset kirjautumaan tiliin %u.",
    "kiitti, nyt toimii. ootte kyl nopeita",
    "Kiva kuulla! Hyvää päivänjatkoa sinne Tampereelle",
};
enum { SENTENCES = sizeof(sentences) / sizeof(sentences[0]), SPLIT = 8, MAX_TEXT = 160 };

/* Time of our own on the processor: others on this machine do not count. */
static uint64_t cpu_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void ignore(void *context, const struct presence_instance *instance)
{
    *(size_t *)context += instance->code;
}

/* The English half or the Finnish one, with this round's number in it. */
static size_t make(char texts[SENTENCES][MAX_TEXT], struct presence_message messages[SENTENCES],
                   unsigned round)
{
    size_t first = round % 2 == 0 ? 0 : SPLIT, end = round % 2 == 0 ? SPLIT : SENTENCES;

    for (size_t i = first; i < end; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        int len = snprintf(texts[i], MAX_TEXT, sentences[i], round);
#pragma GCC diagnostic pop

        messages[i - first] = (struct presence_message){
            .role = i % 2 == 0 ? PRESENCE_VISITOR : PRESENCE_AGENT,
            .text = { texts[i], (size_t)len },
        };
    }
    return end - first;
}

/* Resident now, not at most: growth is what is asked for. */
static long resident_kib(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    long pages = 0;

    if (file == NULL || fscanf(file, "%*d %ld", &pages) != 1)
        pages = 0;
    if (file != NULL)
        (void)fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static int measure(struct presence_coder *coder, const char *what, size_t wanted)
{
    char texts[SENTENCES][MAX_TEXT];
    struct presence_message messages[SENTENCES];
    uint64_t began_us = cpu_us();
    size_t count = 0, sum = 0;
    long early_kib = 0;

    for (unsigned round = 0; count < wanted; round++) {
        struct presence_conversation conversation = { .messages = messages };
        struct presence_outcome outcome;
        int rc;

        conversation.count = make(texts, messages, round);
        rc = presence_code(coder, &conversation, ignore, &sum, &outcome);
        if (rc != OK)
            return rc;
        count += conversation.count;
        if (early_kib == 0 && count >= wanted / 10)
            early_kib = resident_kib();
    }
    (void)printf("%-15s %8.0f messages/s, %zu read, %ld KiB after a tenth of them, %ld after all\n",
                 what, (double)count * 1e6 / (double)(cpu_us() - began_us), count, early_kib,
                 resident_kib());
    return OK;
}

int main(int argc, char **argv)
{
    AUTO(presence_rules) rules = NULL;
    AUTO(presence_coder) coder = NULL;
    size_t wanted = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000000;
    AUTO_BUF problems;
    int rc;

    buf_init(&problems, 1 << 20);
    rc = presence_rules_load(&rules, argc > 1 ? argv[1] : "presence/rules", &problems);
    if (rc == OK)
        rc = presence_coder_new(&coder, rules);
    if (rc != OK) {
        (void)fprintf(stderr, "%s", problems.data == NULL ? "" : problems.data);
        return 1;
    }
    (void)printf("rules %s\n", presence_rules_version(rules));
    rc = measure(coder, "without Voikko", wanted);
    if (rc == OK && presence_coder_use_voikko(coder) != OK)
        (void)printf("with Voikko: it is not installed (libvoikko1, voikko-fi)\n");
    else if (rc == OK)
        rc = measure(coder, "with Voikko", wanted);
    return rc == OK ? 0 : 1;
}
