"""The search for the edit that makes every gradient right."""

from gradlint.repair.candidate import Candidate
from gradlint.repair.rivals import search_rivals
from gradlint.repair.search import search
from gradlint.repair.trying import Repair

__all__ = ["Candidate", "Repair", "search", "search_rivals"]
