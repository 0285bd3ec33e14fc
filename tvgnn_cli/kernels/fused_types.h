/* The passes of both bodies for float and for double; included by fused.c for each set. */

#define TYPE f32
#define REAL float
#define EXPM1_OF_NEGATIVE expm1_of_negative_float
#include "fused_body.h"
#include "sparse_body.h"
#undef TYPE
#undef REAL
#undef EXPM1_OF_NEGATIVE

#define TYPE f64
#define REAL double
#define EXPM1_OF_NEGATIVE expm1_of_negative_double
#include "fused_body.h"
#include "sparse_body.h"
#undef TYPE
#undef REAL
#undef EXPM1_OF_NEGATIVE
