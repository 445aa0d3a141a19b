"""The Oxboys data set."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["load_oxboys"]

_DTYPES = {"Subject": "int64", "age": "float64", "height": "float64", "Occasion": "int64"}
_SUBJECTS, _OCCASIONS = 26, 9


def load_oxboys() -> pd.DataFrame:
    """Load the heights of 26 boys from Oxford, each measured nine times.

    Returns
    -------
    pandas.DataFrame of shape (234, 4)
        One row per measurement, ordered by boy and occasion; a new frame at every call.

        - ``Subject`` (int): the boy, 1 to 26.
        - ``age`` (float): age in years, centred at about 12¼ years (from −1 to 1.0055). It is centred, not
          standardised: one unit is one year.
        - ``height`` (float): height in cm.
        - ``Occasion`` (int): the number of the measurement, 1 to 9.

    Raises
    ------
    FileNotFoundError
        If the data file is in neither the installed package nor the repository.
    ValueError
        If the file does not hold the data set described above.

    References
    ----------
    Goldstein, H. (1987). *Multilevel Models in Educational and Social Research*. Griffin, London. Distributed
    as ``Oxboys`` with the R package nlme (Pinheiro & Bates).

    Examples
    --------
    >>> data = load_oxboys()
    >>> data.shape
    (234, 4)
    >>> data.groupby("Subject").size().unique()
    array([9])
    """
    import pandas as pd

    source = _locate()
    with source.open("rb") as file:
        data = pd.read_csv(file)
    if list(data.columns) != list(_DTYPES):
        raise ValueError(f"{source} has the columns {list(data.columns)}; expected {list(_DTYPES)}.")
    if data.isna().any(axis=None):
        raise ValueError(f"{source} has missing values; the Oxboys data have none.")
    try:
        # 'age' and 'height' may be written without decimals, 'Subject' and 'Occasion' never with them.
        data = data.astype({name: dtype for name, dtype in _DTYPES.items() if dtype == "float64"})
    except ValueError as error:
        raise ValueError(f"{source} holds text where numbers belong: {error}") from error
    expected = [(boy, occasion) for boy in range(1, _SUBJECTS + 1) for occasion in range(1, _OCCASIONS + 1)]
    if list(zip(data["Subject"], data["Occasion"], strict=True)) != expected:
        raise ValueError(
            f"{source} does not hold {_SUBJECTS} boys with {_OCCASIONS} measurements each, in order; restore the file "
            "from the repository."
        )
    return data.astype(_DTYPES)


def _locate() -> Traversable:
    """Find the data file.

    A wheel carries it inside the package. An editable install does not: there it stands in the repository.
    """
    packaged = resources.files("oxboys_mlm") / "oxboys.csv"
    in_repository = Path(__file__).resolve().parents[2] / "data" / "oxboys.csv"
    for candidate in (packaged, in_repository):
        if candidate.is_file():
            return candidate
    raise FileNotFoundError(
        f"The Oxboys data are neither at {packaged} nor at {in_repository}. Reinstall oxboys-mlm, or restore "
        "data/oxboys.csv in the repository."
    )
