"""What a client believes: an answer's bytes in, verified facts or Tampered out (PROTOCOL.md 3).

These modules ask no server, read no store and no clock, and do not decide whether an act is
allowed. Signatures, proofs and digests prove what was signed and logged. They cannot prove that a
server showed everything: what is absent here may still be in the log.
"""
