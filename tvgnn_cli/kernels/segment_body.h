/* How evenly soft assignments fill the clusters of several graphs, whose rows lie one graph after
 * another; for one type, REAL, and one set of instructions. */

/* Values that are kept of each column while its largest are looked for, in order. Beyond, they are
 * selected one column after another. */
#define MOST_KEPT 16

/* The value with `rank` larger ones before it, of n, whose order is lost. */
static REAL NAMED(select)(REAL *values, int64_t n, int64_t rank)
{
    int64_t low = 0, high = n - 1;
    while (low < high) {
        const REAL pivot = values[low + (high - low) / 2];
        int64_t i = low, j = high;
        while (i <= j) {
            while (values[i] > pivot)
                i++;
            while (values[j] < pivot)
                j--;
            if (i <= j) {
                const REAL held = values[i];
                values[i++] = values[j];
                values[j--] = held;
            }
        }
        if (rank <= j)
            high = j;
        else if (rank >= i)
            low = i;
        else
            break;
    }
    return values[rank];
}

/* quantile [ON_LINE] = the value with `rank` larger ones before it, of each of `count` columns. */
static inline __attribute__((always_inline)) void NAMED(quantiles)(int64_t n, int64_t k,
                                                                   int64_t count, int64_t rank,
                                                                   const REAL *s, REAL *scratch,
                                                                   REAL *quantile)
{
    if (rank >= MOST_KEPT) {
        for (int64_t j = 0; j < count; j++) {
            for (int64_t i = 0; i < n; i++)
                scratch[i] = s[i * k + j];
            quantile[j] = NAMED(select)(scratch, n, rank);
        }
        return;
    }
    REAL kept[MOST_KEPT][ON_LINE];
    for (int64_t r = 0; r <= rank; r++)
        for (int64_t j = 0; j < ON_LINE; j++)
            kept[r][j] = -(REAL)__builtin_inf();
    for (int64_t i = 0; i < n; i++) {
        REAL row[ON_LINE] = {0};
        memcpy(row, s + i * k, (size_t)count * sizeof(REAL));
        for (int64_t r = 0; r <= rank; r++)
#pragma omp simd
            for (int64_t j = 0; j < ON_LINE; j++) {
                const REAL old = kept[r][j], value = row[j];
                kept[r][j] = value > old ? value : old;
                row[j] = value > old ? old : value;
            }
    }
    memcpy(quantile, kept[rank], ON_LINE * sizeof(REAL));
}

/* The norm of `count` columns of one graph, and scale times its gradient. */
static inline __attribute__((always_inline)) double
NAMED(norm_of_block)(int64_t n, int64_t k, int64_t count, int64_t rank, REAL rho, REAL scale,
                     const REAL *s, REAL *scratch, REAL *grad)
{
    REAL quantile[ON_LINE], value[ON_LINE] = {0};
    int32_t above[ON_LINE] = {0}, first[ON_LINE];
    NAMED(quantiles)(n, k, count, rank, s, scratch, quantile);
    for (int64_t j = 0; j < ON_LINE; j++)
        first[j] = -1;
    for (int64_t i = 0; i < n; i++) {
        const REAL *row = s + i * k;
#pragma omp simd
        for (int64_t j = 0; j < count; j++) {
            const REAL centred = row[j] - quantile[j];
            value[j] += centred >= 0 ? rho * centred : -centred;
            above[j] += centred >= 0;
            first[j] = centred == 0 && first[j] < 0 ? (int32_t)i : first[j];
        }
        if (grad)
#pragma omp simd
            for (int64_t j = 0; j < count; j++)
                grad[i * k + j] = row[j] >= quantile[j] ? scale * rho : -scale;
    }
    double total = 0;
    for (int64_t j = 0; j < count; j++) {
        total += value[j];
        if (grad && first[j] >= 0)
            grad[first[j] * k + j] -= scale * (rho * (REAL)above[j] - (REAL)(n - above[j]));
    }
    return total;
}

/* values = sum_ij |s_ij - q_j| over the rows ptr[g] ... of each graph and blocks of columns, q_j
 * the value with rank[g] larger ones before it, values from it on counted rho times; grad: scale[g]
 * times its gradient for s [n, k], where q_j is the first of the values that equal it; scratch for
 * the longest of the graphs' numbers of rows. A graph of no rows has any rank, and another one a
 * rank below their number. */
PASS(segment_norm, int64_t threads, int64_t graphs, int64_t WHERE(n <= INT32_MAX) n, int64_t k,
     int64_t longest, const int64_t *OF(graphs + 1) ptr, const int64_t *OF(graphs) rank,
     const REAL *OF(graphs) scale, const REAL *OF(n, k) s, REAL rho,
     REAL *OF(threads, longest) scratch, double *OF(graphs, (k + ON_LINE - 1) / ON_LINE) values,
     REAL *OPTIONAL OF(n, k) grad)
{
    const int64_t blocks = (k + ON_LINE - 1) / ON_LINE;
#pragma omp parallel for schedule(dynamic, 4) num_threads((int)threads)
    for (int64_t piece = 0; piece < graphs * blocks; piece++) {
        const int64_t g = piece / blocks, j = piece % blocks * ON_LINE;
        const int64_t first = ptr[g], n = ptr[g + 1] - first;
        values[piece] = n ? NAMED(norm_of_block)(n, k, k - j < ON_LINE ? k - j : ON_LINE, rank[g],
                                                 rho, scale[g], s + first * k + j,
                                                 scratch + omp_get_thread_num() * longest,
                                                 grad ? grad + first * k + j : 0)
                          : 0;
    }
}

/* out [graphs, k, width] = left^T right over the rows ptr[g] ... of each graph. For small graphs: a
 * product of a library would take longer to be called. */
PASS(segment_products, int64_t threads, int64_t graphs, int64_t n, int64_t k, int64_t width,
     const int64_t *OF(graphs + 1) ptr, const REAL *OF(n, k) left, const REAL *OF(n, width) right,
     REAL *OF(graphs, k, width) out)
{
#pragma omp parallel for schedule(dynamic) num_threads((int)threads)
    for (int64_t g = 0; g < graphs; g++) {
        REAL *to = out + g * k * width;
        clear(to, k * width * (int64_t)sizeof(REAL));
        for (int64_t i = ptr[g]; i < ptr[g + 1]; i++)
            for (int64_t j = 0; j < k; j++) {
                const REAL factor = left[i * k + j];
#pragma omp simd
                for (int64_t f = 0; f < width; f++)
                    to[j * width + f] += factor * right[i * width + f];
            }
    }
}

/* to_left and to_right = the gradients for the factors of segment_products, given that for its
 * output, grad. */
PASS(segment_products_backward, int64_t threads, int64_t graphs, int64_t n, int64_t k,
     int64_t width, const int64_t *OF(graphs + 1) ptr, const REAL *OF(n, k) left,
     const REAL *OF(n, width) right, const REAL *OF(graphs, k, width) grad, REAL *OF(n, k) to_left,
     REAL *OF(n, width) to_right)
{
#pragma omp parallel for schedule(dynamic) num_threads((int)threads)
    for (int64_t g = 0; g < graphs; g++)
        for (int64_t i = ptr[g]; i < ptr[g + 1]; i++) {
            REAL *restrict to = to_right + i * width;
            clear(to, width * (int64_t)sizeof(REAL));
            for (int64_t j = 0; j < k; j++) {
                const REAL *restrict row = grad + (g * k + j) * width;
                const REAL *restrict given = right + i * width;
                const REAL factor = left[i * k + j];
                REAL sum = 0;
#pragma omp simd reduction(+ : sum)
                for (int64_t f = 0; f < width; f++) {
                    sum += row[f] * given[f];
                    to[f] += factor * row[f];
                }
                to_left[i * k + j] = sum;
            }
        }
}

#undef MOST_KEPT
