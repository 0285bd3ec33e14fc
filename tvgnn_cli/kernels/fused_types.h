/* The passes of both bodies for float and for double; included by fused.c for each set. */

#define TYPE f32
#define REAL float
#define WHOLE_NUMBER int32_t
#define SIGN_BIT INT32_MIN
#define EXPM1_OF_NEGATIVE expm1_of_negative_float
#include "fused_body.h"
#include "totvar_body.h"
#include "sparse_body.h"
#undef TYPE
#undef REAL
#undef WHOLE_NUMBER
#undef SIGN_BIT
#undef EXPM1_OF_NEGATIVE

#define TYPE f64
#define REAL double
#define WHOLE_NUMBER int64_t
#define SIGN_BIT INT64_MIN
#define EXPM1_OF_NEGATIVE expm1_of_negative_double
#include "fused_body.h"
#include "totvar_body.h"
#include "sparse_body.h"
#undef TYPE
#undef REAL
#undef WHOLE_NUMBER
#undef SIGN_BIT
#undef EXPM1_OF_NEGATIVE
