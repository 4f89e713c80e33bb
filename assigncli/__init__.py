"""assigncli: send one sensitive assignment to one peer mentor, end-to-end encrypted."""

__version__ = "0.1.0"
