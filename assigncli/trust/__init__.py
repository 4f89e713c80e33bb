"""What a client believes: bytes of an answer in, verified facts or Tampered out (PROTOCOL.md 3).

Nothing here asks a server, reads a store or looks at a clock, and nothing decides what an act may
do. Signatures, proofs and digests prove what was signed and logged; they cannot prove that a server
showed everything, so what is absent here may still be in the log.
"""
