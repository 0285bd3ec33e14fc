/* The neighbours of one row whose width is a few whole lines: the row, its sum and the difference
 * to a neighbour stay in registers, and each neighbour is read once. For one type, REAL, and one
 * set of instructions. */

/* The sum of a vector's values. */
static inline __attribute__((always_inline)) REAL NAMED(sum_of)(VECTOR vector)
{
    REAL values[LANES], sum = 0;
    memcpy(values, &vector, sizeof(vector));
#pragma omp simd reduction(+ : sum)
    for (int64_t k = 0; k < LANES; k++)
        sum += values[k];
    return sum;
}

/* out = x_i - sum_j delta gamma_ij (x_i - x_j) for row i. */
static inline __attribute__((always_inline)) void
NAMED(forward_whole)(const int vectors, int64_t i, int64_t ahead, int64_t last,
                     const int64_t *start, const int32_t *neighbour, const REAL *weight,
                     const REAL *scale, const REAL *x, REAL delta, REAL eps, REAL *out)
{
    const VECTOR *rows = (const VECTOR *)x, *xi = rows + i * vectors, zero = {0};
    VECTOR sum[MOST_WHOLE * OF_LINE], d[MOST_WHOLE * OF_LINE];
    for (int v = 0; v < vectors; v++)
        sum[v] = xi[v];
    for (int64_t p = start[i]; p < start[i + 1]; p++) {
        const VECTOR *xj = rows + (int64_t)neighbour[p] * vectors;
        if (p + ahead < last)
            fetch(rows + (int64_t)neighbour[p + ahead] * vectors, vectors * REGISTER);
        VECTOR magnitude = zero;
        for (int v = 0; v < vectors; v++) {
            d[v] = xi[v] - xj[v];
            magnitude += (VECTOR)((BITS)d[v] & ~SIGN_BIT);
        }
        REAL gap = NAMED(sum_of)(magnitude);
        if (scale)
            gap *= scale[p];
        const REAL step = delta * (weight ? weight[p] : 1) / (gap < eps ? eps : gap);
        for (int v = 0; v < vectors; v++)
            sum[v] -= step * d[v];
    }
    for (int v = 0; v < vectors; v++)
        ((VECTOR *)out)[i * vectors + v] = sum[v];
}

/* total = gradient for row i of x, given that for the product, g. */
static inline __attribute__((always_inline)) void
NAMED(backward_whole)(const int vectors, int64_t i, int64_t ahead, int64_t last,
                      const int64_t *start, const int32_t *neighbour, const REAL *weight,
                      const REAL *scale, const REAL *x, const REAL *g, REAL delta, REAL eps,
                      REAL *total, REAL *to_weight)
{
    const VECTOR *rows = (const VECTOR *)x, *xi = rows + i * vectors, zero = {0};
    const VECTOR *gradients = (const VECTOR *)g, *gi = gradients + i * vectors;
    VECTOR sum[MOST_WHOLE * OF_LINE], d[MOST_WHOLE * OF_LINE], flow[MOST_WHOLE * OF_LINE];
    for (int v = 0; v < vectors; v++)
        sum[v] = gi[v];
    for (int64_t p = start[i]; p < start[i + 1]; p++) {
        const VECTOR *xj = rows + (int64_t)neighbour[p] * vectors;
        const VECTOR *gj = gradients + (int64_t)neighbour[p] * vectors;
        if (p + ahead < last) {
            fetch(rows + (int64_t)neighbour[p + ahead] * vectors, vectors * REGISTER);
            fetch(gradients + (int64_t)neighbour[p + ahead] * vectors, vectors * REGISTER);
        }
        VECTOR magnitude = zero, product = zero;
        for (int v = 0; v < vectors; v++) {
            d[v] = xi[v] - xj[v];
            flow[v] = gi[v] - gj[v];
            magnitude += (VECTOR)((BITS)d[v] & ~SIGN_BIT);
            product += d[v] * flow[v];
        }
        const REAL dot = NAMED(sum_of)(product);
        const struct NAMED(passed_on) on =
            NAMED(pass_on)(NAMED(sum_of)(magnitude), dot, p, weight, scale, delta, eps);
        if (to_weight)
            to_weight[p] = on.to_weight;
        const VECTOR through = zero + on.through_gap;
        for (int v = 0; v < vectors; v++) {
            const BITS sign = (BITS)d[v] & SIGN_BIT;
            sum[v] += (VECTOR)(((BITS)through ^ sign) & (d[v] != zero)) - on.step * flow[v];
        }
    }
    for (int v = 0; v < vectors; v++)
        ((VECTOR *)total)[i * vectors + v] = sum[v];
}
