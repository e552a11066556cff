"""Tests of the engine; a package, so that `fakes` is found."""
