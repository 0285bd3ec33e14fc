/* Passes over graphs in which every vertex is next to every other: `graphs` of them, of `size`
 * vertices each, whose weights are symmetric matrices [size, size]. Rows are of whole vectors. Each
 * pair of vertices is worked on once, and tells both of its ends. For one type, REAL, and one set
 * of instructions. */

/* The sum of a vector's values, halves first: a chain of additions as short as can be. */
static inline __attribute__((always_inline)) REAL NAMED(folded)(VECTOR vector)
{
    REAL values[LANES];
    memcpy(values, &vector, sizeof(vector));
    for (int64_t half = LANES / 2; half; half /= 2)
#pragma omp simd
        for (int64_t k = 0; k < half; k++)
            values[k] += values[k + half];
    return values[0];
}

/* Weights and rows of one graph. */
#define OF_GRAPH(array, b, width) ((array) + (b) * size * (width))

/* out = x_i - sum_j delta gamma_ij (x_i - x_j) for all rows i of a graph. */
static inline __attribute__((always_inline)) void
NAMED(complete_forward_of)(const int vectors, int64_t size, const REAL *weight, const VECTOR *x,
                           REAL delta, REAL eps, VECTOR *out)
{
    VECTOR sum[MOST_WHOLE], d[MOST_WHOLE];
    const VECTOR zero = {0};
    for (int64_t k = 0; k < size * vectors; k++)
        out[k] = x[k];
    for (int64_t i = 0; i < size; i++) {
        for (int v = 0; v < vectors; v++)
            sum[v] = out[i * vectors + v];
        for (int64_t j = i + 1; j < size; j++) {
            VECTOR magnitude = zero;
            for (int v = 0; v < vectors; v++) {
                d[v] = x[i * vectors + v] - x[j * vectors + v];
                magnitude += (VECTOR)((BITS)d[v] & ~SIGN_BIT);
            }
            const REAL gap = NAMED(folded)(magnitude);
            const REAL step = delta * weight[i * size + j] / (gap < eps ? eps : gap);
            for (int v = 0; v < vectors; v++) {
                sum[v] -= step * d[v];
                out[j * vectors + v] += step * d[v];
            }
        }
        for (int v = 0; v < vectors; v++)
            out[i * vectors + v] = sum[v];
    }
}

/* total = gradient for the rows of a graph; to_weight, may be null: that for its weights. */
static inline __attribute__((always_inline)) void
NAMED(complete_backward_of)(const int vectors, int64_t size, const REAL *weight, const VECTOR *x,
                            const VECTOR *g, REAL delta, REAL eps, VECTOR *total, REAL *to_weight)
{
    VECTOR sum[MOST_WHOLE], d[MOST_WHOLE], flow[MOST_WHOLE];
    const VECTOR zero = {0};
    for (int64_t k = 0; k < size * vectors; k++)
        total[k] = g[k];
    for (int64_t i = 0; i < size; i++) {
        for (int v = 0; v < vectors; v++)
            sum[v] = total[i * vectors + v];
        if (to_weight)
            to_weight[i * size + i] = 0;
        for (int64_t j = i + 1; j < size; j++) {
            VECTOR magnitude = zero, product = zero;
            for (int v = 0; v < vectors; v++) {
                d[v] = x[i * vectors + v] - x[j * vectors + v];
                flow[v] = g[i * vectors + v] - g[j * vectors + v];
                magnitude += (VECTOR)((BITS)d[v] & ~SIGN_BIT);
                product += d[v] * flow[v];
            }
            const struct NAMED(passed_on) on =
                NAMED(pass_on)(NAMED(folded)(magnitude), NAMED(folded)(product), i * size + j,
                               weight, 0, delta, eps);
            if (to_weight)
                to_weight[i * size + j] = to_weight[j * size + i] = on.to_weight / 2;
            const VECTOR through = zero + on.through_gap;
            for (int v = 0; v < vectors; v++) {
                const BITS sign = (BITS)d[v] & SIGN_BIT;
                const VECTOR passed =
                    (VECTOR)(((BITS)through ^ sign) & (d[v] != zero)) - on.step * flow[v];
                sum[v] += passed;
                total[j * vectors + v] -= passed;
            }
        }
        for (int v = 0; v < vectors; v++)
            total[i * vectors + v] = sum[v];
    }
}

/* Do what `form` does with the number of vectors of a row as a constant. */
#define FOR_VECTORS(width, form, ...)                                                              \
    switch ((width) / LANES) {                                                                     \
    case 1:                                                                                        \
        form(1, __VA_ARGS__);                                                                      \
        break;                                                                                     \
    case 2:                                                                                        \
        form(2, __VA_ARGS__);                                                                      \
        break;                                                                                     \
    case 4:                                                                                        \
        form(4, __VA_ARGS__);                                                                      \
        break;                                                                                     \
    case 8:                                                                                        \
        form(8, __VA_ARGS__);                                                                      \
        break;                                                                                     \
    default:                                                                                       \
        form((int)((width) / LANES), __VA_ARGS__);                                                 \
    }

/* out = activation((I - delta L_Gamma) x + bias) on each graph, as gtv_forward. */
PASS(complete_forward, int64_t threads, int64_t graphs, int64_t size,
     int64_t WHERE(width % LANES == 0 && width <= MOST_WHOLE * LANES) width,
     const REAL *OF(graphs, size, size) weight, const REAL *OF(graphs, size, width) x,
     const REAL *OPTIONAL OF(width) bias, REAL delta, REAL eps,
     int64_t WHERE(activation <= RELU) activation, REAL *OF(graphs, size, width) out)
{
#pragma omp parallel for schedule(dynamic) num_threads((int)threads)
    for (int64_t b = 0; b < graphs; b++) {
        FOR_VECTORS(width, NAMED(complete_forward_of), size, OF_GRAPH(weight, b, size),
                    (const VECTOR *)OF_GRAPH(x, b, width), delta, eps,
                    (VECTOR *)OF_GRAPH(out, b, width))
        for (int64_t i = b * size; i < (b + 1) * size; i++)
            NAMED(finish_row)(width, bias, (int)activation, out + i * width);
    }
}

/* total = gradient for x, given that for the product, g; to_weight, half of that for each pair's
 * weight at either of its places. */
PASS(complete_backward, int64_t threads, int64_t graphs, int64_t size,
     int64_t WHERE(width % LANES == 0 && width <= MOST_WHOLE * LANES) width,
     const REAL *OF(graphs, size, size) weight, const REAL *OF(graphs, size, width) x,
     const REAL *OF(graphs, size, width) g, REAL delta, REAL eps,
     REAL *OF(graphs, size, width) total, REAL *OPTIONAL OF(graphs, size, size) to_weight)
{
#pragma omp parallel for schedule(dynamic) num_threads((int)threads)
    for (int64_t b = 0; b < graphs; b++)
        FOR_VECTORS(width, NAMED(complete_backward_of), size, OF_GRAPH(weight, b, size),
                    (const VECTOR *)OF_GRAPH(x, b, width), (const VECTOR *)OF_GRAPH(g, b, width),
                    delta, eps, (VECTOR *)OF_GRAPH(total, b, width),
                    to_weight ? OF_GRAPH(to_weight, b, size) : 0)
}

/* The total variation of a graph; grad, its gradient for s; gaps, may be null: half of the distance
 * between each two rows. */
static inline __attribute__((always_inline)) double
NAMED(complete_totvar_of)(int64_t size, int64_t vectors, const REAL *weight, const VECTOR *s,
                          VECTOR *grad, REAL *gaps)
{
    const VECTOR zero = {0};
    double value = 0;
    for (int64_t k = 0; k < size * vectors; k++)
        grad[k] = zero;
    for (int64_t i = 0; i < size; i++) {
        const VECTOR *si = s + i * vectors;
        VECTOR *gi = grad + i * vectors;
        REAL row = 0;
        if (gaps)
            gaps[i * size + i] = 0;
        for (int64_t j = i + 1; j < size; j++) {
            const VECTOR *sj = s + j * vectors, one = zero + weight[i * size + j];
            VECTOR *gj = grad + j * vectors, magnitude = zero;
            for (int64_t v = 0; v < vectors; v++) {
                const VECTOR d = si[v] - sj[v];
                const BITS sign = (BITS)d & SIGN_BIT;
                const VECTOR passed = (VECTOR)(((BITS)one ^ sign) & (d != zero));
                magnitude += (VECTOR)((BITS)d ^ sign);
                gi[v] += passed;
                gj[v] -= passed;
            }
            const REAL gap = NAMED(folded)(magnitude);
            row += weight[i * size + j] * gap;
            if (gaps)
                gaps[i * size + j] = gaps[j * size + i] = gap / 2;
        }
        value += row;
    }
    return value;
}

/* values = sum_{i<j} weight |s_i - s_j| of each graph; grad = its gradient for s; gaps: half of
 * |s_i - s_j|, the gradient for weight. */
PASS(complete_totvar, int64_t threads, int64_t graphs, int64_t size,
     int64_t WHERE(width % LANES == 0) width, const REAL *OF(graphs, size, size) weight,
     const REAL *OF(graphs, size, width) s, double *OF(graphs) values,
     REAL *OF(graphs, size, width) grad, REAL *OPTIONAL OF(graphs, size, size) gaps)
{
#pragma omp parallel for schedule(dynamic) num_threads((int)threads)
    for (int64_t b = 0; b < graphs; b++)
        values[b] = NAMED(complete_totvar_of)(
            size, width / LANES, OF_GRAPH(weight, b, size), (const VECTOR *)OF_GRAPH(s, b, width),
            (VECTOR *)OF_GRAPH(grad, b, width), gaps ? OF_GRAPH(gaps, b, size) : 0);
}

#undef OF_GRAPH
#undef FOR_VECTORS
