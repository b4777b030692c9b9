"""The search for the edit that makes every gradient right."""

from gradlint.repair.candidate import Candidate
from gradlint.repair.search import Repair, search

__all__ = ["Candidate", "Repair", "search"]
