/* Fused passes over the neighbours of each vertex, products with sparse features, and the steps of
 * k-means, for float and double.
 *
 * The neighbours of vertex i are neighbour[start[i]] ... neighbour[start[i + 1] - 1], each
 * undirected edge once from either end; weight[p], where weight is not null, is that of edge p.
 * Every vertex is written by one thread and sums run in a fixed order: the same result for any
 * number of threads, except where a sum over vertices is split (act_backward's bias, totvar's
 * value), which is the same for the same number.
 *
 * Plain C with OpenMP. No Python.h: Python calls these through ctypes. Where torch is loaded first,
 * its OpenMP runtime and its threads serve here too.
 */

#include <stdint.h>
#include <string.h>

#include <omp.h>

#define LINE 64      /* bytes of a cache line, of which rows of whole vectors have whole ones */
#define MOST_LINES 4 /* lines of a block's row, in registers */
#define MOST_COLUMNS (MOST_LINES * ON_LINE)

#define DIGIT 11 /* bits of a value that are told apart at once where one is selected */
#define BUCKETS (1 << DIGIT)

#define MOST_WHOLE 16 /* lines of a vertex's row, in registers */

#define SMALL ((int64_t)1 << 17) /* values that one thread has read before others have started */

/* Neighbours to fetch ahead of use: the time that an answer takes, which is longer from memory than
 * from a cache. */
#define FAR ((int64_t)1 << 27)
#define AHEAD(n, width)                                                                            \
    ahead_of((n) * (width) * (int64_t)sizeof(REAL), (width) * (int64_t)sizeof(REAL))

static int64_t ahead_of(int64_t array_bytes, int64_t row_bytes)
{
    return 1 + (array_bytes > FAR ? 4096 : 2048) / (row_bytes ? row_bytes : 1);
}

enum { NONE = 0, ELU = 1, RELU = 2 };

/* How steps of Lloyd's iteration ended. */
enum { GOES_ON = 0, SETTLED = 1, EMPTY = 2 };

/* What Python has to know of the above: it reads these, and has no numbers of its own. */
const char activations[] = "none elu relu";
const int64_t line_bytes = LINE, most_lines = MOST_LINES, buckets = BUCKETS, settled = SETTLED,
              empty = EMPTY;

/* How the texts beside passes are written: Python takes no library that writes them otherwise. */
const int64_t prototype_form = 3;

/* First row of part `t` of `parts`, so that all parts have about as many rows and edges. */
static int64_t part_start(const int64_t *start, int64_t n, int64_t t, int64_t parts)
{
    if (t >= parts)
        return n;
    int64_t wanted = (int64_t)((double)(start[n] + n) * (double)t / (double)parts);
    int64_t low = 0, high = n;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (start[middle] + middle < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Rows and neighbours of a piece of the rows. Threads take pieces in turn: rows that are worked on
 * at the same time are near each other in the graph, and share what the third cache holds. */
#define PIECE ((int64_t)1 << 15)

/* Pieces that the rows are cut into, a multiple of `parts`. */
static int64_t pieces_of(const int64_t *start, int64_t n, int64_t parts)
{
    return parts * (1 + (start[n] + n) / (PIECE * parts));
}

/* In a parallel region: what follows, for each row i of this thread. */
#define FOR_ROWS_IN_TURN(i, start, n)                                                              \
    for (int64_t parts = omp_get_num_threads(), pieces = pieces_of(start, n, parts),               \
                 piece = omp_get_thread_num();                                                     \
         piece < pieces; piece += parts)                                                           \
        for (int64_t i = part_start(start, n, piece, pieces),                                      \
                     row_end = part_start(start, n, piece + 1, pieces);                            \
             i < row_end; i++)

static inline void fetch(const void *row, int64_t bytes)
{
    for (int64_t offset = 0; offset < bytes; offset += LINE)
        __builtin_prefetch((const char *)row + offset, 0, 3);
}

/* Zeros. An array of no values may have no address, which memset is not given. */
static inline void clear(void *array, int64_t bytes)
{
    if (bytes)
        memset(array, 0, (size_t)bytes);
}

/* Without comparisons of floating point numbers, which keep compilers from vector code as long as
 * NaN must stay NaN. */
#define MAGNITUDE(x) _Generic((x), float: __builtin_fabsf, double: __builtin_fabs)(x)
#define ABOVE_0(x) ((REAL)0.5 * ((x) + MAGNITUDE(x)))
#define BELOW_0(x) ((REAL)0.5 * ((x) - MAGNITUDE(x)))

/* For x = n ln 2 + r <= 0, |r| <= ln 2 / 2: 2^n, and expm1(r) by a series to the last digits. Below
 * -87 (-708), and for NaN too, they are those of -87 (-708). */
static inline struct power_float {
    float power, rest;
} power_of_negative_float(float x)
{
    const float shift = 12582912.0f; /* 1.5 * 2^23: adding it rounds to a whole number */
    union {
        float number;
        uint32_t bits;
    } v = {.number = x}, least = {.number = -87.0f}, power;
    /* The bits of negative numbers grow downwards. */
    v.bits = v.bits < least.bits ? v.bits : least.bits;
    power.number = v.number * 1.44269504f + shift;
    float n = power.number - shift;
    float r = v.number - n * 0.693359375f + n * 2.12194440e-4f;
    power.bits = (power.bits + 127) << 23;
    float series = 1.0f / 5040;
    series = series * r + 1.0f / 720;
    series = series * r + 1.0f / 120;
    series = series * r + 1.0f / 24;
    series = series * r + 1.0f / 6;
    series = series * r + 0.5f;
    return (struct power_float){power.number, r + r * r * series};
}

static inline struct power_double {
    double power, rest;
} power_of_negative_double(double x)
{
    const double shift = 6755399441055744.0; /* 1.5 * 2^52 */
    union {
        double number;
        uint64_t bits;
    } v = {.number = x}, least = {.number = -708.0}, power;
    v.bits = v.bits < least.bits ? v.bits : least.bits;
    power.number = v.number * 1.4426950408889634 + shift;
    double n = power.number - shift;
    double r = v.number - n * 0.693147180369123816490 - n * 1.90821492927058770002e-10;
    power.bits = (power.bits + 1023) << 52;
    double series = 1.0 / 6227020800; /* 13! */
    series = series * r + 1.0 / 479001600;
    series = series * r + 1.0 / 39916800;
    series = series * r + 1.0 / 3628800;
    series = series * r + 1.0 / 362880;
    series = series * r + 1.0 / 40320;
    series = series * r + 1.0 / 5040;
    series = series * r + 1.0 / 720;
    series = series * r + 1.0 / 120;
    series = series * r + 1.0 / 24;
    series = series * r + 1.0 / 6;
    series = series * r + 0.5;
    return (struct power_double){power.number, r + r * r * series};
}

#define EXPONENTIALS(type)                                                                         \
    static inline type exp_of_negative_##type(type x)                                              \
    {                                                                                              \
        const struct power_##type of = power_of_negative_##type(x);                                \
        return of.power * of.rest + of.power;                                                      \
    }                                                                                              \
    static inline type expm1_of_negative_##type(type x)                                            \
    {                                                                                              \
        const struct power_##type of = power_of_negative_##type(x);                                \
        return of.power * of.rest + (of.power - 1);                                                \
    }
EXPONENTIALS(float)
EXPONENTIALS(double)

#define JOIN_(name, type, set) name##_##type##_##set
#define JOIN(name, type, set) JOIN_(name, type, set)
#define NAMED(name) JOIN(name, TYPE, SET)

/* A pass that Python calls. The text of its parameters stands beside it, as takes_...: Python
 * checks what it gives by that text, which also says what C cannot see of a pointer. Whole numbers
 * are never negative. What arrays hold is the caller's to know: that `start` and `ptr` rise from 0
 * to the number of what they cut into runs, and that a neighbour or a column is one that is there.
 */
#define PASS(name, ...)                                                                            \
    const char NAMED(takes_##name)[] = #__VA_ARGS__;                                               \
    void NAMED(name)(__VA_ARGS__)
#define OPTIONAL         /* a pointer that may be null */
#define OF(...)          /* a pointer to an array of that shape, or a longer one */
#define WHERE(condition) /* a whole number for which this holds */

/* Every pass for both types and for each set of instructions: gtv_forward_f32_avx512, ... A vector
 * is what a register of the set holds: of wider ones, compilers make code that is slower than none.
 */
#define SET base
#define REGISTER 16
#include "fused_types.h"
#undef SET
#undef REGISTER

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define X86 1

#pragma GCC push_options
#pragma GCC target("avx2,fma")
#define SET avx2
#define REGISTER 32
#include "fused_types.h"
#undef SET
#undef REGISTER
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,fma,prefer-vector-width=512")
#define SET avx512
#define REGISTER 64
#include "fused_types.h"
#undef SET
#undef REGISTER
#pragma GCC pop_options
#endif

/* The best set of instructions that this machine has. */
const char *best_set(void)
{
#ifdef X86
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        return "avx512";
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return "avx2";
#endif
    return "base";
}

/* Whether the processor is one of Intel's. */
int64_t is_intel(void)
{
#ifdef X86
    __builtin_cpu_init();
    return __builtin_cpu_is("intel") != 0;
#else
    return 0;
#endif
}
