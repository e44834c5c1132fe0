/* SPDX-License-Identifier: Apache-2.0
 *
 * The short form of a fuzz target, for every test run and any compiler: its seeds as they are,
 * then some thousand mutations of them, always the same ones. Prints TAP.
 *
 * An input that breaks the target is kept as a file; running this program with that file's
 * name repeats it.
 */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum { SEEDS_MAX = 256, WORDS_MAX = 256, INPUT_MAX = 32768, MUTATIONS = 10000 };

struct input {
    uint8_t *bytes;
    size_t len;
};

static struct input seeds[SEEDS_MAX], words[WORDS_MAX];
static size_t seed_count, word_count;
static uint8_t current[INPUT_MAX];
static size_t current_len;
static uint64_t dice = 0x9e3779b97f4a7c15;

static uint32_t roll(size_t below)
{
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return below == 0 ? 0 : (uint32_t)((dice >> 16) % below);
}

static bool read_whole(const char *path, struct input *ret)
{
    FILE *file = fopen(path, "re");

    if (file == NULL)
        return false;
    ret->bytes = malloc(INPUT_MAX);
    MUST(ret->bytes != NULL);
    ret->len = fread(ret->bytes, 1, INPUT_MAX, file);
    (void)fclose(file);
    return true;
}

static int is_seed(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void read_seeds(const char *folder)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_seed, alphasort); /* the same order everywhere */
    char path[4096];

    for (int i = 0; i < count; i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        if (seed_count < SEEDS_MAX && read_whole(path, &seeds[seed_count]))
            seed_count++;
        free(entries[i]);
    }
    free(entries);
}

/* A word of the dictionary: between its quotes, with \\, \" and \xNN. */
static void read_word(const char *line)
{
    const char *at = strchr(line, '"'), *end = strrchr(line, '"');
    struct input *word = &words[word_count];

    if (line[0] == '#' || at == NULL || end <= at || word_count == WORDS_MAX)
        return;
    word->bytes = malloc(strlen(at));
    MUST(word->bytes != NULL);
    for (at++; at < end; at++) {
        unsigned code;

        if (at[0] == '\\' && at[1] == 'x' && sscanf(at + 2, "%2x", &code) == 1) {
            word->bytes[word->len++] = (uint8_t)code;
            at += 3;
        } else {
            at += at[0] == '\\' ? 1 : 0;
            word->bytes[word->len++] = (uint8_t)*at;
        }
    }
    word_count++;
}

static void read_words(const char *path)
{
    FILE *file = fopen(path, "re");
    char line[512];

    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        read_word(line);
    if (file != NULL)
        (void)fclose(file);
}

/* --- mutations, each on `current` --- */

static void insert(size_t at, const uint8_t *bytes, size_t len)
{
    if (len > INPUT_MAX - current_len)
        return;
    memmove(current + at + len, current + at, current_len - at);
    memcpy(current + at, bytes, len);
    current_len += len;
}

static void flip_a_bit(void)
{
    if (current_len > 0)
        current[roll(current_len)] ^= (uint8_t)(1u << roll(8));
}

static void change_a_byte(void)
{
    static const uint8_t telling[] = { 0,   1,    9,    10,   13,   32,   '"',  '<',  '\\',
                                       ':', 0x7f, 0x80, 0xc0, 0xed, 0xf4, 0xfe, 0xff, '0' };

    if (current_len > 0)
        current[roll(current_len)] =
            roll(2) == 0 ? telling[roll(sizeof(telling))] : (uint8_t)roll(256);
}

static void cut_a_run(void)
{
    size_t at = roll(current_len), len = 1 + roll(16);

    if (len > current_len - at)
        len = current_len - at;
    memmove(current + at, current + at + len, current_len - at - len);
    current_len -= len;
}

static void repeat_a_run(void)
{
    uint8_t run[1024];
    size_t at = roll(current_len), len = 1 + roll(roll(8) == 0 ? sizeof(run) : 32);

    if (len > current_len - at)
        len = current_len - at;
    memcpy(run, current + at, len);
    for (size_t times = 1 + roll(4); times > 0; times--)
        insert(at, run, len);
}

static void insert_a_word(void)
{
    const struct input *word = &words[roll(word_count)];

    if (word_count > 0)
        insert(roll(current_len + 1), word->bytes, word->len);
}

static void join_another(void)
{
    const struct input *other = &seeds[roll(seed_count)];
    size_t from = roll(other->len);

    current_len = roll(current_len + 1);
    insert(current_len, other->bytes + from, other->len - from);
}

static void truncate_it(void)
{
    current_len = roll(current_len + 1);
}

static void mutate(void)
{
    static void (*const ways[])(void) = { flip_a_bit,    change_a_byte, cut_a_run,    repeat_a_run,
                                          insert_a_word, insert_a_word, join_another, truncate_it };
    const struct input *seed = &seeds[roll(seed_count)];

    memcpy(current, seed->bytes, seed->len);
    current_len = seed->len;
    for (size_t times = 1 + roll(5); times > 0; times--)
        ways[roll(sizeof(ways) / sizeof(ways[0]))]();
}

/* --- running --- */

/* The input that broke it, for whoever has to mend it. Only what a signal handler may call. */
static void keep_current(int number)
{
    int fd = open(FUZZ_KEEP, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    static const char told[] = "# the input is kept in " FUZZ_KEEP "\n";

    if (fd >= 0 && write(fd, current, current_len) == (ssize_t)current_len)
        (void)!write(STDOUT_FILENO, told, sizeof(told) - 1);
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static void run_current(void)
{
    (void)LLVMFuzzerTestOneInput(current, current_len);
}

static void release_all(void)
{
    for (size_t i = 0; i < seed_count; i++)
        free(seeds[i].bytes);
    for (size_t i = 0; i < word_count; i++)
        free(words[i].bytes);
}

static int repeat_one(const char *path)
{
    struct input input = { NULL, 0 };

    if (!read_whole(path, &input))
        return 1;
    (void)LLVMFuzzerTestOneInput(input.bytes, input.len);
    free(input.bytes);
    (void)printf("%s: %zu bytes, nothing broke\n", path, input.len);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && access(argv[1], R_OK) == 0)
        return repeat_one(argv[1]);
    read_seeds(FUZZ_SEEDS);
    read_words(FUZZ_WORDS);
    (void)signal(SIGABRT, keep_current);
    (void)signal(SIGSEGV, keep_current);
    (void)printf("1..2\n");
    for (size_t i = 0; i < seed_count; i++) {
        memcpy(current, seeds[i].bytes, seeds[i].len);
        current_len = seeds[i].len;
        run_current();
    }
    (void)printf("%sok 1 - " FUZZ_NAME "__over_its_%zu_seeds__holds\n",
                 seed_count > 0 ? "" : "not ", seed_count);
    for (int i = 0; i < MUTATIONS && seed_count > 0; i++) {
        mutate();
        run_current();
    }
    (void)printf("%sok 2 - " FUZZ_NAME "__over_%d_mutations__holds\n", seed_count > 0 ? "" : "not ",
                 MUTATIONS);
    release_all();
    return seed_count > 0 ? 0 : 1;
}
