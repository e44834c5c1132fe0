/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/figures/figures_json_parts.h"

/* --- times --- */

static void set_quantile(json_t *object, const struct figures_waits *waits, double p,
                         const char *key, const char *low, const char *high)
{
    struct figures_quantile quantile;

    if (figures_quantile(waits, p, &quantile) != OK)
        return;
    figure_set(object, key, figure_number((double)quantile.ms / 1000));
    figure_interval(object, low, high, quantile.interval, 0.001);
}

json_t *figure_waits(const struct figures_waits *waits)
{
    size_t chats = figures_waits_chats(waits);
    json_t *object =
        json_pack("{s:o, s:o}", "n", figure_count(waits->count), "chats", figure_count(chats));

    figure_set(object, "too_few", json_boolean(chats < FIGURES_FEW_CHATS));
    if (waits->count == 0)
        return object;
    set_quantile(object, waits, 0.5, "median_s", "median_low_s", "median_high_s");
    set_quantile(object, waits, 0.9, "p90_s", "p90_low_s", "p90_high_s");
    return object;
}

json_t *figures_times_json(const struct figures *figures)
{
    static const char *const names[TIME_COUNT] = { "first_response", "response", "duration",
                                                   "queue" };
    json_t *object = json_object();

    for (int i = 0; i < TIME_COUNT; i++)
        figure_set(object, names[i], figure_waits(&figures->times[i]));
    figure_set(object, "left_out_no_time", figure_count(figures->untimed));
    figure_set(object, "left_out_backwards", figure_count(figures->timed_backwards));
    return object;
}

/* --- surveys --- */

json_t *figures_csat_json(const struct figures *figures)
{
    json_t *object = figure_share(figures->survey.good, figures->survey.rated);

    if (figures->survey.rated > 0)
        figure_set(
            object, "score",
            figure_number(100.0 * (double)figures->survey.good / (double)figures->survey.rated));
    figure_set(object, "responded", figure_share(figures->survey.rated, figures->count));
    return object;
}

json_t *figures_nps_json(const struct figures *figures)
{
    size_t n = figures->survey.nps_rated;
    double sum = (double)figures->survey.promoters - (double)figures->survey.detractors;
    json_t *object = json_pack("{s:o, s:o, s:o}", "n", figure_count(n), "promoters",
                               figure_count(figures->survey.promoters), "detractors",
                               figure_count(figures->survey.detractors));

    figure_set(object, "too_few", json_boolean(n < FIGURES_FEW_CHATS));
    if (n > 0) {
        figure_set(object, "score", figure_number(100 * sum / (double)n));
        figure_interval(
            object, "low", "high",
            stats_net_interval(figures->survey.promoters, figures->survey.detractors, n), 100);
    }
    figure_set(object, "responded", figure_share(n, figures->count));
    return object;
}

json_t *figures_effort_json(const struct figures *figures)
{
    size_t n = figures->survey.effort_rated;
    json_t *object = json_pack("{s:o}", "n", figure_count(n));

    figure_set(object, "too_few", json_boolean(n < FIGURES_FEW_CHATS));
    if (n > 0)
        figure_set(object, "mean", figure_number(figures->survey.effort_sum / (double)n));
    if (n > 1)
        figure_interval(
            object, "low", "high",
            stats_mean_interval(figures->survey.effort_sum, figures->survey.effort_squares, n), 1);
    figure_set(object, "responded", figure_share(n, figures->count));
    return object;
}
