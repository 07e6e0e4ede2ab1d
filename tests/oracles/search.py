"""Reference values of ParzenEstimateTests and NormalTests: means and widths by Optuna (3.1.0), densities by SciPy (1.10.1).

Optuna weighs the newest observations more from 25 on, which ours does not; so all have the same weight here. Its own log_pdf
of this version leaves out the logarithm of the width where numbers are not whole.
"""
import numpy as np
from optuna.distributions import FloatDistribution, IntDistribution
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters
from scipy.stats import norm, truncnorm

SETTINGS = _ParzenEstimatorParameters(
    consider_prior=True, prior_weight=1.0, consider_magic_clip=True, consider_endpoints=False, weights=lambda n: np.ones(n), multivariate=False)

for name, distribution, found, at in [
    ("linear", FloatDistribution(0, 1), [], [0, 0.25, 1]),
    ("linear", FloatDistribution(-5, 10), [3.2, 2.9, 9.5], [-5, 2.9, 3, 7.5, 10]),
    ("log", FloatDistribution(1e-5, 1, log=True), [0.003, 0.01, 0.5, 0.004], [1e-5, 0.0035, 0.1, 1]),
    ("integer", IntDistribution(1, 20), [3, 3, 17], [1, 3, 10, 20]),
]:
    estimate = _ParzenEstimator({"x": np.array(found, dtype=float)}, {"x": distribution}, SETTINGS)
    if name == "integer":
        values = estimate.log_pdf({"x": np.array(at, dtype=float)})
    else:
        low, high, means, widths = estimate._low["x"], estimate._high["x"], estimate._mus["x"], estimate._sigmas["x"]
        places = np.log(at) if name == "log" else at
        values = [np.log(np.mean(truncnorm.pdf(place, (low - means) / widths, (high - means) / widths, means, widths))) for place in places]
    print(name, found, at, [float(f"{value:.12g}") for value in values])

# Whole numbers on a logarithmic scale: Optuna takes the density, we the probability of what rounds to the number.
low, high, found = np.log(7.5), np.log(512.5), np.log([64, 100, 32])
means = np.append(found, (low + high) / 2)
order = np.argsort(means)
gaps = np.diff(means[order])
widths = np.empty(len(means))
widths[order] = np.clip(np.maximum(np.append(0, gaps), np.append(gaps, 0)), (high - low) / (len(means) + 1), high - low)
widths[-1] = high - low
for number in [8, 50, 512]:
    mass = norm.cdf((np.log(number + 0.5) - means) / widths) - norm.cdf((np.log(number - 0.5) - means) / widths)
    whole = norm.cdf((high - means) / widths) - norm.cdf((low - means) / widths)
    print("integer, log", number, float(f"{np.log(np.mean(mass / whole)):.12g}"))

for x in [-8.5, -3, -0.1, 0, 0.5, 2, 6]:
    print("normal", x, repr(norm.cdf(x)), repr(norm.pdf(x)))
