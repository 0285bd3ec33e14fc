/* Products of a sparse matrix x [n, f], given by rows, with a dense one, for one type, REAL, and
 * one set of instructions. Row i of x has value[p] in column[p] for p from start[i] to start[i +
 * 1].
 *
 * The dense matrix is worked on in blocks of columns, each copied to where it lies densely and
 * stays in the cache. A thread has blocks of its own: sums run in the order of x's rows and values,
 * whatever the number of threads. */

/* `count` columns of out = x block, of which block [f, vectors] and out's rows begin at `out`. */
static inline __attribute__((always_inline)) void
NAMED(product_block)(int64_t n, int64_t width, int64_t count, const int64_t *start,
                     const int32_t *column, const REAL *value, const VECTOR *block, int vectors,
                     REAL *out)
{
    for (int64_t i = 0; i < n; i++) {
        VECTOR sum[MOST_LINES * OF_LINE];
        for (int v = 0; v < vectors; v++)
            sum[v] = (VECTOR){0};
        for (int64_t p = start[i]; p < start[i + 1]; p++)
            for (int v = 0; v < vectors; v++)
                sum[v] += value[p] * block[column[p] * (int64_t)vectors + v];
        memcpy(out + i * width, sum, (size_t)count * sizeof(REAL));
    }
}

/* block += `count` columns of x^T g, of which block [f, vectors] and g's rows begin at `g`. */
static inline __attribute__((always_inline)) void
NAMED(transposed_block)(int64_t n, int64_t width, int64_t count, const int64_t *start,
                        const int32_t *column, const REAL *value, const REAL *g, int vectors,
                        VECTOR *block)
{
    for (int64_t i = 0; i < n; i++) {
        VECTOR row[MOST_LINES * OF_LINE] = {
            {0}}; /* columns past the last must not be slow numbers */
        memcpy(row, g + i * width, (size_t)count * sizeof(REAL));
        for (int64_t p = start[i]; p < start[i + 1]; p++)
            for (int v = 0; v < vectors; v++)
                block[column[p] * (int64_t)vectors + v] += value[p] * row[v];
    }
}

/* Lines of a block: as many as leave a block for each thread. */
static int NAMED(lines_of)(int64_t threads, int64_t width)
{
    int64_t share = (width + threads * ON_LINE - 1) / (threads * ON_LINE);
    return share >= MOST_LINES ? MOST_LINES : share >= 2 ? 2 : 1;
}

/* out = x w; nnz = start[n]; scratch for each thread that has a block. */
PASS(sparse_product, int64_t threads, int64_t n, int64_t f, int64_t width, int64_t nnz,
     const int64_t *OF(n + 1) start, const int32_t *OF(nnz) column, const REAL *OF(nnz) value,
     const REAL *OF(f, width) w,
     REAL *OF(MIN(threads, (width + ON_LINE - 1) / ON_LINE), f, MOST_COLUMNS) scratch,
     REAL *OF(n, width) out)
{
    const int lines = NAMED(lines_of)(threads, width);
    const int64_t step = lines * ON_LINE, vectors = lines * OF_LINE;
#pragma omp parallel for schedule(static) num_threads((int)threads)
    for (int64_t first = 0; first < width; first += step) {
        const int64_t count = width - first < step ? width - first : step;
        VECTOR *block = (VECTOR *)(scratch + omp_get_thread_num() * f * MOST_COLUMNS);
        if (count < step)
            clear(block, f * vectors * (int64_t)sizeof(VECTOR));
        for (int64_t j = 0; j < f; j++)
            memcpy(block + j * vectors, w + j * width + first, (size_t)count * sizeof(REAL));
        if (lines == MOST_LINES)
            NAMED(product_block)(n, width, count, start, column, value, block, MOST_LINES * OF_LINE,
                                 out + first);
        else if (lines == 2)
            NAMED(product_block)(n, width, count, start, column, value, block, 2 * OF_LINE,
                                 out + first);
        else
            NAMED(product_block)(n, width, count, start, column, value, block, OF_LINE,
                                 out + first);
    }
}

/* out = x^T g; nnz and scratch as above. */
PASS(sparse_transposed_product, int64_t threads, int64_t n, int64_t f, int64_t width, int64_t nnz,
     const int64_t *OF(n + 1) start, const int32_t *OF(nnz) column, const REAL *OF(nnz) value,
     const REAL *OF(n, width) g,
     REAL *OF(MIN(threads, (width + ON_LINE - 1) / ON_LINE), f, MOST_COLUMNS) scratch,
     REAL *OF(f, width) out)
{
    const int lines = NAMED(lines_of)(threads, width);
    const int64_t step = lines * ON_LINE, vectors = lines * OF_LINE;
#pragma omp parallel for schedule(static) num_threads((int)threads)
    for (int64_t first = 0; first < width; first += step) {
        const int64_t count = width - first < step ? width - first : step;
        VECTOR *block = (VECTOR *)(scratch + omp_get_thread_num() * f * MOST_COLUMNS);
        clear(block, f * vectors * (int64_t)sizeof(VECTOR));
        if (lines == MOST_LINES)
            NAMED(transposed_block)(n, width, count, start, column, value, g + first,
                                    MOST_LINES * OF_LINE, block);
        else if (lines == 2)
            NAMED(transposed_block)(n, width, count, start, column, value, g + first, 2 * OF_LINE,
                                    block);
        else
            NAMED(transposed_block)(n, width, count, start, column, value, g + first, OF_LINE,
                                    block);
        for (int64_t j = 0; j < f; j++)
            memcpy(out + j * width + first, block + j * vectors, (size_t)count * sizeof(REAL));
    }
}

#undef ON_LINE
#undef LANES
#undef OF_LINE
#undef VECTOR
#undef BITS
