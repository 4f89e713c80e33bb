"""A real store with one organisation in it, as for the tests of the store itself."""

from __future__ import annotations

from tests.unit.server.store.conftest import empty_store, raw, store, store_path, world

__all__ = ["empty_store", "raw", "store", "store_path", "world"]
