/* Total variation and its gradient for one type, REAL, and one set of instructions. */

/* One row; returns its part of the value, each edge from either end. */
static inline __attribute__((always_inline)) double
NAMED(totvar_row)(int64_t i, int64_t vectors, int64_t ahead, int64_t last, const int64_t *start,
                  const int32_t *neighbour, const REAL *weight, const VECTOR *s, VECTOR *grad,
                  REAL *gaps)
{
    const VECTOR *si = s + i * vectors, zero = {0};
    VECTOR *g = grad + i * vectors, sum = zero;
    for (int64_t v = 0; v < vectors; v++)
        g[v] = zero;
    for (int64_t p = start[i]; p < start[i + 1]; p++) {
        const VECTOR *sj = s + neighbour[p] * vectors;
        const VECTOR one = zero + (weight ? weight[p] : 1);
        if (p + ahead < last)
            fetch(s + neighbour[p + ahead] * vectors, vectors * REGISTER);
        VECTOR gap = zero;
        for (int64_t v = 0; v < vectors; v++) {
            const VECTOR d = si[v] - sj[v];
            const BITS sign = (BITS)d & SIGN_BIT;
            const VECTOR magnitude = (VECTOR)((BITS)d ^ sign);
            sum += one * magnitude;
            gap += magnitude;
            g[v] += (VECTOR)(((BITS)one ^ sign) & (d != zero));
        }
        if (gaps)
            gaps[p] = NAMED(sum_of)(gap);
    }
    double value = 0;
    for (int64_t k = 0; k < LANES; k++)
        value += sum[k];
    return value;
}

/* values, zero: each thread's part of twice sum_edges weight |s_i - s_j|; grad = its gradient for
 * s; gaps: |s_i - s_j| of each neighbour; ends = start[n]. */
PASS(totvar, int64_t threads, int64_t n, int64_t WHERE(width % ON_LINE == 0) width, int64_t ends,
     const int64_t *OF(n + 1) start, const int32_t *OF(ends) neighbour,
     const REAL *OPTIONAL OF(ends) weight, const REAL *OF(n, width) s, double *OF(threads) values,
     REAL *OF(n, width) grad, REAL *OPTIONAL OF(ends) gaps)
{
    const int64_t ahead = AHEAD(n, width);
#pragma omp parallel num_threads((int)threads)
    {
        double value = 0;
        FOR_ROWS_IN_TURN(i, start, n)
        {
            const VECTOR *from = (const VECTOR *)s;
            VECTOR *to = (VECTOR *)grad;
            if (width == ON_LINE)
                value += NAMED(totvar_row)(i, OF_LINE, ahead, ends, start, neighbour, weight, from,
                                           to, gaps);
            else
                value += NAMED(totvar_row)(i, width / LANES, ahead, ends, start, neighbour, weight,
                                           from, to, gaps);
        }
        values[omp_get_thread_num()] = value;
    }
}
