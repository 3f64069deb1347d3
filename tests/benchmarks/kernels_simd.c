/* Sweeps, noise and networks in C at one core's limit: GCC's vector types and an exp of our own,
   since gcc does not vectorise exp by itself. Compiled together with kernels.c. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#ifdef __AVX512F__
#define BYTES 64
#else
#define BYTES 32 /* wider than a register, gcc goes by way of memory */
#endif
#define LANES (BYTES / 8)
typedef double vec __attribute__((vector_size(BYTES)));
typedef int64_t whole __attribute__((vector_size(BYTES)));
#define BLOCK 4 /* vectors in flight: 32 sets at a time */

static inline vec choose(whole mask, vec yes, vec no)
{
    return (vec)((mask & (whole)yes) | (~mask & (whole)no));
}

/* exp to 2 units in the last place for |x| < 700, which holds here: x = n ln 2 + r, |r| < 0.35, Taylor's series of r. */
static inline vec vexp(vec x)
{
    const double shift = 6755399441055744.0; /* 1.5 * 2^52: adding it rounds to a whole number */
    vec n = x * 1.4426950408889634 + shift;
    whole bits = (whole)n << 52;
    n -= shift;
    vec r = x - n * 6.93147180369123816490e-01 - n * 1.90821492927058770002e-10;
    vec s = r * r, q = s * s;
    vec p = ((r * (1. / 6) + 0.5) * s) + (r + 1.0);
    p += q * ((r * (1. / 5040) + 1. / 720) * s + (r * (1. / 120) + 1. / 24));
    p += q * q * ((r * (1. / 39916800) + 1. / 3628800) * s + (r * (1. / 362880) + 1. / 40320) + q * (1. / 479001600));
    return (vec)((whole)p + bits);
}

typedef struct { vec e, i; } pairs;

/* x: input to e from other places, less the threshold; w: weight from e to e. */
static inline pairs field(pairs y, vec x, vec w, double rest_e, double rest_i)
{
    vec m_e = 1.0 / (1.0 + vexp(15.0 * y.i - w * y.e - x)) - rest_e;
    vec m_i = 1.0 / (1.0 + vexp(5.0 + 8.0 * y.i - 30.0 * y.e)) - rest_i;
    pairs rate = {(m_e - y.e - y.e * m_e) * 0.1, (m_i - y.i - y.i * m_i) * 0.1};
    return rate;
}

#define EACH for (int b = 0; b < BLOCK; b++)
static inline vec load(const double *from) { vec v; memcpy(&v, from, sizeof v); return v; }
static inline void store(double *to, vec v) { memcpy(to, &v, sizeof v); }

/* W3: RK4 for `sets` (a multiple of 32) pairs (u, w), from silence; out: min, max and mean of E
   over the moments before steps `from` ... `steps` - 1, one row of `sets` each. */
void sweep(const double *u, const double *w, long sets, long steps, long from, double h, double *out)
{
    double rest_e = 1 / (1 + exp(2.0)), rest_i = 1 / (1 + exp(5.0));
    for (long s = 0; s < sets; s += BLOCK * LANES) {
        vec x[BLOCK], weight[BLOCK], low[BLOCK], high[BLOCK], sum[BLOCK];
        pairs y[BLOCK];
        EACH {
            x[b] = load(u + s + b * LANES) - 2.0;
            weight[b] = load(w + s + b * LANES);
            y[b].e = y[b].i = sum[b] = (vec){};
            low[b] = (vec){} + INFINITY, high[b] = (vec){} - INFINITY;
        }
        for (long k = 0; k < steps; k++) {
            if (k >= from) EACH {
                low[b] = choose(y[b].e < low[b], y[b].e, low[b]);
                high[b] = choose(y[b].e > high[b], y[b].e, high[b]);
                sum[b] += y[b].e;
            }
            pairs z[BLOCK], all[BLOCK], a;
            EACH {
                all[b] = a = field(y[b], x[b], weight[b], rest_e, rest_i);
                z[b].e = y[b].e + h / 2 * a.e, z[b].i = y[b].i + h / 2 * a.i;
            }
            EACH {
                a = field(z[b], x[b], weight[b], rest_e, rest_i);
                z[b].e = y[b].e + h / 2 * a.e, z[b].i = y[b].i + h / 2 * a.i;
                all[b].e += 2 * a.e, all[b].i += 2 * a.i;
            }
            EACH {
                a = field(z[b], x[b], weight[b], rest_e, rest_i);
                z[b].e = y[b].e + h * a.e, z[b].i = y[b].i + h * a.i;
                all[b].e += 2 * a.e, all[b].i += 2 * a.i;
            }
            EACH {
                a = field(z[b], x[b], weight[b], rest_e, rest_i);
                y[b].e += h / 6 * (all[b].e + a.e), y[b].i += h / 6 * (all[b].i + a.i);
            }
        }
        EACH {
            store(out + s + b * LANES, low[b]);
            store(out + sets + s + b * LANES, high[b]);
            store(out + 2 * sets + s + b * LANES, sum[b] / (double)(steps - from));
        }
    }
}

/* Normal numbers: xoshiro256+ (Blackman & Vigna) and a ziggurat of 256 layers (Marsaglia & Tsang). */
static uint64_t ki[256];
static double wi[256], fi[256];
static const double edge = 3.6541528853610088, area = 4.92867323399e-3, unit = 4503599627370496.0;
typedef struct { uint64_t s[4]; } source;

static void ziggurat(void)
{
    double f = exp(-0.5 * edge * edge), x = edge, outer;
    ki[0] = (uint64_t)(edge * f / area * unit), ki[1] = 0;
    wi[0] = area / f / unit, wi[255] = edge / unit;
    fi[0] = 1.0, fi[255] = f;
    for (int i = 254; i > 0; i--) {
        outer = x, x = sqrt(-2 * log(area / outer + exp(-0.5 * outer * outer)));
        ki[i + 1] = (uint64_t)(x / outer * unit);
        wi[i] = x / unit, fi[i] = exp(-0.5 * x * x);
    }
}

static inline uint64_t next(source *g)
{
    uint64_t *s = g->s, result = s[0] + s[3], t = s[1] << 17;
    s[2] ^= s[0], s[3] ^= s[1], s[1] ^= s[2], s[0] ^= s[3], s[2] ^= t;
    s[3] = (s[3] << 45) | (s[3] >> 19);
    return result;
}

static inline double uniform(source *g) { return ((next(g) >> 11) + 0.5) * 0x1p-53; }

static __attribute__((noinline)) double rare(source *g, uint64_t bits)
{
    for (;; bits = next(g)) {
        int layer = bits >> 56;
        uint64_t size = bits & ((1ULL << 52) - 1);
        double x = size * wi[layer], sign = bits >> 55 & 1 ? -1 : 1;
        if (size < ki[layer]) return sign * x;
        if (layer == 0) {
            double beyond, y;
            do beyond = -log(uniform(g)) / edge, y = -log(uniform(g));
            while (y + y < beyond * beyond);
            return sign * (edge + beyond);
        }
        if (fi[layer] + uniform(g) * (fi[layer - 1] - fi[layer]) < exp(-0.5 * x * x)) return sign * x;
    }
}

static inline double normal(source *g)
{
    uint64_t bits = next(g), size = bits & ((1ULL << 52) - 1);
    int layer = bits >> 56;
    double x = size * wi[layer];
    if (__builtin_expect(size >= ki[layer], 0)) return rare(g, bits);
    uint64_t signed_x;
    memcpy(&signed_x, &x, sizeof x);
    signed_x |= bits << 8 & 1ULL << 63;
    memcpy(&x, &signed_x, sizeof x);
    return x;
}

/* W4: Euler-Maruyama from silence for `runs` (a multiple of 40) realisations with input u and
   noise of one strength on both states; out: E before every `every`-th step, a row of `runs`. */
void noise(long runs, long steps, long every, double h, double u, double strength, long seed,
           double *out)
{
    double rest_e = 1 / (1 + exp(2.0)), rest_i = 1 / (1 + exp(5.0)), kick = strength * sqrt(h);
    enum { WIDE = 5 };
    double drawn[2 * WIDE * LANES] __attribute__((aligned(64)));
    vec x = (vec){} + u - 2.0, w = (vec){} + 15.0;
    source g = {{seed * 0x9e3779b97f4a7c15ULL + 1, 2, 3, 4}};
    ziggurat();
    for (int k = 0; k < 64; k++) next(&g);
    for (long r = 0; r < runs; r += WIDE * LANES) {
        pairs y[WIDE] = {{{0}}};
        for (long k = 0; k < steps; k++) {
            if (k % every == 0)
                for (int b = 0; b < WIDE; b++) store(out + k / every * runs + r + b * LANES, y[b].e);
            for (int j = 0; j < 2 * WIDE * LANES; j++) drawn[j] = normal(&g);
            for (int b = 0; b < WIDE; b++) {
                pairs rate = field(y[b], x, w, rest_e, rest_i);
                y[b].e += h * rate.e + kick * load(drawn + 2 * b * LANES);
                y[b].i += h * rate.i + kick * load(drawn + (2 * b + 1) * LANES);
            }
        }
    }
}

/* One Euler step of `n` pairs that get `x` from each other. */
static inline void advance(double *e, double *i, const double *x, long n, double u, double h)
{
    double rest_e = 1 / (1 + exp(2.0)), rest_i = 1 / (1 + exp(5.0));
    vec w = (vec){} + 15.0;
    for (long j = 0; j < n; j += LANES) {
        pairs y = {load(e + j), load(i + j)};
        pairs rate = field(y, load(x + j) + (u - 2.0), w, rest_e, rest_i);
        store(e + j, y.e + h * rate.e), store(i + j, y.i + h * rate.i);
    }
}

/* W5: Euler for `n` pairs (padded to a multiple of 8, `size` of them real,
   weights and all), every e bringing
   weights[target + n * origin] to every e; out: a row of the `size` E every `every` steps. */
void dense(const double *weights, long n, long size, long steps, long every, double h, double u,
           double *e, double *i, double *x, double *out)
{
    enum { TOGETHER = 8 };
    for (long k = 0; k < steps; k++) {
        if (k % every == 0) memcpy(out + k / every * size, e, size * sizeof *e);
        memset(x, 0, n * sizeof *x);
        for (long j = 0; j < n; j += TOGETHER) {
            const double *w = weights + n * j;
            for (long t = 0; t < n; t += LANES) {
                vec sum = load(x + t);
                for (int c = 0; c < TOGETHER; c++) sum += load(w + n * c + t) * e[j + c];
                store(x + t, sum);
            }
        }
        advance(e, i, x, n, u, h);
    }
}

/* The same with the connections of each target in a row (compressed sparse rows). */
void sparse(const double *weights, const int64_t *origins, const int64_t *starts, long n, long size,
            long steps, long every, double h, double u, double *e, double *i, double *x, double *out)
{
    for (long k = 0; k < steps; k++) {
        if (k % every == 0) memcpy(out + k / every * size, e, size * sizeof *e);
        for (long t = 0; t < size; t++) {
            double sum = 0.0;
            for (long c = starts[t]; c < starts[t + 1]; c++) sum += weights[c] * e[origins[c]];
            x[t] = sum;
        }
        advance(e, i, x, n, u, h);
    }
}
