/* Passes over graphs in which every vertex is next to every other: `graphs` of them, of `size`
 * vertices each, whose weights are symmetric matrices [size, size]. Rows are of whole lines.
 *
 * Each pair of vertices i < j is worked on once, and tells both of its ends. Pairs are taken in
 * tiles: first their distances, as pairs_body.h does, then what they add to the rows of both, with
 * a lane for each column. For one type, REAL, and one set of instructions. */

/* Do `form` for the tiles of rows i of a block of rows j, and of all rows before it. Only pairs of
 * i < j count. */
#define FOR_TILES(first, columns, form, ...)                                                       \
    {                                                                                              \
        int64_t i = 0;                                                                             \
        for (; i + TILE <= (first) + (columns); i += TILE)                                         \
            form(TILE, i, first, columns, __VA_ARGS__);                                            \
        for (; i < (first) + (columns); i++)                                                       \
            form(1, i, first, columns, __VA_ARGS__);                                               \
    }

#define FEWER(a, b) ((a) < (b) ? (a) : (b))

/* The first row of a block that comes after row i. */
#define FIRST_AFTER(i, first) ((i) < (first) ? 0 : (i) + 1 - (first))

/* What the pairs of a tile add to out = x_i - sum_j delta gamma_ij (x_i - x_j). */
ALWAYS NAMED(complete_forward_tile)(const int rows, int64_t i, int64_t first, int64_t columns,
                                    int64_t size, int64_t vectors, const REAL *weight,
                                    const REAL *x, const VECTOR *turned, REAL delta, REAL eps,
                                    VECTOR *out)
{
    NAMED(pairs) gap, step;
    const int64_t width = vectors * LANES;
    NAMED(gaps_of)(rows, width, x + i * width, turned, gap);
    NAMED(weights_of)(rows, i, first, columns, size, weight, step);
    for (int r = 0; r < rows; r++)
        for (int64_t l = 0; l < LANES; l++) {
            const REAL one = delta * step[r][l] / (gap[r][l] < eps ? eps : gap[r][l]);
            step[r][l] = IS_PAIR(i + r, l, first, columns) ? one : 0;
        }
    const VECTOR *xi = (const VECTOR *)x + i * vectors, *xj = (const VECTOR *)x + first * vectors;
    VECTOR *to_i = out + i * vectors, *to_j = out + first * vectors;
    for (int64_t v = 0; v < vectors; v++) {
        VECTOR sum[TILE] = {0}, own[TILE];
        for (int r = 0; r < rows; r++)
            own[r] = xi[r * vectors + v];
        for (int64_t l = FIRST_AFTER(i, first); l < columns; l++) {
            VECTOR other = to_j[l * vectors + v];
            for (int r = 0; r < rows; r++) {
                const VECTOR d = own[r] - xj[l * vectors + v];
                sum[r] += step[r][l] * d;
                other += step[r][l] * d;
            }
            to_j[l * vectors + v] = other;
        }
        for (int r = 0; r < rows; r++)
            to_i[r * vectors + v] -= sum[r];
    }
}

/* What the pairs of a tile add to total, the gradient for the rows of a graph; to_weight, may be
 * null: that for its weights. */
ALWAYS NAMED(complete_backward_tile)(const int rows, int64_t i, int64_t first, int64_t columns,
                                     int64_t size, int64_t vectors, const REAL *weight,
                                     const REAL *x, const VECTOR *turned, const REAL *g,
                                     const VECTOR *turned_g, REAL delta, REAL eps, VECTOR *total,
                                     REAL *to_weight)
{
    NAMED(pairs) gap, dot, one, step, through;
    const int64_t width = vectors * LANES;
    const VECTOR zero = {0};
    NAMED(gaps_and_dots_of)(rows, width, x + i * width, turned, g + i * width, turned_g, gap, dot);
    NAMED(weights_of)(rows, i, first, columns, size, weight, one);
    for (int r = 0; r < rows; r++)
        for (int64_t l = 0; l < LANES; l++) {
            const struct NAMED(passed_on) on =
                NAMED(pass_on)(gap[r][l], dot[r][l], l, one[r], 0, delta, eps);
            const int counts = IS_PAIR(i + r, l, first, columns);
            step[r][l] = counts ? on.step : 0;
            through[r][l] = counts ? on.through_gap : 0;
            gap[r][l] = on.to_weight / 2;
        }
    if (to_weight)
        NAMED(tell_pairs)(rows, i, first, columns, size, gap, to_weight);
    const VECTOR *xi = (const VECTOR *)x + i * vectors, *xj = (const VECTOR *)x + first * vectors;
    const VECTOR *gi = (const VECTOR *)g + i * vectors, *gj = (const VECTOR *)g + first * vectors;
    VECTOR *to_i = total + i * vectors, *to_j = total + first * vectors;
    for (int64_t v = 0; v < vectors; v++) {
        VECTOR sum[TILE] = {0}, own[TILE], own_g[TILE];
        for (int r = 0; r < rows; r++) {
            own[r] = xi[r * vectors + v];
            own_g[r] = gi[r * vectors + v];
        }
        for (int64_t l = FIRST_AFTER(i, first); l < columns; l++) {
            VECTOR other = to_j[l * vectors + v];
            for (int r = 0; r < rows; r++) {
                const VECTOR d = own[r] - xj[l * vectors + v];
                const VECTOR flow = own_g[r] - gj[l * vectors + v];
                const BITS sign = (BITS)d & SIGN_BIT;
                const VECTOR passed =
                    (VECTOR)(((BITS)(zero + through[r][l]) ^ sign) & (d != zero)) -
                    step[r][l] * flow;
                sum[r] += passed;
                other -= passed;
            }
            to_j[l * vectors + v] = other;
        }
        for (int r = 0; r < rows; r++)
            to_i[r * vectors + v] += sum[r];
    }
}

/* What the pairs of a tile add to the total variation of a graph, and to grad, its gradient for s;
 * gaps, may be null: half of the distance between each two rows. */
ALWAYS NAMED(complete_totvar_tile)(const int rows, int64_t i, int64_t first, int64_t columns,
                                   int64_t size, int64_t vectors, const REAL *weight, const REAL *s,
                                   const VECTOR *turned, VECTOR *grad, REAL *gaps, double *value)
{
    NAMED(pairs) gap, one;
    const int64_t width = vectors * LANES;
    const VECTOR zero = {0};
    NAMED(gaps_of)(rows, width, s + i * width, turned, gap);
    NAMED(weights_of)(rows, i, first, columns, size, weight, one);
    REAL total = 0;
    for (int r = 0; r < rows; r++)
#pragma omp simd reduction(+ : total)
        for (int64_t l = 0; l < LANES; l++) {
            total += IS_PAIR(i + r, l, first, columns) ? one[r][l] * gap[r][l] : 0;
            gap[r][l] /= 2;
        }
    if (gaps)
        NAMED(tell_pairs)(rows, i, first, columns, size, gap, gaps);
    *value += total;
    const VECTOR *si = (const VECTOR *)s + i * vectors, *sj = (const VECTOR *)s + first * vectors;
    VECTOR *to_i = grad + i * vectors, *to_j = grad + first * vectors;
    for (int64_t v = 0; v < vectors; v++) {
        VECTOR sum[TILE] = {0}, own[TILE];
        for (int r = 0; r < rows; r++)
            own[r] = si[r * vectors + v];
        for (int64_t l = FIRST_AFTER(i, first); l < columns; l++) {
            VECTOR other = to_j[l * vectors + v];
            for (int r = 0; r < rows; r++) {
                const VECTOR d = own[r] - sj[l * vectors + v];
                const BITS sign = (BITS)d & SIGN_BIT;
                const VECTOR passed = (VECTOR)(((BITS)(zero + one[r][l]) ^ sign) & (d != zero));
                sum[r] += passed;
                other -= passed;
            }
            to_j[l * vectors + v] = other;
        }
        for (int r = 0; r < rows; r++)
            to_i[r * vectors + v] += sum[r];
    }
}

/* out = activation((I - delta L_Gamma) x + bias) on each graph, as gtv_forward; turned: of each
 * thread, a block of rows on its side. */
PASS(complete_forward, int64_t threads, int64_t graphs, int64_t size,
     int64_t WHERE(width % ON_LINE == 0) width, const REAL *OF(graphs, size, size) weight,
     const REAL *OF(graphs, size, width) x, const REAL *OPTIONAL OF(width) bias, REAL delta,
     REAL eps, int64_t WHERE(activation <= RELU) activation,
     REAL *OF(threads, width, ON_LINE) turned, REAL *OF(graphs, size, width) out)
{
#pragma omp parallel for schedule(dynamic) num_threads((int)threads)
    for (int64_t b = 0; b < graphs; b++) {
        const REAL *of_graph = x + b * size * width;
        REAL *block = turned + omp_get_thread_num() * width * ON_LINE, *o = out + b * size * width;
        NAMED(copy_row)(size * width, of_graph, o);
        for (int64_t first = 0; first < size; first += LANES) {
            const int64_t columns = FEWER(LANES, size - first);
            NAMED(turn)(columns, width, of_graph + first * width, block);
            FOR_TILES(first, columns, NAMED(complete_forward_tile), size, width / LANES,
                      weight + b * size * size, of_graph, (const VECTOR *)block, delta, eps,
                      (VECTOR *)o)
        }
        for (int64_t i = 0; i < size; i++)
            NAMED(finish_row)(width, bias, (int)activation, o + i * width);
    }
}

/* total = gradient for x, given that for the product, g; to_weight, half of that for each pair's
 * weight at either of its places. */
PASS(complete_backward, int64_t threads, int64_t graphs, int64_t size,
     int64_t WHERE(width % ON_LINE == 0) width, const REAL *OF(graphs, size, size) weight,
     const REAL *OF(graphs, size, width) x, const REAL *OF(graphs, size, width) g, REAL delta,
     REAL eps, REAL *OF(2, threads, width, ON_LINE) turned, REAL *OF(graphs, size, width) total,
     REAL *OPTIONAL OF(graphs, size, size) to_weight)
{
#pragma omp parallel for schedule(dynamic) num_threads((int)threads)
    for (int64_t b = 0; b < graphs; b++) {
        const REAL *of_graph = x + b * size * width, *of_g = g + b * size * width;
        REAL *block = turned + 2 * omp_get_thread_num() * width * ON_LINE;
        REAL *block_g = block + width * ON_LINE, *to = total + b * size * width;
        NAMED(copy_row)(size * width, of_g, to);
        for (int64_t first = 0; first < size; first += LANES) {
            const int64_t columns = FEWER(LANES, size - first);
            NAMED(turn)(columns, width, of_graph + first * width, block);
            NAMED(turn)(columns, width, of_g + first * width, block_g);
            FOR_TILES(first, columns, NAMED(complete_backward_tile), size, width / LANES,
                      weight + b * size * size, of_graph, (const VECTOR *)block, of_g,
                      (const VECTOR *)block_g, delta, eps, (VECTOR *)to,
                      to_weight ? to_weight + b * size * size : 0)
        }
    }
}

/* values = sum_{i<j} weight |s_i - s_j| of each graph; grad = its gradient for s; gaps: half of
 * |s_i - s_j|, the gradient for weight. */
PASS(complete_totvar, int64_t threads, int64_t graphs, int64_t size,
     int64_t WHERE(width % ON_LINE == 0) width, const REAL *OF(graphs, size, size) weight,
     const REAL *OF(graphs, size, width) s, REAL *OF(threads, width, ON_LINE) turned,
     double *OF(graphs) values, REAL *OF(graphs, size, width) grad,
     REAL *OPTIONAL OF(graphs, size, size) gaps)
{
#pragma omp parallel for schedule(dynamic) num_threads((int)threads)
    for (int64_t b = 0; b < graphs; b++) {
        const REAL *of_graph = s + b * size * width;
        REAL *block = turned + omp_get_thread_num() * width * ON_LINE,
             *to = grad + b * size * width;
        double value = 0;
        clear(to, size * width * (int64_t)sizeof(REAL));
        for (int64_t first = 0; first < size; first += LANES) {
            const int64_t columns = FEWER(LANES, size - first);
            NAMED(turn)(columns, width, of_graph + first * width, block);
            FOR_TILES(first, columns, NAMED(complete_totvar_tile), size, width / LANES,
                      weight + b * size * size, of_graph, (const VECTOR *)block, (VECTOR *)to,
                      gaps ? gaps + b * size * size : 0, &value)
        }
        values[b] = value;
    }
}

#undef FOR_TILES
#undef FEWER
#undef FIRST_AFTER
#undef IS_PAIR
#undef TILE
#undef ALWAYS
