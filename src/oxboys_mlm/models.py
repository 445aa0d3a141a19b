"""The mixed models of the course, fitted by REML to their true optimum.

statsmodels' own optimisation can stop early, or run off to an infinite log-likelihood, and still report that
it has converged; and its formulas break down where a variance is exactly zero. So the optimum is found here,
on a form of the REML criterion that stays regular at zero, is proved to be an optimum by its derivatives, and
is then handed to `statsmodels.regression.mixed_linear_model.MixedLM`, which makes the results object out of
it.

pandas and statsmodels are imported with the first fit, and so is what scipy itself loads on demand: questions refer to
this module, and a program that only reads what they ask, such as the report, does not have to wait.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import scipy

if TYPE_CHECKING:
    import pandas as pd
    from statsmodels.regression.mixed_linear_model import MixedLM

__all__ = [
    "ConvergenceError",
    "fit_curve",
    "fit_null",
    "fit_random_bend",
    "fit_random_intercept",
    "fit_random_slope",
    "fit_slope_only",
]

Array = npt.NDArray[np.float64]

# All of these are in units of the residual variance, for random effects scaled to an average variance of 1
# per row.
_ZERO = 1e-6  # a variance below this is zero if the criterion does not mind
_STAND_IN = 1e-9  # what statsmodels gets in place of zero, since it inverts the covariance matrix
_FLAT = 1e-3  # derivatives below this change the log-likelihood by less than 1e-6


class ConvergenceError(RuntimeError):
    """The REML criterion has no optimum that could be found for these data."""


def fit_null(data: pd.DataFrame) -> Any:
    """Fit the null model: a random intercept and no predictor.

    ``height[ti] = b0 + u0[i] + e[ti]``

    Parameters
    ----------
    data : pandas.DataFrame
        Columns ``Subject`` (any labels), ``age`` and ``height`` (numbers), one row per measurement, in any
        order. Further columns are ignored.

    Returns
    -------
    statsmodels.regression.mixed_linear_model.MixedLMResultsWrapper
        REML results. ``cov_re`` is the covariance matrix of the random effects, ``scale`` the residual
        variance. On the boundary (a variance of zero, a correlation of ±1) the fixed effects have the
        standard errors that apply given these variances, and the variances have none.

    Raises
    ------
    TypeError
        If `data` is not a data frame, or ``age`` or ``height`` are not numbers.
    ValueError
        If a column or a value is missing, or the data cannot identify the model.
    ConvergenceError
        If no optimum was found, for instance because the residual variance is zero.

    Examples
    --------
    >>> from oxboys_mlm.data import load_oxboys
    >>> results = fit_null(load_oxboys())
    >>> print(f"{results.cov_re.iloc[0, 0]:.2f} between, {results.scale:.2f} within, {results.llf:.2f}")
    63.32 between, 21.73 within, -733.29
    """
    return _fit(data, "height ~ 1", "1", helper="fit_null")


def fit_random_intercept(data: pd.DataFrame) -> Any:
    """Fit a random intercept and one common slope of age.

    ``height[ti] = b0 + b1 age[ti] + u0[i] + e[ti]``. Parameters, results and errors are those of `fit_null`.

    Examples
    --------
    >>> from oxboys_mlm.data import load_oxboys
    >>> results = fit_random_intercept(load_oxboys())
    >>> print(f"{results.fe_params['age']:.3f} cm per year, {results.llf:.2f}")
    6.524 cm per year, -470.01
    """
    return _fit(data, "height ~ age", "1", helper="fit_random_intercept")


def fit_random_slope(data: pd.DataFrame) -> Any:
    """Fit a random intercept and a random slope of age that may be correlated.

    ``height[ti] = b0 + b1 age[ti] + u0[i] + u1[i] age[ti] + e[ti]``. Parameters, results and errors are those
    of `fit_null`.

    Examples
    --------
    >>> from oxboys_mlm.data import load_oxboys
    >>> results = fit_random_slope(load_oxboys())
    >>> results.cov_re.round(2).to_numpy().tolist()
    [[65.3, 8.71], [8.71, 2.82]]
    """
    return _fit(data, "height ~ age", "1 + age", helper="fit_random_slope")


def fit_slope_only(data: pd.DataFrame) -> Any:
    """Fit a random slope of age with one common intercept.

    ``height[ti] = b0 + b1 age[ti] + u1[i] age[ti] + e[ti]``. Parameters, results and errors are those of
    `fit_null`.

    Notes
    -----
    Which model this is depends on where age 0 lies, because all subjects share one expected height there.

    Examples
    --------
    The Oxboys data have their optimum on the boundary:

    >>> from oxboys_mlm.data import load_oxboys
    >>> results = fit_slope_only(load_oxboys())
    >>> print(f"{results.cov_re.iloc[0, 0]:.2f} between, {results.scale:.2f} within, {results.llf:.2f}")
    0.00 between, 65.30 within, -818.97
    """
    return _fit(data, "height ~ age", "0 + age", helper="fit_slope_only")


def fit_curve(data: pd.DataFrame) -> Any:
    """Fit the random-slope model with a bend that all subjects share.

    ``height[ti] = b0 + b1 age[ti] + b2 age[ti]² + u0[i] + u1[i] age[ti] + e[ti]``. Parameters, results and errors are
    those of `fit_null`.

    Examples
    --------
    >>> from oxboys_mlm.data import load_oxboys
    >>> results = fit_curve(load_oxboys())
    >>> print(f"{results.fe_params.iloc[2]:.3f} cm per year², {results.llf:.2f}")
    0.742 cm per year², -340.51
    """
    return _fit(data, "height ~ age + I(age**2)", "1 + age", helper="fit_curve")


def fit_random_bend(data: pd.DataFrame) -> Any:
    """Fit a curve for each subject: random intercepts, slopes and bends that may all be correlated.

    ``height[ti] = b0 + b1 age[ti] + b2 age[ti]² + u0[i] + u1[i] age[ti] + u2[i] age[ti]² + e[ti]``. Parameters,
    results and errors are those of `fit_null`.

    Examples
    --------
    >>> from oxboys_mlm.data import load_oxboys
    >>> results = fit_random_bend(load_oxboys())
    >>> print(f"variance of the bends {results.cov_re.iloc[2, 2]:.3f}, {results.llf:.2f}")
    variance of the bends 0.665, -317.31
    """
    return _fit(data, "height ~ age + I(age**2)", "1 + age + I(age**2)", helper="fit_random_bend")


def _fit(data: pd.DataFrame, formula: str, random: str, helper: str) -> Any:
    from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMParams

    frame = _validated(data)
    # A model object is never used twice: refitting one would change the results of its earlier fit.
    model = MixedLM.from_formula(formula, frame, re_formula=random, groups=frame["Subject"])
    _refuse_unidentified(model)
    optimum = _optimum(model, helper)

    start = MixedLMParams.from_components(fe_params=np.zeros(model.k_fe), cov_re=optimum.cov_re)
    free = None
    if optimum.singular:
        # The derivatives with respect to the variances do not vanish on the boundary, so that their curvature
        # gives no standard errors. Held fixed, they leave the fixed effects' standard errors as they should
        # be.
        free = MixedLMParams.from_components(np.ones(model.k_fe), np.zeros_like(optimum.cov_re))
    # statsmodels takes variances below 1e-10 for infinite ones when it computes the fixed effects.
    model.get_fe_params = partial(model.get_fe_params, tol=0.0)
    with warnings.catch_warnings():
        # They speak about small variances, in absolute numbers, and so about the unit of height.
        warnings.simplefilter("ignore")
        # No gradient is above infinity: the optimiser returns the point it starts from.
        results = model.fit(reml=True, start_params=start, method="bfgs", gtol=np.inf, free=free)
        inner = results._results
        llf, bse, bse_re = inner.llf, inner.bse, inner.bse_re
    del model.get_fe_params

    if optimum.singular:
        # statsmodels can only come close to the boundary; the criterion has been computed on it.
        llf = optimum.loglik
        bse[model.k_fe :] = np.nan
        bse_re[:] = np.nan
        inner._cache.update(llf=llf, bse=bse, bse_re=bse_re)
    if not (abs(llf - optimum.loglik) < 1e-5 and np.isfinite(inner.bse_fe).all()):
        raise ConvergenceError(
            f"{helper}: statsmodels finds the log-likelihood {llf:.6f} where it should be {optimum.loglik:.6f}. The "
            "numbers are too far apart in size; express age in years from the middle of the study."
        )
    # Lets a grader tell the course's own fit, or a refit of its model, from one that a student specified.
    inner.course_helper = model.course_helper = helper
    return results


def _validated(data: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that the models use, checked, as plain floats and labels."""
    import pandas as pd

    if not isinstance(data, pd.DataFrame):
        raise TypeError(f"data must be a pandas DataFrame, not {type(data).__name__}.")
    names = ["Subject", "age", "height"]
    missing = [name for name in names if name not in data.columns]
    if missing:
        raise ValueError(f"data lacks the column(s) {', '.join(missing)}; it has {list(map(str, data.columns))}.")
    repeated = [name for name in names if list(data.columns).count(name) > 1]
    if repeated:
        raise ValueError(f"data has more than one column named {', '.join(repeated)}.")
    for name in names:
        gaps = int(data[name].isna().sum())
        if gaps:
            raise ValueError(f"{name} has {gaps} missing value(s); drop these rows first, e.g. data.dropna().")
    for name in ["age", "height"]:
        numeric = pd.api.types.is_numeric_dtype(data[name]) and not pd.api.types.is_bool_dtype(data[name])
        if not numeric or pd.api.types.is_complex_dtype(data[name]):
            raise TypeError(f"{name} must hold numbers, not {data[name].dtype}.")
    subjects = data["Subject"].to_numpy()
    try:
        count = len(np.unique(subjects))
    except TypeError:
        raise TypeError("Subject has labels of mixed types; convert them, e.g. with astype(str).") from None
    if count < 2:
        raise ValueError(f"data has {count} subject(s); a mixed model needs two or more.")
    frame = pd.DataFrame(
        {
            "Subject": subjects,
            "age": data["age"].to_numpy(dtype=float),
            "height": data["height"].to_numpy(dtype=float),
        },
        index=data.index,
    )
    for name in ["age", "height"]:
        if not np.isfinite(frame[name]).all():
            raise ValueError(f"{name} has infinite values.")
    return frame


def _refuse_unidentified(model: MixedLM) -> None:
    """Refuse data that cannot tell the parameters of the model apart, whatever their values."""
    if np.linalg.matrix_rank(model.exog) < model.k_fe:
        ages = len(np.unique(model.exog[:, 1]))
        if ages == 1:
            raise ValueError("age is the same in all rows, so it has no slope.")
        raise ValueError(f"age has {ages} different values; a curve needs three or more.")
    effects = model.n_groups * model.k_re
    if model.n_totobs <= effects:
        raise ValueError(
            f"{model.n_totobs} measurements cannot tell {effects} random effects from the residuals; every subject "
            "needs more measurements."
        )
    if np.ptp(model.endog) == 0:
        raise ValueError("height is the same in all rows, so there is no variance to explain.")


@dataclass(frozen=True)
class _Optimum:
    cov_re: Array  # (k_re, k_re), in units of the residual variance, never quite singular
    loglik: float
    singular: bool


class _Criterion:
    """The REML deviance of a random-effects covariance matrix G, and its derivative.

    Fixed effects and residual variance are profiled out (Bates et al. 2015, *Journal of Statistical Software*
    67(1), section 3). The subjects' rows ``V = I + Z G Z'`` are inverted by way of ``G = L L'``, which needs
    no inverse of G and therefore holds for variances of zero.

    The deviance is computed from orthonormal fixed-effect columns, residuals of the ordinary regression and
    orthogonal random-effect columns of mean square 1, so that units and origin of age and height do not
    matter.
    """

    def __init__(self, model: MixedLM) -> None:
        n, self.k_fe = model.exog.shape
        self.df = n - self.k_fe
        q, r = np.linalg.qr(model.exog)
        residual = model.endog - q @ (q.T @ model.endog)
        residual -= q @ (q.T @ residual)
        self.unit = np.sqrt(np.mean(residual**2))
        both = np.column_stack([q, residual / self.unit])
        z, r_re = np.linalg.qr(model.exog_re)
        z *= np.sqrt(n)
        #: Turns effects of the orthogonal columns into effects of the model's own.
        self.back: Array = np.linalg.inv(r_re) * np.sqrt(n)
        rows = [model.row_indices[label] for label in model.group_labels]
        self.zz: Array = np.array([z[i].T @ z[i] for i in rows])
        self.zb: Array = np.array([z[i].T @ both[i] for i in rows])
        self.bb: Array = both.T @ both
        self.k_re: int = z.shape[1]
        self.constant = (
            2 * np.linalg.slogdet(r)[1] + self.df * (1 + np.log(2 * np.pi / self.df)) + 2 * self.df * np.log(self.unit)
        )

    def __call__(self, lower: Array) -> tuple[float, Array]:
        """Return the deviance (minus twice the log-likelihood) at G = L L' and its derivative by G."""
        p = self.k_fe
        zl = self.zz @ lower
        core = np.eye(self.k_re) + lower.T @ zl
        solved = np.linalg.solve(core, lower.T @ self.zb)
        zvb = self.zb - zl @ solved  # Z' V⁻¹ [X y]
        zvz = self.zz - zl @ np.linalg.solve(core, zl.transpose(0, 2, 1))  # Z' V⁻¹ Z
        bvb = self.bb - np.einsum("iab,iac->bc", lower.T @ self.zb, solved)
        coef = np.linalg.solve(bvb[:p, :p], bvb[:p, p])
        rss = bvb[p, p] - bvb[:p, p] @ coef
        deviance = (
            np.linalg.slogdet(core)[1].sum() + np.linalg.slogdet(bvb[:p, :p])[1] + self.df * np.log(rss) + self.constant
        )
        zvx, zvr = zvb[:, :, :p], zvb[:, :, p] - zvb[:, :, :p] @ coef
        derivative = (
            zvz.sum(axis=0)
            - np.einsum("iab,bc,idc->ad", zvx, np.linalg.inv(bvb[:p, :p]), zvx)
            - self.df / rss * zvr.T @ zvr
        )
        return float(deviance), derivative


def _optimum(model: MixedLM, helper: str) -> _Optimum:
    """Minimise the deviance over all covariance matrices, singular ones included."""
    criterion = _Criterion(model)
    k = criterion.k_re
    triangle = np.tril_indices(k)

    def objective(packed: Array) -> tuple[float, Array]:
        lower = np.zeros((k, k))
        lower[triangle] = packed
        deviance, derivative = criterion(lower)
        return deviance, (2 * derivative @ lower)[triangle]

    # A coarse grid of standard deviations, because the criterion can have more than one minimum.
    grid = np.stack(np.meshgrid(*[10.0 ** np.arange(-1.5, 2.6, 1.0)] * k), axis=-1).reshape(-1, k)
    with np.errstate(all="ignore"):
        starts = sorted((np.diag(sd)[triangle] for sd in grid), key=lambda packed: objective(packed)[0])
        for packed in starts[:3]:
            lower = np.zeros((k, k))
            try:
                lower[triangle] = scipy.optimize.minimize(
                    objective, packed, jac=True, method="BFGS", options={"gtol": 1e-7}
                ).x
                lower, singular = _snap(criterion, lower)
                deviance, derivative = criterion(lower)
                if np.isfinite(deviance) and _is_minimum(lower, derivative):
                    break
            except np.linalg.LinAlgError:  # the search ran off to infinity
                continue
        else:
            raise ConvergenceError(
                f"{helper}: the REML criterion has no optimum that could be found. Plot the data first. If the "
                "measurements of every subject lie exactly on its line, there is no residual variance to estimate."
            )
    values, vectors = np.linalg.eigh(lower @ lower.T)
    covariance = vectors * np.maximum(values, _STAND_IN) @ vectors.T
    covariance = criterion.back @ covariance @ criterion.back.T
    return _Optimum((covariance + covariance.T) / 2, -deviance / 2, singular)


def _snap(criterion: _Criterion, lower: Array) -> tuple[Array, bool]:
    """Put a covariance matrix that lies next to the boundary on the boundary."""
    values, vectors = np.linalg.eigh(lower @ lower.T)
    small = values < _ZERO
    if small.any():
        on_boundary = vectors * np.sqrt(np.where(small, 0.0, values))
        if criterion(on_boundary)[0] <= criterion(lower)[0] + 1e-6:
            return on_boundary, True
    return lower, False


def _is_minimum(lower: Array, derivative: Array) -> bool:
    """Return whether no covariance matrix nearby has a smaller deviance (the Karush-Kuhn-Tucker conditions).

    The derivative must vanish along the variance that there is, and must not be negative where there is none.
    """
    along = np.abs(lower.T @ derivative @ lower).max()
    return bool(along < _FLAT and np.linalg.eigvalsh(derivative).min() > -_FLAT)
