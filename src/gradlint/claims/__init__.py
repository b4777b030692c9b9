"""What the script says is a gradient, and of which loss: read off a trace."""

from gradlint.claims.extract import Claim, claims_of
from gradlint.claims.inferred import in_scale
from gradlint.claims.losses import candidates, is_of_probabilities, locate
from gradlint.claims.spec import LossSpec

__all__ = [
    "Claim",
    "LossSpec",
    "candidates",
    "claims_of",
    "in_scale",
    "is_of_probabilities",
    "locate",
]
