/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/report/svg.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 720, LEFT = 190, RIGHT = 70, TOP = 8, FOOT = 34, TICKS = 5 };
enum { ROW = 26, ROW_WITHOUT_LABEL = 16 /* close to the one above, of which it is the pair */ };
enum { LINES_HEIGHT = 190, LINES_LEFT = 46, LINES_RIGHT = 96, ASIDE = 3, LABEL_APART = 14 };

void svg_number(struct buf *to, double value)
{
    char text[48];
    double size = fabs(value);
    int digits = size >= 1000 || value == floor(value) ? 0 : size >= 100 ? 0 : size >= 10 ? 1 : 2;
    size_t len, first;

    if (size > 0 && size < 0.005) {
        buf_add_text(to, value < 0 ? "−<0.01" : "<0.01");
        return;
    }
    (void)snprintf(text, sizeof(text), "%.*f", digits, size);
    buf_add_text(to, value < 0 ? "−" : "");
    len = strcspn(text, ".");
    first = len % 3;
    for (size_t i = 0; text[i] != '\0'; i++) {
        if (i > 0 && i < len && i % 3 == first)
            buf_add_text(to, ",");
        buf_add(to, text + i, 1);
    }
}

void svg_signed(struct buf *to, double value, int digits)
{
    char text[48];

    (void)snprintf(text, sizeof(text), "%.*f", digits, fabs(value));
    if (strspn(text, "0.") < strlen(text))
        buf_add_text(to, value < 0 ? "−" : "+");
    buf_add_text(to, text);
}

/* A round step of which at most TICKS reach the value. */
static double step_for(double largest)
{
    static const double steps[] = { 1, 2, 2.5, 5, 10 };
    double least = largest / TICKS, power;

    if (!(largest > 0))
        return 0.2;
    power = pow(10, floor(log10(least)));
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        if (steps[i] * power >= least * 0.999999)
            return steps[i] * power;
    return 10 * power;
}

static int ticks_for(double largest, double step)
{
    int ticks = (int)ceil(largest / step - 1e-9);

    return ticks < 1 ? 1 : ticks;
}

static void begin(struct buf *to, const char *title, int height)
{
    buf_addf(to,
             "<div class=\"wide fig\" tabindex=\"0\"><svg viewBox=\"0 0 %d %d\" width=\"%d\" "
             "height=\"%d\" role=\"img\" aria-label=\"",
             WIDTH, height, WIDTH, height);
    buf_add_xml(to, slice_of(title));
    buf_add_text(to, "\">");
}

static void end(struct buf *to)
{
    buf_add_text(to, "</svg></div>");
}

static void text(struct buf *to, double x, double y, const char *class, const char *anchor,
                 const char *content)
{
    buf_addf(to, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\" text-anchor=\"%s\">", x, y, class,
             anchor);
    buf_add_xml(to, slice_of(content));
    buf_add_text(to, "</text>");
}

static void number_at(struct buf *to, double x, double y, const char *class, const char *anchor,
                      double value)
{
    AUTO_BUF shown;

    buf_init(&shown, 256);
    svg_number(&shown, value);
    text(to, x, y, class, anchor, shown.data);
}

/* --- intervals --- */

static void mark_at(struct buf *to, const char *series, double x, double y)
{
    if (strcmp(series, "agent") == 0) /* a shape, too: not everyone sees colours apart */
        buf_addf(to, "<rect x=\"%.1f\" y=\"%.1f\" width=\"9\" height=\"9\" class=\"m %s\"/>",
                 x - 4.5, y - 4.5, series);
    else
        buf_addf(to, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" class=\"m %s\"/>", x, y, series);
}

static void interval_row(struct buf *to, const struct svg_mark *mark, double y, double scale)
{
    double x = LEFT + mark->value * scale;

    text(to, LEFT - 10, y + 4, "l", "end", mark->label);
    if (mark->missing) {
        text(to, LEFT + 6, y + 4, "few", "start", "too few");
        return;
    }
    buf_addf(to, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"ci %s\"/>",
             LEFT + mark->low * scale, y, LEFT + mark->high * scale, y, mark->series);
    mark_at(to, mark->series, x, y);
    number_at(to, LEFT + mark->high * scale + 10, y + 4, "v", "start", mark->value);
}

static int row_height(const struct svg_mark *mark)
{
    return mark->label[0] != '\0' ? ROW : ROW_WITHOUT_LABEL;
}

void svg_intervals(struct buf *to, const char *title, const char *unit,
                   const struct svg_mark *marks, size_t count)
{
    int bottom = TOP, ticks;
    double largest = 0, step, scale, y = TOP;

    for (size_t i = 0; i < count; i++) {
        bottom += row_height(&marks[i]);
        if (!marks[i].missing && marks[i].high > largest)
            largest = marks[i].high;
    }
    step = step_for(largest);
    ticks = ticks_for(largest, step);
    scale = (WIDTH - LEFT - RIGHT) / (step * ticks);
    begin(to, title, bottom + FOOT);
    for (int i = 0; i <= ticks; i++) {
        double x = LEFT + step * i * scale;

        buf_addf(to, "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" class=\"%s\"/>", x, TOP, x,
                 bottom, i == 0 ? "axis" : "grid");
        number_at(to, x, bottom + 15, "t", "middle", step * i);
    }
    for (size_t i = 0; i < count; i++) {
        y += row_height(&marks[i]);
        interval_row(to, &marks[i], y - ROW_WITHOUT_LABEL / 2.0, scale);
    }
    text(to, LEFT, bottom + 30, "t", "start", unit);
    end(to);
}

/* --- lines over months --- */

struct plot {
    struct buf *to;
    size_t points;
    double step, scale; /* pixels a unit */
    double label_y;     /* of the line that was drawn last */
    int ticks;
};

static double x_of(const struct plot *plot, size_t i)
{
    double room = WIDTH - LINES_LEFT - LINES_RIGHT;

    return LINES_LEFT +
           (plot->points < 2 ? room / 2 : room * (double)i / (double)(plot->points - 1));
}

static double y_of(const struct plot *plot, double value)
{
    return TOP + LINES_HEIGHT - value * plot->scale;
}

/* Upright through each point, a little beside those of the other line. */
static void whiskers_of(const struct plot *plot, const struct svg_line *line, double aside)
{
    for (size_t i = 0; line->low != NULL && line->high != NULL && i < plot->points; i++)
        if (!isnan(line->values[i]))
            buf_addf(plot->to,
                     "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"ci %s\"/>",
                     x_of(plot, i) + aside, y_of(plot, line->low[i]), x_of(plot, i) + aside,
                     y_of(plot, line->high[i]), line->series);
}

static void line_of(struct plot *plot, const struct svg_line *line, double aside)
{
    double last_y = NAN;
    bool drawing = false;

    whiskers_of(plot, line, aside);
    buf_addf(plot->to, "<path class=\"s %s\" d=\"", line->series);
    for (size_t i = 0; i < plot->points; i++) {
        drawing = drawing && !isnan(line->values[i]);
        if (isnan(line->values[i]))
            continue;
        last_y = y_of(plot, line->values[i]);
        buf_addf(plot->to, "%s%.1f %.1f", drawing ? "L" : "M", x_of(plot, i) + aside, last_y);
        drawing = true;
    }
    buf_add_text(plot->to, "\"/>");
    for (size_t i = 0; i < plot->points; i++)
        if (!isnan(line->values[i]))
            mark_at(plot->to, line->series, x_of(plot, i) + aside, y_of(plot, line->values[i]));
    if (isnan(last_y))
        return;
    if (fabs(last_y - plot->label_y) < LABEL_APART) /* the other line ends at the same height */
        last_y = plot->label_y - LABEL_APART;
    text(plot->to, WIDTH - LINES_RIGHT + 12, last_y + 4, "v", "start", line->label);
    plot->label_y = last_y;
}

static void axes_of(const struct plot *plot, const char *const *names)
{
    size_t every = plot->points / 12 + 1;

    for (int i = 0; i <= plot->ticks; i++) {
        double y = y_of(plot, plot->step * i);

        buf_addf(plot->to, "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" class=\"%s\"/>",
                 LINES_LEFT, y, WIDTH - LINES_RIGHT, y, i == 0 ? "axis" : "grid");
        number_at(plot->to, LINES_LEFT - 8, y + 4, "t", "end", plot->step * i);
    }
    for (size_t i = 0; i < plot->points; i += every)
        text(plot->to, x_of(plot, i), TOP + LINES_HEIGHT + 16, "t", "middle", names[i]);
}

void svg_lines(struct buf *to, const char *title, const char *unit, const char *const *names,
               size_t points, const struct svg_line *lines, size_t count)
{
    struct plot plot = { .to = to, .points = points, .label_y = -LABEL_APART };
    double largest = 0;

    for (size_t i = 0; i < count; i++) {
        const double *tops = lines[i].high != NULL ? lines[i].high : lines[i].values;

        for (size_t j = 0; j < points; j++)
            if (tops[j] > largest)
                largest = tops[j];
    }
    plot.step = step_for(largest);
    plot.ticks = ticks_for(largest, plot.step);
    plot.scale = LINES_HEIGHT / (plot.step * plot.ticks);
    begin(to, title, TOP + LINES_HEIGHT + FOOT);
    axes_of(&plot, names);
    for (size_t i = 0; i < count; i++)
        line_of(&plot, &lines[i], lines[i].low != NULL ? (i % 2 == 0 ? -ASIDE : ASIDE) : 0);
    text(to, LINES_LEFT, TOP + LINES_HEIGHT + 31, "t", "start", unit);
    end(to);
}
