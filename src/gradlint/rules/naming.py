"""The names and severities of the codes that are raised; the catalogue's pages say the rest."""

from __future__ import annotations

from gradlint.model import Severity

NAMES = {
    "GL001": "syntax-error",
    "GL002": "unreadable-file",
    "GL003": "typographic-character",
    "GL004": "python-2",
    "GL005": "removed-name",
    "GL006": "unreadable-cell",
    "GL007": "ipython-syntax",
    "GL008": "unused-suppression",
    "GL009": "absent-helper",
    "GL101": "wrong-tensor",
    "GL102": "wrong-sign",
    "GL103": "wrong-scale",
    "GL104": "activation-derivative-missing",
    "GL105": "activation-derivative-wrong",
    "GL106": "before-or-after-activation",
    "GL107": "bias-reduction",
    "GL108": "overwritten-gradient",
    "GL109": "product-kind",
    "GL110": "transpose",
    "GL111": "relu-mask",
    "GL112": "operand-order",
    "GL113": "constant-factor",
    "GL114": "operator",
    "GL115": "repeated-index",
    "GL116": "drawn-again",
    "GL117": "loop-order",
    "GL118": "missing-factor",
    "GL119": "shared-array",
    "GL120": "gradient-lost",
    "GL199": "gradient-differs",
    "GL201": "loss-and-gradient-disagree",
    "GL202": "regularisation-not-in-loss",
    "GL203": "regularisation-not-in-gradient",
    "GL204": "term-scale",
    "GL205": "common-scale",
    "GL206": "forward-slip",
    "GL301": "update-sign",
    "GL302": "update-before-use",
    "GL303": "update-target",
    "GL304": "update-overwrites",
    "GL305": "parameter-not-updated",
    "GL306": "step-size",
    "GL307": "optimiser-formula",
    "GL308": "step-outside-loop",
    "GL309": "sample-left-out",
    "GL501": "number-of-gradients",
    "GL502": "gradient-not-contiguous",
    "GL503": "changed-in-place",
    "GL504": "needs-input-grad",
    "GL601": "silent-broadcast",
    "GL602": "integer-division",
    "GL603": "undefined-name",
    "GL701": "exploding",
    "GL702": "not-finite",
    "GL703": "dead-units",
    "GL704": "zero-gradient",
    "GL705": "symmetric-units",
    "GL706": "vanishing-gradient",
    "GL707": "saturated-units",
    "GL708": "loss-does-not-fall",
    "GL709": "update-ratio",
    "GL710": "parameter-unchanged",
    "GL711": "step-too-large",
    "GL801": "symmetric-start",
    "GL802": "wide-start",
}

ALWAYS_WARNINGS = (
    "GL120", "GL201", "GL202", "GL204", "GL305", "GL306", "GL309", "GL502", "GL503", "GL601",
    "GL603", "GL801",
)  # fmt: skip


def severity_of(code: str, certain: bool) -> Severity:
    """Error where the loss and the claim are certain, else warning."""
    if code in ("GL009", "GL205", "GL802"):
        return Severity.NOTE
    return Severity.ERROR if certain and code not in ALWAYS_WARNINGS else Severity.WARNING
