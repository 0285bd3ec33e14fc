/* Pairs of rows in tiles: a few rows i, and the LANES rows j of a block. A copy of the block is
 * turned on its side, so that a vector holds one column of all of its rows, and what is of each
 * pair is found without a sum over a vector. For one type, REAL, and one set of instructions. */

#define ALWAYS static inline __attribute__((always_inline)) void

/* Rows i of a tile. */
#define TILE 4

/* Values of the pairs of a tile. */
typedef REAL NAMED(pairs)[TILE][LANES];

/* turned[f][l] = x[l][f] for the `columns` rows of a block, 0 for those it lacks. A whole block's
 * loop is unrolled, of which compilers make exchanges between vectors. */
ALWAYS NAMED(turn)(int64_t columns, int64_t width, const REAL *restrict x, REAL *restrict turned)
{
    if (columns == LANES) {
        for (int64_t f = 0; f < width; f++)
#pragma GCC unroll 16
            for (int64_t l = 0; l < LANES; l++)
                turned[f * LANES + l] = x[l * width + f];
        return;
    }
    for (int64_t f = 0; f < width; f++)
        for (int64_t l = 0; l < LANES; l++)
            turned[f * LANES + l] = l < columns ? x[l * width + f] : 0;
}

/* gap[r][l] = |x_r - y_l|, y being the rows of a block, turned. */
ALWAYS NAMED(gaps_of)(const int rows, int64_t width, const REAL *x, const VECTOR *turned,
                      NAMED(pairs) gap)
{
    VECTOR sum[TILE] = {0};
    for (int64_t f = 0; f < width; f++)
        for (int r = 0; r < rows; r++)
            sum[r] += (VECTOR)((BITS)(turned[f] - x[r * width + f]) & ~SIGN_BIT);
    memcpy(gap, sum, rows * sizeof(*gap));
}

/* The same, and dot[r][l] = (x_r - y_l) (g_r - h_l), of the gradients' rows. */
ALWAYS NAMED(gaps_and_dots_of)(const int rows, int64_t width, const REAL *x, const VECTOR *turned,
                               const REAL *g, const VECTOR *turned_g, NAMED(pairs) gap,
                               NAMED(pairs) dot)
{
    VECTOR sum[TILE] = {0}, product[TILE] = {0};
    for (int64_t f = 0; f < width; f++)
        for (int r = 0; r < rows; r++) {
            const VECTOR d = turned[f] - x[r * width + f];
            sum[r] += (VECTOR)((BITS)d & ~SIGN_BIT);
            product[r] += d * (turned_g[f] - g[r * width + f]);
        }
    memcpy(gap, sum, rows * sizeof(*gap));
    memcpy(dot, product, rows * sizeof(*dot));
}

/* Whether row i and row l of a block are a pair that counts: i is before it, and it is there. What
 * is found of others may be no number, even times 0. */
#define IS_PAIR(i, l, first, columns) ((l) < (columns) && (i) < (first) + (l))

/* The weights of the pairs of a tile, 0 of those that do not count. */
ALWAYS NAMED(weights_of)(const int rows, int64_t i, int64_t first, int64_t columns, int64_t size,
                         const REAL *weight, NAMED(pairs) one)
{
    for (int r = 0; r < rows; r++, i++)
        for (int64_t l = 0; l < LANES; l++)
            one[r][l] = IS_PAIR(i, l, first, columns) ? weight[i * size + first + l] : 0;
}

/* Write what is of each pair of a tile, once from either end: 0 of a row with itself. */
ALWAYS NAMED(tell_pairs)(const int rows, int64_t i, int64_t first, int64_t columns, int64_t size,
                         NAMED(pairs) of_pair, REAL *to)
{
    for (int64_t l = i < first ? 0 : i - first; l < columns; l++)
        for (int r = 0; r < rows; r++)
            to[(first + l) * size + i + r] = of_pair[r][l];
    for (int r = 0; r < rows; r++) {
        for (int64_t l = i < first ? 0 : i - first; l < columns; l++)
            to[(i + r) * size + first + l] = of_pair[r][l];
        if (i + r >= first)
            to[(i + r) * (size + 1)] = 0;
    }
}
