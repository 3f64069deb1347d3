/* All fixed points and eigenvalues of many pairs in plain C: scan along a nullcline, then Newton.

   The circuit is that of kernels.c, with an input and a weight of their own for each set. On the
   nullcline of I its input z is a parameter: i = m/(1 + m) with m = S(z) - S(-5), and e is
   explicit too. A fixed point is a sign change of the rate of E along z; `cuts` intervals are
   looked at, so that two points between neighbouring cuts would be missed. */
#include <math.h>

typedef struct { double value, slope, e, i; } place;

static inline double sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }

static inline double residual(double z, double drive, double weight, double rest_e, double rest_i)
{
    double m = sigmoid(z) - rest_i, i = m / (1.0 + m), e = (0.5 * z + 4.0 * i + 2.5) / 15.0;
    double n = sigmoid(weight * e - 15.0 * i + drive - 2.0) - rest_e;
    return -e + (1.0 - e) * n;
}

static inline place look(double z, double drive, double weight, double rest_e, double rest_i)
{
    double s = sigmoid(z), m = s - rest_i, i = m / (1.0 + m);
    double by_i = s * (1.0 - s) / ((1.0 + m) * (1.0 + m));
    double e = (0.5 * z + 4.0 * i + 2.5) / 15.0, by_e = (0.5 + 4.0 * by_i) / 15.0;
    double t = sigmoid(weight * e - 15.0 * i + drive - 2.0), n = t - rest_e;
    place p = {-e + (1.0 - e) * n, 0.0, e, i};
    p.slope = -(1.0 + n) * by_e + (1.0 - e) * t * (1.0 - t) * (weight * by_e - 15.0 * by_i);
    return p;
}

/* Newton's method inside a bracket, halves where it leaves. */
static place refine(double a, double b, double at_a, double drive, double weight, double rest_e,
                    double rest_i)
{
    double z = 0.5 * (a + b);
    for (int k = 0; k < 60; k++) {
        place p = look(z, drive, weight, rest_e, rest_i);
        if ((p.value > 0) == (at_a > 0)) a = z; else b = z;
        double next = z - p.value / p.slope;
        if (!(next >= a && next <= b)) next = 0.5 * (a + b);
        double step = fabs(next - z);
        z = next;
        if (step <= 1e-14 * (1.0 + fabs(z))) break;
    }
    return look(z, drive, weight, rest_e, rest_i);
}

/* out: (set, e, i, real and imaginary part of both eigenvalues) per point; returns their number. */
long rests(const double *drives, const double *weights, long sets, long cuts, long most, double *out)
{
    double rest_e = sigmoid(-2.0), rest_i = sigmoid(-5.0);
    double low_i = -rest_i / (1.0 - rest_i), high_i = (1.0 - rest_i) / (2.0 - rest_i);
    double low_e = -rest_e / (1.0 - rest_e), high_e = (1.0 - rest_e) / (2.0 - rest_e);
    double low = 2.0 * (15.0 * low_e - 4.0 * high_i - 2.5) - 1e-9;
    double width = (2.0 * (15.0 * high_e - 4.0 * low_i - 2.5) + 1e-9 - low) / cuts;
    long found = 0;
    for (long n = 0; n < sets; n++) {
        double d = drives[n], w = weights[n], before = residual(low, d, w, rest_e, rest_i);
        for (long k = 1; k <= cuts; k++) {
            double z = low + k * width, after = residual(z, d, w, rest_e, rest_i);
            if ((before > 0) != (after > 0) && found < most) {
                place p = refine(z - width, z, before, d, w, rest_e, rest_i);
                double s = sigmoid(w * p.e - 15.0 * p.i + d - 2.0);
                double t = sigmoid(2.0 * (15.0 * p.e - 4.0 * p.i - 2.5));
                double x = (1.0 - p.e) * s * (1.0 - s), y = (1.0 - p.i) * 2.0 * t * (1.0 - t);
                double j11 = (-1.0 - (s - rest_e) + x * w) / 10.0, j12 = -15.0 * x / 10.0;
                double j21 = 15.0 * y / 10.0, j22 = (-1.0 - (t - rest_i) - 4.0 * y) / 10.0;
                double half = 0.5 * (j11 + j22);
                double square = 0.25 * (j11 - j22) * (j11 - j22) + j12 * j21;
                double root = sqrt(fabs(square)), real = square > 0 ? root : 0.0;
                double *row = out + 7 * found++;
                row[0] = n, row[1] = p.e, row[2] = p.i, row[3] = half - real, row[5] = half + real;
                row[6] = square > 0 ? 0.0 : root, row[4] = -row[6];
            }
            before = after;
        }
    }
    return found;
}
