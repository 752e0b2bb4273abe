"""The stand-alone verifier: one file, standard library only, MIT. Ours only ships it."""
