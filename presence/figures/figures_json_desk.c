/* SPDX-License-Identifier: Apache-2.0
 *
 * What agents' work looks like: canned replies, chats in hand, and, where the tenant wishes so,
 * each agent. Never a ranking: agents stand in order of name, and nobody is compared with anybody.
 */
#include "presence/figures/figures_json_parts.h"

#include <stdlib.h>
#include <string.h>

json_t *figure_difference(size_t hits, size_t n, size_t other_hits, size_t other_n)
{
    json_t *object;

    if (n < FIGURES_FEW_CHATS || other_n < FIGURES_FEW_CHATS)
        return json_null();
    object = json_object();
    figure_set(object, "difference",
               figure_number((double)hits / (double)n - (double)other_hits / (double)other_n));
    figure_interval(object, "low", "high", stats_difference(hits, n, other_hits, other_n), 1);
    return object;
}

/* --- canned replies --- */

json_t *figures_canned_json(const struct figures *figures)
{
    size_t good[2], rated[2];
    struct figures_waits waits[2] = { { .count = 0 }, { .count = 0 } };
    json_t *object = json_object();

    for (int canned = 0; canned < 2; canned++) {
        good[canned] = figures->csat_canned[canned].good;
        rated[canned] = figures->csat_canned[canned].rated;
    }
    if (figures_by_origin(figures, waits) == OK) {
        figure_set(object, "response_typed", figure_waits(&waits[0]));
        figure_set(object, "response_canned", figure_waits(&waits[1]));
    }
    free(waits[0].of);
    free(waits[1].of);
    figure_set(object, "csat_without", figure_share(good[0], rated[0]));
    figure_set(object, "csat_with", figure_share(good[1], rated[1]));
    figure_set(object, "csat_with_less_without",
               figure_difference(good[1], rated[1], good[0], rated[0]));
    return object;
}

/* --- chats in hand --- */

json_t *figures_load_json(const struct figures *figures)
{
    struct figures_waits loads[FIGURES_LOADS];
    json_t *list = json_array();
    int rc = figures_loads(figures, loads);

    for (int i = 0; i < FIGURES_LOADS; i++) {
        json_t *entry = json_pack("{s:i, s:b, s:o}", "chats", i + 1, "and_more",
                                  i == FIGURES_LOADS - 1, "response", figure_waits(&loads[i]));

        if (rc == OK && loads[i].count > 0)
            (void)json_array_append(list, entry);
        json_decref(entry);
        free(loads[i].of);
    }
    return list;
}

/* --- each agent --- */

struct place {
    const char *name;
    uint16_t agent;
};

static int by_name(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int order = strcmp(x->name, y->name);

    return order != 0 ? order : (int)x->agent - (int)y->agent;
}

static json_t *group_json(const struct figures_cell *cell, enum presence_group group,
                          presence_codes withheld)
{
    json_t *object = json_pack("{s:s}", "group", presence_group_name(group));

    if (!figure_without(object, presence_group_codes(group), withheld))
        return object;
    figure_set(object, "density", figure_number(cell->density));
    figure_interval(object, "low", "high", cell->density_interval, 1);
    return object;
}

/* Densities of the agent's side of chats that this agent alone answered. */
static json_t *groups_json(const struct figures *figures, const struct figures_subset *subset,
                           presence_codes withheld)
{
    AUTO_MEM struct figures_cell *cells = calloc(FIGURES_SIGNS, sizeof(*cells));
    json_t *list = json_array();

    if (cells == NULL || figures_cells(figures, subset, SIDE_AGENT, cells) != OK)
        return list;
    for (int group = 0; group < PRESENCE_GROUP_COUNT && !cells[0].too_few; group++)
        (void)json_array_append_new(list, group_json(&cells[PRESENCE_CODE_COUNT + group],
                                                     (enum presence_group)group, withheld));
    return list;
}

static json_t *languages_json(const struct figures *figures, uint16_t agent,
                              const struct figures_about *about)
{
    json_t *list = json_array();

    for (size_t i = 0; i < figures->language_count; i++) {
        struct figures_subset subset = { i, STAGE_ANY, 0, agent };

        if (figures_subset_count(figures, &subset) > 0)
            (void)json_array_append_new(
                list,
                json_pack(
                    "{s:s, s:o}", "language", figures_language_name(figures, i), "groups",
                    groups_json(figures, &subset, figures_withheld(about, figures->languages[i]))));
    }
    return list;
}

static json_t *first_json(const struct figures *figures, uint16_t agent)
{
    struct figures_waits waits = { .count = 0 };
    json_t *object;
    int rc = OK;

    for (size_t i = 0; rc == OK && i < figures->count; i++)
        if (figures->rows[i].agent == agent && figures->rows[i].first_ms != UINT64_MAX)
            rc = figures_wait_add(&waits, i, figures->rows[i].first_ms);
    object = figure_waits(&waits);
    free(waits.of);
    return object;
}

static json_t *response_json(const struct figures *figures, uint16_t agent)
{
    struct figures_waits waits = { .count = 0 };
    json_t *object = figures_of_agent(figures, agent, &waits) == OK ? figure_waits(&waits) : NULL;

    free(waits.of);
    return object;
}

/* Of an agent with too few chats nothing is told but that. */
static json_t *agent_json(const struct figures *figures, const struct place *place,
                          const struct figures_about *about)
{
    size_t chats = 0;
    json_t *object = json_pack("{s:s}", "agent", place->name);

    for (size_t i = 0; i < figures->count; i++)
        chats += figures->rows[i].agent == place->agent;
    figure_set(object, "chats", figure_count(chats));
    figure_set(object, "too_few", json_boolean(chats < FIGURES_FEW_CHATS));
    if (chats < FIGURES_FEW_CHATS)
        return object;
    figure_set(object, "first_response", first_json(figures, place->agent));
    figure_set(object, "response", response_json(figures, place->agent));
    if (about->coder[0] != '\0')
        figure_set(object, "languages", languages_json(figures, place->agent, about));
    return object;
}

json_t *figures_agents_json(const struct figures *figures, const struct figures_about *about)
{
    AUTO_MEM struct place *places = calloc(figures->agent_count + 1, sizeof(*places));
    json_t *list = json_array();

    for (size_t i = 0; places != NULL && i < figures->agent_count; i++)
        places[i] = (struct place){ figures->agents[i].name, (uint16_t)i };
    if (places != NULL && figures->agent_count > 0)
        qsort(places, figures->agent_count, sizeof(*places), by_name);
    for (size_t i = 0; places != NULL && i < figures->agent_count; i++)
        if (figures->agents[places[i].agent].asked)
            (void)json_array_append_new(list, agent_json(figures, &places[i], about));
    return list;
}
