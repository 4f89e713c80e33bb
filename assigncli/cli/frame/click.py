"""The parts of Click that our help and usage errors extend.

Typer carries Click inside itself and makes neither these classes nor these errors public. They are
named here alone, so that a new Typer is met in one place.
"""

from __future__ import annotations

from typer._click.core import Command, Context, Parameter
from typer._click.exceptions import (
    BadOptionUsage,
    BadParameter,
    MissingParameter,
    NoSuchOption,
    UsageError,
)

__all__ = [
    "BadOptionUsage",
    "BadParameter",
    "Command",
    "Context",
    "MissingParameter",
    "NoSuchOption",
    "Parameter",
    "UsageError",
]
