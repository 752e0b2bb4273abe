"""The invented sample: a Crescent Circle of Metropolis Arcana. Nobody in it exists."""
