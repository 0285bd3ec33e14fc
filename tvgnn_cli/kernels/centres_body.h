/* Points x [n, width] and the centres that they are nearest to, for one type, REAL, and one set of
 * instructions. */

/* label[i] = j, the first of the centres with the least norms[j] - 2 inner[i, j], given the
 * products of points and centres and the squared lengths of these: as numpy's argmin, for which
 * what is no number is the least. */
PASS(nearest_centres, int64_t threads, int64_t n, int64_t WHERE(0 < k) k,
     const REAL *OF(n, k) inner, const REAL *OF(k) norms, int64_t *OF(n) label)
{
#pragma omp parallel for schedule(static) num_threads((int)threads) if (n * k > SMALL)
    for (int64_t i = 0; i < n; i++) {
        const REAL *to = inner + i * k;
        REAL least = norms[0] - 2 * to[0];
        int64_t nearest = 0;
        for (int64_t j = 1; j < k && least == least; j++) {
            const REAL distance = norms[j] - 2 * to[j];
            if (!(distance >= least)) {
                least = distance;
                nearest = j;
            }
        }
        label[i] = nearest;
    }
}

/* `count` columns of the sums. */
static inline __attribute__((always_inline)) void NAMED(add_rows)(int64_t n, int64_t width,
                                                                  int64_t count, const REAL *x,
                                                                  const int64_t *label, REAL *sums)
{
    for (int64_t i = 0; i < n; i++) {
        const REAL *row = x + i * width;
        REAL *sum = sums + label[i] * width;
        for (int64_t c = 0; c < count; c++)
            sum[c] += row[c];
    }
}

/* sums[j] = the sum of the rows of x whose label is j, sizes[j] = how many these are. Rows are
 * added in their order, as each thread has columns of its own. */
static inline __attribute__((always_inline)) void NAMED(add_up)(int64_t threads, int64_t n,
                                                                int64_t width, int64_t k,
                                                                const REAL *x, const int64_t *label,
                                                                int64_t *sizes, REAL *sums)
{
    clear(sizes, k * (int64_t)sizeof(int64_t));
    clear(sums, k * width * (int64_t)sizeof(REAL));
    for (int64_t i = 0; i < n; i++)
        sizes[label[i]]++;
#pragma omp parallel for schedule(static) num_threads((int)threads) if (n * width > SMALL)
    for (int64_t first = 0; first < width; first += ON_LINE) {
        if (width - first < ON_LINE)
            NAMED(add_rows)(n, width, width - first, x + first, label, sums + first);
        else
            NAMED(add_rows)(n, width, ON_LINE, x + first, label, sums + first);
    }
}

/* sums and sizes as above. */
PASS(sums_of_clusters, int64_t threads, int64_t n, int64_t width, int64_t k,
     const REAL *OF(n, width) x, const int64_t *OF(n) label, int64_t *OF(k) sizes,
     REAL *OF(k, width) sums)
{
    NAMED(add_up)(threads, n, width, k, x, label, sizes, sums);
}

/* Centres whose products with points are found side by side. */
#define TOGETHER 4

/* label[l] = the first of the centres nearest to row l of a block, turned; what is no number is the
 * least, as above. Labels are as wide as values, so that both fill vectors alike: 32 bits of float.
 */
static inline __attribute__((always_inline)) void
NAMED(nearest_of_block)(int64_t width, int64_t k, const VECTOR *turned, const REAL *centres,
                        const REAL *norms, WHOLE_NUMBER *label)
{
    REAL least[LANES];
    for (int64_t l = 0; l < LANES; l++) {
        least[l] = (REAL)__builtin_inf();
        label[l] = 0;
    }
    for (int64_t c = 0; c < k; c += TOGETHER) {
        const int64_t count = k - c < TOGETHER ? k - c : TOGETHER;
        const REAL *rows[TOGETHER];
        VECTOR product[TOGETHER] = {0};
        for (int64_t r = 0; r < TOGETHER; r++)
            rows[r] = centres + (c + (r < count ? r : 0)) * width;
        for (int64_t f = 0; f < width; f++)
            for (int64_t r = 0; r < TOGETHER; r++)
                product[r] += turned[f] * rows[r][f];
        for (int64_t r = 0; r < count; r++)
#pragma omp simd
            for (int64_t l = 0; l < LANES; l++) {
                const REAL distance = norms[c + r] - 2 * product[r][l];
                const int nearer = !(distance >= least[l]) & (least[l] == least[l]);
                label[l] = nearer ? (WHOLE_NUMBER)(c + r) : label[l];
                least[l] = nearer ? distance : least[l];
            }
    }
}

/* label = the nearest centre of each point; returns how many of them were another one. */
static int64_t NAMED(label_points)(int64_t threads, int64_t n, int64_t k, int64_t width,
                                   const REAL *x, const REAL *centres, REAL *norms, REAL *turned,
                                   int64_t *label)
{
    int64_t changed = 0;
    for (int64_t c = 0; c < k; c++) {
        REAL norm = 0;
#pragma omp simd reduction(+ : norm)
        for (int64_t f = 0; f < width; f++)
            norm += centres[c * width + f] * centres[c * width + f];
        norms[c] = norm;
    }
#pragma omp parallel for schedule(static) num_threads((int)threads)                                \
    reduction(+ : changed) if (n * k * width > SMALL)
    for (int64_t i = 0; i < n; i += LANES) {
        REAL *block = turned + omp_get_thread_num() * width * ON_LINE;
        WHOLE_NUMBER found[LANES];
        const int64_t count = n - i < LANES ? n - i : LANES;
        NAMED(turn)(count, width, x + i * width, block);
        NAMED(nearest_of_block)(width, k, (const VECTOR *)block, centres, norms, found);
        for (int64_t l = 0; l < count; l++) {
            changed += label[i + l] != found[l];
            label[i + l] = found[l];
        }
    }
    return changed;
}

/* Move the centres to the means of their points; returns the sum of the squares of how far. */
static double NAMED(move_centres)(int64_t k, int64_t width, const int64_t *sizes, const REAL *sums,
                                  REAL *centres)
{
    double total = 0;
    for (int64_t c = 0; c < k; c++) {
        const REAL scale = 1 / (REAL)sizes[c];
        REAL squares = 0;
#pragma omp simd reduction(+ : squares)
        for (int64_t f = 0; f < width; f++) {
            const REAL mean = sums[c * width + f] * scale, shift = mean - centres[c * width + f];
            squares += shift * shift;
            centres[c * width + f] = mean;
        }
        total += squares;
    }
    return total;
}

/* Steps of Lloyd's iteration, up to `most`, from `label`, n numbers, and `centres`: the nearest of
 * them to each point, and the means of these points. state: how many were taken; whether the last
 * one changed a label; and how they ended. SETTLED: none was changed, or the squares of the shifts
 * add up to no more than `tolerance`, after which labels are of the last centres. EMPTY: a cluster
 * has no point, and centres are not moved. */
PASS(lloyd, int64_t threads, int64_t n, int64_t WHERE(0 < k && k <= INT32_MAX) k, int64_t width,
     int64_t most, REAL tolerance, const REAL *OF(n, width) x,
     REAL *OF(threads, width, ON_LINE) turned, REAL *OF(k) norms, REAL *OF(k, width) sums,
     int64_t *OF(k) sizes, REAL *OF(k, width) centres, int64_t *OF(n) label, int64_t *OF(3) state)
{
    state[0] = state[1] = 0;
    state[2] = GOES_ON;
    while (state[2] == GOES_ON && state[0] < most) {
        state[0]++;
        state[1] = NAMED(label_points)(threads, n, k, width, x, centres, norms, turned, label) > 0;
        NAMED(add_up)(threads, n, width, k, x, label, sizes, sums);
        for (int64_t c = 0; c < k; c++)
            state[2] = sizes[c] ? state[2] : EMPTY;
        if (state[2] == EMPTY)
            return;
        const double shifted = NAMED(move_centres)(k, width, sizes, sums, centres);
        if (!state[1] || shifted <= tolerance)
            state[2] = SETTLED;
    }
    if (state[2] == SETTLED && state[1])
        NAMED(label_points)(threads, n, k, width, x, centres, norms, turned, label);
}

#undef TOGETHER
