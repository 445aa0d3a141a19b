"""The data set is found, complete, and what it says it is."""

import hashlib

import pytest

from oxboys_mlm import data as module
from oxboys_mlm.data import load_oxboys


def test_file_is_the_published_one():
    """The file's bytes are those that all reference values were computed from."""
    digest = hashlib.sha256(module._locate().read_bytes()).hexdigest()
    assert digest == "f7b674565e8b9ffdcaa6ff713fd5cb400e28605220feb9dc1141b94539113cfa"


def test_columns_types_and_size():
    """There are 234 rows and four typed columns, in file order."""
    data = load_oxboys()
    assert data.dtypes.astype(str).to_dict() == {
        "Subject": "int64",
        "age": "float64",
        "height": "float64",
        "Occasion": "int64",
    }
    assert data.shape == (234, 4)
    assert list(data.index) == list(range(234))
    assert data.iloc[0].tolist() == [1, -1.0, 140.5, 1]
    assert data.iloc[-1].tolist() == [26, 1.0055, 143.1, 9]


def test_age_is_centred_but_not_a_z_score():
    """One unit of age is a year: its standard deviation is not 1."""
    age = load_oxboys()["age"]
    assert abs(age.mean()) < 0.05
    assert age.std() == pytest.approx(0.65, abs=0.01)


def test_each_call_gives_a_fresh_copy():
    """Changing one frame leaves the next one as it was."""
    first = load_oxboys()
    first["height"] = 0.0
    assert load_oxboys()["height"].min() > 100


@pytest.fixture
def packaged(tmp_path, monkeypatch):
    """Pretend that the package was installed from a wheel, with the data file inside."""
    path = tmp_path / "oxboys.csv"
    path.write_bytes(module._locate().read_bytes())
    monkeypatch.setattr(module.resources, "files", lambda _package: tmp_path)
    return path


def test_packaged_file_comes_first(packaged):
    """An installed wheel reads the file that it carries."""
    assert module._locate() == packaged
    assert load_oxboys().shape == (234, 4)


def test_missing_file_is_named(tmp_path, monkeypatch):
    """Without any data file the error says where it was looked for."""
    monkeypatch.setattr(module.resources, "files", lambda _package: tmp_path)
    monkeypatch.setattr(module, "__file__", str(tmp_path / "a" / "b" / "c" / "data.py"))
    with pytest.raises(FileNotFoundError, match=r"neither at .*oxboys\.csv nor at"):
        load_oxboys()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Subject,age", "Boy,age", "columns"),
        ("1,-1,140.5,1", "1,-1,,1", "missing values"),
        ("1,-1,140.5,1", "1,-1,tall,1", "text where numbers belong"),
        ("1,-1,140.5,1\n", "", "26 boys with 9 measurements"),
        ("1,-1,140.5,1\n", "2,-1,140.5,1\n", "26 boys with 9 measurements"),
        ("1,-1,140.5,1\n", "1.5,-1,140.5,1\n", "26 boys with 9 measurements"),
    ],
)
def test_damaged_file_is_refused(packaged, old, new, message):
    """A file that was edited by accident is not passed off as the data set."""
    text = packaged.read_text()
    assert old in text
    packaged.write_text(text.replace(old, new, 1))
    with pytest.raises(ValueError, match=message):
        load_oxboys()
