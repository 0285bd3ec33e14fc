/* Soft assignments and how evenly they fill the clusters, for one type, REAL, and one set of
 * instructions. */

/* exp(x) for x <= 0: 0 of minus infinity, and what is no number stays none. By bits, as
 * comparisons of floating point numbers keep compilers from vector code here. */
static inline REAL NAMED(softmax_term)(REAL x)
{
    union {
        REAL number;
        KEY bits;
    } of = {.number = x}, term = {.number = EXP_OF_NEGATIVE(x)}, infinite;
    infinite.number = (REAL)__builtin_inf();
    const KEY magnitude = of.bits & ~TOP_BIT;
    term.bits = magnitude == infinite.bits ? 0 : term.bits;
    term.bits = magnitude > infinite.bits ? of.bits : term.bits;
    return term.number;
}

/* Softmax of up to ON_LINE rows. They are turned: a vector holds one cluster's scores of all of
 * them, and rows of ten clusters fill vectors as well as rows of a thousand. */
static inline __attribute__((always_inline)) void NAMED(softmax_block)(int64_t rows, int64_t k,
                                                                       const REAL *restrict x,
                                                                       REAL *restrict turned,
                                                                       REAL *restrict out)
{
    REAL top[ON_LINE], sum[ON_LINE] = {0};
    for (int64_t r = 0; r < rows; r++)
        for (int64_t j = 0; j < k; j++)
            turned[j * ON_LINE + r] = x[r * k + j];
    for (int64_t r = 0; r < ON_LINE; r++)
        top[r] = turned[r];
    for (int64_t j = 1; j < k; j++)
#pragma omp simd
        for (int64_t r = 0; r < ON_LINE; r++)
            top[r] = turned[j * ON_LINE + r] > top[r] ? turned[j * ON_LINE + r] : top[r];
    for (int64_t j = 0; j < k; j++)
#pragma omp simd
        for (int64_t r = 0; r < ON_LINE; r++) {
            const REAL value = NAMED(softmax_term)(turned[j * ON_LINE + r] - top[r]);
            turned[j * ON_LINE + r] = value;
            sum[r] += value;
        }
    for (int64_t r = 0; r < ON_LINE; r++)
        sum[r] = 1 / sum[r];
    for (int64_t r = 0; r < rows; r++)
        for (int64_t j = 0; j < k; j++)
            out[r * k + j] = turned[j * ON_LINE + r] * sum[r];
}

/* out = softmax of each row of x; scratch, zero. */
PASS(softmax, int64_t threads, int64_t n, int64_t WHERE(0 < k) k, const REAL *OF(n, k) x,
     REAL *OF(threads, k, ON_LINE) scratch, REAL *OF(n, k) out)
{
#pragma omp parallel for schedule(static) num_threads((int)threads)
    for (int64_t i = 0; i < n; i += ON_LINE)
        NAMED(softmax_block)(n - i < ON_LINE ? n - i : ON_LINE, k, x + i * k,
                             scratch + omp_get_thread_num() * k * ON_LINE, out + i * k);
}

/* to_x = gradient for what went into the softmax that gave s, given that for s. */
PASS(softmax_backward, int64_t threads, int64_t n, int64_t k, const REAL *OF(n, k) s,
     const REAL *OF(n, k) grad, REAL *OF(n, k) to_x)
{
#pragma omp parallel for schedule(static) num_threads((int)threads)
    for (int64_t i = 0; i < n; i++) {
        const REAL *si = s + i * k, *gi = grad + i * k;
        REAL *to = to_x + i * k, mean = 0;
#pragma omp simd reduction(+ : mean)
        for (int64_t j = 0; j < k; j++)
            mean += si[j] * gi[j];
#pragma omp simd
        for (int64_t j = 0; j < k; j++)
            to[j] = si[j] * (gi[j] - mean);
    }
}

/* Whole numbers in the order of the values. */
static inline KEY NAMED(key_of)(REAL value)
{
    KEY bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits & TOP_BIT ? ~bits : bits | TOP_BIT;
}

static inline REAL NAMED(value_of)(KEY key)
{
    const KEY bits = key & TOP_BIT ? key & ~TOP_BIT : ~key;
    REAL value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

/* out = in each column of s [n, k] the value with `place` smaller ones before it, by its digits,
 * the highest first; counts, found and left are scratch. */
PASS(select_in_columns, int64_t threads, int64_t WHERE(n <= INT32_MAX) n, int64_t k,
     int64_t WHERE(place < n) place, const REAL *OF(n, k) s,
     int32_t *OF(threads, k, BUCKETS) counts, KEY *OF(k) found, int64_t *OF(k) left,
     REAL *OF(k) out)
{
    for (int64_t j = 0; j < k; j++) {
        found[j] = 0;
        left[j] = place;
    }
    for (int above = 8 * (int)sizeof(KEY), shift; above > 0; above = shift) {
        shift = above > DIGIT ? above - DIGIT : 0;
        const int highest = above == 8 * (int)sizeof(KEY);
        int64_t parts = 1;
#pragma omp parallel num_threads((int)threads)
        {
            const int64_t t = omp_get_thread_num(), team = omp_get_num_threads();
            int32_t *own = counts + t * k * BUCKETS;
            clear(own, k * BUCKETS * (int64_t)sizeof(int32_t));
            if (t == 0)
                parts = team;
            for (int64_t i = n * t / team; i < n * (t + 1) / team; i++)
                for (int64_t j = 0; j < k; j++) {
                    const KEY key = NAMED(key_of)(s[i * k + j]);
                    if (highest || key >> above == found[j])
                        own[j * BUCKETS + (int64_t)(key >> shift & (BUCKETS - 1))]++;
                }
        }
        for (int64_t j = 0; j < k; j++) {
            KEY bucket = 0;
            for (;; bucket++) {
                int64_t here = 0;
                for (int64_t t = 0; t < parts; t++)
                    here += counts[(t * k + j) * BUCKETS + (int64_t)bucket];
                if (left[j] < here)
                    break;
                left[j] -= here;
            }
            found[j] = found[j] << (above - shift) | bucket;
        }
    }
    for (int64_t j = 0; j < k; j++)
        out[j] = NAMED(value_of)(found[j]);
}

/* values, zero: each thread's part of sum_ij |s_ij - q_j|, values from q_j on counted rho times;
 * grad: its gradient for s [n, k], where q_j is the first of the values that equal it; above, zero,
 * and first, n each, are scratch. */
PASS(asymmetric_norm, int64_t threads, int64_t n, int64_t k, const REAL *OF(n, k) s,
     const REAL *OF(k) q, REAL rho, int64_t *OF(threads, k) above, int64_t *OF(threads, k) first,
     double *OF(threads) values, REAL *OPTIONAL OF(n, k) grad)
{
    int64_t parts = 1;
#pragma omp parallel num_threads((int)threads)
    {
        const int64_t t = omp_get_thread_num(), team = omp_get_num_threads();
        int64_t *count = above + t * k, *at = first + t * k;
        double total = 0;
        if (t == 0)
            parts = team;
        for (int64_t i = n * t / team; i < n * (t + 1) / team; i++) {
            const REAL *si = s + i * k;
            REAL value = 0;
            int64_t equal = 0;
            for (int64_t j = 0; j < k; j++) {
                const REAL centred = si[j] - q[j];
                value += centred >= 0 ? rho * centred : -centred;
                equal += centred == 0;
            }
            total += value;
            if (grad)
                for (int64_t j = 0; j < k; j++) {
                    grad[i * k + j] = si[j] >= q[j] ? rho : -1;
                    count[j] += si[j] >= q[j];
                }
            if (equal)
                for (int64_t j = 0; j < k; j++)
                    if (si[j] == q[j] && at[j] == n)
                        at[j] = i;
        }
        values[t] = total;
    }
    for (int64_t j = 0; grad && j < k; j++) {
        int64_t count = 0, at = n;
        for (int64_t t = parts - 1; t >= 0; t--) {
            count += above[t * k + j];
            at = first[t * k + j] < n ? first[t * k + j] : at;
        }
        if (at < n)
            grad[at * k + j] -= rho * (REAL)count - (REAL)(n - count);
    }
}
