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
PASS(sums_of_clusters, int64_t threads, int64_t n, int64_t width, int64_t k,
     const REAL *OF(n, width) x, const int64_t *OF(n) label, int64_t *OF(k) sizes,
     REAL *OF(k, width) sums)
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
