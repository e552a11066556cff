"""Tests of papers; a package, so that `fakes` is found."""
