"""Hold the store and the vault, and check what members sign before carrying it out.

The only private key here is the service's. No module here holds a member's private key, the secret
half of a brief's key or a payload; none prints; and none reads the clock: the time is always an
argument.
"""
