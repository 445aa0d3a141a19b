"""What the variances of a fitted mixed model say: shares, correlations, ranges and tests.

Heavy packages are imported with the first call; see `oxboys_mlm.models`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy

if TYPE_CHECKING:
    import pandas as pd
    from statsmodels.regression.mixed_linear_model import MixedLMResultsWrapper

__all__ = [
    "LikelihoodRatio",
    "icc",
    "icc_confidence_interval",
    "intercept_slope_correlation",
    "is_singular",
    "likelihood_ratio",
    "slope_range",
]

Array = npt.NDArray[np.float64]

# How often the functions that answer an exercise were called. Students may not answer "write a function that
# computes the ICC" with a function that calls this module's; the question compares the count before and after
# it calls the student's function. The names in this counter are those of the functions.
helper_calls: Counter[str] = Counter()


class LikelihoodRatio(NamedTuple):
    """A likelihood-ratio test: ``statistic`` and ``p_value``."""

    statistic: float
    p_value: float


def icc(results: MixedLMResultsWrapper) -> float:
    """Compute the intraclass correlation: the share of the variance that lies between subjects.

    ``intercept variance / (intercept variance + residual variance)``

    Parameters
    ----------
    results : statsmodels.regression.mixed_linear_model.MixedLMResultsWrapper
        A fit whose only random effect is an intercept, as ``cov_re`` or as one variance component. With
        predictors among the fixed effects the shares are those of the variance that the predictors leave.

    Returns
    -------
    float
        Between 0 and 1. It is also the correlation that the model expects of two measurements of one
        subject that have the same predictors.

    Raises
    ------
    TypeError
        If `results` is not a fitted MixedLM.
    ValueError
        If the fit has other random effects than one intercept, or estimates that are not finite. With random
        slopes the share changes with the predictor.

    Examples
    --------
    >>> from oxboys_mlm import fit_null, load_oxboys
    >>> round(icc(fit_null(load_oxboys())), 4)
    0.7445
    """
    helper_calls["icc"] += 1
    fit = _fitted(results)
    if fit.k_re + fit.k_vc != 1 or not _is_intercept(fit):
        raise ValueError(
            "The ICC needs a fit whose only random effect is an intercept. With random slopes the variance between "
            "subjects depends on age, so there is no single ICC."
        )
    between = float(fit.cov_re[0, 0] if fit.k_re else fit.vcomp[0])
    return between / (between + float(fit.scale))


def intercept_slope_correlation(results: MixedLMResultsWrapper) -> float:
    """Compute the correlation of random intercepts and random slopes.

    ``covariance / sqrt(intercept variance × slope variance)``

    Parameters
    ----------
    results : statsmodels.regression.mixed_linear_model.MixedLMResultsWrapper
        A fit with one random intercept and one random slope that may be correlated.

    Returns
    -------
    float
        Between −1 and 1. It refers to intercepts at predictor value 0 and changes when that origin is moved.

    Raises
    ------
    TypeError
        If `results` is not a fitted MixedLM.
    ValueError
        If the fit has no correlated pair of random effects, or if one of their variances is zero.

    Examples
    --------
    >>> from oxboys_mlm import fit_random_slope, load_oxboys
    >>> round(intercept_slope_correlation(fit_random_slope(load_oxboys())), 3)
    0.641
    """
    helper_calls["intercept_slope_correlation"] += 1
    fit = _fitted(results)
    if fit.k_re != 2 or fit.k_vc or list(_constant_columns(fit)).count(True) != 1:
        raise ValueError("The correlation needs a fit with a random intercept and one random slope.")
    variances = np.diag(fit.cov_re)
    # Each variance as a share of what the rows vary by: a matter of size, not of units.
    if (variances * np.mean(fit.model.exog_re**2, axis=0) < 1e-8 * fit.scale).any():
        raise ValueError("A variance is estimated as zero, and what does not vary correlates with nothing.")
    if fit.freepat is not None and fit.freepat.cov_re[1, 0] == 0 and fit.cov_re[1, 0] == 0:
        raise ValueError("This fit holds the covariance of intercept and slope at zero; there is nothing to estimate.")
    return float(np.clip(fit.cov_re[1, 0] / np.sqrt(variances.prod()), -1, 1))


def is_singular(results: MixedLMResultsWrapper, tol: float = 1e-4) -> bool:
    """Return whether the estimates lie on the boundary: a variance of zero or a perfect correlation.

    Parameters
    ----------
    results : statsmodels.regression.mixed_linear_model.MixedLMResultsWrapper
        Any MixedLM fit.
    tol : float
        Standard deviation, relative to the residual one, below which a random effect counts as absent.

    Returns
    -------
    bool
        Whether some combination of the random effects does not vary. This judges the estimates as they are:
        an optimiser that stopped short of the boundary leaves a fit that is not singular.

    Raises
    ------
    TypeError
        If `results` is not a fitted MixedLM.

    Notes
    -----
    The idea and the tolerance are those of ``isSingular`` in R's lme4. Here the random effects are first
    scaled to uncorrelated predictors of mean square 1, so that the units of age do not matter.

    Examples
    --------
    >>> from oxboys_mlm import fit_random_slope, fit_slope_only, load_oxboys
    >>> data = load_oxboys()
    >>> is_singular(fit_slope_only(data)), is_singular(fit_random_slope(data))
    (True, False)
    """
    fit = _fitted(results)
    relative = list(np.asarray(fit.vcomp) / fit.scale)
    if fit.k_re:
        root = np.linalg.qr(fit.model.exog_re, mode="r") / np.sqrt(fit.nobs)
        relative += list(np.linalg.eigvalsh(root @ fit.cov_re @ root.T / fit.scale))
    return bool(min(relative) < tol**2)


def icc_confidence_interval(data: pd.DataFrame, level: float = 0.95) -> tuple[float, float]:
    """Compute a confidence interval of the null model's intraclass correlation.

    Parameters
    ----------
    data : pandas.DataFrame
        Columns ``Subject`` and ``height``, one row per measurement. Subjects should have (nearly) equal
        numbers of measurements; the interval is approximate otherwise. It also takes a subject's deviations from
        its mean for independent and normal, which growth violates.
    level : float
        Confidence level between 0 and 1.

    Returns
    -------
    tuple of float
        Lower and upper limit. A negative limit is given as 0, as a share of variance cannot be negative.

    Raises
    ------
    ValueError
        If the level is not between 0 and 1, a column or a value is missing, or the data have fewer than two
        subjects, no subject with two measurements, or no variation within subjects.

    References
    ----------
    The interval follows from the F distribution of the ratio of mean squares: McGraw, K. O. & Wong, S. P. (1996).
    Forming inferences about some intraclass correlation coefficients. *Psychological Methods*, 1, 30-46, Table 7.

    Examples
    --------
    >>> from oxboys_mlm import load_oxboys
    >>> low, high = icc_confidence_interval(load_oxboys())
    >>> print(f"{low:.3f} to {high:.3f}")
    0.626 to 0.853
    """
    _require_share(level, "level")
    missing = {"Subject", "height"} - set(data.columns)
    if missing:
        raise ValueError(f"data lacks the column(s) {', '.join(sorted(missing))}.")
    if data[["Subject", "height"]].isna().any(axis=None):
        raise ValueError("Subject or height has missing values; drop these rows first, e.g. data.dropna().")
    heights = data.groupby("Subject", observed=True)["height"]
    sizes = heights.size().to_numpy()
    n, groups = int(sizes.sum()), len(sizes)
    if groups < 2 or n <= groups:
        raise ValueError("The interval needs two or more subjects, and more measurements than subjects.")
    means = heights.transform("mean")
    within = ((data["height"] - means) ** 2).sum() / (n - groups)
    between = ((means - data["height"].mean()) ** 2).sum() / (groups - 1)
    if not within > 0:
        raise ValueError("height does not vary within subjects.")
    size = (n - (sizes**2).sum() / n) / (groups - 1)  # the common group size if there is one
    distribution = scipy.stats.f(groups - 1, n - groups)
    low, high = (
        max(0.0, float((ratio - 1) / (ratio - 1 + size)))
        for ratio in between / within / distribution.ppf([(1 + level) / 2, (1 - level) / 2])
    )
    return low, high


def slope_range(results: MixedLMResultsWrapper, coverage: float = 0.95) -> tuple[float, float]:
    """Compute the range in which the model expects a share of such subjects to have their slopes.

    ``mean slope ± normal quantile × standard deviation of the slopes``

    It assumes normally distributed slopes, and takes the estimates for the true values.

    Parameters
    ----------
    results : statsmodels.regression.mixed_linear_model.MixedLMResultsWrapper
        A fit with one random slope whose predictor is also a fixed effect.
    coverage : float
        Share of the population of subjects, between 0 and 1.

    Returns
    -------
    tuple of float
        Lower and upper end, in units of the outcome per unit of the predictor (Oxboys: cm per year). This is
        the spread of slopes between subjects, not a confidence interval of the mean slope.

    Raises
    ------
    TypeError
        If `results` is not a fitted MixedLM.
    ValueError
        If the coverage is not between 0 and 1, or the fit has no random slope or no fixed effect to go with
        it.

    Examples
    --------
    >>> from oxboys_mlm import fit_random_slope, load_oxboys
    >>> low, high = slope_range(fit_random_slope(load_oxboys()))
    >>> print(f"{low:.2f} to {high:.2f} cm per year")
    3.23 to 9.82 cm per year
    """
    _require_share(coverage, "coverage")
    fit = _fitted(results)
    slopes = np.flatnonzero(~_constant_columns(fit))
    if len(slopes) != 1:
        raise ValueError(f"The range needs a fit with one random slope; this one has {len(slopes)}.")
    predictor = fit.model.exog_re[:, slopes]
    fixed = np.flatnonzero((fit.model.exog == predictor).all(axis=0))
    if len(fixed) != 1:
        raise ValueError("The predictor of the random slope is not among the fixed effects, so there is no mean slope.")
    mean = float(fit.fe_params[fixed[0]])
    half = float(scipy.stats.norm.ppf((1 + coverage) / 2) * np.sqrt(fit.cov_re[slopes[0], slopes[0]]))
    return mean - half, mean + half


def likelihood_ratio(smaller: MixedLMResultsWrapper, larger: MixedLMResultsWrapper) -> LikelihoodRatio:
    """Test whether one more random effect (with its covariances) improves a model.

    Parameters
    ----------
    smaller, larger : statsmodels.regression.mixed_linear_model.MixedLMResultsWrapper
        Fits by the same method to the same data with the same fixed effects. `larger` has the random effects
        of `smaller` and one more.

    Returns
    -------
    LikelihoodRatio
        Twice the difference of the log-likelihoods, and its p-value. A variance of zero lies on the boundary,
        so the statistic follows neither of the two chi-square distributions but their 50:50 mixture.

    Raises
    ------
    TypeError
        If one of the two is not a fitted MixedLM.
    ValueError
        If the two cannot be compared; REML likelihoods cannot be when the fixed effects differ.

    References
    ----------
    Stram, D. O. & Lee, J. W. (1994). Variance components testing in the longitudinal mixed effects model.
    *Biometrics*, 50, 1171-1177.

    Examples
    --------
    >>> from oxboys_mlm import fit_random_intercept, fit_random_slope, load_oxboys
    >>> data = load_oxboys()
    >>> test = likelihood_ratio(fit_random_intercept(data), fit_random_slope(data))
    >>> print(f"{test.statistic:.1f}, p < .001: {test.p_value < 0.001}")
    215.9, p < .001: True
    """
    small, large = _fitted(smaller), _fitted(larger)
    if small.method != large.method:
        raise ValueError(f"One model was fitted by {small.method}, the other by {large.method}; fit both alike.")
    if small.model.exog.shape != large.model.exog.shape or not np.allclose(_rows(small), _rows(large)):
        raise ValueError(
            "The models differ in their fixed effects or in their data. REML likelihoods are then not comparable: REML "
            "leaves the fixed effects out, and each model leaves out something else."
        )
    if small.k_vc or large.k_vc or large.k_re != small.k_re + 1 or not _nested(small, large):
        raise ValueError("The larger model must have the random effects of the smaller one and exactly one more.")
    statistic = 2 * float(large.llf - small.llf)
    if not statistic > -1e-3:
        raise ValueError(
            f"The larger model has the smaller log-likelihood ({large.llf:.4f} against {small.llf:.4f}): its optimiser "
            "stopped too early. Fit it with another method."
        )
    statistic = max(0.0, statistic)
    # One more effect brings its variance, which lies on the boundary, and a covariance with each of the
    # others.
    p_value = 0.5 * (scipy.stats.chi2.sf(statistic, small.k_re) + scipy.stats.chi2.sf(statistic, large.k_re))
    return LikelihoodRatio(statistic, float(p_value))


def _fitted(results: object) -> Any:
    """Return the results object below the wrapper, whose attributes are arrays; refuse insane estimates."""
    from statsmodels.regression.mixed_linear_model import MixedLMResults, MixedLMResultsWrapper

    if isinstance(results, MixedLMResultsWrapper):
        results = results._results
    if not isinstance(results, MixedLMResults):
        hint = " Call fit() on the model first." if hasattr(results, "fit") else ""
        raise TypeError(f"Expected the results of a fitted MixedLM, not {type(results).__name__}.{hint}")
    estimates = [results.scale, *np.ravel(results.cov_re), *np.ravel(results.vcomp)]
    if not (np.isfinite(estimates).all() and results.scale > 0):
        raise ValueError("The fit has no finite variances; fit the model with another method.")
    return results


def _constant_columns(fit: Any) -> npt.NDArray[np.bool_]:
    """Return which random-effects columns are intercepts."""
    if not fit.k_re:
        return np.zeros(0, dtype=bool)
    return np.asarray((fit.model.exog_re == 1).all(axis=0))


def _is_intercept(fit: Any) -> bool:
    """Return whether the one random effect of a fit is an intercept, that is, has weight 1 in every row."""
    if fit.k_re:
        return bool(_constant_columns(fit).all())
    blocks = (m.toarray() if hasattr(m, "toarray") else np.asarray(m) for m in fit.model.exog_vc.mats[0])
    return all(bool(np.isin(block, (0, 1)).all() and (block.sum(axis=1) == 1).all()) for block in blocks)


def _rows(fit: Any) -> Array:
    """Return outcome and fixed-effect predictors in an order that does not depend on that of the rows."""
    table = np.column_stack([fit.model.endog, fit.model.exog])
    return np.asarray(table[np.lexsort(table.T)])


def _nested(small: Any, large: Any) -> bool:
    """Return whether the random-effects columns of the smaller model, as sets of values, are in the larger."""
    columns = {tuple(np.sort(column)) for column in large.model.exog_re.T}
    return all(tuple(np.sort(column)) in columns for column in small.model.exog_re.T)


def _require_share(value: float, name: str) -> None:
    if not 0 < value < 1:
        raise ValueError(f"{name} must lie between 0 and 1, such as 0.95; it is {value!r}.")
