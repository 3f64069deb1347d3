/* The seed's run in plain C: how fast one core can be. gcc -O3 -march=native, no -ffast-math. */
#include <math.h>

typedef struct { double e, i; } pair;

static inline double sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }

static inline pair field(pair y, double u, double rest_e, double rest_i)
{
    double m_e = sigmoid(15.0 * y.e - 15.0 * y.i + u - 2.0) - rest_e;
    double m_i = sigmoid(2.0 * (15.0 * y.e - 4.0 * y.i - 2.5)) - rest_i;
    pair rate = {(-y.e + (1.0 - y.e) * m_e) / 10.0, (-y.i + (1.0 - y.i) * m_i) / 10.0};
    return rate;
}

/* u: one sample per step; out: a row (E, I) before every `every`-th step. */
void euler(const double *u, long steps, long every, double h, double *out)
{
    double rest_e = sigmoid(-2.0), rest_i = sigmoid(-5.0);
    pair y = {0.0, 0.0};
    for (long k = 0; k < steps; k++) {
        if (k % every == 0) {
            *out++ = y.e;
            *out++ = y.i;
        }
        pair rate = field(y, u[k], rest_e, rest_i);
        y.e += h * rate.e;
        y.i += h * rate.i;
    }
}

static inline double scaled(double err, double a, double b, double rtol, double atol)
{
    return err / (atol + rtol * fmax(fabs(a), fabs(b)));
}

/* Adaptive Dormand-Prince 5(4) with its dense output; restarted at each of the `pieces` ends.
   Coefficients: Hairer, Norsett & Wanner, Solving ODEs I, table II.5.2 and eq. II.6. */
void dopri5(const double *ends, const double *drives, long pieces, double spacing, long rows,
            double rtol, double atol, double *out)
{
    double rest_e = sigmoid(-2.0), rest_i = sigmoid(-5.0), t = 0.0, next = 0.0;
    pair y = {0.0, 0.0}, k[7];
    static const double a[7][6] = {
        {0}, {1. / 5}, {3. / 40, 9. / 40}, {44. / 45, -56. / 15, 32. / 9},
        {19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729},
        {9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656},
        {35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84}};
    static const double e[7] = {71. / 57600, 0, -71. / 16695, 71. / 1920, -17253. / 339200,
                                22. / 525, -1. / 40};
    static const double d[7] = {-12715105075. / 11282082432, 0, 87487479700. / 32700410799,
                                -10690763975. / 1880347072, 701980252875. / 199316789632,
                                -1453857185. / 822651844, 69997945. / 29380423};
    long row = 0;
    for (long p = 0; p < pieces; p++) {
        double end = ends[p], u = drives[p], h = fmin(0.1, end - t);
        k[0] = field(y, u, rest_e, rest_i);
        while (t < end) {
            int last = t + 1.000001 * h >= end;
            if (last) h = end - t;
            pair new = y, err = {0, 0}, dense = {0, 0};
            for (int s = 1; s < 7; s++) {
                new = y;
                for (int j = 0; j < s; j++) {
                    new.e += h * a[s][j] * k[j].e;
                    new.i += h * a[s][j] * k[j].i;
                }
                k[s] = field(new, u, rest_e, rest_i);
            }
            for (int s = 0; s < 7; s++) {
                err.e += h * e[s] * k[s].e, err.i += h * e[s] * k[s].i;
                dense.e += h * d[s] * k[s].e, dense.i += h * d[s] * k[s].i;
            }
            double x = scaled(err.e, y.e, new.e, rtol, atol);
            double z = scaled(err.i, y.i, new.i, rtol, atol);
            double size = sqrt((x * x + z * z) / 2);
            double factor = fmin(10.0, fmax(0.2, 0.9 * pow(size + 1e-30, -0.2)));
            if (size > 1.0) { h *= factor; continue; }
            double to = last ? end : t + h;
            while (row < rows && next <= to) {
                double s = (next - t) / h;
                double up_e = new.e - y.e, up_i = new.i - y.i;
                double b_e = h * k[0].e - up_e, b_i = h * k[0].i - up_i;
                double c_e = up_e - h * k[6].e - b_e, c_i = up_i - h * k[6].i - b_i;
                *out++ = y.e + s * (up_e + (1 - s) * (b_e + s * (c_e + (1 - s) * dense.e)));
                *out++ = y.i + s * (up_i + (1 - s) * (b_i + s * (c_i + (1 - s) * dense.i)));
                next = ++row * spacing;
            }
            t = to, y = new, k[0] = k[6];
            h *= factor;
        }
    }
}
