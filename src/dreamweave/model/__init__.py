"""The nouns and their wire form: frozen values, standard library only, no clock, no I/O."""
