"""What the script says is a gradient, and of which loss: read off a trace."""

from gradlint.claims.extract import Claim, claims_of
from gradlint.claims.losses import LossSpec, candidates, is_of_probabilities, locate

__all__ = ["Claim", "LossSpec", "candidates", "claims_of", "is_of_probabilities", "locate"]
