/* The passes of a layer for one type, REAL, and one set of instructions. */

/* Values on a line and in a vector, and vectors of a line. */
#define ON_LINE (LINE / (int64_t)sizeof(REAL))
#define LANES (REGISTER / (int64_t)sizeof(REAL))
#define OF_LINE (LINE / REGISTER)

#define VECTOR NAMED(vector)
#define BITS NAMED(bits)
typedef REAL VECTOR __attribute__((vector_size(REGISTER), aligned(sizeof(REAL)), may_alias));
typedef WHOLE_NUMBER BITS __attribute__((vector_size(REGISTER)));

/* What an edge passes on to one of its ends in the backward pass. */
struct NAMED(passed_on) {
    REAL step;        /* times the difference of the gradients */
    REAL through_gap; /* times the sign of the difference of the rows */
    REAL to_weight;   /* the gradient for the edge's weight */
};

/* That of edge p, given the L1 gap between its rows, and the product of the rows' difference with
 * that of the gradients. */
static inline __attribute__((always_inline)) struct NAMED(passed_on)
    NAMED(pass_on)(REAL gap, REAL dot, int64_t p, const REAL *weight, const REAL *scale, REAL delta,
                   REAL eps)
{
    const REAL factor = scale ? scale[p] : 1;
    gap *= factor;
    const REAL held = gap < eps ? eps : gap;
    const REAL gamma = (weight ? weight[p] : 1) / held;
    return (struct NAMED(passed_on)){
        .step = delta * gamma,
        .through_gap = gap >= eps ? delta * dot * gamma / held * factor : 0,
        .to_weight = -delta * dot / held,
    };
}

#include "whole_body.h"

/* Return what `form` does for rows of a few whole lines, with the number of vectors as a constant.
 */
#define RETURN_IF_WHOLE(width, form, ...)                                                          \
    switch ((width) % ON_LINE ? 0 : (width) / ON_LINE) {                                           \
    case 1:                                                                                        \
        return form(OF_LINE, __VA_ARGS__);                                                         \
    case 2:                                                                                        \
        return form(2 * OF_LINE, __VA_ARGS__);                                                     \
    case 4:                                                                                        \
        return form(4 * OF_LINE, __VA_ARGS__);                                                     \
    case 8:                                                                                        \
        return form(8 * OF_LINE, __VA_ARGS__);                                                     \
    case MOST_WHOLE:                                                                               \
        return form(MOST_WHOLE * OF_LINE, __VA_ARGS__);                                            \
    }

/* Faster than memcpy, which compilers turn into an instruction that is slow to start. */
static inline void NAMED(copy_row)(int64_t width, const REAL *restrict from, REAL *restrict to)
{
#pragma omp simd
    for (int64_t f = 0; f < width; f++)
        to[f] = from[f];
}

/* The product of one row in gtv_forward. */
static void NAMED(forward_row)(int64_t i, int64_t width, int64_t ahead, int64_t last,
                               const int64_t *start, const int32_t *neighbour, const REAL *weight,
                               const REAL *scale, const REAL *x, REAL delta, REAL eps, REAL *out)
{
    RETURN_IF_WHOLE(width, NAMED(forward_whole), i, ahead, last, start, neighbour, weight, scale, x,
                    delta, eps, out)
    const REAL *xi = x + i * width;
    REAL *o = out + i * width;
    NAMED(copy_row)(width, xi, o);
    for (int64_t p = start[i]; p < start[i + 1]; p++) {
        const REAL *xj = x + (int64_t)neighbour[p] * width;
        if (p + ahead < last)
            fetch(x + (int64_t)neighbour[p + ahead] * width, width * (int64_t)sizeof(REAL));
        REAL gap = 0;
#pragma omp simd reduction(+ : gap)
        for (int64_t f = 0; f < width; f++) {
            REAL d = xi[f] - xj[f];
            gap += MAGNITUDE(d);
        }
        if (scale)
            gap *= scale[p];
        REAL step = delta * (weight ? weight[p] : 1) / (gap < eps ? eps : gap);
#pragma omp simd
        for (int64_t f = 0; f < width; f++)
            o[f] -= step * (xi[f] - xj[f]);
    }
}

/* o = activation(o + bias), one row. */
static void NAMED(finish_row)(int64_t width, const REAL *bias, int activation, REAL *o)
{
    if (bias) {
#pragma omp simd
        for (int64_t f = 0; f < width; f++)
            o[f] += bias[f];
    }
    if (activation == RELU) {
#pragma omp simd
        for (int64_t f = 0; f < width; f++)
            o[f] = ABOVE_0(o[f]);
    }
    if (activation == ELU) {
#pragma omp simd
        for (int64_t f = 0; f < width; f++) {
            REAL value = o[f];
            o[f] = ABOVE_0(value) + EXPM1_OF_NEGATIVE(BELOW_0(value));
        }
    }
}

/* One row of gtv_backward. */
static void NAMED(backward_row)(int64_t i, int64_t width, int64_t ahead, int64_t last,
                                const int64_t *start, const int32_t *neighbour, const REAL *weight,
                                const REAL *scale, const REAL *x, const REAL *g, REAL delta,
                                REAL eps, REAL *total, REAL *to_weight)
{
    RETURN_IF_WHOLE(width, NAMED(backward_whole), i, ahead, last, start, neighbour, weight, scale,
                    x, g, delta, eps, total, to_weight)
    const REAL *xi = x + i * width, *gi = g + i * width;
    REAL *t = total + i * width;
    NAMED(copy_row)(width, gi, t);
    for (int64_t p = start[i]; p < start[i + 1]; p++) {
        const REAL *xj = x + (int64_t)neighbour[p] * width;
        const REAL *gj = g + (int64_t)neighbour[p] * width;
        if (p + ahead < last) {
            fetch(x + (int64_t)neighbour[p + ahead] * width, width * (int64_t)sizeof(REAL));
            fetch(g + (int64_t)neighbour[p + ahead] * width, width * (int64_t)sizeof(REAL));
        }
        REAL gap = 0, dot = 0;
#pragma omp simd reduction(+ : gap, dot)
        for (int64_t f = 0; f < width; f++) {
            REAL d = xi[f] - xj[f];
            gap += MAGNITUDE(d);
            dot += d * (gi[f] - gj[f]);
        }
        const struct NAMED(passed_on) on = NAMED(pass_on)(gap, dot, p, weight, scale, delta, eps);
        if (to_weight)
            to_weight[p] = on.to_weight;
#pragma omp simd
        for (int64_t f = 0; f < width; f++) {
            REAL d = xi[f] - xj[f];
            REAL sign = (REAL)(d > 0) - (REAL)(d < 0);
            t[f] += on.through_gap * sign - on.step * (gi[f] - gj[f]);
        }
    }
}

/* out = activation((I - delta L_Gamma) x + bias), with gamma = weight / max(scale |x_i - x_j|,
 * eps), for the first n of `vertices`, all of which may be neighbours; ends = start[n]. */
PASS(gtv_forward, int64_t threads, int64_t vertices, int64_t WHERE(n <= vertices) n, int64_t width,
     int64_t ends, const int64_t *OF(n + 1) start, const int32_t *OF(ends) neighbour,
     const REAL *OPTIONAL OF(ends) weight, const REAL *OPTIONAL OF(ends) scale,
     const REAL *OF(vertices, width) x, const REAL *OPTIONAL OF(width) bias, REAL delta, REAL eps,
     int64_t WHERE(activation <= RELU) activation, REAL *OF(n, width) out)
{
    const int64_t ahead = AHEAD(vertices, width);
#pragma omp parallel num_threads((int)threads)
    FOR_ROWS_IN_TURN(i, start, n)
    {
        NAMED(forward_row)(i, width, ahead, ends, start, neighbour, weight, scale, x, delta, eps,
                           out);
        NAMED(finish_row)(width, bias, (int)activation, out + i * width);
    }
}

/* total = gradient for x, given that for the product, g; to_weight, that for the weights from
 * either end; ends = start[n]. */
PASS(gtv_backward, int64_t threads, int64_t n, int64_t width, int64_t ends,
     const int64_t *OF(n + 1) start, const int32_t *OF(ends) neighbour,
     const REAL *OPTIONAL OF(ends) weight, const REAL *OPTIONAL OF(ends) scale,
     const REAL *OF(n, width) x, const REAL *OF(n, width) g, REAL delta, REAL eps,
     REAL *OF(n, width) total, REAL *OPTIONAL OF(ends) to_weight)
{
    const int64_t ahead = AHEAD(n, width);
#pragma omp parallel num_threads((int)threads)
    FOR_ROWS_IN_TURN(i, start, n)
    NAMED(backward_row)(i, width, ahead, ends, start, neighbour, weight, scale, x, g, delta, eps,
                        total, to_weight);
}

/* `rows` rows of act_backward, which add to `sum` at once. */
static inline __attribute__((always_inline)) void
NAMED(act_backward_rows)(int64_t rows, int64_t width, const REAL *restrict out,
                         const REAL *restrict grad, int activation, REAL *restrict g,
                         double *restrict sum)
{
#pragma omp simd
    for (int64_t f = 0; f < width; f++) {
        REAL total = 0;
        for (int64_t r = 0; r < rows; r++) {
            const int64_t at = r * width + f;
            REAL value = grad[at];
            if (activation == ELU)
                value *= 1 + BELOW_0(out[at]);
            if (activation == RELU)
                value *= (REAL)(out[at] > 0);
            g[at] = value;
            total += value;
        }
        sum[f] += total;
    }
}

/* Rows whose sum is taken in REAL before it is added in double. */
#define AT_ONCE 8

static inline __attribute__((always_inline)) void
NAMED(act_backward_part)(int64_t first, int64_t end, int64_t width, const REAL *out,
                         const REAL *grad, int activation, REAL *g, double *sum)
{
    int64_t i = first;
    for (; i + AT_ONCE <= end; i += AT_ONCE)
        NAMED(act_backward_rows)(AT_ONCE, width, out + i * width, grad + i * width, activation,
                                 g + i * width, sum);
    for (; i < end; i++)
        NAMED(act_backward_rows)(1, width, out + i * width, grad + i * width, activation,
                                 g + i * width, sum);
}
#undef AT_ONCE

/* g = gradient before the activation, given that after it and its output; sums, zero: what each
 * thread adds to the bias's gradient. */
PASS(act_backward, int64_t threads, int64_t n, int64_t width, const REAL *OF(n, width) out,
     const REAL *OF(n, width) grad, int64_t WHERE(activation <= RELU) activation,
     REAL *OF(n, width) g, double *OF(threads, width) sums)
{
#pragma omp parallel num_threads((int)threads)
    {
        const int64_t parts = omp_get_num_threads(), t = omp_get_thread_num();
        const int64_t first = n * t / parts, end = n * (t + 1) / parts;
        double *sum = sums + t * width;
        if (activation == ELU)
            NAMED(act_backward_part)(first, end, width, out, grad, ELU, g, sum);
        else if (activation == RELU)
            NAMED(act_backward_part)(first, end, width, out, grad, RELU, g, sum);
        else
            NAMED(act_backward_part)(first, end, width, out, grad, NONE, g, sum);
    }
}
