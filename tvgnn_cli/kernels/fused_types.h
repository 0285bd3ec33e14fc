/* The passes of both bodies for float and for double; included by fused.c for each set. */

#define TYPE f32
#define REAL float
#define WHOLE_NUMBER int32_t
#define SIGN_BIT INT32_MIN
#define KEY uint32_t
#define TOP_BIT ((KEY)1 << 31)
#define EXP_OF_NEGATIVE exp_of_negative_float
#define EXPM1_OF_NEGATIVE expm1_of_negative_float
#include "fused_body.h"
#include "totvar_body.h"
#include "assignment_body.h"
#include "segment_body.h"
#include "pairs_body.h"
#include "complete_body.h"
#include "centres_body.h"
#include "sparse_body.h"
#undef TYPE
#undef REAL
#undef WHOLE_NUMBER
#undef SIGN_BIT
#undef KEY
#undef TOP_BIT
#undef EXP_OF_NEGATIVE
#undef EXPM1_OF_NEGATIVE

#define TYPE f64
#define REAL double
#define WHOLE_NUMBER int64_t
#define SIGN_BIT INT64_MIN
#define KEY uint64_t
#define TOP_BIT ((KEY)1 << 63)
#define EXP_OF_NEGATIVE exp_of_negative_double
#define EXPM1_OF_NEGATIVE expm1_of_negative_double
#include "fused_body.h"
#include "totvar_body.h"
#include "assignment_body.h"
#include "segment_body.h"
#include "pairs_body.h"
#include "complete_body.h"
#include "centres_body.h"
#include "sparse_body.h"
#undef TYPE
#undef REAL
#undef WHOLE_NUMBER
#undef SIGN_BIT
#undef KEY
#undef TOP_BIT
#undef EXP_OF_NEGATIVE
#undef EXPM1_OF_NEGATIVE
